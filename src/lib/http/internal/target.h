// SPDX-License-Identifier: Apache-2.0
// Percent-decoding (RFC 3986 2.1) and the splitting of paths and queries.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace huoqi::http::internal {

inline constexpr std::size_t kMaxPathSegments = 32;

// Appends the decoded text; false when a '%' is not followed by two hex digits.
bool percent_decode(std::string_view text, bool plus_is_space, std::string& out);

// The decoded segments of a path that starts with '/'; "/" has none, "/a/" has "a" and "".
struct PathSegments {
    PathSegments() = default;
    PathSegments(PathSegments&&) = delete;  // the views point into `decoded`
    std::string decoded;
    std::array<std::string_view, kMaxPathSegments> segments;
    std::size_t count = 0;
};
// bad_input as Router::find says; too_large for more than kMaxPathSegments.
Status split_path(std::string_view path, PathSegments& out);

// Origin form "/path?query" or absolute form "https://authority/path?query" (RFC 9112 3.2); nothing else is
// for us.
struct Target {
    std::string_view path;
    std::string_view query;
};
std::optional<Target> split_target(std::string_view target);

}  // namespace huoqi::http::internal

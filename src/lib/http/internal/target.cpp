// SPDX-License-Identifier: Apache-2.0
#include "lib/http/internal/target.h"

#include <algorithm>

namespace huoqi::http::internal {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool acceptable(std::string_view segment) {
    if (segment == "." || segment == "..") return false;
    return std::none_of(segment.begin(), segment.end(), [](char c) { return c == '\0' || c == '/'; });
}

}  // namespace

bool percent_decode(std::string_view text, bool plus_is_space, std::string& out) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (text.size() - i < 3) return false;
            const int high = hex_digit(text[i + 1]);
            const int low = hex_digit(text[i + 2]);
            if (high < 0 || low < 0) return false;
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        } else {
            out.push_back(text[i] == '+' && plus_is_space ? ' ' : text[i]);
        }
    }
    return true;
}

Status split_path(std::string_view path, PathSegments& out) {
    if (path.empty() || path.front() != '/') return fail(Code::bad_input, "path: does not start with /");
    out.decoded.clear();
    out.decoded.reserve(path.size());  // decoding never grows, so the views below stay where they are
    out.count = 0;
    path.remove_prefix(1);
    bool more = !path.empty();
    while (more) {
        const std::size_t slash = path.find('/');
        more = slash != path.npos;
        const std::string_view raw = path.substr(0, slash);
        if (out.count == kMaxPathSegments) return fail(Code::too_large, "path: too many segments");
        const std::size_t from = out.decoded.size();
        if (!percent_decode(raw, false, out.decoded))
            return fail(Code::bad_input, "path: wrong percent-encoding");
        const std::string_view segment = std::string_view(out.decoded).substr(from);
        if (!acceptable(segment)) return fail(Code::bad_input, "path: segment is not allowed");
        out.segments[out.count++] = segment;
        if (more) path.remove_prefix(slash + 1);
    }
    return {};
}

std::optional<Target> split_target(std::string_view target) {
    if (!target.starts_with('/')) {
        const std::size_t scheme = target.find("://");
        if (scheme == target.npos ||
            (target.substr(0, scheme) != "https" && target.substr(0, scheme) != "http")) {
            return std::nullopt;
        }
        const std::size_t path = target.find_first_of("/?", scheme + 3);
        if (path == target.npos || target[path] == '?') return std::nullopt;
        target.remove_prefix(path);
    }
    if (target.find('#') != target.npos) return std::nullopt;
    const std::size_t mark = target.find('?');
    if (mark == target.npos) return Target{target, {}};
    return Target{target.substr(0, mark), target.substr(mark + 1)};
}

}  // namespace huoqi::http::internal

// SPDX-License-Identifier: Apache-2.0
// The head of a response in bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/http/http.h"

namespace huoqi::http::internal {

struct Framing {
    bool keep_alive = true;
    bool chunked = false;
    std::optional<std::uint64_t> content_length;  // nullopt: chunked, or the end of the connection tells
    bool tls = true;                              // strict-transport-security makes sense only then
};

// False when a field's name or value could break out of its line: such a response must not be sent.
bool fields_are_safe(const Headers& headers);

// Appends status line, date, framing, the response's fields, and those of the security headers that it does
// not set itself: nosniff, no-store, no referrer, a policy without any source or frame, HSTS.
void write_head(const Response& response, const Framing& framing, std::string_view request_id,
                std::string& out);

// One chunk of a chunked body (RFC 9112 7.1).
void write_chunk(std::string_view part, std::string& out);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";
inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace huoqi::http::internal

// SPDX-License-Identifier: Apache-2.0
#include "lib/http/internal/serialiser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "lib/http/internal/status.h"

namespace huoqi::http::internal {
namespace {

void append_number(std::string& out, std::uint64_t number, int base = 10) {
    std::array<char, 24> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number, base);
    out.append(text.data(), end.ptr);
}

// IMF-fixdate (RFC 9110 5.6.7). Made once a second and thread.
std::string_view date_line() {
    thread_local std::time_t made = 0;
    thread_local std::array<char, 40> line{};
    thread_local std::size_t size = 0;
    const std::time_t now = std::time(nullptr);
    if (now != made) {
        constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
        constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        std::tm utc{};
        gmtime_r(&now, &utc);
        std::array<char, 40> rest{};
        const std::size_t n = std::strftime(rest.data(), rest.size(), " %Y %H:%M:%S GMT\r\n", &utc);
        std::string text = std::string("date: ") + kDays[utc.tm_wday] + ", ";
        text.append(utc.tm_mday < 10 ? "0" : "").append(std::to_string(utc.tm_mday)).append(" ");
        text.append(kMonths[utc.tm_mon]).append(rest.data(), n);
        size = text.copy(line.data(), line.size());
        made = now;
    }
    return {line.data(), size};
}

bool is_token(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

struct Default {
    std::string_view name;
    std::string_view line;
};
constexpr Default kOverridable[] = {
    {"cache-control", "cache-control: no-store\r\n"},
    {"content-security-policy", "content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n"},
    {"referrer-policy", "referrer-policy: no-referrer\r\n"},
};

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

bool fields_are_safe(const Headers& headers) {
    for (std::size_t i = 0; i < headers.size(); ++i) {
        const auto [name, value] = headers[i];
        if (name.empty() || !std::all_of(name.begin(), name.end(), is_token)) return false;
        if (std::any_of(value.begin(), value.end(), [](char c) {
                return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
            })) {
            return false;
        }
    }
    return true;
}

void write_head(const Response& response, const Framing& framing, std::string_view request_id,
                std::string& out) {
    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::uint64_t>(response.status));
    out.append(" ").append(reason_phrase(response.status)).append("\r\n").append(date_line());
    for (std::size_t i = 0; i < response.headers.size(); ++i) {
        const auto [name, value] = response.headers[i];
        append_field(out, name, value);
    }
    for (const Default& standard : kOverridable) {
        if (!response.headers.find(standard.name)) out.append(standard.line);
    }
    out.append("x-content-type-options: nosniff\r\ncross-origin-resource-policy: same-origin\r\n");
    if (framing.tls) out.append("strict-transport-security: max-age=31536000\r\n");
    if (!request_id.empty()) append_field(out, "x-request-id", request_id);
    if (framing.chunked) {
        out.append("transfer-encoding: chunked\r\n");
    } else if (framing.content_length) {
        out.append("content-length: ");
        append_number(out, *framing.content_length);
        out.append("\r\n");
    }
    out.append(framing.keep_alive ? "connection: keep-alive\r\n\r\n" : "connection: close\r\n\r\n");
}

void write_chunk(std::string_view part, std::string& out) {
    append_number(out, part.size(), 16);
    out.append("\r\n").append(part).append("\r\n");
}

}  // namespace huoqi::http::internal

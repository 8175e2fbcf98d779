// SPDX-License-Identifier: Apache-2.0
// Problem details (RFC 9457).
#include <algorithm>

#include "lib/http/http.h"
#include "lib/http/internal/status.h"

namespace huoqi::http {
namespace {

void append_quoted(std::string& out, std::string_view text) {
    constexpr char kDigits[] = "0123456789abcdef";
    out.push_back('"');
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out.append("\\u00");
            out.push_back(kDigits[c >> 4]);
            out.push_back(kDigits[c & 15]);
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

}  // namespace

namespace internal {

namespace {

struct Phrase {
    int status;
    std::string_view text;
};
constexpr Phrase kPhrases[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

}  // namespace

std::string_view reason_phrase(int status) {
    const auto* found = std::ranges::find(kPhrases, status, &Phrase::status);
    return found == std::end(kPhrases) ? std::string_view("Unknown") : found->text;
}

}  // namespace internal

Response problem(int status, std::string_view code, std::string_view detail) {
    std::string json = R"({"type":"about:blank","title":)";
    append_quoted(json, internal::reason_phrase(status));
    json.append(R"(,"status":)").append(std::to_string(status)).append(R"(,"detail":)");
    append_quoted(json, detail);
    json.append(R"(,"code":)");
    append_quoted(json, code);
    json.push_back('}');
    return Response(status, "application/problem+json", std::move(json));
}

int status_of(Code code) {
    switch (code) {
        case Code::bad_input:
            return 400;
        case Code::not_found:
            return 404;
        case Code::refused:
            return 403;
        case Code::conflict:
            return 409;
        case Code::too_large:
            return 413;
        case Code::unavailable:
            return 503;
        case Code::no_space:
            return 507;
        case Code::storage:
        case Code::corrupt:
        case Code::wrong_key:
            return 500;
        case Code::unsupported:
            return 501;
        case Code::cancelled:
            return 503;
    }
    return 500;
}

Response problem(const Error& error) {
    const int status = status_of(error.code);
    // What a 5xx says is for the operator's log: it may name files and rules of the inside.
    if (status < 500) return problem(status, name(error.code), error.message);
    return problem(status, name(error.code),
                   "服务器未能完成请求 / the server could not complete the request");
}

}  // namespace huoqi::http

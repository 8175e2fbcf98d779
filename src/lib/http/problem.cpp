// SPDX-License-Identifier: Apache-2.0
// Problem details (RFC 9457).
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

std::string_view reason_phrase(int status) {
    switch (status) {
        case 100:
            return "Continue";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 411:
            return "Length Required";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 421:
            return "Misdirected Request";
        case 422:
            return "Unprocessable Content";
        case 428:
            return "Precondition Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        case 505:
            return "HTTP Version Not Supported";
        case 507:
            return "Insufficient Storage";
        default:
            return "Unknown";
    }
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
            return 500;
        case Code::corrupt:
            return 500;
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

// SPDX-License-Identifier: Apache-2.0
// A connection's bytes through head, route, query and body, cut into reads as the first byte says.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "lib/http/http.h"
#include "lib/http/internal/parser.h"

namespace {

using namespace huoqi::http;
using namespace huoqi::http::internal;

const Router& router() {
    static const Router made = [] {
        Router routes;
        const Handler none = [](Request, Reply) {};
        routes.add("GET", "/", none);
        routes.add("POST", "/v1/waybills:search", none);
        routes.add("GET", "/v1/waybills/{id}", none);
        routes.add("POST", "/v1/waybills/{id}:reveal", none);
        routes.add("GET", "/tile/{path*}", none);
        return routes;
    }();
    return made;
}

void use(const Request& request) {
    const auto match = router().find(request.method, request.path);
    if (match && match->route != nullptr) {
        for (const auto& [name, value] : match->parameters) HUOQI_CHECK(!name.empty());
    }
    static_cast<void>(request.query_value("cursor"));
    HUOQI_CHECK(request.headers.count("content-length") + request.headers.count("transfer-encoding") <= 1);
    HUOQI_CHECK(request.headers.count("host") <= 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t step = data[0] % 64 + 1;
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    std::size_t from = 0;
    HeadScan scan;
    for (std::size_t seen = 0; seen < text.size() && scan.state == HeadScan::incomplete;) {
        seen = std::min(text.size(), seen + step);
        scan = scan_head(text.substr(0, seen), from);
    }
    if (scan.state != HeadScan::complete) return 0;
    HUOQI_CHECK(scan.size <= text.size() && text.substr(0, scan.size).ends_with("\r\n\r\n"));
    RequestParser parser;
    Request request;
    const auto head = parser.parse_head(text.substr(0, scan.size), 100, request);
    if (!head) return 0;
    use(request);
    std::string waiting;
    std::string body;
    for (std::size_t at = scan.size; head->has_body && at < text.size(); at += step) {
        waiting.append(text.substr(at, step));
        std::size_t taken = 0;
        const auto state = parser.parse_body(waiting, body, taken);
        HUOQI_CHECK(taken <= waiting.size());
        waiting.erase(0, taken);
        if (state != RequestParser::Body::more) break;
    }
    HUOQI_CHECK(body.size() <= text.size());
    HUOQI_CHECK(!head->content_length || body.size() <= *head->content_length);
    return 0;
}

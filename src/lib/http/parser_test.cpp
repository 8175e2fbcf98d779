// SPDX-License-Identifier: Apache-2.0
// What may not pass, because another parser in front could read it differently (request smuggling).
#include "lib/http/internal/parser.h"

#include <gtest/gtest.h>

namespace huoqi::http::internal {
namespace {

// The status of a refusal, or 200.
int outcome(std::string_view head, std::size_t max_fields = 100) {
    std::size_t from = 0;
    const HeadScan scan = scan_head(head, from);
    if (scan.state == HeadScan::malformed) return 400;
    if (scan.state == HeadScan::incomplete) return 0;
    RequestParser parser;
    Request request;
    const auto parsed = parser.parse_head(head.substr(0, scan.size), max_fields, request);
    return parsed ? 200 : parsed.error();
}

std::string with(std::string_view fields) {
    return "POST /a HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}

TEST(Parser, PlainRequestIsRead) {
    RequestParser parser;
    Request request;
    const std::string head = "POST /v1/a?b=c HTTP/1.1\r\nHost: h\r\nX-One:  1 \r\nContent-Length: 5\r\n\r\n";
    const auto parsed = parser.parse_head(head, 100, request);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/v1/a");
    EXPECT_EQ(request.query, "b=c");
    EXPECT_EQ(request.headers.find("x-one"), "1");
    EXPECT_TRUE(parsed->keep_alive);
    EXPECT_EQ(parsed->content_length, 5U);
    std::size_t taken = 0;
    EXPECT_EQ(parser.parse_body("hel", request.body, taken), RequestParser::Body::more);
    EXPECT_EQ(taken, 3U);
    EXPECT_EQ(parser.parse_body("lo, next", request.body, taken), RequestParser::Body::complete);
    EXPECT_EQ(taken, 2U);
    EXPECT_EQ(request.body, "hello");
}

TEST(Parser, HeadIsFoundWhereverItIsCut) {
    const std::string head = with("X: y\r\n");
    for (std::size_t cut = 0; cut < head.size(); ++cut) {
        std::size_t from = 0;
        ASSERT_EQ(scan_head(std::string_view(head).substr(0, cut), from).state, HeadScan::incomplete) << cut;
        const HeadScan scan = scan_head(head + "rest", from);
        ASSERT_EQ(scan.state, HeadScan::complete) << cut;
        ASSERT_EQ(scan.size, head.size());
    }
}

TEST(Parser, TwoWaysToTellTheLengthAreRefused) {
    EXPECT_EQ(outcome(with("Content-Length: 5\r\n")), 200);
    EXPECT_EQ(outcome(with("Transfer-Encoding: chunked\r\n")), 200);
    EXPECT_EQ(outcome(with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")), 400);
    EXPECT_EQ(outcome(with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")), 400);
    EXPECT_EQ(outcome(with("Content-Length: 5\r\nContent-Length: 5\r\n")), 400);
    EXPECT_EQ(outcome(with("Content-Length: 5\r\nContent-Length: 6\r\n")), 400);
    EXPECT_EQ(outcome(with("Content-Length: 5, 5\r\n")), 400);
    EXPECT_EQ(outcome(with("Content-Length: +5\r\n")), 400);
    EXPECT_EQ(outcome(with("Content-Length: 0x5\r\n")), 400);
    EXPECT_EQ(outcome(with("Content-Length:\r\n")), 400);
    EXPECT_EQ(outcome(with("Content-Length: 99999999999999999999\r\n")), 400);
    EXPECT_EQ(outcome(with("Transfer-Encoding: gzip\r\n")), 400);
    EXPECT_EQ(outcome(with("Transfer-Encoding: gzip, chunked\r\n")), 400);
    EXPECT_EQ(outcome(with("Transfer-Encoding: chunked, identity\r\n")), 400);
    EXPECT_EQ(outcome(with("Transfer-Encoding: xchunked\r\n")), 400);
    EXPECT_EQ(outcome(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")), 400);
    EXPECT_EQ(outcome("POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(Parser, LinesThatEndOtherwiseAreRefused) {
    EXPECT_EQ(outcome("GET / HTTP/1.1\nHost: h\n\n"), 400);
    EXPECT_EQ(outcome("GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n"), 400);
    EXPECT_EQ(outcome("GET / HTTP/1.1\r\nHost: h\r\n\n"), 400);
    EXPECT_EQ(outcome(with("X: a\rb\r\n")), 400);
    EXPECT_EQ(outcome(with("X: a\r\n folded\r\n")), 400);
    EXPECT_EQ(outcome(with("X:\r\n\tfolded\r\n")), 400);
    EXPECT_EQ(outcome("GET / HTTP/1.1\r\n Host: h\r\n\r\n"), 400);
}

TEST(Parser, MalformedLinesAreRefused) {
    EXPECT_EQ(outcome(with("X : y\r\n")), 400);
    EXPECT_EQ(outcome(with(": y\r\n")), 400);
    EXPECT_EQ(outcome(with("no colon\r\n")), 400);
    EXPECT_EQ(outcome(with(std::string("X: a\0b\r\n", 8))), 400);
    EXPECT_EQ(outcome("GET  / HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(outcome("GET / x HTTP/1.1\r\nHost: h\r\n\r\n"), 505);
    EXPECT_EQ(outcome("G(T / HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(outcome("GET / HTTP/2.0\r\nHost: h\r\n\r\n"), 505);
    EXPECT_EQ(outcome("GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(outcome("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(outcome("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
}

TEST(Parser, OneHostIsNeeded) {
    EXPECT_EQ(outcome("GET / HTTP/1.1\r\n\r\n"), 400);
    EXPECT_EQ(outcome("GET / HTTP/1.0\r\n\r\n"), 200);
    EXPECT_EQ(outcome("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
    EXPECT_EQ(outcome("GET https://h/a HTTP/1.1\r\nHost: h\r\n\r\n"), 200);
    EXPECT_EQ(outcome("GET ftp://h/a HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
}

TEST(Parser, FieldsAreCounted) {
    EXPECT_EQ(outcome(with("A: 1\r\nB: 2\r\n"), 3), 200);
    EXPECT_EQ(outcome(with("A: 1\r\nB: 2\r\nC: 3\r\n"), 3), 431);
}

RequestParser::Body chunked_outcome(std::string_view body, std::string& out, std::size_t step) {
    RequestParser parser;
    Request request;
    EXPECT_TRUE(parser.parse_head(with("Transfer-Encoding: chunked\r\n"), 100, request));
    std::string waiting;
    auto state = RequestParser::Body::more;
    for (std::size_t at = 0; at < body.size() && state == RequestParser::Body::more; at += step) {
        waiting.append(body.substr(at, step));
        std::size_t taken = 0;
        state = parser.parse_body(waiting, out, taken);
        waiting.erase(0, taken);
    }
    return state;
}

TEST(Parser, ChunksAreJoinedWhereverTheyAreCut) {
    const std::string_view body = "4\r\nWiki\r\n5;name=\"v\"\r\npedia\r\n0\r\nX-Trailer: y\r\n\r\n";
    for (std::size_t step = 1; step <= body.size(); ++step) {
        std::string out;
        ASSERT_EQ(chunked_outcome(body, out, step), RequestParser::Body::complete) << step;
        ASSERT_EQ(out, "Wikipedia");
    }
}

TEST(Parser, MalformedChunksAreRefused) {
    for (const char* body :
         {"x\r\n", "4\nWiki\r\n", "4\r\nWikiX\r\n0\r\n\r\n", "-1\r\n", "10000000000000000\r\n", "4 4\r\n",
          "4;\r\nWiki\r\n", "0x4\r\nWiki\r\n0\r\n\r\n"}) {
        std::string out;
        EXPECT_EQ(chunked_outcome(body, out, 100), RequestParser::Body::malformed) << body;
    }
}

}  // namespace
}  // namespace huoqi::http::internal

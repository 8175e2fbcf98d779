// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "lib/http/http.h"

namespace huoqi::http {
namespace {

Router sample() {
    Router router;
    const Handler none = [](Request, Reply) {};
    router.add("GET", "/", none);
    router.add("POST", "/v1/waybills", none);
    router.add("GET", "/v1/waybills/{id}", none);
    router.add("DELETE", "/v1/waybills/{id}", none);
    router.add("POST", "/v1/waybills/{id}:reveal", none);
    router.add("GET", "/v1/waybills/mine", none);
    router.add("POST", "/v1/waybills:search", none);
    router.add("GET", "/v1/waybills/{id}/versions/{version}", none);
    router.add("GET", "/tile/{path*}", none);
    return router;
}

std::string found(const Router& router, std::string_view method, std::string_view path) {
    const auto match = router.find(method, path);
    if (!match) return "malformed";
    if (match->route == nullptr) return match->allow.empty() ? "none" : "allow " + match->allow;
    std::string text = match->route->pattern;
    for (const auto& [name, value] : match->parameters) text += " " + name + "=" + value;
    return text;
}

TEST(Router, FindsLiteralsActionsParametersAndTails) {
    const Router router = sample();
    EXPECT_EQ(found(router, "GET", "/"), "/");
    EXPECT_EQ(found(router, "POST", "/v1/waybills"), "/v1/waybills");
    EXPECT_EQ(found(router, "POST", "/v1/waybills:search"), "/v1/waybills:search");
    EXPECT_EQ(found(router, "GET", "/v1/waybills/7"), "/v1/waybills/{id} id=7");
    EXPECT_EQ(found(router, "POST", "/v1/waybills/7:reveal"), "/v1/waybills/{id}:reveal id=7");
    EXPECT_EQ(found(router, "GET", "/v1/waybills/7/versions/2"),
              "/v1/waybills/{id}/versions/{version} id=7 version=2");
    EXPECT_EQ(found(router, "GET", "/tile/0/x001/067"), "/tile/{path*} path=0/x001/067");
    EXPECT_EQ(found(router, "GET", "/tile/entries/000.p/5"), "/tile/{path*} path=entries/000.p/5");
}

TEST(Router, LiteralGoesBeforeParameterAndDoesNotHideIt) {
    const Router router = sample();
    EXPECT_EQ(found(router, "GET", "/v1/waybills/mine"), "/v1/waybills/mine");
    EXPECT_EQ(found(router, "DELETE", "/v1/waybills/mine"), "/v1/waybills/{id} id=mine");
    EXPECT_EQ(found(router, "GET", "/v1/waybills/mine/versions/1"),
              "/v1/waybills/{id}/versions/{version} id=mine version=1");
}

TEST(Router, UnknownPathsAreNotFound) {
    const Router router = sample();
    for (const char* path : {"/v1", "/v1/waybills/", "/v1//7", "/V1/waybills", "/tile",
                             "/v1/waybills/7/versions", "/v1/waybills:find", "/v1/waybills/7/versions/1/"}) {
        EXPECT_EQ(found(router, "GET", path), "none") << path;
    }
}

TEST(Router, WrongMethodNamesTheRightOnes) {
    const Router router = sample();
    EXPECT_EQ(found(router, "PUT", "/v1/waybills/7"), "allow GET, HEAD, DELETE");
    EXPECT_EQ(found(router, "GET", "/v1/waybills"), "allow POST");
    EXPECT_EQ(found(router, "get", "/"), "allow GET, HEAD");
    EXPECT_EQ(found(router, "HEAD", "/v1/waybills/7"), "/v1/waybills/{id} id=7");
}

TEST(Router, SegmentsAreDecodedOnceAndAfterSplitting) {
    const Router router = sample();
    EXPECT_EQ(found(router, "GET", "/v1/waybills/%E7%81%AB%20a"), "/v1/waybills/{id} id=火 a");
    EXPECT_EQ(found(router, "GET", "/v1/%77aybills/%2537"), "/v1/waybills/{id} id=%37");
    EXPECT_EQ(found(router, "GET", "/v1/waybills/a+b"), "/v1/waybills/{id} id=a+b");
}

TEST(Router, PathsThatCouldLeaveTheirPlaceAreMalformed) {
    const Router router = sample();
    for (const char* path : {"/tile/../etc", "/tile/%2e%2e/etc", "/./", "/tile/a%2Fb", "/tile/a%00",
                             "/tile/%", "/tile/%4", "/tile/%zz", "tile", ""}) {
        EXPECT_EQ(found(router, "GET", path), "malformed") << path;
    }
    std::string deep = "/tile";
    for (int i = 0; i < 40; ++i) deep += "/a";
    EXPECT_EQ(found(router, "GET", deep), "malformed");
}

TEST(Router, RoutesAreListedInOrder) {
    const Router router = sample();
    ASSERT_EQ(router.routes().size(), 9U);
    EXPECT_EQ(router.routes()[6]->method, "POST");
    EXPECT_EQ(router.routes()[6]->pattern, "/v1/waybills:search");
}

TEST(RouterDeathTest, MistakesInDeclarationsStopTheProgram) {
    const Handler none = [](Request, Reply) {};
    Router router = sample();
    EXPECT_DEATH(router.add("GET", "/v1/waybills/{number}", none), "");
    EXPECT_DEATH(router.add("GET", "v1", none), "");
    EXPECT_DEATH(router.add("GET", "/{a*}/b", none), "");
    EXPECT_DEATH(router.add("GET", "/{}", none), "");
    EXPECT_DEATH(router.add("GET", "/a//b", none), "");
}

TEST(Query, ValuesAreDecoded) {
    Request request;
    request.query = "cursor=a%2Bb&name=%E7%8E%8B+x&empty=&flag&cursor=second";
    EXPECT_EQ(request.query_value("cursor")->value(), "a+b");
    EXPECT_EQ(request.query_value("name")->value(), "王 x");
    EXPECT_EQ(request.query_value("empty")->value(), "");
    EXPECT_EQ(request.query_value("flag")->value(), "");
    EXPECT_FALSE(request.query_value("absent")->has_value());
    request.query = "a=1&b=%G1";
    EXPECT_FALSE(request.query_value("a"));
}

TEST(HeadersTest, NamesIgnoreCase) {
    Headers headers;
    headers.add("Content-Type", "a");
    headers.add("content-type", "b");
    EXPECT_EQ(headers.find("CONTENT-TYPE"), "a");
    EXPECT_EQ(headers.count("content-Type"), 2U);
    headers.set("CONTENT-type", "c");
    EXPECT_EQ(headers.size(), 1U);
    EXPECT_EQ(headers.find("content-type"), "c");
}

TEST(Problem, IsJsonAndKeepsTheInsideInside) {
    const Response refused = problem(Error{Code::refused, "a \"rule\"\n\x01\\"});
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.headers.find("content-type"), "application/problem+json");
    EXPECT_EQ(refused.body,
              "{\"type\":\"about:blank\",\"title\":\"Forbidden\",\"status\":403,"
              "\"detail\":\"a \\\"rule\\\"\\u000a\\u0001\\\\\",\"code\":\"" +
                  std::string(name(Code::refused)) + "\"}");
    const Response inside = problem(Error{Code::storage, "/var/lib/huoqi/volume-7: short read"});
    EXPECT_EQ(inside.status, 500);
    EXPECT_EQ(inside.body.find("volume"), std::string::npos);
}

}  // namespace
}  // namespace huoqi::http

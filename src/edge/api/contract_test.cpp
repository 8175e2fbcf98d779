// SPDX-License-Identifier: Apache-2.0
// The written contract and the routes are the same, both ways, on every listener.
#include <map>
#include <set>

#include "edge/api/testing/test_node.h"

namespace huoqi::api {
namespace {

// "business GET /v1/waybills/{id}"
using Operations = std::set<std::string>;

std::string upper(std::string text) {
    for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    return text;
}

// Reads paths, methods and x-listeners by their indentation (2, 4 and 6 blanks).
Operations written_operations(const std::string& yaml) {
    Operations out;
    std::istringstream in(yaml);
    std::string path, method;
    bool in_paths = false;
    for (std::string line; std::getline(in, line);) {
        if (!line.empty() && line[0] != ' ' && line[0] != '#') in_paths = line == "paths:";
        if (!in_paths) continue;
        if (line.starts_with("  /") && line.ends_with(":")) {
            path = line.substr(2, line.size() - 3);
        } else if (line.starts_with("    ") && line.size() > 4 && line[4] != ' ' && line.ends_with(":")) {
            method = upper(line.substr(4, line.size() - 5));
        } else if (line.starts_with("      x-listeners: [")) {
            std::istringstream names(line.substr(20, line.size() - 21));
            for (std::string name; std::getline(names, name, ',');) {
                name.erase(0, name.find_first_not_of(' '));
                out.insert(name + " " + method + " " + path);
            }
        }
    }
    return out;
}

Operations routed_operations(const std::string& listener, const http::Router& router) {
    Operations out;
    for (const auto& route : router.routes()) {
        std::string pattern = route->pattern;
        if (auto star = pattern.find("*}"); star != std::string::npos) pattern.erase(star, 1);
        out.insert(listener + " " + route->method + " " + pattern);
    }
    return out;
}

class Contract : public TestNode {};

TEST_F(Contract, EveryRouteIsWrittenAndEverythingWrittenIsRouted) {
    Operations routed = routed_operations("business", business_router(*services_));
    routed.merge(routed_operations("public", public_router(*services_)));
    routed.merge(routed_operations("operations", operations_router(*services_)));
    auto written = written_operations(services_->openapi);
    EXPECT_GT(written.size(), 15U);
    for (const auto& one : routed) EXPECT_TRUE(written.contains(one)) << one << " is not in api/openapi.yaml";
    for (const auto& one : written) EXPECT_TRUE(routed.contains(one)) << one << " has no route";
}

// Query fields of each operation, read by indentation; a reference counts when it is the outlet's.
std::map<std::string, std::set<std::string>> written_queries(const std::string& yaml) {
    std::map<std::string, std::set<std::string>> out;
    std::istringstream in(yaml);
    std::string path, method, name;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("components:")) break;
        if (line.starts_with("  /") && line.ends_with(":")) {
            path = line.substr(2, line.size() - 3);
        } else if (line.starts_with("    ") && line.size() > 4 && line[4] != ' ' && line.ends_with(":")) {
            method = upper(line.substr(4, line.size() - 5));
            out[method + " " + path];
        } else if (line.starts_with("        - name: ")) {
            name = line.substr(16);
        } else if (line.starts_with("          in: query")) {
            out[method + " " + path].insert(name);
        } else if (line.find("parameters/Outlet'") != std::string::npos) {
            out[method + " " + path].insert("outlet");
        }
    }
    return out;
}

TEST_F(Contract, QueryFieldsAreThoseThatAreWritten) {
    auto written = written_queries(services_->openapi);
    for (auto make : {business_router, public_router, operations_router}) {
        const auto router = make(*services_);
        for (const auto& route : router.routes()) {
            std::string pattern = route->pattern;
            if (auto star = pattern.find("*}"); star != std::string::npos) pattern.erase(star, 1);
            ASSERT_TRUE(route->limits.query_fields) << pattern;
            std::set<std::string> known(route->limits.query_fields->begin(),
                                        route->limits.query_fields->end());
            EXPECT_EQ(known, written[route->method + " " + pattern]) << pattern;
        }
    }
}

TEST_F(Contract, UnknownAndRepeatedQueryFieldsAreRefused) {
    for (const auto* target : {"/v1/ledger/entries?persn=li", "/v1/ledger/entries?limit=1&limit=2",
                               "/v1/ledger/entries?%zz=1", "/checkpoint?x", "/v1/policy/articles?limit=1"}) {
        auto answer = get(target, "auditor");
        EXPECT_EQ(answer.status, 400) << target;
        EXPECT_EQ(answer.code(), "unknown_query") << target;
        EXPECT_EQ(answer.body.find("persn"), std::string::npos);
    }
    EXPECT_EQ(get("/v1/ledger/entries?limit=1", "auditor").status, 200);
}

TEST_F(Contract, EveryOperationHasSummariesInBothLanguages) {
    std::istringstream in(services_->openapi);
    std::size_t summaries = 0;
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with("      summary: ")) continue;
        ++summaries;
        EXPECT_NE(line.find(" / "), std::string::npos) << line;
    }
    EXPECT_GE(summaries, 14U);
}

TEST_F(Contract, IsServedToAnyone) {
    auto answer = get("/openapi.yaml", "");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, services_->openapi);
}

}  // namespace
}  // namespace huoqi::api

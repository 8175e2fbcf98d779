// SPDX-License-Identifier: Apache-2.0
#include "edge/metrics/metrics.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

namespace huoqi::metrics {
namespace {

std::string example_page() {
    Activity activity;
    activity.count(Deed::seal, Ending::done, 3);
    activity.count(Deed::reveal, Ending::refused);
    activity.count(KeyCheck::revoked);
    activity.count_overload();
    http::Counters counters;
    counters.requests = 7;
    counters.responses[3] = 2;
    counters.latencies[0] = 1;
    counters.latencies.back() = 4;
    counters.latency_sum_microseconds = 1'250'000;
    return page(activity, {42, 4096, 2, 1, 5, true}, {{"business", counters}});
}

TEST(Metrics, CountsAreOnThePage) {
    auto text = example_page();
    for (const auto* line : {"huoqi_deeds_total{deed=\"seal\",ending=\"done\"} 3\n",
                             "huoqi_deeds_total{deed=\"reveal\",ending=\"refused\"} 1\n",
                             "huoqi_key_checks_total{result=\"revoked\"} 1\n", "huoqi_overloads_total 1\n",
                             "huoqi_ledger_entries 42\n", "huoqi_archive_bytes 4096\n", "huoqi_ready 1\n",
                             "huoqi_http_requests_total{listener=\"business\"} 7\n",
                             "huoqi_http_responses_total{listener=\"business\",class=\"4xx\"} 2\n"}) {
        EXPECT_NE(text.find(line), std::string::npos) << line;
    }
}

TEST(Metrics, HistogramBucketsAreCumulativeAndEndInInfinity) {
    auto text = example_page();
    EXPECT_NE(text.find("huoqi_http_latency_seconds_bucket{listener=\"business\",le=\"0.0001\"} 1\n"),
              std::string::npos);
    EXPECT_NE(text.find("le=\"30\"} 1\n"), std::string::npos);
    EXPECT_NE(text.find("le=\"+Inf\"} 5\n"), std::string::npos);
    EXPECT_NE(text.find("huoqi_http_latency_seconds_sum{listener=\"business\"} 1.25\n"), std::string::npos);
    EXPECT_NE(text.find("huoqi_http_latency_seconds_count{listener=\"business\"} 5\n"), std::string::npos);
}

TEST(Metrics, EveryLineFollowsTheExpositionFormat) {
    std::regex sample(R"re([a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9]+(\.[0-9]+)?)re");
    std::regex comment(R"(# (HELP|TYPE) [a-z_]+ .+)");
    std::set<std::string> seen;
    std::istringstream in(example_page());
    for (std::string line; std::getline(in, line);) {
        bool is_comment = line.starts_with("#");
        EXPECT_TRUE(std::regex_match(line, is_comment ? comment : sample)) << line;
        auto series = line.substr(0, is_comment ? line.size() : line.rfind(' '));
        EXPECT_TRUE(seen.insert(series).second) << "twice: " << series;
    }
    EXPECT_GT(seen.size(), 50U);
}

TEST(Metrics, LabelValuesAreEscaped) {
    Page page;
    page.family("x", Page::Kind::gauge, "h");
    page.sample({{"a", "q\"b\\c\nd"}}, 1);
    EXPECT_TRUE(page.text().ends_with("x{a=\"q\\\"b\\\\c\\nd\"} 1\n")) << page.text();
}

}  // namespace
}  // namespace huoqi::metrics

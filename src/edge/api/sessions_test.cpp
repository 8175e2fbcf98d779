// SPDX-License-Identifier: Apache-2.0
// Logging in and staying in, and everything that must not get in.
#include <future>
#include <latch>
#include <thread>

#include "edge/api/internal/session_check.h"
#include "edge/api/testing/people_node.h"

namespace huoqi::api {
namespace {

class Sessions : public PeopleNode {};

TEST_F(Sessions, LogInAndOut) {
    enrolled("ann", "ann.li");
    auto answer = log_in("Ann.Li");  // case does not matter
    ASSERT_EQ(answer.status, 200) << answer.body;
    auto json = answer.json();
    EXPECT_EQ(json["person"], "ann");
    EXPECT_EQ(json["enterprise"], "main");
    EXPECT_EQ(json["organisation"], "hq");
    EXPECT_EQ(json["standing"], "full");
    EXPECT_EQ(json["second_factor"], false);
    EXPECT_EQ(json["roles"], nlohmann::json::array());
    EXPECT_EQ(json["expires"], "2026-11-23T14:05:06.000000000Z");
    EXPECT_EQ(json["idle_seconds"], 900);
    auto browser = browser_of(answer);
    auto seen = ask("GET", "/v1/session", browser);
    ASSERT_EQ(seen.status, 200);
    EXPECT_EQ(seen.json(), json);
    auto out = ask("DELETE", "/v1/session", browser);
    EXPECT_EQ(out.status, 204);
    EXPECT_EQ(out.headers.find("set-cookie"),
              "__Host-huoqi=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    EXPECT_EQ(who_am_i(browser), 401);
    EXPECT_EQ(last_entry()["action"], "session.end");
}

TEST_F(Sessions, CookieIsForThisSiteAndNoScript) {
    enrolled("ann", "ann.li");
    auto answer = log_in("ann.li");
    const std::string cookie(answer.headers.find("set-cookie").value_or(""));
    auto browser = browser_of(answer);
    EXPECT_EQ(cookie, "__Host-huoqi=" + browser.token + "; Path=/; Secure; HttpOnly; SameSite=Strict");
    EXPECT_EQ(browser.token.size(), 64U);
    EXPECT_EQ(answer.body.find(browser.token), std::string::npos);
    EXPECT_EQ(whole_ledger().find(browser.token), std::string::npos);
}

TEST_F(Sessions, NoAnswerMayBeStored) {
    enrolled("ann", "ann.li");
    auto browser = inside("ann.li");
    for (const auto* target : {"/v1/session", "/v1/sessions", "/v1/accounts"})
        EXPECT_EQ(ask("GET", target, browser).headers.find("cache-control"), "no-store") << target;
    for (const auto* target : {"/v1/session", "/v1/session:factor", "/v1/session:password",
                               "/v1/session:confirm-factor", "/v1/enrolments:redeem", "/v1/accounts"})
        EXPECT_EQ(ask("POST", target, browser, "{}").headers.find("cache-control"), "no-store") << target;
    EXPECT_EQ(log_in("ann.li").headers.find("cache-control"), "no-store");
}

TEST_F(Sessions, EveryRefusalLooksTheSame) {
    enrolled("ann", "ann.li");
    invited("ben", "ben.wu");
    const auto before = entries();
    auto unknown = log_in("nobody.here");
    for (const auto& answer : {log_in("ann.li", "Wrong-password-1"), log_in("ben.wu"),
                               log_in("no login, is it?"), log_in("ann.li", kPassword, "", "pda-other")}) {
        EXPECT_EQ(answer.status, 401);
        EXPECT_EQ(answer.body, unknown.body);
        EXPECT_EQ(answer.headers.size(), unknown.headers.size());
        EXPECT_FALSE(answer.headers.find("retry-after"));
        EXPECT_FALSE(answer.headers.find("set-cookie"));
    }
    EXPECT_EQ(unknown.code(), "login_refused");
    // The ledger tells them apart; what was typed as login stands nowhere.
    EXPECT_EQ(rules_of("login.refuse", before),
              (std::vector<std::string>{"login.unknown", "login.password", "login.invited", "login.unknown",
                                        "login.delay"}));
    EXPECT_EQ(whole_ledger().find("nobody.here"), std::string::npos);
}

TEST_F(Sessions, GuessingGrowsSlowerAndThenLocks) {
    auto id = enrolled("ann", "ann.li");
    const auto before = entries();
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(log_in("ann.li", "Wrong-password-1").status, 401);
        EXPECT_EQ(log_in("ann.li").status, 401) << "the right one, before the wait is over";
        clock_.advance(kSecond << i);
    }
    EXPECT_EQ(log_in("ann.li", "Wrong-password-1").status, 401);
    EXPECT_EQ(account_rows_->account(accounts::By::id, id)->state, accounts::State::locked);
    clock_.advance(29 * kMinute);
    EXPECT_EQ(log_in("ann.li").status, 401);
    EXPECT_EQ(rules_of("login.refuse", before).back(), "login.locked");
    clock_.advance(kMinute);
    EXPECT_EQ(log_in("ann.li").status, 200);
}

TEST_F(Sessions, OneAddressHasOneBudgetOverAllLogins) {
    enrolled("ann", "ann.li");
    const auto before = entries();
    auto first = log_in("guess-0", "Password-of-a-leak1");
    for (int i = 1; i < 32; ++i) {
        auto answer = log_in("guess-" + std::to_string(i), "Password-of-a-leak1");
        EXPECT_EQ(answer.status, 401);
        EXPECT_EQ(answer.body, first.body);
    }
    EXPECT_EQ(log_in("ann.li").status, 401) << "from this address nobody gets in for a while";
    clock_.advance(16 * kMinute);
    EXPECT_EQ(log_in("ann.li").status, 200);
    log_in("guess-0");
    auto rules = rules_of("login.refuse", before);
    EXPECT_EQ(std::ranges::count(rules, "login.unknown"), 31);
    EXPECT_GE(std::ranges::count(rules, "login.address"), 1);
    EXPECT_LE(std::ranges::count(rules, "login.address"), 2) << "a flood is one entry a minute";
}

TEST_F(Sessions, TokenSentBeforeIsNotTakenOver) {
    enrolled("ann", "ann.li");
    enrolled("ben", "ben.wu");
    auto planted = inside("ben.wu");
    auto answer = log_in("ann.li", kPassword, "", "", planted);
    ASSERT_EQ(answer.status, 200);
    auto own = browser_of(answer);
    EXPECT_NE(own.token, planted.token);
    EXPECT_EQ(ask("GET", "/v1/session", planted).json()["person"], "ben");
    EXPECT_EQ(ask("GET", "/v1/session", own).json()["person"], "ann");
    Browser made_up{std::string(64, 'a'), "", ""};
    EXPECT_NE(browser_of(log_in("ann.li", kPassword, "", "", made_up)).token, made_up.token);
    EXPECT_EQ(who_am_i(made_up), 401);
}

TEST_F(Sessions, WhatChangesSomethingRepeatsTheCsrfToken) {
    enrolled("ann", "ann.li");
    enrolled("ben", "ben.wu");
    auto ann = inside("ann.li"), ben = inside("ben.wu");
    for (const auto& csrf : {std::string(), std::string(64, '0'), ben.csrf, ann.token}) {
        auto answer = ask("DELETE", "/v1/session", {ann.token, csrf, ""});
        EXPECT_EQ(answer.status, 403) << csrf;
        EXPECT_EQ(answer.code(), "session.csrf");
        EXPECT_EQ(ask("POST", "/v1/session:factor", {ann.token, csrf, ""}).status, 403);
    }
    EXPECT_EQ(who_am_i({ann.token, "", ""}), 200);
    EXPECT_EQ(ask("DELETE", "/v1/session", ann).status, 204);
}

TEST_F(Sessions, KeyAndCookieTogetherAreNobody) {
    enrolled("ann", "ann.li");
    auto ann = inside("ann.li");
    const std::string key = "Bearer secret-of-operator";
    EXPECT_EQ(ask("GET", "/v1/session", ann, "", key).status, 401);
    EXPECT_EQ(ask("GET", "/v1/policy/articles", ann, "", key).status, 401);
    EXPECT_EQ(ask("POST", "/v1/session", ann, R"({"login":"ann.li","password":"x"})", key).code(),
              "unauthorized");
    EXPECT_EQ(ask("GET", "/v1/session", {}, "", key).status, 401) << "a key has no session";
    EXPECT_EQ(ask("GET", "/v1/session", {ann.token + "; __Host-huoqi=" + ann.token, "", ""}).status, 401);
}

TEST_F(Sessions, EndWhenIdleAndAtTheLatestAfterAShift) {
    enrolled("ann", "ann.li");
    auto browser = inside("ann.li");
    clock_.advance(15 * kMinute);
    EXPECT_EQ(who_am_i(browser), 200);
    clock_.advance(15 * kMinute + kSecond);
    EXPECT_EQ(who_am_i(browser), 401);
    browser = inside("ann.li");
    for (int i = 0; i < 60; ++i) {
        clock_.advance(10 * kMinute);
        EXPECT_EQ(who_am_i(browser), 200) << i;
    }
    clock_.advance(3 * kSecond);
    EXPECT_EQ(who_am_i(browser), 401);
}

TEST_F(Sessions, OneLiveSessionAnAccount) {
    enrolled("ann", "ann.li");
    auto first = inside("ann.li");
    EXPECT_EQ(who_am_i(first), 200);
    auto second = inside("ann.li");
    EXPECT_EQ(who_am_i(first), 401);
    auto list = ask("GET", "/v1/sessions", second);
    ASSERT_EQ(list.status, 200);
    auto sessions = list.json()["sessions"];
    ASSERT_EQ(sessions.size(), 1U);
    EXPECT_EQ(sessions[0]["current"], true);
    EXPECT_EQ(sessions[0]["address"], "127.0.0.1");
    EXPECT_EQ(sessions[0]["created"], "2026-11-23T04:05:06.000000000Z");
}

TEST_F(Sessions, NobodyEndsAnothersSession) {
    enrolled("ann", "ann.li");
    enrolled("ben", "ben.wu");
    auto ann = inside("ann.li"), ben = inside("ben.wu");
    const std::string id = ask("GET", "/v1/session", ann).json()["id"];
    auto others = ask("DELETE", "/v1/sessions/" + id, ben);
    EXPECT_EQ(others.status, 404);
    EXPECT_EQ(others.body, ask("DELETE", "/v1/sessions/se_0000", ben).body);
    EXPECT_EQ(who_am_i(ann), 200);
    auto own = ask("DELETE", "/v1/sessions/" + id, ann);
    EXPECT_EQ(own.status, 204);
    EXPECT_TRUE(own.headers.find("set-cookie"));
    EXPECT_EQ(who_am_i(ann), 401);
}

TEST_F(Sessions, OfADeviceAreGoodOnItAlone) {
    enrolled("ann", "ann.li");
    auto browser = inside("ann.li", "", "pda-main");
    EXPECT_EQ(browser.device, "pda-main");
    EXPECT_EQ(who_am_i(browser), 200);
    EXPECT_EQ(who_am_i({browser.token, browser.csrf, ""}), 401);
    EXPECT_EQ(who_am_i({browser.token, browser.csrf, "pda-other"}), 401);
    people::Contents contents;
    contents.devices.push_back(
        {"main", "pda-main", people::DeviceKind::hand_held, "hz-01", {0}, clock_.now()});
    ASSERT_TRUE(staff_->put("main", "console", contents));
    EXPECT_EQ(who_am_i(browser), 401) << "the device was revoked";
}

TEST_F(Sessions, DeviceMustBeRegisteredInTheOwnEnterprise) {
    enrolled("ann", "ann.li");
    for (const auto* device : {"pda-other", "pda-old", "no-such-device"}) {
        EXPECT_EQ(log_in("ann.li", kPassword, "", device).status, 401) << device;
        EXPECT_EQ(rules_of("login.refuse").back(), "login.device") << device;
        clock_.advance(kMinute);
    }
    EXPECT_EQ(log_in("ann.li", kPassword, "", std::string(65, 'x')).status, 400);
}

TEST_F(Sessions, LeaverIsOutAtOnceAndStaysOut) {
    auto id = enrolled("ann", "ann.li");
    auto browser = inside("ann.li");
    EXPECT_EQ(who_am_i(browser), 200);
    leaves("ann");
    EXPECT_EQ(who_am_i(browser), 401);
    ASSERT_TRUE(staff_->follow());
    EXPECT_EQ(account_rows_->account(accounts::By::id, id)->state, accounts::State::disabled);
    auto answer = log_in("ann.li");
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.body, log_in("nobody").body);
    const auto rules = rules_of("login.refuse");
    EXPECT_EQ(rules[rules.size() - 2], "login.disabled");
}

TEST_F(Sessions, ManyLogInsAtOnceStarveNobody) {
    enrolled("ann", "ann.li");
    enrolled("ben", "ben.wu");
    auto ben = inside("ben.wu");
    std::promise<void> open;
    auto gate = open.get_future().share();
    std::latch hashing(2);
    while_hashing_ = [&hashing, gate] {
        hashing.count_down();
        gate.wait();
    };
    std::vector<std::thread> waiting;
    for (int i = 0; i < 2; ++i) waiting.emplace_back([this] { EXPECT_EQ(log_in("guess").status, 401); });
    hashing.wait();
    auto third = log_in("ann.li");
    EXPECT_EQ(third.status, 503);
    EXPECT_EQ(third.headers.find("retry-after"), "1");
    EXPECT_EQ(who_am_i(ben), 200);
    open.set_value();
    for (auto& one : waiting) one.join();
    while_hashing_ = nullptr;
    EXPECT_EQ(log_in("ann.li").status, 200) << "what was turned away is no failure";
}

TEST_F(Sessions, BodiesThatAreNoLogInAreRefusedByPlace) {
    for (const auto& [body, pointer] : std::map<std::string, std::string>{
             {R"({"login":"ann.li"})", "/password"},
             {R"({"password":"Gongche-huiyi-72"})", "/login"},
             {R"({"login":"ann.li","password":7})", "/password"},
             {R"({"login":"ann.li","password":"Gongche-huiyi-72","admin":true})", "/admin"}}) {
        auto answer = ask("POST", "/v1/session", {}, body);
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_EQ(answer.pointer(), pointer) << body;
        EXPECT_EQ(answer.body.find("huiyi"), std::string::npos);
    }
    auto form =
        send(business, "POST", "/v1/session", "", "login=ann.li", "application/x-www-form-urlencoded");
    EXPECT_EQ(form.status, 415) << "a form of another site cannot log anybody in";
}

TEST(NetworkAddress, OfIpv6IsThe64) {
    EXPECT_EQ(network_of("192.0.2.7"), "192.0.2.7");
    EXPECT_EQ(network_of("::ffff:192.0.2.7"), "192.0.2.7");
    EXPECT_EQ(network_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    EXPECT_EQ(network_of("2001:db8:1:2::9"), network_of("2001:db8:1:2:ffff::1"));
    EXPECT_NE(network_of("2001:db8:1:2::9"), network_of("2001:db8:1:3::9"));
    EXPECT_EQ(network_of("unix"), "unix");
}

}  // namespace
}  // namespace huoqi::api

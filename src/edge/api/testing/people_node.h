// SPDX-License-Identifier: Apache-2.0
// A test node with people: two enterprises, three administrators in the first, and what a browser does to log
// in and stay in.
#pragma once

#include "edge/api/testing/test_node.h"
#include "lib/otp/otp.h"

namespace huoqi::api {

inline constexpr std::int64_t kSecond = 1'000'000'000;
inline constexpr std::int64_t kMinute = 60 * kSecond;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::int64_t kDay = 24 * kHour;
inline const std::string kPassword = "Gongche-huiyi-72";
inline const std::string kOther = "Mihoutao:31:zhishu";

class PeopleNode : public TestNode {
  protected:
    // What a browser keeps of a session.
    struct Browser {
        std::string token;
        std::string csrf;
        std::string device;
    };

    void SetUp() override {
        TestNode::SetUp();
        for (const std::string enterprise : {"main", "other"}) {
            people::Contents contents;
            contents.organisations = {
                {enterprise, "hq", "总部", people::OrganisationKind::headquarters, "", {}},
                {enterprise, "hz-01", "杭州一部", people::OrganisationKind::outlet, "hq", {}}};
            for (const auto* id : {"net", "sec", "aud", "ann", "ben"})
                contents.people.push_back({enterprise, id, "hq", "", "", {0}, std::nullopt});
            contents.devices = {
                {enterprise, "pda-" + enterprise, people::DeviceKind::hand_held, "hz-01", {0}, std::nullopt},
                {enterprise, "pda-old", people::DeviceKind::hand_held, "hz-01", {0}, Time{1}}};
            ASSERT_TRUE(staff_->put(enterprise, "console", contents));
            auto appointed = staff_->act(enterprise, "console", [](const powers::Standing& standing) {
                return powers::appoint_first(standing,
                                             {"net", "sec", "aud", "hq", {"gr_net", "gr_sec", "gr_aud"}});
            });
            ASSERT_TRUE(appointed) << appointed.error().message;
        }
    }

    // The person has left from now on.
    void leaves(const std::string& id, const std::string& enterprise = "main") {
        auto left = staff_->act(enterprise, "console", [&](const powers::Standing& standing) {
            return powers::leave(standing, id, clock_.now());
        });
        ASSERT_TRUE(left) << left.error().message;
    }

    // An account that waits for its code; gives its id. The code goes to code_.
    std::string invited(const std::string& person, const std::string& login,
                        const std::string& enterprise = "main") {
        auto made =
            accounts_->invite(staff::account_person(enterprise, person), login, "console", clock_.now(),
                              [this](const accounts::Account&, const SecretBytes& code, Time) {
                                  code_ = text_of(code.view());
                                  return Status();
                              });
        EXPECT_TRUE(made) << made.error().message;
        return made ? made->id : "";
    }
    Answer redeem(const std::string& code, const std::string& password = kPassword) {
        return ask("POST", "/v1/enrolments:redeem", {},
                   nlohmann::json{{"code", code}, {"password", password}}.dump());
    }
    std::string enrolled(const std::string& person, const std::string& login,
                         const std::string& enterprise = "main") {
        auto id = invited(person, login, enterprise);
        EXPECT_EQ(redeem(code_).status, 204);
        return id;
    }

    Answer ask(const std::string& method, const std::string& target, const Browser& browser,
               const std::string& body = {}, const std::string& authorization = {}) {
        http::ClientOptions options;
        options.address = server_->addresses()[business];
        auto client = http::Client::connect(options);
        EXPECT_TRUE(client);
        if (!client) return {};
        const std::string cookie = "theme=dark; __Host-huoqi=" + browser.token;
        http::ClientHeaders headers;
        if (!browser.token.empty()) headers.emplace_back("cookie", cookie);
        if (!browser.csrf.empty()) headers.emplace_back("x-csrf-token", browser.csrf);
        if (!browser.device.empty()) headers.emplace_back("x-huoqi-device", browser.device);
        if (!authorization.empty()) headers.emplace_back("authorization", authorization);
        if (!body.empty()) headers.emplace_back("content-type", "application/json");
        auto response = client->send(method, target, body, headers);
        EXPECT_TRUE(response) << target;
        if (!response) return {};
        return {response->status, std::move(response->body), std::move(response->headers)};
    }
    Answer log_in(const std::string& login, const std::string& password = kPassword,
                  const std::string& code = "", const std::string& device = "", const Browser& before = {}) {
        nlohmann::json body{{"login", login}, {"password", password}};
        if (!code.empty()) body["code"] = code;
        if (!device.empty()) body["device"] = device;
        return ask("POST", "/v1/session", before, body.dump());
    }
    static Browser browser_of(const Answer& answer) {
        Browser out;
        const std::string cookie(answer.headers.find("set-cookie").value_or(""));
        const auto from = cookie.find('=') + 1;
        out.token = cookie.substr(from, cookie.find(';') - from);
        out.csrf = answer.json().value("csrf", "");
        out.device = answer.json().value("device", "");
        return out;
    }
    Browser inside(const std::string& login, const std::string& code = "", const std::string& device = "") {
        auto answer = log_in(login, kPassword, code, device);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return browser_of(answer);
    }
    int who_am_i(const Browser& browser) { return ask("GET", "/v1/session", browser).status; }

    // The code of a second factor at this moment; each works once, so time goes on by a step.
    std::string next_code(const std::string& key) {
        clock_.advance(30 * kSecond);
        return otp::totp(*otp::unbase32(key), clock_.now());
    }
    // Sets up a second factor; gives its key. The browser is logged out by it.
    std::string with_factor(const Browser& browser) {
        auto proposed = ask("POST", "/v1/session:factor", browser);
        EXPECT_EQ(proposed.status, 200) << proposed.body;
        auto key = proposed.json().value("key", "");
        auto confirmed = ask("POST", "/v1/session:confirm-factor", browser,
                             nlohmann::json{{"code", next_code(key)}}.dump());
        EXPECT_EQ(confirmed.status, 200) << confirmed.body;
        return key;
    }
    // A security administrator at work.
    Browser administrator(const std::string& enterprise = "main") {
        const std::string login = "sec." + enterprise;
        enrolled("sec", login, enterprise);
        auto key = with_factor(inside(login));
        return inside(login, next_code(key));
    }

    // Rules of the entries of an action, from an index of the ledger on.
    std::vector<std::string> rules_of(const std::string& action, std::uint64_t from = 0) {
        std::vector<std::string> out;
        for (auto i = from; i < entries(); ++i) {
            auto entry = nlohmann::json::parse(*ledger_->entry(EntryIndex{i}));
            if (entry["action"] != action) continue;
            auto detail = entry.value("detail", nlohmann::json::object());
            out.push_back(entry.value("rule", detail.value("rule", "")));
        }
        return out;
    }
    std::string whole_ledger() {
        std::string out;
        for (std::uint64_t i = 0; i < entries(); ++i) out += *ledger_->entry(EntryIndex{i}) + "\n";
        return out;
    }

    std::string code_;  // the last that was delivered
};

}  // namespace huoqi::api

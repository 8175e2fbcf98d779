// SPDX-License-Identifier: Apache-2.0
// What lets people in lies nowhere: passwords, codes, keys of authenticators, session tokens, and what
// somebody typed into the wrong field (art. 31, 35). A real server, killed in the end; every byte it left is
// searched.
#include <gtest/gtest.h>

#include <chrono>

#include "base/clock.h"
#include "lib/otp/otp.h"
#include "planted.h"
#include "program.h"

namespace huoqi::promises {
namespace {

constexpr const char* kPassword = "Zeisig-47-brombeerhecke";
constexpr const char* kWrongPassword = "Rohrdommel-93-nebelkrug";
constexpr const char* kWrongLogin = "18677775555";  // a phone, typed where a login belongs

class Secrets : public testing::Test {
  protected:
    void SetUp() override {
        // Its output rightly holds the codes.
        auto made = place_.run({"init", "--suite", "intl"}, {}, /*told=*/true);
        ASSERT_EQ(made.code, 0) << made.err;
        for (const std::string person : {"network-admin", "security-admin", "security-auditor"}) {
            auto at = made.out.find(person);
            ASSERT_NE(at, made.out.npos);
            at = made.out.find_first_not_of(' ', at + person.size());
            codes_[person] = made.out.substr(at, made.out.find(' ', at) - at);
            keep(codes_[person]);
        }
    }

    void keep(const std::string& secret) {
        secrets_.push_back(secret);
        std::string bare = secret;
        std::erase(bare, '-');
        if (bare != secret) secrets_.push_back(bare);
    }

    struct Answer {
        int status = 0;
        Json json;
        std::string cookie;  // what the answer set
    };
    Answer send(const std::string& method, const std::string& target, const Json& body = {}) {
        auto client = http::Client::connect(at_);
        if (!client) return {};
        std::string text = body.is_null() ? "" : body.dump();
        http::ClientHeaders headers{{"content-type", "application/json"}};
        if (!cookie_.empty()) headers.emplace_back("cookie", cookie_);
        if (!csrf_.empty()) headers.emplace_back("x-csrf-token", csrf_);
        auto response = client->send(method, target, text, headers);
        if (!response) return {};
        Answer out{response->status, Json::parse(response->body, nullptr, false), {}};
        if (auto set = response->headers.find("set-cookie")) out.cookie = set->substr(0, set->find(';'));
        return out;
    }
    Answer log_in(const std::string& login, const std::string& password, const std::string& code = "") {
        cookie_.clear();
        csrf_.clear();
        Json body{{"login", login}, {"password", password}};
        if (!code.empty()) body["code"] = code;
        auto answer = send("POST", "/v1/session", body);
        if (answer.status != 200) return answer;
        cookie_ = answer.cookie;
        csrf_ = answer.json.value("csrf", "");
        keep(cookie_.substr(cookie_.find('=') + 1));
        keep(csrf_);
        return answer;
    }

    std::size_t search(const fs::path& folder, const Detector& detector) {
        std::size_t bytes = 0;
        for (const auto& at : fs::recursive_directory_iterator(folder)) {
            if (!at.is_regular_file()) continue;
            auto content = read_text(at.path());
            bytes += content.size();
            for (const auto& hit : detector.search(content))
                ADD_FAILURE() << at.path() << " holds secret " << hit.value << " in " << hit.form;
            EXPECT_EQ(content.find(factor_), content.npos) << at.path() << " holds an authenticator's key";
        }
        return bytes;
    }

    Place place_;
    http::ClientOptions at_;
    std::map<std::string, std::string> codes_;
    std::vector<std::string> secrets_{kPassword, kWrongPassword, kWrongLogin};
    std::string factor_ = "not there yet";  // the bytes of an authenticator's key
    std::string cookie_, csrf_;
};

TEST_F(Secrets, NothingThatLetsPeopleInLiesAnywhere) {
    Server server(place_);
    ASSERT_TRUE(server.serves());
    at_ = server.business();
    ASSERT_EQ(
        send("POST", "/v1/enrolments:redeem", {{"code", codes_["security-admin"]}, {"password", kPassword}})
            .status,
        204);
    // A used code, a code in the wrong place, a password in the wrong place, a phone for a login.
    send("POST", "/v1/enrolments:redeem", {{"code", codes_["security-admin"]}, {"password", kWrongPassword}});
    send("POST", "/v1/enrolments:redeem", {{"code", kWrongPassword}, {"password", codes_["network-admin"]}});
    EXPECT_EQ(log_in(kWrongLogin, kPassword).status, 401);
    EXPECT_EQ(log_in(kWrongPassword, kWrongLogin).status, 401);
    EXPECT_EQ(log_in("security-admin", kWrongPassword).status, 401);
    // After a failure there is a wait, in which nothing counts.
    int status = 401;
    auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (status == 401 && std::chrono::steady_clock::now() < until)
        status = log_in("security-admin", kPassword).status;
    ASSERT_EQ(status, 200);
    auto proposed = send("POST", "/v1/session:factor", Json::object());
    ASSERT_EQ(proposed.status, 200) << proposed.json.dump();
    auto text = proposed.json.value("key", "");
    keep(text);
    auto key = otp::unbase32(text);
    ASSERT_TRUE(key);
    factor_ = text_of(*key);
    auto confirmed =
        send("POST", "/v1/session:confirm-factor", {{"code", otp::totp(*key, SystemClock().now())}});
    ASSERT_EQ(confirmed.status, 200) << confirmed.json.dump();
    auto recovery = confirmed.json.value("recovery", std::vector<std::string>{});
    ASSERT_GE(recovery.size(), 8U);
    for (const auto& one : recovery) keep(one);
    ASSERT_EQ(log_in("security-admin", kPassword, recovery[0]).status, 200);
    EXPECT_EQ(send("GET", "/v1/accounts").status, 200);
    EXPECT_EQ(send("POST", "/v1/accounts", {{"person", kWrongLogin}, {"login", "somebody"}}).status / 100, 4);
    server.kill();

    Detector detector(secrets_);
    std::size_t searched = 0;
    for (const auto* folder : {"home", "tmp", "logs"}) searched += search(place_.root() / folder, detector);
    place_.run({"ledger", "show", "--json"});
    place_.run({"check"});
    for (const auto* folder : {"home", "tmp", "logs"}) searched += search(place_.root() / folder, detector);
    EXPECT_GT(searched, std::size_t{100'000});
    EXPECT_GE(secrets_.size(), 30U);
}

TEST(Administrators, AreThreePeopleOrThereIsNoNode) {
    Place place;
    for (const Words& words : {Words{"init", "--network-administrator", "a.b", "--security-auditor", "a.b"},
                               Words{"init", "--security-administrator", "13800138000 "}}) {
        EXPECT_NE(place.run(words).code, 0);
        EXPECT_FALSE(fs::exists(place.home() / "node.json"));
    }
    auto made = place.run({"init", "--network-administrator", "wang.yl"}, {}, /*told=*/true);
    EXPECT_EQ(made.code, 0) << made.err;
    EXPECT_NE(made.out.find("wang.yl"), made.out.npos);
}

TEST_F(Secrets, NobodyGetsInBeforeThreePeopleHaveChosenTheirs) {
    Server server(place_);
    ASSERT_TRUE(server.serves());
    at_ = server.business();
    for (const auto* login :
         {"admin", "root", "operator", "network-admin", "security-admin", "security-auditor"}) {
        for (const auto* password : {"admin", "password", "123456", "huoqi", ""})
            EXPECT_EQ(log_in(login, password).status / 100, 4) << login;
    }
    EXPECT_EQ(place_.run({"administrators"}).code, 77);  // no second three
    EXPECT_EQ(server.stop(), 0);
}

}  // namespace
}  // namespace huoqi::promises

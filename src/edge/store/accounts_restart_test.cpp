// SPDX-License-Identifier: Apache-2.0
// The whole of getting in over a file, with a stop between any two steps.
#include <gtest/gtest.h>
#include <unistd.h>

#include "core/policy/policy.h"
#include "edge/store/store.h"

namespace huoqi::store {
namespace {

constexpr std::string_view kPassword = "Gongche-huiyi-72";

class AccountsOverAFile : public testing::Test {
  protected:
    AccountsOverAFile()
        : file_(std::filesystem::path(testing::TempDir()) /
                ("getting-in-" + std::to_string(::getpid()) + ".db")),
          key_(crypto::random_key()),
          policy_(std::move(*policy::load(std::filesystem::path(HUOQI_SOURCE_DIR) / "policy"))) {
        clear();
    }
    ~AccountsOverAFile() override { clear(); }
    void clear() {
        accounts_.reset();
        store_.reset();
        for (auto suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file_.string() + suffix);
    }
    accounts::Accounts& restarted() {
        accounts_.reset();
        store_.reset();
        auto opened = open_accounts(file_, crypto::Suite::intl, key_);
        EXPECT_TRUE(opened) << opened.error().message;
        store_ = std::move(*opened);
        accounts::Options options;
        options.cost = {8, 1, 1};
        accounts_ = std::make_unique<accounts::Accounts>(*store_, policy_, crypto::Suite::intl, key_,
                                                         std::move(options));
        return *accounts_;
    }
    std::string rule(std::string_view password) {
        auto entered = restarted().enter({"li.wei", password, "", "", "10.1.2.3"}, now_);
        return entered ? "none" : entered.error().rule;
    }
    void wait(std::chrono::nanoseconds time) { now_.nanoseconds += time.count(); }

    std::filesystem::path file_;
    crypto::Key key_;
    policy::InForce policy_;
    Time now_ = *parse_rfc3339("2026-11-23T01:00:00Z");
    std::unique_ptr<accounts::Store> store_;
    std::unique_ptr<accounts::Accounts> accounts_;
};

TEST_F(AccountsOverAFile, NothingIsForgottenByAStop) {
    std::string code;
    const auto deliver = [&](const accounts::Account&, const SecretBytes& handed, Time) -> Status {
        code = text_of(handed.view());
        return {};
    };
    ASSERT_TRUE(restarted().invite("E1", "li.wei", "sec", now_, deliver));
    EXPECT_EQ(restarted().invite("E1", "other", "sec", now_, deliver).error().code, Code::conflict);
    ASSERT_TRUE(restarted().redeem(code, kPassword, "10.1.2.3", now_));
    EXPECT_EQ(restarted().redeem(code, kPassword, "10.1.2.3", now_).error().code, Code::refused);

    auto first = restarted().enter({"li.wei", kPassword, "", "", "10.1.2.3"}, now_);
    ASSERT_TRUE(first) << first.error().rule;
    EXPECT_TRUE(restarted().session(text_of(first->token.view()), "", now_));
    EXPECT_EQ(rule(kPassword), "none");
    EXPECT_EQ(restarted().session(text_of(first->token.view()), "", now_).error().code, Code::refused);

    const auto rules = *accounts::rules_at(*policy_.now(), now_);
    for (std::int64_t i = 0; i < rules.failures_max; ++i) {
        EXPECT_EQ(rule("wrong"), "login.password");
        EXPECT_EQ(rule(kPassword), i + 1 < rules.failures_max ? "login.delay" : "login.locked");
        wait(std::chrono::minutes(1));
    }
    EXPECT_EQ(rule(kPassword), "login.locked");
    wait(rules.lockout_max);
    EXPECT_EQ(rule(kPassword), "none");
    EXPECT_TRUE(store_->check());
}

}  // namespace
}  // namespace huoqi::store

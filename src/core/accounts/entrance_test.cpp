// SPDX-License-Identifier: Apache-2.0
// Guessing, stuffing and asking who is there.
#include <atomic>
#include <set>
#include <thread>

#include "core/accounts/testing/world.h"

namespace huoqi::accounts {
namespace {

class Entrance : public World {
  protected:
    Entrance() {
        account("E1", "li.wei");
        hashes_ = 0;
    }
};

TEST_F(Entrance, TheRightPasswordOpensASession) {
    auto entered = enter("Li.Wei", kPassword, "", kAddress, "pc-7");
    ASSERT_TRUE(entered);
    EXPECT_EQ(entered->session.person, "E1");
    EXPECT_EQ(entered->session.standing, Standing::full);
    EXPECT_FALSE(entered->session.second_factor);
    EXPECT_EQ(entered->token.view().size(), 64U);
    const auto& entry = store_.now.told.back();
    EXPECT_EQ(entry.action, "login");
    EXPECT_EQ(entry.person, "E1");
    EXPECT_EQ(entry.detail.at("address"), kAddress);
    EXPECT_EQ(entry.detail.at("device"), "pc-7");
}

TEST_F(Entrance, EveryRefusalLooksTheSameAndCostsTheSame) {
    account("E2", "gone.man");
    ASSERT_TRUE(accounts_->disable("E2", "sec"));
    ASSERT_TRUE(accounts_->invite("E3", "new.man", "sec", now_, deliver()));
    account("E4", "shut.man");
    for (std::int64_t i = 0; i < rules_.failures_max; ++i) {
        broken("shut.man", "wrong", "", "10.7.7.7");
        wait(std::chrono::minutes(1));
    }
    const std::pair<std::string_view, std::string> cases[] = {
        {"li.wei", "login.password"},   {"nobody", "login.unknown"},  {"no login at all", "login.unknown"},
        {"gone.man", "login.disabled"}, {"new.man", "login.invited"}, {"shut.man", "login.locked"}};
    std::set<std::string> outward;
    for (const auto& [login, rule] : cases) {
        hashes_ = 0;
        const int changes = store_.changes;
        const auto told = store_.now.told.size();
        auto refused = enter(login, "Gongche-huiyi-73");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().rule, rule);
        EXPECT_EQ(hashes_, 1) << rule;
        EXPECT_EQ(store_.changes - changes, 2) << rule;
        ASSERT_EQ(store_.now.told.size() - told, 1U) << rule;
        EXPECT_EQ(store_.now.told.back().detail.at("rule"), rule);
        outward.insert(std::string(name(refused.error().outward.code)) + refused.error().outward.message);
    }
    EXPECT_EQ(outward.size(), 1U);
    // The right password of a closed account, and what is no text, cost the same too.
    for (const auto& [login, password] :
         {std::pair("shut.man", kPassword), {"li.wei", "\xFF"}, {"nobody", ""}}) {
        hashes_ = 0;
        EXPECT_FALSE(enter(login, password));
        EXPECT_EQ(hashes_, 1);
    }
}

TEST_F(Entrance, WhatWasTypedStandsNowhereInTheLedger) {
    broken("Gongche-huiyi-72", "li.wei");
    for (const auto& [name, value] : store_.now.told.back().detail)
        EXPECT_EQ(value.find("huiyi"), std::string::npos) << name;
    EXPECT_EQ(store_.now.told.back().person, "unknown");
}

TEST_F(Entrance, GuessingIsSlowedDownAndEndsInALockOut) {
    EXPECT_EQ(broken("li.wei", "wrong"), "login.password");
    EXPECT_EQ(broken("li.wei", kPassword), "login.delay");  // even the right one
    wait(rules_.delay_base);
    EXPECT_EQ(broken("li.wei", "wrong"), "login.password");
    wait(rules_.delay_base);
    EXPECT_EQ(broken("li.wei", "wrong"), "login.delay");  // the second wait is twice the first
    for (std::int64_t i = 2; i < rules_.failures_max; ++i) {
        wait(std::chrono::minutes(1));
        auto refused = enter("li.wei", "wrong");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().rule, "login.password");
        EXPECT_EQ(refused.error().locked, i + 1 == rules_.failures_max);
    }
    EXPECT_EQ(store_.now.told.back().detail.at("locked"), "yes");
    wait(rules_.lockout_max - std::chrono::seconds(1));
    EXPECT_EQ(broken("li.wei", kPassword), "login.locked");
    wait(std::chrono::seconds(1));
    // It is over: one more failure is a first one, else a guess now and then would keep anybody out for ever.
    EXPECT_EQ(broken("li.wei", "wrong"), "login.password");
    EXPECT_EQ(broken("li.wei", kPassword), "login.delay");
    wait(rules_.delay_base);
    EXPECT_TRUE(enter("li.wei", kPassword));
    EXPECT_EQ(stored("li.wei").failures, 0);
    EXPECT_EQ(stored("li.wei").state, State::active);
}

TEST_F(Entrance, ARestartForgetsNoFailure) {
    for (std::int64_t i = 0; i < rules_.failures_max; ++i) {
        start();
        broken("li.wei", "wrong");
        wait(std::chrono::minutes(1));
    }
    start();
    EXPECT_EQ(broken("li.wei", kPassword), "login.locked");
}

TEST_F(Entrance, AnotherAdministratorUnlocks) {
    for (std::int64_t i = 0; i < rules_.failures_max; ++i) {
        broken("li.wei", "wrong");
        wait(std::chrono::minutes(1));
    }
    const auto id = stored("li.wei").id;
    EXPECT_EQ(accounts_->unlock(id, "E1").error().code, Code::refused);
    ASSERT_TRUE(accounts_->unlock(id, "sec"));
    EXPECT_TRUE(enter("li.wei", kPassword));
    EXPECT_EQ(accounts_->unlock(id, "sec").error().code, Code::conflict);
}

TEST_F(Entrance, ManyAttemptsAtOnceDoNotOutrunTheCount) {
    // Another guess is counted between reading the account and counting this one.
    store_.before_next = [&] { broken("li.wei", "wrong"); };
    hashes_ = 0;
    EXPECT_EQ(broken("li.wei", kPassword), "login.overtaken");
    EXPECT_EQ(hashes_, 2);  // both cost one
    EXPECT_EQ(stored("li.wei").failures, 1);
}

TEST_F(Entrance, StuffingFromOneAddressEndsWhateverTheLogins) {
    for (std::int64_t i = 0; i < rules_.address_max; ++i)
        EXPECT_EQ(broken("user" + std::to_string(i), "stolen"), "login.unknown");
    hashes_ = 0;
    auto refused = enter("li.wei", kPassword);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().rule, "login.address");
    EXPECT_EQ(refused.error().outward.message, enter("nobody", "x", "", "10.3.3.3").error().outward.message);
    EXPECT_EQ(hashes_, 1);  // the second's: what comes beyond the budget costs nothing
    start();
    EXPECT_EQ(broken("li.wei", kPassword), "login.address");
    EXPECT_TRUE(enter("li.wei", kPassword, "", "10.4.4.4"));
    wait(rules_.address_window + std::chrono::seconds(1));
    EXPECT_TRUE(enter("li.wei", kPassword));
}

TEST_F(Entrance, AnAddressWhereManyLogInIsNotHeld) {
    for (std::int64_t i = 0; i < rules_.address_max + 10; ++i) EXPECT_TRUE(enter("li.wei", kPassword)) << i;
}

TEST_F(Entrance, TooManyHashesAtOnceAreTurnedAwayUncounted) {
    start([](Options& options) { options.hashes_at_once = 1; });
    std::optional<Refusal> second;
    while_hashing_ = [&] {
        auto refused = enter("li.wei", kPassword, "", "10.5.5.5");
        if (!refused) second = refused.error();
    };
    EXPECT_TRUE(enter("li.wei", kPassword));
    ASSERT_TRUE(second);
    EXPECT_EQ(second->outward.code, Code::unavailable);
    EXPECT_EQ(second->rule, "login.busy");
    EXPECT_TRUE(enter("li.wei", kPassword));
}

TEST_F(Entrance, ThreadsThatGuessAtOnceGetNoMoreGuesses) {
    std::atomic<int> running = 0, most = 0, guesses = 0;
    start([&](Options& options) {
        options.argon2 = [&](const SecretBytes& password, ByteView salt, const crypto::PassphraseCost& cost) {
            const int now = ++running;
            for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) continue;
            auto key = crypto::key_from_passphrase(password, salt, cost);
            --running;
            return key;
        };
    });
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 8; ++thread) {
        threads.emplace_back([&, thread] {
            for (int i = 0; i < 20; ++i) {
                auto entered = enter("li.wei", "wrong", "", "10.2.0." + std::to_string(thread));
                if (!entered && entered.error().rule == "login.password") ++guesses;
            }
        });
    }
    threads.clear();
    EXPECT_EQ(guesses, 1);  // the first; then the delay holds
    EXPECT_EQ(stored("li.wei").failures, 1);
    EXPECT_LE(most, 2);
}

}  // namespace
}  // namespace huoqi::accounts

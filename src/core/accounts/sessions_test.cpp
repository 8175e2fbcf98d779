// SPDX-License-Identifier: Apache-2.0
#include "core/accounts/testing/world.h"

namespace huoqi::accounts {
namespace {

class Sessions : public World {
  protected:
    Sessions() { account("E1", "li.wei"); }
    bool lives(const Entered& entered, std::string_view device = "") {
        auto session = accounts_->session(text(entered.token), device, now_);
        if (!session) {
            EXPECT_EQ(session.error().code, Code::refused);
        }
        return session.has_value();
    }
};

TEST_F(Sessions, EveryLogInHasATokenOfItsOwn) {
    // There is no way to hand a token in: whatever a browser brought, the one it gets is new.
    start([](Options& options) { options.one_session = false; });
    auto first = inside("li.wei"), second = inside("li.wei");
    EXPECT_NE(text(first.token), text(second.token));
    EXPECT_NE(first.session.id, second.session.id);
    EXPECT_TRUE(lives(first) && lives(second));
    for (const auto& kept : store_.now.sessions) {
        EXPECT_NE(hex(kept.token_hash), text(first.token));
        EXPECT_EQ(accounts_->session(hex(kept.token_hash), "", now_).error().code, Code::refused);
        EXPECT_EQ(accounts_->session(kept.id, "", now_).error().code, Code::refused);
    }
}

TEST_F(Sessions, ANewOneEndsTheOld) {
    auto first = inside("li.wei");
    EXPECT_TRUE(lives(first));
    auto second = inside("li.wei");
    EXPECT_FALSE(lives(first));
    EXPECT_TRUE(lives(second));
}

TEST_F(Sessions, AFailedLogInEndsNone) {
    auto first = inside("li.wei");
    broken("li.wei", "wrong");
    EXPECT_TRUE(lives(first));
}

TEST_F(Sessions, OtherTokensAreNone) {
    auto entered = inside("li.wei");
    std::string token = text(entered.token);
    for (auto wrong :
         {std::string(), token.substr(1), token + "0", std::string(64, '0'), std::string(64, 'x')})
        EXPECT_EQ(accounts_->session(wrong, "", now_).error().code, Code::refused);
    EXPECT_TRUE(lives(entered));
}

TEST_F(Sessions, EndWhenNobodyUsesThem) {
    auto entered = inside("li.wei");
    for (int i = 0; i < 5; ++i) {
        wait(rules_.idle);
        EXPECT_TRUE(lives(entered)) << i;
    }
    wait(rules_.idle + std::chrono::seconds(1));
    EXPECT_FALSE(lives(entered));
    EXPECT_TRUE(store_.now.sessions.empty());
    EXPECT_EQ(store_.now.told.back().detail.at("why"), "idle");
}

TEST_F(Sessions, EndHoweverMuchTheyAreUsed) {
    auto entered = inside("li.wei");
    const Time end = {now_.nanoseconds + rules_.absolute.count()};
    while (now_ < end) {
        EXPECT_TRUE(lives(entered));
        wait(std::chrono::minutes(10));
    }
    EXPECT_TRUE(lives(entered));
    wait(std::chrono::minutes(10));
    EXPECT_FALSE(lives(entered));
    EXPECT_EQ(store_.now.told.back().detail.at("why"), "absolute");
}

TEST_F(Sessions, AreBoundToTheDeviceThatWasNamed) {
    auto entered = inside("li.wei", "", "pc-7");
    EXPECT_FALSE(lives(entered, "pc-8"));
    EXPECT_FALSE(lives(entered));
    EXPECT_TRUE(lives(entered, "pc-7"));
}

TEST_F(Sessions, AFormMustRepeatWhatComesFromTheToken) {
    start([](Options& options) { options.one_session = false; });
    auto first = inside("li.wei"), second = inside("li.wei");
    const auto right = accounts_->csrf_of(text(first.token));
    EXPECT_TRUE(accounts_->csrf_fits(text(first.token), right));
    EXPECT_FALSE(accounts_->csrf_fits(text(second.token), right));
    EXPECT_FALSE(accounts_->csrf_fits(text(first.token), ""));
    EXPECT_FALSE(accounts_->csrf_fits(text(first.token), text(first.token)));
    EXPECT_FALSE(accounts_->csrf_fits(text(first.token), right.substr(1)));
    start();
    EXPECT_TRUE(accounts_->csrf_fits(text(first.token), right));
}

TEST_F(Sessions, OnesOwnAreListedAndEnded) {
    start([](Options& options) { options.one_session = false; });
    account("E2", "wang.fang");
    auto first = inside("li.wei"), second = inside("li.wei"), other = inside("wang.fang");
    EXPECT_EQ(accounts_->own_sessions(first.session)->size(), 2U);
    EXPECT_EQ(accounts_->end(first.session, other.session.id).error().code, Code::not_found);
    ASSERT_TRUE(accounts_->end(first.session, second.session.id));
    EXPECT_FALSE(lives(second));
    EXPECT_TRUE(lives(first) && lives(other));
    ASSERT_TRUE(accounts_->end(first.session, first.session.id));
    EXPECT_FALSE(lives(first));
}

TEST_F(Sessions, AllOfAPersonAreEnded) {
    start([](Options& options) { options.one_session = false; });
    auto first = inside("li.wei"), second = inside("li.wei");
    ASSERT_TRUE(accounts_->end_all("E1", "sec"));
    EXPECT_FALSE(lives(first) || lives(second));
    EXPECT_EQ(accounts_->end_all("E9", "sec").error().code, Code::not_found);
    EXPECT_EQ(store_.now.told.back().action, "session.end_all");
}

}  // namespace
}  // namespace huoqi::accounts

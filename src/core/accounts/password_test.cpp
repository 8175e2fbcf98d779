// SPDX-License-Identifier: Apache-2.0
#include "core/accounts/testing/world.h"

namespace huoqi::accounts {
namespace {

class Passwords : public World {
  protected:
    std::string rule(std::string_view password) {
        auto good = checked_password(password, "li.wei", "E1001", rules_, *policy_->now());
        if (good) return "";
        EXPECT_EQ(good.error().code, Code::bad_input);
        return good.error().message;
    }
};

TEST_F(Passwords, AGoodOneIsTakenInNormalForm) {
    EXPECT_EQ(rule(kPassword), "");
    EXPECT_EQ(rule("kuaidi 快递 fengxiang 7"), "");
    auto composed = checked_password("Cafe\xCC\x81-huiyi-72", "li.wei", "E1001", rules_, *policy_->now());
    ASSERT_TRUE(composed);
    EXPECT_EQ(text(*composed), "Caf\xC3\xA9-huiyi-72");
}

TEST_F(Passwords, LengthCountsCharactersNotBytes) {
    EXPECT_EQ(rule("Gongche-72x"), "password.length");
    EXPECT_EQ(rule("Gongche-72xy"), "");
    EXPECT_EQ(rule("我爱北京天安门A1"), "password.length");
    EXPECT_EQ(rule(std::string(110, 'x') + "快快快快快快快快快快快快快快快快A1"), "");
    EXPECT_EQ(rule(std::string(127, 'x') + "A1"), "password.text");
    EXPECT_EQ(rule(""), "password.text");
    EXPECT_EQ(rule("Gongche-huiyi-\xFF"), "password.text");
    EXPECT_EQ(rule("Gongche-huiyi-7\n"), "password.text");
}

TEST_F(Passwords, HaveThreeKindsOfCharacters) {
    EXPECT_EQ(rule("gongchehuiyixy"), "password.classes");
    EXPECT_EQ(rule("gongchehuiyi72"), "password.classes");
    EXPECT_EQ(rule("gongchehuiyi-72"), "");
    EXPECT_EQ(rule("Gongchehuiyi72"), "");
}

TEST_F(Passwords, DoNotHoldTheLoginOrThePerson) {
    EXPECT_EQ(rule("Gongche-Li.Wei-72"), "password.name");
    EXPECT_EQ(rule("Gongche-e1001-huiyi"), "password.name");
}

TEST_F(Passwords, AreNoCommonOneWithALittleAroundIt) {
    EXPECT_EQ(rule("Woaini1314@@"), "password.common");
    EXPECT_EQ(rule("Password2026!"), "password.common");
    EXPECT_EQ(rule("1qaz@WSX3edc"), "password.common");
    EXPECT_EQ(rule("Kuaidi@123.ab"), "password.common");
    // Among enough else a common one does no harm.
    EXPECT_EQ(rule("Summer-gongche-huiyi-72"), "");
}

TEST_F(Passwords, LoginsAreReadLikeTyped) {
    EXPECT_EQ(login_of(" Li.Wei "), "li.wei");
    EXPECT_EQ(login_of("li"), std::nullopt);
    EXPECT_EQ(login_of("li wei"), std::nullopt);
    EXPECT_EQ(login_of("李伟伟"), std::nullopt);
    EXPECT_EQ(login_of(std::string(65, 'a')), std::nullopt);
}

TEST_F(Passwords, AreStoredUnderASaltAndAKeyOfTheNode) {
    account("E1", "li.wei");
    account("E2", "wang.fang");
    const auto one = *stored("li.wei").password;
    const auto two = *stored("wang.fang").password;
    EXPECT_NE(one.salt, two.salt);
    EXPECT_NE(one.hash, two.hash);
    // What Argon2id gives is not what is stored: without the node's key there is nothing to compare a guess
    // with.
    const auto view = bytes_of(kPassword);
    const auto plain =
        crypto::key_from_passphrase(SecretBytes(Bytes(view.begin(), view.end())), one.salt, one.cost);
    EXPECT_FALSE(equal_constant_time(plain->view(), one.hash));
}

class Changes : public World {
  protected:
    std::string change(std::string_view from, std::string_view to) {
        auto entered = enter("li.wei", from);
        if (!entered) return entered.error().rule;
        auto done = accounts_->change_password(entered->session, from, to, now_);
        return done ? "" : done.error().message;
    }
};

TEST_F(Changes, AChangeEndsAllSessions) {
    account("E1", "li.wei");
    auto entered = inside("li.wei");
    ASSERT_TRUE(accounts_->change_password(entered.session, kPassword, kOther, now_));
    EXPECT_EQ(accounts_->session(text(entered.token), "", now_).error().code, Code::refused);
    EXPECT_EQ(broken("li.wei", kPassword), "login.password");
    wait(rules_.lockout_max);
    EXPECT_TRUE(enter("li.wei", kOther));
    EXPECT_EQ(told()[told().size() - 3], "password.change");
}

TEST_F(Changes, NoneOfTheLastOnesMayComeAgain) {
    account("E1", "li.wei");
    EXPECT_EQ(change(kPassword, kPassword), "password.history");
    std::string before(kPassword);
    for (std::int64_t i = 1; i < rules_.history; ++i) {
        const std::string next = "Gongche-chezhan-9" + std::to_string(i);
        EXPECT_EQ(change(before, next), "");
        EXPECT_EQ(change(next, kPassword), "password.history");
        before = next;
    }
    EXPECT_EQ(change(before, "Gongche-chezhan-88"), "");
    EXPECT_EQ(change("Gongche-chezhan-88", kPassword), "");
    EXPECT_LE(stored("li.wei").history.size(), static_cast<std::size_t>(rules_.history));
}

TEST_F(Changes, AWrongOldPasswordCountsAsAFailure) {
    account("E1", "li.wei");
    auto entered = inside("li.wei");
    for (std::int64_t i = 0; i < rules_.failures_max; ++i) {
        EXPECT_EQ(accounts_->change_password(entered.session, "Gongche-huiyi-73", kOther, now_).error().code,
                  Code::refused);
        wait(std::chrono::minutes(1));
    }
    EXPECT_EQ(stored("li.wei").state, State::locked);
    EXPECT_EQ(accounts_->change_password(entered.session, kPassword, kOther, now_).error().code,
              Code::refused);
}

TEST_F(Changes, ATooOldPasswordLetsInOnlyToChangeIt) {
    account("E1", "li.wei");
    wait(rules_.max_age);
    EXPECT_EQ(inside("li.wei").session.standing, Standing::full);
    wait(std::chrono::seconds(1));
    auto entered = inside("li.wei");
    EXPECT_EQ(entered.session.standing, Standing::password_due);
    EXPECT_EQ(accounts_->session(text(entered.token), "", now_)->standing, Standing::password_due);
    ASSERT_TRUE(accounts_->change_password(entered.session, kPassword, kOther, now_));
    EXPECT_EQ(enter("li.wei", kOther)->session.standing, Standing::full);
}

}  // namespace
}  // namespace huoqi::accounts

// SPDX-License-Identifier: Apache-2.0
#include "core/accounts/testing/world.h"

namespace huoqi::accounts {
namespace {

class Factor : public World {
  protected:
    // An account with a second factor; `secret_` is its key, `recovery_` its codes.
    void set_up() {
        account("admin1", "li.wei");
        auto entered = inside("li.wei");
        EXPECT_EQ(entered.session.standing, Standing::factor_due);
        auto proposed = accounts_->propose_factor(entered.session);
        ASSERT_TRUE(proposed);
        secret_ = *otp::unbase32(text(proposed->key));
        EXPECT_TRUE(text(proposed->uri).starts_with("otpauth://totp/Huoqi:li.wei?"));
        auto codes = accounts_->confirm_factor(entered.session, otp::totp(secret_, now_), now_);
        ASSERT_TRUE(codes) << codes.error().message;
        for (const auto& code : *codes) recovery_.push_back(text(code));
        wait(std::chrono::minutes(2));
    }
    std::string totp(std::chrono::seconds off = {}) {
        return otp::totp(secret_, {now_.nanoseconds + std::chrono::nanoseconds(off).count()});
    }
    std::string broken_by(std::string_view code) {
        auto rule = broken("li.wei", kPassword, code);
        wait(std::chrono::minutes(2));
        return rule;
    }
    Bytes secret_;
    std::vector<std::string> recovery_;
};

TEST_F(Factor, IsAskedForOnceItIsSetUp) {
    set_up();
    EXPECT_EQ(broken_by(""), "login.code_missing");
    EXPECT_EQ(broken_by("000000"), "login.code");
    auto entered = inside("li.wei", totp());
    EXPECT_EQ(entered.session.standing, Standing::full);
    EXPECT_TRUE(entered.session.second_factor);
}

TEST_F(Factor, SettingUpEndsTheSessionsAndNeedsAFittingCode) {
    account("admin1", "li.wei");
    auto entered = inside("li.wei");
    EXPECT_EQ(accounts_->confirm_factor(entered.session, "000000", now_).error().code, Code::conflict);
    auto proposed = accounts_->propose_factor(entered.session);
    secret_ = *otp::unbase32(text(proposed->key));
    EXPECT_EQ(accounts_->confirm_factor(entered.session, totp(std::chrono::hours(1)), now_).error().code,
              Code::refused);
    EXPECT_TRUE(stored("li.wei").totp.empty());
    ASSERT_TRUE(accounts_->confirm_factor(entered.session, totp(), now_));
    EXPECT_FALSE(accounts_->session(text(entered.token), "", now_));
    EXPECT_EQ(accounts_->propose_factor(entered.session).error().code, Code::conflict);
    // The code that confirmed was used.
    EXPECT_EQ(broken("li.wei", kPassword, totp()), "login.code");
}

TEST_F(Factor, APhoneMayBeAStepOffAndNoMore) {
    set_up();
    EXPECT_EQ(broken_by(totp(std::chrono::seconds(-60))), "login.code");
    EXPECT_EQ(broken_by(totp(std::chrono::seconds(60))), "login.code");
    EXPECT_EQ(broken_by(totp(std::chrono::seconds(-30))), "none");
    EXPECT_EQ(broken_by(totp(std::chrono::seconds(30))), "none");
}

TEST_F(Factor, ACodeWorksOnce) {
    set_up();
    const auto code = totp();
    EXPECT_EQ(broken("li.wei", kPassword, code), "none");
    EXPECT_EQ(broken("li.wei", kPassword, code), "login.code");
    // Nor does an older one, after a later one was used.
    wait(std::chrono::minutes(5));
    const auto older = totp();
    EXPECT_EQ(broken("li.wei", kPassword, totp(std::chrono::seconds(30))), "none");
    EXPECT_EQ(broken("li.wei", kPassword, older), "login.code");
}

TEST_F(Factor, ACodeThatIsUsedTwiceAtOnceWorksOnce) {
    set_up();
    const auto code = totp();
    std::string other;
    while_hashing_ = [&] {
        // The first attempt is counted and being judged.
        auto entered =
            accounts_->enter({"li.wei", kPassword, code, "", "10.6.6.6"}, {now_.nanoseconds + 5'000'000'000});
        other = entered ? "none" : entered.error().rule;
    };
    const auto first = broken("li.wei", kPassword, code);
    EXPECT_EQ((first == "none") + (other == "none"), 1) << first << " " << other;
}

TEST_F(Factor, WrongCodesLockTheAccount) {
    set_up();
    for (std::int64_t i = 0; i < rules_.failures_max; ++i) EXPECT_EQ(broken_by("123456"), "login.code");
    EXPECT_EQ(broken_by(totp()), "login.locked");
}

TEST_F(Factor, ARecoveryCodeWorksOnce) {
    set_up();
    ASSERT_EQ(recovery_.size(), static_cast<std::size_t>(rules_.recovery_codes));
    EXPECT_EQ(broken_by(recovery_[3]), "none");
    EXPECT_EQ(broken_by(recovery_[3]), "login.code");
    EXPECT_EQ(broken_by(recovery_[4]), "none");
    EXPECT_EQ(stored("li.wei").recovery.size(), recovery_.size() - 2);
}

TEST_F(Factor, IsStoredSealedAndForItsAccountAlone) {
    set_up();
    account("admin2", "wang.fang");
    const auto sealed = stored("li.wei").totp;
    EXPECT_EQ(std::ranges::search(sealed, secret_).size(), 0U);
    for (auto& account : store_.now.accounts) account.totp = sealed;
    auto refused = enter("wang.fang", kPassword, totp());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().outward.code, Code::corrupt);
}

TEST_F(Factor, OnlyAResetOfTheFactorTakesItAway) {
    set_up();
    const auto id = stored("li.wei").id;
    ASSERT_TRUE(accounts_->reset(id, Reset::password, "sec", now_, deliver()));
    ASSERT_TRUE(accounts_->redeem(code_, kOther, kAddress, now_));
    EXPECT_EQ(broken("li.wei", kOther), "login.code_missing");
    ASSERT_TRUE(accounts_->reset(id, Reset::password_and_factor, "sec", now_, deliver()));
    ASSERT_TRUE(accounts_->redeem(code_, "Gongche-chezhan-95", kAddress, now_));
    auto entered = enter("li.wei", "Gongche-chezhan-95");
    ASSERT_TRUE(entered);
    EXPECT_EQ(entered->session.standing, Standing::factor_due);
    EXPECT_EQ(broken("li.wei", "Gongche-chezhan-95", recovery_[0]), "none");  // a code is not looked at
}

}  // namespace
}  // namespace huoqi::accounts

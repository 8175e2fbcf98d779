// SPDX-License-Identifier: Apache-2.0
#include "core/accounts/testing/world.h"

namespace huoqi::accounts {
namespace {

class Enrolment : public World {
  protected:
    std::string invite(std::string_view person, std::string_view login) {
        auto invited = accounts_->invite(person, login, "sec", now_, deliver());
        EXPECT_TRUE(invited) << invited.error().message;
        return invited ? invited->id : "";
    }
    Code redeem(std::string_view code, std::string_view password = kPassword) {
        auto done = accounts_->redeem(code, password, kAddress, now_);
        EXPECT_FALSE(done);
        return done.error().code;
    }
};

TEST_F(Enrolment, ACodeOpensAnAccountOnce) {
    invite("E1", "li.wei");
    EXPECT_EQ(broken("li.wei", kPassword), "login.invited");
    std::string typed = code_;
    for (char& c : typed) c = static_cast<char>(std::tolower(c));
    ASSERT_TRUE(accounts_->redeem(typed, kPassword, kAddress, now_));
    EXPECT_TRUE(enter("li.wei", kPassword));
    EXPECT_EQ(redeem(code_, kOther), Code::refused);
    EXPECT_FALSE(enter("li.wei", kOther));
    EXPECT_EQ(told()[0], "account.invite");
    EXPECT_EQ(told()[2], "account.enrol");
}

TEST_F(Enrolment, ACodeThatIsUsedTwiceAtOnceWorksOnce) {
    invite("E1", "li.wei");
    bool first = false;
    while_hashing_ = [&] { first = accounts_->redeem(code_, kOther, "10.8.8.8", now_).has_value(); };
    EXPECT_FALSE(accounts_->redeem(code_, kPassword, kAddress, now_));
    EXPECT_TRUE(first);
    EXPECT_TRUE(enter("li.wei", kOther));
}

TEST_F(Enrolment, ACodeExpires) {
    invite("E1", "li.wei");
    wait(rules_.enrolment);
    EXPECT_EQ(redeem(code_), Code::refused);
}

TEST_F(Enrolment, TheCodeIsLongAndStoredNowhere) {
    invite("E1", "li.wei");
    EXPECT_EQ(code_.size(), 39U);  // 32 characters of 5 bits, in groups of four
    const auto meant = otp::as_meant(code_);
    for (const auto& slip : store_.now.slips)
        EXPECT_EQ(std::string_view(text_of(slip.hash)).find(text(*meant)), std::string_view::npos);
    for (const auto& entry : store_.now.told) {
        for (const auto& [name, value] : entry.detail)
            EXPECT_EQ(value.find(code_.substr(0, 9)), std::string::npos);
    }
}

TEST_F(Enrolment, GuessingCodesSpendsTheAddress) {
    invite("E1", "li.wei");
    for (std::int64_t i = 0; i < rules_.address_max; ++i) redeem("2222-3333");
    EXPECT_EQ(redeem(code_), Code::refused);
    EXPECT_TRUE(accounts_->redeem(code_, kPassword, "10.8.8.8", now_));
}

TEST_F(Enrolment, APasswordThatBreaksARuleLeavesTheCodeGood) {
    invite("E1", "li.wei");
    EXPECT_EQ(redeem(code_, "short"), Code::bad_input);
    EXPECT_EQ(redeem(code_, "Woaini1314@@"), Code::bad_input);
    EXPECT_TRUE(accounts_->redeem(code_, kPassword, kAddress, now_));
}

TEST_F(Enrolment, APersonHasOneAccount) {
    invite("E1", "li.wei");
    auto again = [&](std::string_view person, std::string_view login) {
        return accounts_->invite(person, login, "sec", now_, deliver()).error().code;
    };
    EXPECT_EQ(again("E1", "li.wei2"), Code::conflict);
    EXPECT_EQ(again("E2", "LI.WEI"), Code::conflict);
    EXPECT_EQ(again("E2", "x"), Code::bad_input);
    EXPECT_EQ(again("", "x.y.z"), Code::bad_input);
    EXPECT_EQ(again("sec", "sec.admin"), Code::refused);
    EXPECT_EQ(store_.now.accounts.size(), 1U);
}

TEST_F(Enrolment, AResetIsStartedByAnotherAndShownToThePersonAlone) {
    const auto id = account("E1", "li.wei");
    auto entered = inside("li.wei");
    EXPECT_EQ(accounts_->reset(id, Reset::password, "E1", now_, deliver()).error().code, Code::refused);
    auto slip = accounts_->reset(id, Reset::password, "sec", now_, deliver());
    ASSERT_TRUE(slip);
    EXPECT_TRUE(slip->starts_with("sl_"));
    EXPECT_EQ(slip->find(code_), std::string::npos);
    EXPECT_FALSE(accounts_->session(text(entered.token), "", now_));
    EXPECT_EQ(broken("li.wei", kPassword), "login.invited");
    EXPECT_EQ(redeem(code_, kPassword), Code::bad_input);  // a reset is no way around the history
    EXPECT_TRUE(accounts_->redeem(code_, kOther, kAddress, now_));
    EXPECT_TRUE(enter("li.wei", kOther));
}

TEST_F(Enrolment, ANewCodeEndsTheOlderOne) {
    const auto id = invite("E1", "li.wei");
    const auto first = code_;
    ASSERT_TRUE(accounts_->reset(id, Reset::password, "sec", now_, deliver()));
    EXPECT_EQ(redeem(first), Code::refused);
    EXPECT_TRUE(accounts_->redeem(code_, kPassword, kAddress, now_));
}

TEST_F(Enrolment, ACodeThatCannotBeHandedOverIsReported) {
    auto lost = accounts_->invite("E1", "li.wei", "sec", now_,
                                  [](const Account&, const SecretBytes&, Time) -> Status {
                                      return fail(Code::unavailable, "printer");
                                  });
    EXPECT_EQ(lost.error().code, Code::unavailable);
    ASSERT_TRUE(accounts_->reset(stored("li.wei").id, Reset::password, "sec", now_, deliver()));
    EXPECT_TRUE(accounts_->redeem(code_, kPassword, kAddress, now_));
}

TEST_F(Enrolment, ALeaversAccountEndsAtOnce) {
    const auto id = account("E1", "li.wei");
    auto entered = inside("li.wei");
    ASSERT_TRUE(accounts_->reset(id, Reset::password, "sec", now_, deliver()));
    ASSERT_TRUE(accounts_->disable("E1", "sec"));
    ASSERT_TRUE(accounts_->disable("E1", "sec"));
    EXPECT_FALSE(accounts_->session(text(entered.token), "", now_));
    EXPECT_EQ(redeem(code_), Code::refused);
    EXPECT_EQ(broken("li.wei", kPassword), "login.disabled");
    EXPECT_EQ(accounts_->reset(id, Reset::password, "sec", now_, deliver()).error().code, Code::refused);
    ASSERT_TRUE(accounts_->enable(id, "sec", now_, deliver()));
    EXPECT_EQ(redeem(code_, kPassword), Code::bad_input);  // the old one is remembered
    EXPECT_TRUE(accounts_->redeem(code_, kOther, kAddress, now_));
}

}  // namespace
}  // namespace huoqi::accounts

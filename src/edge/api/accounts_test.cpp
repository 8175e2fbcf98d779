// SPDX-License-Identifier: Apache-2.0
// Enrolment, passwords and second factors through the doors, and what the security administrator may do to
// accounts of others.
#include <sys/stat.h>

#include "edge/api/testing/people_node.h"

namespace huoqi::api {
namespace {

class Accounts : public PeopleNode {
  protected:
    // The one-time code on a slip of the post room.
    std::string code_on(const std::string& slip) {
        const auto text = read_text(folder_ / "slips" / slip);
        const std::string mark = "one-time code: ";
        const auto from = text.find(mark) + mark.size();
        return text.substr(from, text.find('\n', from) - from);
    }
    Answer change(const Browser& browser, const std::string& from, const std::string& to) {
        return ask("POST", "/v1/session:password", browser,
                   nlohmann::json{{"old", from}, {"new", to}}.dump());
    }
    Answer confirm(const Browser& browser, const std::string& code) {
        return ask("POST", "/v1/session:confirm-factor", browser, nlohmann::json{{"code", code}}.dump());
    }
};

TEST_F(Accounts, CodeWorksOnce) {
    invited("ann", "ann.li");
    EXPECT_EQ(redeem(code_).status, 204);
    auto again = redeem(code_, kOther);
    EXPECT_EQ(again.status, 403);
    EXPECT_EQ(again.code(), "enrolment.code");
    EXPECT_EQ(log_in("ann.li").status, 200);
    EXPECT_EQ(log_in("ann.li", kOther).status, 401);
}

TEST_F(Accounts, EveryBadCodeLooksTheSame) {
    invited("ann", "ann.li");
    const auto expired = code_;
    clock_.advance(73 * kHour);
    auto answer = redeem(expired);
    EXPECT_EQ(answer.status, 403);
    enrolled("ben", "ben.wu");
    EXPECT_EQ(redeem(code_).body, answer.body);
    EXPECT_EQ(redeem("AAAA-BBBB-CCCC").body, answer.body);
    EXPECT_EQ(redeem("no code at all").body, answer.body);
    const auto rules = rules_of("account.enrol");
    EXPECT_EQ(std::ranges::count(rules, "enrolment.code"), 1) << "one entry a minute";
}

TEST_F(Accounts, PasswordRulesAreToldByPlaceAndLeaveTheCodeGood) {
    invited("ann", "ann.li");
    for (const auto& [password, rule] :
         std::map<std::string, std::string>{{"Kurz-1", "password.length"},
                                            {"nurkleinbuchstaben", "password.classes"},
                                            {"Ann.Li-wohnt-hier-7", "password.name"}}) {
        auto answer = redeem(code_, password);
        EXPECT_EQ(answer.status, 400);
        EXPECT_EQ(answer.rule(), rule);
        EXPECT_EQ(answer.pointer(), "/password");
        EXPECT_EQ(answer.body.find(password), std::string::npos);
    }
    EXPECT_EQ(redeem(code_).status, 204);
}

TEST_F(Accounts, ChangingAPasswordEndsTheSession) {
    enrolled("ann", "ann.li");
    auto browser = inside("ann.li");
    auto same = change(browser, kPassword, kPassword);
    EXPECT_EQ(same.status, 400);
    EXPECT_EQ(same.rule(), "password.history");
    EXPECT_EQ(same.pointer(), "/new");
    EXPECT_EQ(change(browser, kPassword, "short").rule(), "password.length");
    auto wrong = change(browser, "Wrong-password-1", kOther);
    EXPECT_EQ(wrong.status, 403);
    EXPECT_EQ(wrong.code(), "password.old");
    EXPECT_EQ(rules_of("login.refuse").back(), "login.password");
    clock_.advance(2 * kSecond);
    auto done = change(browser, kPassword, kOther);
    EXPECT_EQ(done.status, 204) << done.body;
    EXPECT_TRUE(done.headers.find("set-cookie")->ends_with("Max-Age=0"));
    EXPECT_EQ(who_am_i(browser), 401);
    EXPECT_EQ(log_in("ann.li").status, 401);
    clock_.advance(2 * kSecond);
    EXPECT_EQ(log_in("ann.li", kOther).status, 200);
}

TEST_F(Accounts, OldPasswordIsGoodForChangingItAlone) {
    enrolled("ann", "ann.li");
    clock_.advance(91 * kDay);
    auto answer = log_in("ann.li");
    ASSERT_EQ(answer.status, 200);
    EXPECT_EQ(answer.json()["standing"], "password_due");
    auto browser = browser_of(answer);
    EXPECT_EQ(ask("GET", "/v1/session", browser).json()["standing"], "password_due");
    EXPECT_EQ(ask("GET", "/v1/sessions", browser).code(), "session.password_due");
    EXPECT_EQ(ask("GET", "/v1/accounts", browser).code(), "session.password_due");
    EXPECT_EQ(change(browser, kPassword, kOther).status, 204);
    EXPECT_EQ(log_in("ann.li", kOther).json()["standing"], "full");
}

TEST_F(Accounts, AdministratorNeedsASecondFactorFirst) {
    enrolled("sec", "sec.main");
    auto answer = log_in("sec.main");
    ASSERT_EQ(answer.status, 200);
    EXPECT_EQ(answer.json()["standing"], "factor_due");
    EXPECT_EQ(answer.json()["roles"], nlohmann::json::array({"security_administrator"}));
    auto browser = browser_of(answer);
    EXPECT_EQ(ask("GET", "/v1/accounts", browser).code(), "session.factor_due");
    auto proposed = ask("POST", "/v1/session:factor", browser);
    ASSERT_EQ(proposed.status, 200);
    const auto json = proposed.json();
    const std::string key = json["key"];
    EXPECT_NE(json["uri"].get<std::string>().find("secret=" + key), std::string::npos);
    EXPECT_TRUE(json["qr"].get<std::string>().starts_with("<svg"));
    EXPECT_EQ(json["qr"].get<std::string>().find(key), std::string::npos);

    auto wrong = confirm(browser, "000000");
    EXPECT_EQ(wrong.status, 403);
    EXPECT_EQ(wrong.code(), "factor.code");
    EXPECT_EQ(last_entry()["rule"], "factor.code");
    auto confirmed = confirm(browser, next_code(key));
    ASSERT_EQ(confirmed.status, 200) << confirmed.body;
    EXPECT_EQ(confirmed.json()["recovery"].size(), 10U);
    EXPECT_EQ(who_am_i(browser), 401);

    EXPECT_EQ(log_in("sec.main").status, 401) << "without a code";
    EXPECT_EQ(rules_of("login.refuse").back(), "login.code_missing");
    auto full = log_in("sec.main", kPassword, next_code(key));
    ASSERT_EQ(full.status, 200);
    EXPECT_EQ(full.json()["standing"], "full");
    EXPECT_EQ(full.json()["second_factor"], true);
    EXPECT_EQ(ask("GET", "/v1/accounts", browser_of(full)).status, 200);
    EXPECT_EQ(ask("POST", "/v1/session:factor", browser_of(full)).status, 409);
    const auto ledger = whole_ledger();
    EXPECT_EQ(ledger.find(key), std::string::npos);
    EXPECT_EQ(ledger.find(confirmed.json()["recovery"][0].get<std::string>()), std::string::npos);
}

TEST_F(Accounts, FactorCodesWorkOnceAndWithinAStep) {
    enrolled("ann", "ann.li");
    auto browser = inside("ann.li");
    const std::string key = ask("POST", "/v1/session:factor", browser).json()["key"];
    const std::string first = next_code(key);
    const auto recovery = confirm(browser, first).json()["recovery"];
    EXPECT_EQ(log_in("ann.li", kPassword, first).status, 401) << "the code that confirmed it";
    clock_.advance(kMinute);
    const auto code = next_code(key);
    EXPECT_EQ(log_in("ann.li", kPassword, code).status, 200);
    EXPECT_EQ(log_in("ann.li", kPassword, code).status, 401) << "replayed";
    EXPECT_EQ(rules_of("login.refuse").back(), "login.code");
    clock_.advance(5 * kMinute);
    auto at = [&](std::int64_t seconds) {
        return otp::totp(*otp::unbase32(key), Time{clock_.now().nanoseconds + seconds * kSecond});
    };
    EXPECT_EQ(log_in("ann.li", kPassword, at(-60)).status, 401) << "a clock two steps behind";
    clock_.advance(kMinute);
    EXPECT_EQ(log_in("ann.li", kPassword, at(60)).status, 401) << "two steps ahead";
    clock_.advance(kMinute);
    EXPECT_EQ(log_in("ann.li", kPassword, at(-30)).status, 200);
    EXPECT_EQ(log_in("ann.li", kPassword, at(30)).status, 200);
    EXPECT_EQ(log_in("ann.li", kPassword, recovery[0]).status, 200) << "a recovery code";
    EXPECT_EQ(log_in("ann.li", kPassword, recovery[0]).status, 401) << "works once";
}

TEST_F(Accounts, AdministratorInvitesAndNeverSeesTheCode) {
    auto admin = administrator();
    auto made = ask("POST", "/v1/accounts", admin, R"({"person":"ann","login":"Ann.Li"})");
    ASSERT_EQ(made.status, 201) << made.body;
    const std::string slip = made.json()["slip"];
    EXPECT_EQ(slip, made.json()["account"].get<std::string>() + ".txt");
    EXPECT_EQ(made.json()["expires"], rfc3339(Time{clock_.now().nanoseconds + 72 * kHour}));
    struct stat file{};
    ASSERT_EQ(::stat((folder_ / "slips" / slip).c_str(), &file), 0);
    EXPECT_EQ(file.st_mode & 0777U, 0600U);
    ASSERT_EQ(::stat((folder_ / "slips").c_str(), &file), 0);
    EXPECT_EQ(file.st_mode & 0777U, 0700U);
    const auto code = code_on(slip);
    EXPECT_EQ(code.size(), 39U);
    EXPECT_EQ(made.body.find(code), std::string::npos);
    EXPECT_EQ(whole_ledger().find(code), std::string::npos);
    EXPECT_EQ(redeem(code).status, 204);
    EXPECT_EQ(log_in("ann.li").status, 200);

    auto list = ask("GET", "/v1/accounts", admin);
    EXPECT_EQ(list.json()["accounts"].size(), 2U);
    EXPECT_EQ(ask("POST", "/v1/accounts", admin, R"({"person":"ann","login":"ann.two"})").status, 409);
    EXPECT_EQ(ask("POST", "/v1/accounts", admin, R"({"person":"ben","login":"ann.li"})").status, 409);
}

TEST_F(Accounts, InvitesOnlyPeopleWhoAreThere) {
    auto admin = administrator();
    leaves("ben");
    for (const auto& [body, rule] :
         std::map<std::string, std::string>{{R"({"person":"nobody","login":"no.body"})", "person.unknown"},
                                            {R"({"person":"ben","login":"ben.wu"})", "person.unknown"},
                                            {R"({"person":"ann","login":"an"})", "login.shape"},
                                            {R"({"person":"ann","login":"ann li"})", "login.shape"}}) {
        auto answer = ask("POST", "/v1/accounts", admin, body);
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_EQ(answer.rule(), rule) << body;
    }
    auto own = ask("POST", "/v1/accounts", admin, R"({"person":"sec","login":"sec.two"})");
    EXPECT_EQ(own.code(), "account.self");
    EXPECT_EQ(last_entry()["rule"], "account.self");
}

TEST_F(Accounts, ResetTakesPasswordAndSessionsAway) {
    auto admin = administrator();
    auto id = enrolled("ann", "ann.li");
    auto ann = inside("ann.li");
    auto reset = ask("POST", "/v1/accounts/" + id + ":reset", admin, R"({"factor":false})");
    ASSERT_EQ(reset.status, 200) << reset.body;
    EXPECT_EQ(who_am_i(ann), 401);
    EXPECT_EQ(log_in("ann.li").status, 401);
    const auto first = code_on(reset.json()["slip"]);
    auto again = ask("POST", "/v1/accounts/" + id + ":reset", admin, R"({"factor":true})");
    ASSERT_EQ(again.status, 200);
    EXPECT_EQ(redeem(first, kOther).status, 403) << "a newer code took its place";
    const auto second = code_on(again.json()["slip"]);
    EXPECT_EQ(again.body.find(second), std::string::npos);
    EXPECT_EQ(redeem(second, kOther).status, 204);
    EXPECT_EQ(log_in("ann.li", kOther).status, 200);
}

TEST_F(Accounts, ResetOfTheFactorTakesItAwayWhenAsked) {
    auto admin = administrator();
    auto id = enrolled("ann", "ann.li");
    with_factor(inside("ann.li"));
    auto factor = [&] {
        const auto page = ask("GET", "/v1/accounts", admin).json();
        for (const auto& one : page["accounts"])
            if (one["id"] == id) return one["second_factor"].get<bool>();
        return false;
    };
    EXPECT_EQ(ask("POST", "/v1/accounts/" + id + ":reset", admin, "{}").status, 200);
    EXPECT_TRUE(factor());
    EXPECT_EQ(ask("POST", "/v1/accounts/" + id + ":reset", admin, R"({"factor":1})").rule(), "json.type");
    EXPECT_EQ(ask("POST", "/v1/accounts/" + id + ":reset", admin, R"({"factor":true})").status, 200);
    EXPECT_FALSE(factor());
}

TEST_F(Accounts, UnlockEndsALockOut) {
    auto admin = administrator();
    auto id = enrolled("ann", "ann.li");
    EXPECT_EQ(ask("POST", "/v1/accounts/" + id + ":unlock", admin).status, 409);
    for (int i = 0; i < 5; ++i) {
        log_in("ann.li", "Wrong-password-1");
        clock_.advance(kSecond << i);
    }
    EXPECT_EQ(log_in("ann.li").status, 401);
    EXPECT_EQ(ask("POST", "/v1/accounts/" + id + ":unlock", admin).status, 204);
    EXPECT_EQ(log_in("ann.li").status, 200);
}

TEST_F(Accounts, DisabledComesBackWithANewCodeAlone) {
    auto admin = administrator();
    auto id = enrolled("ann", "ann.li");
    EXPECT_EQ(ask("POST", "/v1/accounts/" + id + ":enable", admin).status, 409);
    ASSERT_TRUE(accounts_->disable("main/ann", "console"));
    EXPECT_EQ(ask("POST", "/v1/accounts/" + id + ":reset", admin, "{}").code(), "account.disabled");
    auto enabled = ask("POST", "/v1/accounts/" + id + ":enable", admin);
    ASSERT_EQ(enabled.status, 200) << enabled.body;
    EXPECT_EQ(log_in("ann.li").status, 401);
    EXPECT_EQ(redeem(code_on(enabled.json()["slip"]), kOther).status, 204);
    EXPECT_EQ(log_in("ann.li", kOther).status, 200);

    leaves("ann");
    ASSERT_TRUE(staff_->follow());
    auto left = ask("POST", "/v1/accounts/" + id + ":enable", admin);
    EXPECT_EQ(left.status, 403);
    EXPECT_EQ(left.code(), "person.inactive");
}

TEST_F(Accounts, NobodyHelpsHimself) {
    auto admin = administrator();
    const std::string id = account_rows_->account(accounts::By::login, "sec.main")->id;
    for (const auto* action : {":reset", ":unlock", ":enable"}) {
        auto answer = ask("POST", "/v1/accounts/" + id + action, admin, "{}");
        EXPECT_EQ(answer.status, 403) << action;
        EXPECT_EQ(answer.code(), "account.self") << action;
        EXPECT_EQ(last_entry()["rule"], "account.self") << action;
    }
    EXPECT_EQ(who_am_i(admin), 200);
}

TEST_F(Accounts, OfAnotherTenantAreNotThere) {
    auto admin = administrator();
    auto theirs = enrolled("ann", "ann.other", "other");
    auto unknown = ask("POST", "/v1/accounts/ac_00000000000000000000:reset", admin, "{}");
    EXPECT_EQ(unknown.status, 404);
    for (const auto* action : {":reset", ":unlock", ":enable"}) {
        auto answer = ask("POST", "/v1/accounts/" + theirs + action, admin, "{}");
        EXPECT_EQ(answer.status, 404) << action;
        EXPECT_EQ(answer.body, unknown.body) << action;
    }
    EXPECT_EQ(ask("GET", "/v1/accounts", admin).body.find("other"), std::string::npos);
    EXPECT_EQ(log_in("ann.other").status, 200);
}

TEST_F(Accounts, AreForTheSecurityAdministratorAlone) {
    auto id = enrolled("ann", "ann.li");
    auto ann = inside("ann.li");
    enrolled("aud", "aud.main");
    auto auditor = inside("aud.main", next_code(with_factor(inside("aud.main"))));
    for (const auto& browser : {ann, auditor}) {
        EXPECT_EQ(ask("GET", "/v1/accounts", browser).status, 403);
        EXPECT_EQ(ask("POST", "/v1/accounts", browser, R"({"person":"ben","login":"ben.wu"})").status, 403);
        EXPECT_EQ(ask("POST", "/v1/accounts/" + id + ":reset", browser, "{}").status, 403);
        EXPECT_EQ(ask("POST", "/v1/accounts/ac_unknown:reset", browser, "{}").status, 403)
            << "nor does it tell whether there is one";
        EXPECT_EQ(last_entry()["outcome"], "refused");
    }
    EXPECT_EQ(ask("GET", "/v1/accounts", {}).status, 401);
    for (const std::string role : {"integrator", "operator", "auditor", "operations"})
        EXPECT_EQ(get("/v1/accounts", role).status, 403) << role;
}

TEST_F(Accounts, ComeInPages) {
    auto admin = administrator();
    enrolled("ann", "ann.li");
    enrolled("ben", "ben.wu");
    std::vector<std::string> seen;
    for (std::string cursor;;) {
        auto page = ask("GET", "/v1/accounts?limit=1" + (cursor.empty() ? "" : "&cursor=" + cursor), admin);
        ASSERT_EQ(page.status, 200) << page.body;
        const auto json = page.json();
        for (const auto& one : json["accounts"]) seen.push_back(one["login"]);
        if (!json.contains("next")) break;
        cursor = json["next"];
    }
    std::ranges::sort(seen);
    EXPECT_EQ(seen, (std::vector<std::string>{"ann.li", "ben.wu", "sec.main"}));
    for (const auto* query : {"limit=0", "limit=201", "limit=x", "limit=", "cursor=1"})
        EXPECT_EQ(ask("GET", std::string("/v1/accounts?") + query, admin).status, 400) << query;
}

TEST_F(Accounts, WithoutAPostRoomNoCodeIsMade) {
    auto admin = administrator();
    auto id = enrolled("ann", "ann.li");
    services_->slips_folder.clear();
    EXPECT_EQ(ask("POST", "/v1/accounts/" + id + ":reset", admin, "{}").status, 501);
    EXPECT_EQ(log_in("ann.li").status, 200) << "nothing was taken away";
}

}  // namespace
}  // namespace huoqi::api

// SPDX-License-Identifier: Apache-2.0
// Nobody approves for himself, by whatever way; rights lapse; windows open for one person and task.
#include "edge/api/testing/staffed_node.h"

namespace huoqi::api {
namespace {

class Rights : public StaffedNode {
  protected:
    void SetUp() override {
        StaffedNode::SetUp();
        boss_ = somebody("boss", "manager", "gz");
        sec_ = somebody("sec", "security_administrator", "hq");
        aud_ = somebody("aud", "security_auditor", "hq");
        net_ = somebody("net", "network_administrator", "hq");
        add_person("ann");
        add_person("sue", "sz");
    }
    Answer ask(const LoggedIn& who, const std::string& person, const std::string& role,
               const std::string& organisation = "gz-1") {
        return call(who, "POST", "/v1/grants",
                    R"({"kind":"give","person":")" + person + R"(","role":")" + role +
                        R"(","organisation":")" + organisation + R"("})");
    }
    Answer decide(const LoggedIn& who, const std::string& request, bool agree = true) {
        return call(who, "POST", "/v1/grants/" + request + ":decide",
                    agree ? R"({"agree":true})" : R"({"agree":false})");
    }
    // Ends all grants of a person and gives another, as a decision would.
    void change_role(const std::string& person, const std::string& role, const std::string& organisation) {
        people::Changes changes;
        const auto held = people_rows_->held("main");
        for (auto grant : held->contents.grants) {
            if (grant.person != person) continue;
            grant.until = clock_.now();
            changes.contents.grants.push_back(grant);
        }
        keep("main", changes);
        add_grant(person, role, organisation);
    }
    Answer window(const std::string& minutes = "30", const std::string& target = "/v1/maintenance") {
        return call(net_, "POST", target,
                    R"({"task":"db.migrate","why":"secret why","minutes":)" + minutes + "}");
    }
    Answer run(const LoggedIn& who, const std::string& id, const std::string& task = "db.migrate") {
        return call(who, "POST", "/v1/maintenance/" + id + ":run", R"({"task":")" + task + R"("})",
                    operations);
    }
    LoggedIn boss_, sec_, aud_, net_;
};

TEST_F(Rights, AskedByOneDecidedByAnotherAndThenHeld) {
    const auto asked = ask(boss_, "ann", "courier");
    ASSERT_EQ(asked.status, 201) << asked.body;
    const auto id = asked.json().value("id", "");
    EXPECT_EQ(asked.json()["asked_by"], "boss");
    EXPECT_TRUE(staff_->roles("main", "ann").empty());
    EXPECT_EQ(decide(boss_, id).code(), "role.action");
    const auto decided = decide(sec_, id);
    ASSERT_EQ(decided.status, 200) << decided.body;
    EXPECT_EQ(decided.json()["decided_by"], "sec");
    EXPECT_EQ(staff_->roles("main", "ann"), std::vector<std::string>{"courier"});
    EXPECT_EQ(decide(sec_, id).code(), "decided");
    const auto grant = decided.json().value("grant", "");
    const auto taken =
        call(boss_, "POST", "/v1/grants", R"({"kind":"take","person":"ann","grant":")" + grant + R"("})");
    ASSERT_EQ(taken.status, 201) << taken.body;
    clock_.advance(1);
    ASSERT_EQ(decide(sec_, taken.json().value("id", "")).status, 200);
    EXPECT_TRUE(staff_->roles("main", "ann").empty());
}

TEST_F(Rights, NobodyAsksForHimselfOrBeyondWhatIsBelowHim) {
    EXPECT_EQ(ask(boss_, "boss", "counter_clerk").code(), "self");
    EXPECT_EQ(last_entry()["outcome"], "refused");
    EXPECT_EQ(last_entry()["rule"], "self");
    // Somebody elsewhere looks like nobody.
    const auto elsewhere = ask(boss_, "sue", "courier");
    EXPECT_EQ(elsewhere.code(), "scope.subtree");
    EXPECT_EQ(elsewhere.body, ask(boss_, "nobody", "courier").body);
    EXPECT_EQ(ask(boss_, "ann", "courier", "sz").body, ask(boss_, "ann", "courier", "none").body);
    EXPECT_EQ(ask(boss_, "ann", "operator").code(), "role.program");
    EXPECT_EQ(ask(sec_, "ann", "courier").code(), "role.action");
    // The body cannot say who asks.
    EXPECT_EQ(
        call(boss_, "POST", "/v1/grants",
             R"({"kind":"give","person":"ann","role":"courier","organisation":"gz-1","asked_by":"sue"})")
            .status,
        400);
    EXPECT_EQ(post("/v1/grants", "integrator", "{}").status, 403);
}

TEST_F(Rights, WhoAskedDoesNotDecideEvenInAnotherRole) {
    const auto id = ask(boss_, "ann", "courier").json().value("id", "");
    change_role("boss", "security_administrator", "hq");
    EXPECT_EQ(decide(boss_, id).code(), "self");
    EXPECT_TRUE(staff_->roles("main", "ann").empty());
    EXPECT_EQ(call(boss_, "POST", "/v1/grants/" + id + ":withdraw").code(), "role.action");
}

TEST_F(Rights, WhoGetsItDoesNotDecideEvenInAnotherRole) {
    auto ann = log_in("ann");
    const auto id = ask(boss_, "ann", "manager").json().value("id", "");
    add_grant("ann", "security_administrator", "hq");
    ann = log_in("ann");
    EXPECT_EQ(decide(ann, id).code(), "self");
    // What was possible when it was asked is not any more.
    EXPECT_EQ(decide(sec_, id).code(), "exclusion.personal");
    EXPECT_EQ(decide(sec_, id, false).status, 200);
}

TEST_F(Rights, AnAdministratorGetsNoSecondPower) {
    change_role("boss", "manager", "hq");
    for (const auto* role : {"network_administrator", "security_auditor", "manager"}) {
        const auto code = ask(boss_, "sec", role, "hq").code();
        EXPECT_TRUE(code == "exclusion.role" || code == "exclusion.personal") << role << code;
    }
    // After giving one up, not for a long time either.
    change_role("sec", "sorter", "hq");
    EXPECT_EQ(ask(boss_, "sec", "security_auditor", "hq").code(), "exclusion.recent");
}

TEST_F(Rights, APersonHasOneAccount) {
    const auto again = accounts_->invite("main/boss", "boss.two", "sec", clock_.now(),
                                         [](const auto&, const auto&, Time) { return Status{}; });
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Code::conflict);
}

TEST_F(Rights, OnlyWhoAskedWithdraws) {
    auto other = somebody("boss2", "manager", "gz");
    const auto id = ask(boss_, "ann", "courier").json().value("id", "");
    EXPECT_EQ(call(other, "POST", "/v1/grants/" + id + ":withdraw").code(), "not_asker");
    EXPECT_EQ(call(boss_, "POST", "/v1/grants/" + id + ":withdraw").status, 200);
    EXPECT_EQ(decide(sec_, id).code(), "decided");
}

TEST_F(Rights, ARightThatNobodyConfirmsIsTakenAwayAtTheDoors) {
    const auto mine = add_grant("ann", "manager", "gz-1");
    auto ann = log_in("ann");
    EXPECT_EQ(call(ann, "GET", "/v1/people").status, 200);
    EXPECT_EQ(call(ann, "POST", "/v1/grants/" + mine + ":confirm").code(), "self");
    EXPECT_EQ(call(sec_, "GET", "/v1/grants:unconfirmed").json()["grants"].size(), 0U);
    const auto due = call(boss_, "GET", "/v1/grants:unconfirmed?days=181");
    EXPECT_EQ(due.json()["grants"].size(), 2U) << due.body;  // ann's and his own, not those of hq
    const auto confirmed = call(boss_, "POST", "/v1/grants/" + mine + ":confirm");
    EXPECT_EQ(confirmed.status, 200) << confirmed.body;
    EXPECT_EQ(call(boss_, "POST", "/v1/grants/gr_none:confirm").code(), "scope.subtree");
    clock_.advance(181 * kDay);
    // Its password is too old by then; whoever is let in has the role no more.
    EXPECT_TRUE(staff_->roles("main", "ann").empty());
    const staff::Asker asker{"main", "ann", "", true};
    EXPECT_FALSE(staff_->may(asker, policy::Action::people_read).decision.allowed);
}

TEST_F(Rights, ALapsedRightIsRefusedInARunningSession) {
    people::Changes changes;
    const Time long_ago{clock_.now().nanoseconds - 180 * kDay + 60'000'000'000};
    changes.contents.grants.push_back({"main", "gr_old", "ann", "manager", "gz-1", long_ago, {}, long_ago});
    keep("main", changes);
    auto ann = log_in("ann");
    EXPECT_EQ(call(ann, "GET", "/v1/people").status, 200);
    clock_.advance(60'000'000'000);
    EXPECT_EQ(call(ann, "GET", "/v1/people").status, 403);
    EXPECT_EQ(last_entry()["outcome"], "refused");
    EXPECT_EQ(call(boss_, "POST", "/v1/grants/gr_old:confirm").code(), "grant.lapsed");
}

TEST_F(Rights, ListsShowWhatTheReaderReaches) {
    ASSERT_EQ(ask(boss_, "ann", "courier").status, 201);
    const auto all = call(aud_, "GET", "/v1/grants").json();
    EXPECT_EQ(all["grants"].size(), 4U);
    EXPECT_EQ(all["requests"].size(), 1U);
    const auto below = call(boss_, "GET", "/v1/grants").json();
    EXPECT_EQ(below["grants"].size(), 1U);
    EXPECT_EQ(below["requests"].size(), 1U);
    const auto first = call(aud_, "GET", "/v1/grants?limit=3").json();
    EXPECT_EQ(first["grants"].size() + first["requests"].size(), 3U);
    const auto rest = call(aud_, "GET", "/v1/grants?cursor=" + first.value("next", "")).json();
    EXPECT_EQ(rest["grants"].size() + rest["requests"].size(), 2U);
    EXPECT_FALSE(rest.contains("next"));
}

TEST_F(Rights, AWindowOpensForOnePersonAndTaskAndIsClosedByTheAuditor) {
    int runs = 0;
    services_->tasks["db.migrate"] = [&]() -> Result<std::string> {
        ++runs;
        return "3 tables";
    };
    services_->tasks["db.drop"] = []() -> Result<std::string> { return "gone"; };
    const auto asked = window();
    ASSERT_EQ(asked.status, 201) << asked.body;
    const auto id = asked.json().value("id", "");
    EXPECT_EQ(run(net_, id).code(), "maintenance.closed");
    const auto at = "/v1/maintenance/" + id;
    EXPECT_EQ(call(net_, "POST", at + ":decide", R"({"agree":true})").code(), "role.action");
    EXPECT_EQ(call(sec_, "POST", at + ":decide", R"({"agree":true})").status, 200);
    EXPECT_EQ(run(net_, id).json()["output"], "3 tables");
    EXPECT_EQ(last_entry()["action"], "maintenance.run");
    EXPECT_EQ(last_entry()["detail"]["phase"], "end");
    EXPECT_EQ(run(net_, id, "db.drop").code(), "maintenance.closed");
    auto second = somebody("net2", "network_administrator", "hq");
    EXPECT_EQ(run(second, id).code(), "maintenance.closed");
    EXPECT_EQ(run(second, "mw_none").body, run(second, id).body);
    EXPECT_EQ(call(second, "POST", at + ":end").code(), "not_asker");
    EXPECT_EQ(call(aud_, "POST", at + ":close", R"({"finding":"一致"})").code(), "window.open");
    EXPECT_EQ(call(net_, "POST", at + ":end").status, 200);
    EXPECT_EQ(run(net_, id).code(), "maintenance.closed");
    EXPECT_EQ(call(aud_, "POST", at + ":close", R"({"finding":"一致"})").status, 200);
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(call(aud_, "GET", "/v1/maintenance").json()["windows"][0]["finding"], "一致");
    for (std::uint64_t i = 0; i < entries(); ++i) {
        const auto entry = *ledger_->entry(EntryIndex{i});
        EXPECT_EQ(entry.find("secret why"), std::string::npos);
        EXPECT_EQ(entry.find("一致"), std::string::npos);
    }
}

TEST_F(Rights, ATaskThatFailsIsOnRecordWithItsCode) {
    services_->tasks["db.migrate"] = []() -> Result<std::string> {
        return fail(Code::storage, "secret path");
    };
    const auto id = window("30", "/v1/maintenance:break-glass").json().value("id", "");
    const auto answer = run(net_, id);
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.body.find("secret"), std::string::npos);
    EXPECT_EQ(last_entry()["outcome"], "failed");
    EXPECT_EQ(last_entry()["rule"], "storage");
    EXPECT_EQ(run(net_, id, "db.none").code(), "maintenance.closed");
}

TEST_F(Rights, BreakingTheGlassIsShortAndReviewed) {
    EXPECT_EQ(window("61", "/v1/maintenance:break-glass").code(), "window.length");
    const auto broken = window("10", "/v1/maintenance:break-glass");
    ASSERT_EQ(broken.status, 201) << broken.body;
    EXPECT_EQ(broken.json()["state"], "opened");
    EXPECT_EQ(call(sec_, "POST", "/v1/maintenance:break-glass", "{}").code(), "role.action");
    EXPECT_EQ(window("481").code(), "window.length");
    EXPECT_EQ(
        call(net_, "POST", "/v1/maintenance", R"({"task":"Db 13900000000","why":"x","minutes":1})").rule(),
        "task.shape");
}

TEST_F(Rights, ExplainingOpensNothingAndCountsNothing) {
    const auto token = seal("HQ0000000017");
    auto ann = somebody("cour", "courier");
    const auto absent = vault_->token({VolumeId{1}, RecordId{4'000'000}});
    auto explain = [&](const LoggedIn& who, const std::string& more) {
        return call(who, "POST", "/v1/access:explain", R"({"action":"read")" + more + "}");
    };
    const auto before = entries();
    const auto own = explain(ann, R"(,"waybill":")" + token + R"(")");
    ASSERT_EQ(own.status, 200) << own.body;
    EXPECT_EQ(entries(), before + 1);  // the question itself
    EXPECT_EQ(last_entry()["action"], "access.explain");
    EXPECT_EQ(own.json()["roles"][0]["role"], "courier");
    EXPECT_EQ(own.json()["roles"][0]["decision"]["rule"], "scope.assigned");
    EXPECT_EQ(own.json()["roles"][0]["lines"].size(), 16U);
    const auto unknown = explain(ann, R"(,"waybill":")" + absent + R"(")");
    EXPECT_EQ(unknown.json()["roles"][0]["decision"]["rule"], "waybill.unknown");
    EXPECT_EQ(explain(ann, R"(,"person":"boss")").code(), "role.action");
    EXPECT_EQ(explain(ann, R"(,"role":"manager")").code(), "role.action");
    EXPECT_EQ(explain(boss_, R"(,"person":"sue")").body, explain(boss_, R"(,"person":"none")").body);
    const auto as = explain(boss_, R"(,"person":"ann","role":"manager","waybill":")" + token + R"(")");
    EXPECT_EQ(as.json()["roles"][0]["decision"]["rule"], "scope.subtree") << as.body;
    EXPECT_EQ(last_entry()["action"], "access.explain");
    EXPECT_EQ(explain(sec_, R"(,"person":"none")").status, 404);
    // Of another enterprise it is as if it were not there.
    auto stranger = somebody("str", "manager", "hq", "other");
    EXPECT_EQ(explain(stranger, R"(,"waybill":")" + token + R"(")").body,
              explain(stranger, R"(,"waybill":")" + absent + R"(")").body);
    EXPECT_EQ(post("/v1/access:explain", "operator", "{}").code(), "person.needed");
}

}  // namespace
}  // namespace huoqi::api

// SPDX-License-Identifier: Apache-2.0
#include "core/powers/powers.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/people/testing/memory_store.h"

namespace huoqi::powers {
namespace {

using people::GrantRequest;

const Time kStart = *parse_rfc3339("2026-11-24T02:00:00Z");
constexpr std::int64_t kMinute = 60'000'000'000, kHour = 60 * kMinute, kDay = 24 * kHour;

// People a to h of one enterprise; net, sec and aud are the first administrators, sec2 a second one.
class Powers : public testing::Test {
  protected:
    Powers() : policy_(std::move(policy::load(std::filesystem::path(HUOQI_SOURCE_DIR) / "policy").value())) {
        people::Changes changes;
        changes.contents.organisations = {
            {"sf", "hq", "总部", people::OrganisationKind::headquarters, "", {}},
            {"sf", "hz-01", "杭州一部", people::OrganisationKind::outlet, "hq", {}}};
        for (const auto* id : {"net", "sec", "sec2", "aud", "boss", "ann", "ben", "gone"})
            changes.contents.people.push_back({"sf", id, "hq", "", "", {0}, std::nullopt});
        changes.contents.people.back().left = Time{1};
        EXPECT_TRUE(store_.apply("sf", 0, changes, {{0, "people.write", "root", "", "", {}}}));
    }
    void appoint() {
        ASSERT_EQ(run("root",
                      [](const Standing& s) {
                          return appoint_first(s, {"net", "sec", "aud", "hq", {"g1", "g2", "g3"}});
                      }),
                  "");
    }
    // Runs a rule as `by` and writes its deed; gives the refusal, or nothing.
    std::string run(std::string_view by, auto rule) {
        const auto held = store_.held("sf").value();
        const Standing standing{*policy_, held, "sf", now_, by};
        Result<Deed> deed = rule(standing);
        if (!deed) return deed.error().message;
        const auto written = store_.apply("sf", held.revision, deed->changes, deed->entries);
        return written ? "" : written.error().message;
    }
    std::string asks(std::string_view by, std::string id, std::string person, std::string role) {
        return run(by, [&](const Standing& s) {
            return ask(s, {id, GrantRequest::Kind::give, person, role, "hq", "", std::nullopt});
        });
    }
    std::string takes(std::string_view by, std::string id, std::string person, std::string grant) {
        return run(by, [&](const Standing& s) {
            return ask(s, {id, GrantRequest::Kind::take, person, "", "", grant, std::nullopt});
        });
    }
    std::string decides(std::string_view by, std::string_view id, bool agree = true) {
        return run(by, [&](const Standing& s) { return decide(s, id, agree, "of-" + std::string(id)); });
    }
    bool has(std::string_view person, std::string_view role) {
        const auto held = store_.held("sf").value();
        return std::ranges::any_of(held.contents.grants, [&](const auto& grant) {
            return grant.person == person && grant.role == role && people::holds(grant, now_, 180 * kDay);
        });
    }
    void later(std::int64_t ns) { now_.nanoseconds += ns; }

    std::unique_ptr<const policy::Policy> policy_;
    people::MemoryStore store_;
    Time now_ = kStart;
};

TEST_F(Powers, TheFirstThreeAreThreeAndOnlyOnce) {
    const auto first = [&](std::string_view a, std::string_view b, std::string_view c) {
        return run("root",
                   [&](const Standing& s) { return appoint_first(s, {a, b, c, "hq", {"g1", "g2", "g3"}}); });
    };
    EXPECT_EQ(first("net", "net", "aud"), "self");
    EXPECT_EQ(first("net", "sec", "net"), "self");
    EXPECT_EQ(first("net", "sec", "gone"), "person.inactive");
    EXPECT_EQ(first("net", "sec", "aud"), "");
    EXPECT_TRUE(has("net", "network_administrator") && has("sec", "security_administrator") &&
                has("aud", "security_auditor"));
    EXPECT_EQ(first("boss", "ann", "ben"), "administrators.there");
    EXPECT_EQ(store_.outbox.size(), 4U);
}

TEST_F(Powers, ARightIsAskedByOneAndDecidedByAnotherNeverForOneself) {
    appoint();
    EXPECT_EQ(asks("ann", "r0", "ann", "courier"), "self");
    EXPECT_EQ(asks("boss", "r1", "ann", "courier"), "");
    EXPECT_EQ(decides("boss", "r1"), "self");
    EXPECT_EQ(decides("ann", "r1"), "self");
    EXPECT_EQ(decides("gone", "r1"), "by.inactive");
    EXPECT_FALSE(has("ann", "courier"));
    EXPECT_EQ(decides("sec", "r1"), "");
    EXPECT_TRUE(has("ann", "courier"));
    EXPECT_EQ(decides("sec", "r1"), "decided");
    EXPECT_EQ(store_.outbox.back().action, "grant.decide");
    EXPECT_EQ(store_.outbox.back().person, "sec");
    EXPECT_EQ(store_.outbox.back().detail.at("person"), "ann");
    EXPECT_EQ(takes("boss", "r2", "ann", "of-r1"), "");
    EXPECT_EQ(decides("sec", "r2"), "");
    EXPECT_FALSE(has("ann", "courier"));
    EXPECT_EQ(takes("boss", "r3", "ann", "of-r1"), "grant.none");
    EXPECT_EQ(asks("boss", "r4", "ann", "pilot"), "role.unknown");
    EXPECT_EQ(asks("boss", "r4", "ann", "operator"), "role.program");
    EXPECT_EQ(asks("boss", "r4", "gone", "courier"), "person.inactive");
}

TEST_F(Powers, ARefusedOrWithdrawnRequestGivesNothing) {
    appoint();
    EXPECT_EQ(asks("boss", "r1", "ann", "courier"), "");
    EXPECT_EQ(decides("sec", "r1", false), "");
    EXPECT_EQ(asks("boss", "r2", "ann", "courier"), "");
    EXPECT_EQ(run("ann", [](const Standing& s) { return withdraw(s, "r2"); }), "not_asker");
    EXPECT_EQ(run("boss", [](const Standing& s) { return withdraw(s, "r2"); }), "");
    EXPECT_EQ(decides("sec", "r2"), "decided");
    EXPECT_FALSE(has("ann", "courier"));
}

TEST_F(Powers, TheThreeExcludeEachOtherAlsoForATimeAfterwards) {
    appoint();
    EXPECT_EQ(asks("boss", "r1", "net", "security_auditor"), "exclusion.role");
    EXPECT_EQ(takes("boss", "r2", "net", "g1"), "");
    later(kDay);
    EXPECT_EQ(decides("sec", "r2"), "");
    EXPECT_EQ(asks("boss", "r3", "net", "security_auditor"), "exclusion.recent");
    later(364 * kDay);
    EXPECT_EQ(asks("boss", "r3", "net", "security_auditor"), "exclusion.recent");
    later(2 * kDay);
    EXPECT_EQ(asks("boss", "r3", "net", "security_auditor"), "");
}

TEST_F(Powers, AnAdministratorHasNoRoleThatShowsPersonalInformation) {
    appoint();
    EXPECT_EQ(asks("boss", "r1", "net", "manager"), "exclusion.personal");
    EXPECT_EQ(asks("boss", "r1", "net", "sorter"), "");
    EXPECT_EQ(asks("boss", "r2", "ann", "courier"), "");
    EXPECT_EQ(decides("sec", "r2"), "");
    EXPECT_EQ(asks("boss", "r3", "ann", "security_auditor"), "exclusion.personal");
}

TEST_F(Powers, WhatWasTrueWhenAskedMustBeTrueWhenDecided) {
    appoint();
    EXPECT_EQ(asks("boss", "r1", "ann", "security_auditor"), "");
    EXPECT_EQ(asks("boss", "r2", "ann", "network_administrator"), "");
    EXPECT_EQ(decides("sec", "r1"), "");
    EXPECT_EQ(decides("sec", "r2"), "exclusion.role");
    EXPECT_EQ(asks("boss", "r3", "ben", "courier"), "");
    EXPECT_EQ(run("sec", [&](const Standing& s) { return leave(s, "boss", now_); }), "");
    EXPECT_EQ(decides("sec", "r3"), "person.inactive");
}

TEST_F(Powers, TwoAtOnceCannotRestOnTheSameState) {
    appoint();
    EXPECT_EQ(asks("boss", "r1", "ann", "security_auditor"), "");
    EXPECT_EQ(asks("boss", "r2", "ann", "network_administrator"), "");
    const auto held = store_.held("sf").value();
    const Standing standing{*policy_, held, "sf", now_, "sec"};
    const auto one = decide(standing, "r1", true, "x1"), two = decide(standing, "r2", true, "x2");
    ASSERT_TRUE(one && two);
    EXPECT_TRUE(store_.apply("sf", held.revision, one->changes, one->entries));
    EXPECT_EQ(store_.apply("sf", held.revision, two->changes, two->entries).error().code, Code::conflict);
}

TEST_F(Powers, ARightThatIsNotConfirmedLapses) {
    appoint();
    EXPECT_EQ(asks("boss", "r1", "ann", "courier"), "");
    EXPECT_EQ(decides("sec", "r1"), "");
    later(179 * kDay);
    EXPECT_EQ(run("ann", [](const Standing& s) { return confirm(s, "of-r1"); }), "self");
    EXPECT_EQ(run("boss", [](const Standing& s) { return confirm(s, "of-r1"); }), "");
    later(2 * kDay);
    EXPECT_TRUE(has("ann", "courier"));
    EXPECT_FALSE(has("net", "network_administrator"));
    EXPECT_EQ(run("boss", [](const Standing& s) { return confirm(s, "g1"); }), "grant.lapsed");
    const auto held = store_.held("sf").value();
    const Standing standing{*policy_, held, "sf", now_, "root"};
    EXPECT_EQ(unconfirmed(standing, now_).size(), 3U);
    EXPECT_EQ(unconfirmed(standing, {now_.nanoseconds + 179 * kDay}).size(), 4U);
    EXPECT_EQ(run("root", [](const Standing& s) -> Result<Deed> { return lapse(s); }), "");
    EXPECT_EQ(store_.outbox.back().action, "grant.lapse");
}

class Maintenance : public Powers {
  protected:
    void SetUp() override { appoint(); }
    std::string asks_window(std::string id, std::int64_t minutes) {
        return run("net",
                   [&](const Standing& s) { return ask_window(s, {id, "db.migrate", "升级", minutes}); });
    }
    std::string closes(std::string_view by, std::string_view id) {
        return run(by, [&](const Standing& s) { return close_window(s, id, "无异常"); });
    }
    bool is_open(std::string_view id, std::string_view person = "net", std::string_view task = "db.migrate") {
        const auto held = store_.held("sf").value();
        for (const auto& window : held.affairs.windows)
            if (window.id == id) return open(window, person, task, now_);
        return false;
    }
};

TEST_F(Maintenance, IsAskedAuthorisedOpenForItsTaskAndTimeAndClosedWithAFinding) {
    EXPECT_EQ(asks_window("w1", 0), "window.length");
    EXPECT_EQ(asks_window("w1", 481), "window.length");
    EXPECT_EQ(asks_window("w1", 30), "");
    EXPECT_FALSE(is_open("w1"));
    EXPECT_EQ(run("net", [](const Standing& s) { return decide_window(s, "w1", true); }), "self");
    EXPECT_EQ(run("sec", [](const Standing& s) { return decide_window(s, "w1", true); }), "");
    EXPECT_TRUE(is_open("w1"));
    EXPECT_FALSE(is_open("w1", "ann"));
    EXPECT_FALSE(is_open("w1", "net", "db.drop"));
    EXPECT_EQ(closes("aud", "w1"), "window.open");
    later(30 * kMinute);
    EXPECT_FALSE(is_open("w1"));
    EXPECT_EQ(closes("net", "w1"), "self");
    EXPECT_EQ(closes("sec", "w1"), "self");
    EXPECT_EQ(closes("aud", "w1"), "");
    EXPECT_EQ(closes("aud", "w1"), "decided");
    EXPECT_FALSE(store_.outbox.back().detail.contains("finding"));
}

TEST_F(Maintenance, EndsWhenTheOneWhoAskedIsDone) {
    EXPECT_EQ(asks_window("w1", 30), "");
    EXPECT_EQ(run("sec", [](const Standing& s) { return decide_window(s, "w1", true); }), "");
    EXPECT_EQ(run("ann", [](const Standing& s) { return end_window(s, "w1"); }), "not_asker");
    EXPECT_EQ(run("net", [](const Standing& s) { return end_window(s, "w1"); }), "");
    EXPECT_FALSE(is_open("w1"));
    EXPECT_EQ(closes("aud", "w1"), "");
}

TEST_F(Maintenance, ARefusedWindowNeverOpens) {
    EXPECT_EQ(asks_window("w1", 30), "");
    EXPECT_EQ(run("sec", [](const Standing& s) { return decide_window(s, "w1", false); }), "");
    EXPECT_FALSE(is_open("w1"));
    EXPECT_EQ(run("sec", [](const Standing& s) { return decide_window(s, "w1", true); }), "decided");
}

TEST_F(Maintenance, BreakingTheGlassOpensAtOnceIsLoudAndNeedsAReview) {
    const auto breaks = [&](std::string id, std::int64_t minutes) {
        return run("net",
                   [&](const Standing& s) { return break_glass(s, {id, "db.migrate", "宕机", minutes}); });
    };
    EXPECT_EQ(breaks("b1", 61), "window.length");
    EXPECT_EQ(breaks("b1", 60), "");
    EXPECT_TRUE(is_open("b1"));
    EXPECT_EQ(store_.outbox.back().action, "maintenance.break_glass");
    later(kHour + 24 * kHour);
    const auto held = store_.held("sf").value();
    EXPECT_EQ(overdue({*policy_, held, "sf", now_, "aud"}).size(), 1U);
    EXPECT_EQ(breaks("b2", 10), "break_glass.unreviewed");
    EXPECT_EQ(closes("net", "b1"), "self");
    EXPECT_EQ(closes("aud", "b1"), "");
    EXPECT_EQ(breaks("b2", 10), "");
}

TEST_F(Powers, ALeaverHoldsNothingFromTheMomentOnAndHisAuditIsSigned) {
    appoint();
    EXPECT_EQ(asks("boss", "r1", "ann", "courier"), "");
    EXPECT_EQ(decides("sec", "r1"), "");
    EXPECT_EQ(run("ann", [&](const Standing& s) { return leave(s, "ann", now_); }), "self");
    EXPECT_EQ(run("sec", [&](const Standing& s) { return leave(s, "ann", {now_.nanoseconds + kDay}); }), "");
    EXPECT_TRUE(has("ann", "courier"));
    const auto sign = [&](std::string_view by) {
        return run(by, [](const Standing& s) { return sign_leaving(s, "ann", "无异常"); });
    };
    EXPECT_EQ(sign("aud"), "person.still_there");
    later(kDay);
    EXPECT_FALSE(has("ann", "courier"));
    EXPECT_EQ(asks("ann", "r2", "ben", "courier"), "by.inactive");
    EXPECT_EQ(sign("sec"), "self");
    EXPECT_EQ(sign("ann"), "by.inactive");
    EXPECT_EQ(sign("aud"), "");
    EXPECT_EQ(sign("aud"), "decided");
    const auto held = store_.held("sf").value();
    const auto& leaving = held.affairs.leavings.front();
    EXPECT_EQ(leaving.left.nanoseconds - leaving.audit_from.nanoseconds, 90 * kDay);
    EXPECT_EQ(run("sec", [&](const Standing& s) { return leave(s, "ann", now_); }), "person.left");
}

}  // namespace
}  // namespace huoqi::powers

// SPDX-License-Identifier: Apache-2.0
#include "core/people/people.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

namespace huoqi::people {
namespace {

constexpr Time at(std::int64_t hours) { return {hours * 3'600'000'000'000}; }

Contents small() {
    Contents out;
    const auto add = [&](std::string enterprise, std::string code, OrganisationKind kind,
                         std::string parent) {
        out.organisations.push_back(
            {std::move(enterprise), std::move(code), "网点", kind, std::move(parent), {}});
    };
    add("sf", "hz-01", OrganisationKind::outlet, "hz");
    add("sf", "hq", OrganisationKind::headquarters, "");
    add("sf", "hz", OrganisationKind::region, "hq");
    add("sf", "gz", OrganisationKind::region, "hq");
    add("sf", "gz-01", OrganisationKind::outlet, "gz");
    add("yt", "hq", OrganisationKind::headquarters, "");
    add("yt", "hz-01", OrganisationKind::outlet, "hq");
    out.people.push_back({"sf", "S001", "hz-01", "courier", "", at(10), at(20)});
    out.people.push_back({"sf", "S002", "gz-01", "courier", "", at(10), std::nullopt});
    out.people.push_back({"yt", "S001", "hz-01", "clerk", "", at(10), std::nullopt});
    out.grants.push_back({"sf", "gr_2", "S002", "courier", "gz-01", at(10), std::nullopt, at(10)});
    out.grants.push_back({"sf", "gr_1", "S001", "courier", "hz-01", at(10), at(15), at(10)});
    out.grants.push_back({"sf", "gr_3", "S001", "manager", "hz", at(10), std::nullopt, at(10)});
    out.devices.push_back({"sf", "pda-1", DeviceKind::hand_held, "hz-01", at(10), at(30)});
    return out;
}

TEST(Shape, OfCodesKeepsNumbersOfPeopleOut) {
    for (const auto* good : {"S001", "wang.yl", "王永利", "1234567890", "HZ 01", "a"}) {
        EXPECT_TRUE(valid_person(good)) << good;
        EXPECT_TRUE(valid_organisation(good)) << good;
    }
    for (const auto* bad :
         {"", " ", " S001", "S001 ", "\u3000", "13812345678", "x13812345678", "a\nb", "a\tb", "\x7f",
          "\xc2\x80x", "\xff", "\xe4\xb8", "\xed\xa0\x80", "１３８１２３４５６７８"}) {
        EXPECT_FALSE(valid_person(bad)) << bad;
        EXPECT_FALSE(valid_device(bad)) << bad;
    }
    EXPECT_FALSE(valid_person(std::string(65, 'a')));
    EXPECT_TRUE(valid_person(std::string(64, 'a')));
}

TEST(Shape, OfAreasIsSixDigits) {
    EXPECT_TRUE(valid_area("330106"));
    for (const auto* bad : {"", "33010", "3301060", "33010x", "000000"}) EXPECT_FALSE(valid_area(bad)) << bad;
}

TEST(Words, GoBothWays) {
    for (std::size_t i = 0; i < kOrganisationKinds; ++i) {
        const auto kind = static_cast<OrganisationKind>(i);
        EXPECT_EQ(organisation_kind_named(name(kind)), kind);
    }
    EXPECT_EQ(device_kind_named("printer"), DeviceKind::printer);
    EXPECT_EQ(assignment_kind_named("hand_over"), AssignmentKind::hand_over);
    EXPECT_EQ(assignment_kind_named("handover"), std::nullopt);
}

TEST(Snapshot, FindsWithinOneEnterpriseOnly) {
    const auto snapshot = Snapshot::of(small()).value();
    EXPECT_EQ(snapshot->person("sf", "S001")->post, "courier");
    EXPECT_EQ(snapshot->person("yt", "S001")->post, "clerk");
    EXPECT_EQ(snapshot->person("yt", "S002"), nullptr);
    EXPECT_EQ(snapshot->person("", "S001"), nullptr);
    EXPECT_EQ(snapshot->device("yt", "pda-1"), nullptr);
    EXPECT_TRUE(snapshot->grants("yt", "S001").empty());
    ASSERT_EQ(snapshot->grants("sf", "S001").size(), 2U);
    EXPECT_EQ(snapshot->grants("sf", "S001")[1].role, "manager");
    EXPECT_EQ(snapshot->grants("sf", "S002").size(), 1U);
}

TEST(Snapshot, TellsWhatIsBelow) {
    const auto snapshot = Snapshot::of(small()).value();
    EXPECT_TRUE(snapshot->within("sf", "hz-01", "hz-01"));
    EXPECT_TRUE(snapshot->within("sf", "hz-01", "hz"));
    EXPECT_TRUE(snapshot->within("sf", "hz-01", "hq"));
    EXPECT_FALSE(snapshot->within("sf", "hz", "hz-01"));
    EXPECT_FALSE(snapshot->within("sf", "hz-01", "gz"));
    EXPECT_FALSE(snapshot->within("yt", "gz-01", "hq"));
    EXPECT_FALSE(snapshot->within("sf", "nowhere", "hq"));
    EXPECT_FALSE(snapshot->within("sf", "hq", "nowhere"));
}

// The numbers against a walk up from every organisation of random trees.
TEST(Snapshot, TellsTheSameAsAWalkUp) {
    std::mt19937 random(7);
    for (int round = 0; round < 20; ++round) {
        Contents contents;
        const int size = 60;
        std::vector<int> parent(size, -1);
        for (int i = 0; i < size; ++i) {
            if (i > 0 && random() % 10 != 0)
                parent[static_cast<std::size_t>(i)] = static_cast<int>(random()) % i;
            if (parent[static_cast<std::size_t>(i)] < -1) parent[static_cast<std::size_t>(i)] *= -1;
            if (parent[static_cast<std::size_t>(i)] >= i) parent[static_cast<std::size_t>(i)] = i - 1;
            const int up = parent[static_cast<std::size_t>(i)];
            contents.organisations.push_back({"e",
                                              "o" + std::to_string(i),
                                              "n",
                                              OrganisationKind::region,
                                              up < 0 ? "" : "o" + std::to_string(up),
                                              {}});
        }
        std::ranges::shuffle(contents.organisations, random);
        const auto snapshot = Snapshot::of(std::move(contents)).value();
        for (int low = 0; low < size; ++low) {
            for (int high = 0; high < size; ++high) {
                int up = low;
                while (up >= 0 && up != high) up = parent[static_cast<std::size_t>(up)];
                EXPECT_EQ(snapshot->within("e", "o" + std::to_string(low), "o" + std::to_string(high)),
                          up == high);
            }
        }
    }
}

TEST(Snapshot, RefusesWhatDoesNotHoldTogether) {
    const auto refused = [](auto change) {
        auto contents = small();
        change(contents);
        auto made = Snapshot::of(std::move(contents));
        return made ? std::string() : made.error().message;
    };
    const auto has = [&](auto change, std::string_view rule) {
        EXPECT_NE(refused(change).find(rule), std::string::npos) << rule << ": " << refused(change);
    };
    has([](auto& c) { c.organisations[1].parent = "hz-01"; }, "circle");
    has([](auto& c) { c.organisations[0].parent = "xx"; }, "parent.unknown");
    has([](auto& c) { c.organisations[0].parent = "hz-01"; }, "parent.itself");
    has([](auto& c) { c.organisations[3].code = "hz"; }, "code.twice");
    has([](auto& c) { c.organisations[0].areas = {"3301"}; }, "areas.shape");
    has([](auto& c) { c.people[0].organisation = "xx"; }, "organisation.unknown");
    has([](auto& c) { c.people[2].organisation = "gz-01"; },
        "organisation.unknown");  // of another enterprise
    has([](auto& c) { c.people[1].id = "S001"; }, "id.twice");
    has([](auto& c) { c.people[0].id = "13812345678"; }, "id.shape");
    has([](auto& c) { c.people[0].left = at(1); }, "left.before_entered");
    has([](auto& c) { c.grants[0].person = "S009"; }, "person.unknown");
    has([](auto& c) { c.grants[2].id = "gr_1"; }, "id.twice");
    has([](auto& c) { c.devices[0].outlet = "xx"; }, "outlet.unknown");
}

TEST(Person, IsActiveFromEnteringToLeaving) {
    const auto contents = small();
    const auto& person = contents.people[0];
    EXPECT_FALSE(active(person, {at(10).nanoseconds - 1}));
    EXPECT_TRUE(active(person, at(10)));
    EXPECT_TRUE(active(person, {at(20).nanoseconds - 1}));
    EXPECT_FALSE(active(person, at(20)));
    EXPECT_TRUE(active(contents.people[1], at(1'000'000)));
    EXPECT_FALSE(active(contents.devices[0], at(30)));
}

TEST(Grant, HoldsInItsPeriodAndWhileConfirmed) {
    const auto contents = small();
    const auto& grant = contents.grants[1];
    EXPECT_TRUE(holds(grant, at(10)));
    EXPECT_FALSE(holds(grant, at(9)));
    EXPECT_FALSE(holds(grant, at(15)));
    EXPECT_TRUE(holds(grant, at(12), at(3).nanoseconds));
    EXPECT_FALSE(holds(grant, at(13), at(3).nanoseconds));
}

constexpr RecordPlace kBill{{3}, {77}};

TEST(Directory, AnswersAssignmentsByEnterprisePersonKindAndTime) {
    Directory directory;
    ASSERT_TRUE(directory.assign({"sf", kBill, "S001", AssignmentKind::deliver, at(10), at(20)}));
    EXPECT_TRUE(directory.assigned("sf", "S001", kBill, AssignmentKind::deliver, at(10)));
    EXPECT_FALSE(directory.assigned("sf", "S001", kBill, AssignmentKind::deliver, at(20)));
    EXPECT_FALSE(directory.assigned("sf", "S001", kBill, AssignmentKind::deliver, at(9)));
    EXPECT_FALSE(directory.assigned("sf", "S001", kBill, AssignmentKind::collect, at(10)));
    EXPECT_FALSE(directory.assigned("yt", "S001", kBill, AssignmentKind::deliver, at(10)));
    EXPECT_FALSE(directory.assigned("sf", "S002", kBill, AssignmentKind::deliver, at(10)));
    EXPECT_FALSE(directory.assigned("sf", "S001", {{4}, {77}}, AssignmentKind::deliver, at(10)));
    ASSERT_TRUE(directory.assign({"sf", kBill, "S001", AssignmentKind::deliver, at(30), at(40)}));
    EXPECT_FALSE(directory.assigned("sf", "S001", kBill, AssignmentKind::deliver, at(10)));
    EXPECT_EQ(directory.assignments(), 1U);
    directory.unassign("yt", "S001", kBill, AssignmentKind::deliver);
    EXPECT_TRUE(directory.assigned("sf", "S001", kBill, AssignmentKind::deliver, at(30)));
    directory.unassign("sf", "S001", kBill, AssignmentKind::deliver);
    EXPECT_EQ(directory.assignments(), 0U);
    EXPECT_EQ(directory.assign({"sf", kBill, "S001", AssignmentKind::deliver, at(3), at(3)}).error().code,
              Code::bad_input);
}

TEST(Directory, ATicketCoversItsWaybillsPurposeAndPeople) {
    Directory directory;
    const auto snapshot = Snapshot::of(small()).value();
    Ticket ticket{"sf", "T-1", "claim", "hz", {}, {{{3}, {90}}, kBill}, at(20)};
    ASSERT_TRUE(directory.put(ticket));
    Directory::TicketQuestion good{"sf", "T-1", "claim", "S001", "hz-01", kBill, at(10)};
    EXPECT_TRUE(directory.covered(*snapshot, good));
    const auto refuses = [&](auto change) {
        auto question = good;
        change(question);
        EXPECT_FALSE(directory.covered(*snapshot, question));
    };
    refuses([](auto& q) { q.enterprise = "yt"; });
    refuses([](auto& q) { q.number = "T-2"; });
    refuses([](auto& q) { q.purpose = "return"; });
    refuses([](auto& q) { q.organisation = "gz-01"; });
    refuses([](auto& q) { q.organisation = ""; });
    refuses([](auto& q) { q.waybill = {{3}, {91}}; });
    refuses([](auto& q) { q.at = at(20); });
    ticket.person = "S002";
    ASSERT_TRUE(directory.put(ticket));
    EXPECT_FALSE(directory.covered(*snapshot, good));
    ticket.person = "S001";
    ASSERT_TRUE(directory.put(ticket));
    EXPECT_TRUE(directory.covered(*snapshot, good));
    directory.close_ticket("sf", "T-1");
    EXPECT_FALSE(directory.covered(*snapshot, good));
    ticket.waybills.clear();
    EXPECT_EQ(directory.put(ticket).error().code, Code::bad_input);
}

TEST(Directory, ForgetsWhatHasEnded) {
    Directory directory;
    ASSERT_TRUE(directory.assign({"sf", kBill, "S001", AssignmentKind::deliver, at(10), at(20)}));
    ASSERT_TRUE(directory.assign({"sf", kBill, "S002", AssignmentKind::deliver, at(10), at(30)}));
    directory.forget_before(at(20));
    EXPECT_EQ(directory.assignments(), 1U);
    EXPECT_TRUE(directory.assigned("sf", "S002", kBill, AssignmentKind::deliver, at(20)));
}

TEST(Directory, IsAskedAndChangedFromManyThreads) {
    Directory directory;
    const auto snapshot = Snapshot::of(small()).value();
    std::vector<std::jthread> threads;
    for (int worker = 0; worker < 4; ++worker) {
        threads.emplace_back([&, worker] {
            for (std::uint64_t i = 0; i < 2000; ++i) {
                const RecordPlace place{{1}, {i * 4 + static_cast<std::uint64_t>(worker)}};
                EXPECT_TRUE(
                    directory.assign({"sf", place, "S00" + std::to_string(worker), {}, at(1), at(2)}));
                EXPECT_TRUE(directory.assigned("sf", "S00" + std::to_string(worker), place, {}, at(1)));
                if (i % 100 == 0) directory.replace(snapshot);
                EXPECT_NE(directory.now(), nullptr);
            }
        });
    }
    threads.clear();
    EXPECT_EQ(directory.assignments(), 8000U);
}

}  // namespace
}  // namespace huoqi::people

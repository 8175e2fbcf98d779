// SPDX-License-Identifier: Apache-2.0
// Following over the store in memory; what every engine must do is in edge/store.
#include "core/people/work.h"

#include <gtest/gtest.h>

#include "core/people/testing/memory_work.h"

namespace huoqi::people {
namespace {

constexpr RecordPlace kFirst{{1}, {7}};
constexpr RecordPlace kSecond{{1}, {8}};
const std::vector<office::Outgoing> kTold{{0, "work.assign", "root", "x", "", {}}};

Assignment given(RecordPlace waybill, std::string person = "S001", Time until = {20}) {
    return {"sf", waybill, std::move(person), AssignmentKind::deliver, {10}, until};
}
Unassigned taken(RecordPlace waybill, std::string person = "S001") {
    return {"sf", waybill, std::move(person), AssignmentKind::deliver};
}
bool works(const Directory& directory, RecordPlace waybill, Time at = {15}) {
    return directory.assigned("sf", "S001", waybill, AssignmentKind::deliver, at);
}

TEST(Work, ADirectoryFollowsWhatIsPutAndTaken) {
    MemoryWork store;
    Directory directory;
    ASSERT_TRUE(store.put("sf", std::vector{given(kFirst), given(kSecond)}, {}, kTold));
    const auto first = follow(store, directory, 0);
    ASSERT_TRUE(first);
    EXPECT_TRUE(works(directory, kFirst));
    ASSERT_TRUE(
        store.put("sf", std::vector{given(kSecond, "S001", {30})}, std::vector{taken(kFirst)}, kTold));
    const auto second = follow(store, directory, *first);
    ASSERT_TRUE(second);
    EXPECT_GT(*second, *first);
    EXPECT_FALSE(works(directory, kFirst));
    EXPECT_TRUE(works(directory, kSecond, {25}));
    EXPECT_EQ(follow(store, directory, *second).value(), *second);
    EXPECT_EQ(store.outbox.size(), 2U);
}

TEST(Work, ADirectoryThatBeginsLearnsWhatIsThereAlone) {
    MemoryWork store;
    ASSERT_TRUE(store.put("sf", std::vector{given(kFirst), given(kSecond)}, {}, kTold));
    ASSERT_TRUE(store.put("sf", {}, std::vector{taken(kFirst)}, kTold));
    std::size_t visited = 0;
    ASSERT_TRUE(store.since(0, [&](const WorkChange&) -> Status { return ++visited, Status(); }));
    EXPECT_EQ(visited, 1U);
    EXPECT_EQ(store.since(99, {}).error().code, Code::conflict);
}

TEST(Work, WhatHasNotItsShapeIsRefused) {
    MemoryWork store;
    EXPECT_EQ(store.put("sf", std::vector{given(kFirst)}, {}, {}).error().code, Code::bad_input);
    EXPECT_EQ(store.put("sf", {}, {}, kTold).error().code, Code::bad_input);
    EXPECT_EQ(store.put("yt", std::vector{given(kFirst)}, {}, kTold).error().code, Code::bad_input);
    EXPECT_EQ(store.put("sf", {}, std::vector{taken(kFirst, "13812345678")}, kTold).error().code,
              Code::bad_input);
    const std::vector<Assignment> many(kMaxWorkChanges + 1, given(kFirst));
    EXPECT_EQ(store.put("sf", many, {}, kTold).error().code, Code::too_large);
}

TEST(Work, ATicketIsFollowedUntilItIsClosed) {
    MemoryWork store;
    Directory directory;
    Contents contents;
    contents.organisations = {{"sf", "hq", "总部", OrganisationKind::headquarters, "", {}}};
    const auto snapshot = Snapshot::of(contents).value();
    ASSERT_TRUE(store.put_ticket({"sf", "t1", "claim", "hq", {}, {kFirst}, {20}}, kTold));
    const auto first = follow(store, directory, 0);
    const Directory::TicketQuestion question{"sf", "t1", "claim", "S001", "hq", kFirst, {15}};
    EXPECT_TRUE(directory.covered(*snapshot, question));
    ASSERT_TRUE(store.close_ticket("sf", "t1", kTold));
    EXPECT_EQ(store.close_ticket("sf", "t1", kTold).error().code, Code::not_found);
    ASSERT_TRUE(follow(store, directory, *first));
    EXPECT_FALSE(directory.covered(*snapshot, question));
}

}  // namespace
}  // namespace huoqi::people

// SPDX-License-Identifier: Apache-2.0
// What every engine of the port for assignments and tickets must do.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <thread>

#include "edge/store/store.h"
#include "lib/sql/testing/postgres_server.h"

namespace huoqi::store {
namespace {

using people::Assignment;
using people::AssignmentKind;
using people::Directory;
using people::Ticket;
using people::Unassigned;
using people::WorkChange;

const std::vector<office::Outgoing> kTold{{0, "work.assign", "root", "x", "", {}}};

RecordPlace place(std::uint64_t record) { return {{65'537}, {(std::uint64_t{1} << 40) + record}}; }
Assignment given(std::uint64_t record, Time until = {100}, std::string enterprise = "sf",
                 std::string person = "王永利") {
    return {std::move(enterprise), place(record), std::move(person), AssignmentKind::deliver, {10}, until};
}
Unassigned taken(std::uint64_t record) { return {"sf", place(record), "王永利", AssignmentKind::deliver}; }
Ticket ticket(std::string number, Time until = {100}) {
    return {"sf", std::move(number), "claim", "hq", "S002", {place(1), place(2)}, until};
}
bool works(const Directory& directory, std::uint64_t record, Time at = {50},
           std::string_view enterprise = "sf") {
    return directory.assigned(enterprise, "王永利", place(record), AssignmentKind::deliver, at);
}

class WorkContract : public testing::TestWithParam<sql::Dialect> {
  protected:
    void SetUp() override {
        if (GetParam() == sql::Dialect::postgresql && !server_)
            server_ = std::make_unique<sql::PostgresServer>();
        file_ = std::filesystem::path(testing::TempDir()) / ("work-" + std::to_string(::getpid()) + ".db");
        remove(file_);
        if (server_) {
            ASSERT_TRUE(
                edit("DROP TABLE IF EXISTS access_keys, outbox, policies, migrations, work_numbers, "
                     "assignments, tickets"));
        }
        key_ = crypto::random_key();
        store_ = open();
        ASSERT_TRUE(store_);
    }
    void TearDown() override {
        store_.reset();
        remove(file_);
    }
    static void remove(const std::filesystem::path& file) {
        for (auto suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + suffix);
    }
    std::unique_ptr<sql::Connection> connection() {
        if (server_) return sql::reconnecting_postgres(server_->url(), {});
        return std::move(sql::open_sqlite(file_).value());
    }
    Result<std::unique_ptr<people::WorkStore>> try_open(archive::WriterId writer = 0) {
        return open_work(connection(), crypto::Suite::sm, key_, writer);
    }
    std::unique_ptr<people::WorkStore> open(archive::WriterId writer = 0) {
        auto opened = try_open(writer);
        EXPECT_TRUE(opened) << opened.error().message;
        return opened ? std::move(*opened) : nullptr;
    }
    std::size_t waiting() {
        return open_office(connection(), crypto::Suite::sm, key_, 0).value()->outbox()->size();
    }
    Status edit(std::string_view statement) { return connection()->run(statement); }
    std::int64_t rows(const std::string& table) {
        std::int64_t out = -1;
        EXPECT_TRUE(connection()->run("SELECT COUNT(*) FROM " + table, {},
                                      [&](const sql::Row& row) { out = std::get<std::int64_t>(row[0]); }));
        return out;
    }
    static std::vector<WorkChange> since(people::WorkStore& store, std::int64_t number) {
        std::vector<WorkChange> out;
        const auto visited = store.since(number, [&](const WorkChange& change) -> Status {
            out.push_back(change);
            return {};
        });
        EXPECT_TRUE(visited) << visited.error().message;
        return out;
    }
    std::unique_ptr<sql::PostgresServer> server_;
    std::filesystem::path file_;
    crypto::Key key_;
    std::unique_ptr<people::WorkStore> store_;
};

TEST_P(WorkContract, WhatWasPutIsThereAfterARestart) {
    ASSERT_TRUE(store_->put("sf", std::vector{given(1), given(2)}, {}, kTold));
    auto open_to_all = ticket("t2");
    open_to_all.person = std::nullopt;
    ASSERT_TRUE(store_->put_ticket(ticket("t1"), kTold));
    ASSERT_TRUE(store_->put_ticket(open_to_all, kTold));
    store_ = open();
    EXPECT_EQ(since(*store_, 0), (std::vector<WorkChange>{given(1), given(2), ticket("t1"), open_to_all}));
    EXPECT_TRUE(store_->check());
}

TEST_P(WorkContract, TwoStoresFollowEachOther) {
    auto other = open(1);
    Directory here, there;
    ASSERT_TRUE(store_->put("sf", std::vector{given(1), given(2)}, {}, kTold));
    auto at_there = people::follow(*other, there, 0).value();
    EXPECT_TRUE(works(there, 1));
    ASSERT_TRUE(other->put("sf", std::vector{given(3)}, std::vector{taken(1), taken(99)}, kTold));
    ASSERT_TRUE(other->put("yt", std::vector{given(1, {100}, "yt")}, {}, kTold));
    auto at_here = people::follow(*store_, here, 0).value();
    EXPECT_FALSE(works(here, 1));
    EXPECT_TRUE(works(here, 2));
    EXPECT_TRUE(works(here, 3));
    EXPECT_TRUE(works(here, 1, {50}, "yt"));
    at_there = people::follow(*other, there, at_there).value();
    EXPECT_EQ(at_there, at_here);
    EXPECT_FALSE(works(there, 1));
    EXPECT_TRUE(works(there, 3));
    EXPECT_TRUE(since(*store_, at_here).empty());
    EXPECT_EQ(store_->since(at_here + 1, {}).error().code, Code::conflict);
}

// Whoever reads while others write misses nothing: what it holds in the end is what is there.
TEST_P(WorkContract, WhoFollowsWhileOthersWriteMissesNothing) {
    constexpr int kWriters = 3, kPuts = 40, kEach = 20;
    Directory directory;
    std::int64_t last = 0;
    {
        std::vector<std::jthread> writers;
        for (int w = 0; w < kWriters; ++w) {
            writers.emplace_back([&, w, store = open(static_cast<archive::WriterId>(w))] {
                for (int i = 0; i < kPuts; ++i) {
                    std::vector<Assignment> batch;
                    for (int n = 0; n < kEach; ++n)
                        batch.push_back(given(static_cast<std::uint64_t>((w * kPuts + i) * kEach + n)));
                    EXPECT_TRUE(store->put("sf", batch, {}, kTold));
                }
            });
        }
        for (int i = 0; i < 50; ++i) last = people::follow(*store_, directory, last).value();
    }
    last = people::follow(*store_, directory, last).value();
    EXPECT_EQ(last, kWriters * kPuts * kEach);
    EXPECT_EQ(directory.assignments(), std::size_t{kWriters * kPuts * kEach});
}

TEST_P(WorkContract, TheLastOneOfABatchCountsAndWhatIsGivenIsNotTaken) {
    ASSERT_TRUE(store_->put("sf", std::vector{given(1, {30}), given(1, {40})}, std::vector{taken(1)}, kTold));
    EXPECT_EQ(since(*store_, 0), (std::vector<WorkChange>{given(1, {40})}));
    ASSERT_TRUE(store_->put("sf", {}, std::vector{taken(1)}, kTold));
    EXPECT_TRUE(since(*store_, 0).empty());
    EXPECT_EQ(since(*store_, 1), (std::vector<WorkChange>{taken(1)}));
    ASSERT_TRUE(store_->put("sf", std::vector{given(1, {20})}, {}, kTold));
    EXPECT_EQ(since(*store_, 1), (std::vector<WorkChange>{given(1, {20})}));
}

TEST_P(WorkContract, ATicketIsClosedOnce) {
    EXPECT_EQ(store_->close_ticket("sf", "t1", kTold).error().code, Code::not_found);
    ASSERT_TRUE(store_->put_ticket(ticket("t1"), kTold));
    EXPECT_EQ(store_->close_ticket("yt", "t1", kTold).error().code, Code::not_found);
    ASSERT_TRUE(store_->close_ticket("sf", "t1", kTold));
    EXPECT_EQ(store_->close_ticket("sf", "t1", kTold).error().code, Code::not_found);
    EXPECT_TRUE(since(*store_, 0).empty());
    EXPECT_EQ(since(*store_, 1), (std::vector<WorkChange>{people::ClosedTicket{"sf", "t1"}}));
    ASSERT_TRUE(store_->put_ticket(ticket("t1"), kTold));
    EXPECT_EQ(since(*store_, 0), (std::vector<WorkChange>{ticket("t1")}));
    EXPECT_EQ(waiting(), 3U);
    EXPECT_TRUE(store_->check());
}

TEST_P(WorkContract, AChangeAndItsEntriesAreOne) {
    EXPECT_EQ(store_->put("sf", std::vector{given(1)}, {}, {}).error().code, Code::bad_input);
    EXPECT_EQ(store_->put("yt", std::vector{given(1)}, {}, kTold).error().code, Code::bad_input);
    EXPECT_EQ(store_->put_ticket(ticket("t1"), {}).error().code, Code::bad_input);
    EXPECT_EQ(waiting(), 0U);
    ASSERT_TRUE(edit("ALTER TABLE outbox RENAME COLUMN detail TO gone"));
    EXPECT_FALSE(store_->put("sf", std::vector{given(1)}, {}, kTold));
    ASSERT_TRUE(edit("ALTER TABLE outbox RENAME COLUMN gone TO detail"));
    EXPECT_TRUE(since(*store_, 0).empty());
    ASSERT_TRUE(store_->put("sf", std::vector{given(1)}, {}, kTold));
    EXPECT_EQ(waiting(), 1U);
}

TEST_P(WorkContract, WhatEndedIsForgottenButNotWhatAnotherMayStillHold) {
    ASSERT_TRUE(store_->put("sf", std::vector{given(1, {30}), given(2, {100}), given(3, {30})}, {}, kTold));
    // Shortened, and taken: who has not followed still holds both until 100.
    ASSERT_TRUE(store_->put("sf", std::vector{given(4, {100}), given(5, {100})}, {}, kTold));
    ASSERT_TRUE(store_->put("sf", std::vector{given(4, {20})}, std::vector{taken(5)}, kTold));
    ASSERT_TRUE(store_->put_ticket(ticket("t1", {30}), kTold));
    ASSERT_TRUE(store_->put_ticket(ticket("t2", {100}), kTold));
    ASSERT_TRUE(store_->close_ticket("sf", "t2", kTold));
    ASSERT_TRUE(store_->forget_before({30}));
    EXPECT_EQ(rows("assignments"), 3);
    EXPECT_EQ(rows("tickets"), 1);
    EXPECT_EQ(since(*store_, 0), (std::vector<WorkChange>{given(2, {100}), given(4, {20})}));
    ASSERT_TRUE(store_->forget_before({100}));
    EXPECT_EQ(rows("assignments") + rows("tickets"), 0);
    EXPECT_TRUE(store_->check());
}

TEST_P(WorkContract, ARowAlteredOutsideTheProgramIsReported) {
    for (const auto* statement :
         {"UPDATE assignments SET until_at = 999", "UPDATE assignments SET person = 'S002'",
          "UPDATE assignments SET record = 9", "UPDATE assignments SET kind = 0",
          "UPDATE assignments SET kind = 7", "UPDATE assignments SET number = number + 1",
          "UPDATE assignments SET from_at = 0, until_at = 0", "UPDATE assignments SET enterprise = 'yt'",
          "UPDATE tickets SET person = NULL", "UPDATE tickets SET until_at = 999",
          "UPDATE tickets SET purpose = 'other'", "UPDATE tickets SET organisation = 'hz'",
          "UPDATE work_numbers SET number = 9", "DELETE FROM work_numbers WHERE enterprise = ''"}) {
        TearDown();
        SetUp();
        ASSERT_TRUE(store_->put("sf", std::vector{given(1)}, {}, kTold));
        ASSERT_TRUE(store_->put_ticket(ticket("t1"), kTold));
        ASSERT_TRUE(store_->put("yt", std::vector{given(2, {100}, "yt")}, {}, kTold));
        ASSERT_TRUE(store_->check());
        ASSERT_TRUE(edit(statement)) << statement;
        Directory directory;
        EXPECT_EQ(people::follow(*store_, directory, 0).error().code, Code::corrupt) << statement;
        EXPECT_EQ(store_->check().error().code, Code::corrupt) << statement;
    }
    EXPECT_EQ(store_->put("sf", std::vector{given(1)}, {}, kTold).error().code, Code::corrupt);
}

TEST_P(WorkContract, ACopyHoldsThemAllAndGoesOnCounting) {
    ASSERT_TRUE(store_->put("sf", std::vector{given(1), given(2), given(3)}, {}, kTold));
    ASSERT_TRUE(store_->put("sf", {}, std::vector{taken(2)}, kTold));
    ASSERT_TRUE(store_->put("yt", std::vector{given(1, {100}, "yt")}, {}, kTold));
    ASSERT_TRUE(store_->put_ticket(ticket("t1"), kTold));
    const auto file = file_.string() + ".copy";
    remove(file);
    auto copy = open_work(file, crypto::Suite::sm, key_);
    {
        auto to = sql::open_sqlite(file);
        ASSERT_TRUE(to);
        for (int twice = 0; twice < 2; ++twice) {
            const auto copied = copy_work(*connection(), **to);
            ASSERT_TRUE(copied) << copied.error().message;
        }
    }
    copy = open_work(file, crypto::Suite::sm, key_);
    ASSERT_TRUE(copy);
    EXPECT_EQ(since(**copy, 0), since(*store_, 0));
    EXPECT_EQ(since(**copy, 3), since(*store_, 3));
    EXPECT_TRUE((*copy)->check());
    ASSERT_TRUE((*copy)->put("sf", std::vector{given(9)}, {}, kTold));
    EXPECT_EQ(since(**copy, 6), (std::vector<WorkChange>{given(9)}));
    if (server_) {
        // And back: several rows a statement.
        ASSERT_TRUE(copy_work(**sql::open_sqlite(file), *connection()));
        store_ = open();
        EXPECT_EQ(since(*store_, 0), since(**copy, 0));
        EXPECT_TRUE(store_->check());
    }
    copy->reset();
    remove(file);
}

TEST_P(WorkContract, AHundredThousandAssignmentsInBatches) {
    constexpr std::uint64_t kBatches = 10;
    const auto now = [] { return std::chrono::steady_clock::now(); };
    const auto rate = [](auto count, auto from, auto to) {
        return static_cast<double>(count) / std::chrono::duration<double>(to - from).count();
    };
    const auto begun = now();
    for (std::uint64_t b = 0; b < kBatches; ++b) {
        std::vector<Assignment> batch;
        for (std::uint64_t n = 0; n < people::kMaxWorkChanges; ++n)
            batch.push_back(
                given(b * people::kMaxWorkChanges + n, {100}, "sf", "S" + std::to_string(n % 500)));
        const auto put = store_->put("sf", batch, {}, kTold);
        ASSERT_TRUE(put) << put.error().message;
    }
    const auto written = now();
    Directory directory;
    ASSERT_TRUE(people::follow(*store_, directory, 0));
    const auto followed = now();
    constexpr auto kCount = kBatches * people::kMaxWorkChanges;
    EXPECT_EQ(directory.assignments(), kCount);
    ASSERT_TRUE(store_->forget_before({100}));
    std::cout << "put " << rate(kCount, begun, written) << "/s, followed " << rate(kCount, written, followed)
              << "/s, forgotten " << rate(kCount, followed, now()) << "/s\n";
    EXPECT_EQ(rows("assignments"), 0);
}

TEST_P(WorkContract, AnOlderProgramDoesNotTouchANewerDatabase) {
    ASSERT_TRUE(edit("INSERT INTO migrations (name, number) VALUES ('work', 9999)"));
    EXPECT_EQ(try_open().error().code, Code::unsupported);
}

INSTANTIATE_TEST_SUITE_P(Engines, WorkContract,
                         testing::Values(sql::Dialect::sqlite, sql::Dialect::postgresql),
                         [](const auto& engine) {
                             return engine.param == sql::Dialect::sqlite ? "Sqlite" : "Postgresql";
                         });

}  // namespace
}  // namespace huoqi::store

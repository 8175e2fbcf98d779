// SPDX-License-Identifier: Apache-2.0
// What both engines must do.
#include <gtest/gtest.h>

#include <thread>

#include "lib/sql/postgres.h"
#include "lib/sql/testing/postgres_server.h"

namespace huoqi::sql {
namespace {

class Sql : public testing::TestWithParam<Dialect> {
  protected:
    void SetUp() override {
        if (GetParam() == Dialect::postgresql) server_ = std::make_unique<PostgresServer>();
        file_ = std::filesystem::path(testing::TempDir()) / ("sql-" + std::to_string(::getpid()) + ".db");
        TearDown();
        connection_ = open();
    }
    void TearDown() override {
        connection_.reset();
        for (auto suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file_.string() + suffix);
    }
    std::unique_ptr<Connection> open() {
        if (server_) {
            auto opened = open_postgres(server_->url(), {});
            EXPECT_TRUE(opened) << opened.error().message;
            return opened ? std::move(*opened) : nullptr;
        }
        auto opened = open_sqlite(file_);
        EXPECT_TRUE(opened);
        return opened ? std::move(*opened) : nullptr;
    }
    void run(std::string_view statement, const std::vector<Value>& parameters = {}) {
        auto done = connection_->run(statement, parameters);
        ASSERT_TRUE(done) << statement << ": " << done.error().message;
    }
    std::vector<Row> rows(std::string_view statement, const std::vector<Value>& parameters = {}) {
        std::vector<Row> out;
        auto done = connection_->run(statement, parameters, [&](const Row& row) { out.push_back(row); });
        EXPECT_TRUE(done) << statement << ": " << done.error().message;
        return out;
    }
    void make_table() {
        auto made = migrate(*connection_, "test",
                            {"CREATE TABLE things (number {rising}, id BIGINT NOT NULL UNIQUE, "
                             "name TEXT, content {bytes})"});
        ASSERT_TRUE(made) << made.error().message;
    }

    std::unique_ptr<PostgresServer> server_;
    std::filesystem::path file_;
    std::unique_ptr<Connection> connection_;
};

TEST_P(Sql, ValuesComeBackAsTheyWent) {
    make_table();
    const std::vector<Row> kRows{{std::int64_t{INT64_MIN}, std::string(), Bytes()},
                                 {std::int64_t{-1}, std::string("𠮷野家 ' \" \\"), Bytes{0, 0xff, 0}},
                                 {std::int64_t{INT64_MAX}, std::monostate{}, std::monostate{}}};
    for (const auto& row : kRows) run("INSERT INTO things (id, name, content) VALUES ($1, $2, $3)", row);
    EXPECT_EQ(rows("SELECT id, name, content FROM things ORDER BY id"), kRows);
    EXPECT_EQ(rows("SELECT id FROM things WHERE content = $1", {Bytes{0, 0xff, 0}}).size(), 1U);
}

TEST_P(Sql, ASecondOfAUniqueKeyIsAConflictThatNamesNoValue) {
    make_table();
    run("INSERT INTO things (id, name) VALUES ($1, $2)", {std::int64_t{7}, std::string("planted-4711")});
    auto again = connection_->run("INSERT INTO things (id, name) VALUES ($1, $2)",
                                  {std::int64_t{7}, std::string("planted-4711")});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Code::conflict);
    EXPECT_EQ(again.error().message.find("planted"), std::string::npos);
    auto wrong = connection_->run("INSERT INTO things (id, name) VALUES (1, 'planted-4711', 2)");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().message.find("planted"), std::string::npos);
    EXPECT_EQ(rows("SELECT id FROM things").size(), 1U);
}

TEST_P(Sql, ATransactionIsAllOrNothing) {
    make_table();
    auto failed = connection_->transaction([&]() -> Status {
        run("INSERT INTO things (id) VALUES (1)");
        return fail(Code::refused, "no");
    });
    EXPECT_EQ(failed.error().code, Code::refused);
    EXPECT_TRUE(rows("SELECT id FROM things").empty());
    auto broken = connection_->transaction([&]() -> Status {
        run("INSERT INTO things (id) VALUES (1)");
        return connection_->run("INSERT INTO things (id) VALUES (1)");
    });
    EXPECT_EQ(broken.error().code, Code::conflict);
    ASSERT_TRUE(connection_->transaction([&]() -> Status {
        run("INSERT INTO things (id) VALUES (2)");
        return {};
    }));
    EXPECT_EQ(rows("SELECT id FROM things").size(), 1U);
    // Numbers that rise by themselves are not used again.
    auto first = std::get<std::int64_t>(rows("SELECT number FROM things")[0][0]);
    run("DELETE FROM things");
    run("INSERT INTO things (id) VALUES (3)");
    EXPECT_GT(std::get<std::int64_t>(rows("SELECT number FROM things")[0][0]), first);
}

TEST_P(Sql, ATransactionWithinATransactionIsRefusedAndTheOuterIsStillAllOrNothing) {
    make_table();
    bool inner = false;
    auto outer = connection_->transaction([&]() -> Status {
        run("INSERT INTO things (id) VALUES (1)");
        auto nested = connection_->transaction([&]() -> Status {
            inner = true;
            return {};
        });
        EXPECT_EQ(nested.error().code, Code::storage);
        EXPECT_NE(nested.error().message.find("within a transaction"), std::string::npos);
        return fail(Code::refused, "no");
    });
    EXPECT_EQ(outer.error().code, Code::refused);
    EXPECT_FALSE(inner);
    EXPECT_TRUE(rows("SELECT id FROM things").empty());
    EXPECT_TRUE(connection_->transaction([] { return Status(); }));
}

TEST_P(Sql, MigrationsAreAppliedOnceInOrderAndANewerDatabaseIsRefused) {
    const std::vector<std::string_view> kMigrations{
        "CREATE TABLE one (a TEXT);\nINSERT INTO one VALUES ('x;y')", "CREATE TABLE two (a TEXT)"};
    ASSERT_TRUE(migrate(*connection_, "set", {kMigrations[0]}));
    ASSERT_TRUE(migrate(*connection_, "set", kMigrations));
    ASSERT_TRUE(migrate(*connection_, "set", kMigrations));
    ASSERT_TRUE(migrate(*connection_, "other", {"CREATE TABLE three (a TEXT)"}));
    EXPECT_EQ(rows("SELECT a FROM one").size(), 1U);
    EXPECT_EQ(*migrated(*connection_, "set"), 2);
    auto older = migrate(*connection_, "set", {kMigrations[0]});
    ASSERT_FALSE(older);
    EXPECT_EQ(older.error().code, Code::unsupported);
    EXPECT_NE(older.error().message.find("2"), std::string::npos);
    auto wrong = migrate(*connection_, "set",
                         {kMigrations[0], kMigrations[1], "CREATE TABLE four (a TEXT);\nNONSENSE"});
    ASSERT_FALSE(wrong);
    EXPECT_EQ(*migrated(*connection_, "set"), 2);
    EXPECT_FALSE(connection_->run("SELECT a FROM four"));
}

TEST_P(Sql, ManyMayMigrateAtOnce) {
    std::vector<std::thread> threads;
    std::atomic<int> good = 0;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            auto mine = open();
            auto done = migrate(*mine, "set", {"CREATE TABLE one (a TEXT)", "CREATE TABLE two (a TEXT)"});
            EXPECT_TRUE(done) << done.error().message;
            good += done ? 1 : 0;
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(good, 8);
}

INSTANTIATE_TEST_SUITE_P(Engines, Sql, testing::Values(Dialect::sqlite, Dialect::postgresql),
                         [](const auto& engine) {
                             return engine.param == Dialect::sqlite ? "Sqlite" : "Postgresql";
                         });

}  // namespace
}  // namespace huoqi::sql

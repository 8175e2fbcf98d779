// SPDX-License-Identifier: Apache-2.0
// What every engine of the office port must do.
#include <gtest/gtest.h>
#include <unistd.h>

#include "edge/store/store.h"
#include "lib/sql/testing/postgres_server.h"

namespace huoqi::store {
namespace {

SecretBytes secret(std::string_view text) {
    auto view = bytes_of(text);
    return SecretBytes(Bytes(view.begin(), view.end()));
}

class OfficeContract : public testing::TestWithParam<sql::Dialect> {
  protected:
    void SetUp() override {
        if (GetParam() == sql::Dialect::postgresql && !server_)
            server_ = std::make_unique<sql::PostgresServer>();
        file_ = std::filesystem::path(testing::TempDir()) / ("office-" + std::to_string(::getpid()) + ".db");
        for (auto suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file_.string() + suffix);
        if (server_) {
            ASSERT_TRUE(edit("DROP TABLE IF EXISTS access_keys, outbox, policies, migrations"));
        }
        key_ = crypto::random_key();
        open();
        ASSERT_TRUE(office_->add_key({"ak_1", "李审计", "auditor", "main", "", {100}, {}, Time{500}, 7},
                                     secret("one"), "root"));
    }
    void TearDown() override {
        office_.reset();
        for (auto suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file_.string() + suffix);
    }
    Result<std::unique_ptr<office::Office>> try_open(archive::WriterId writer = 0) {
        if (!server_) return open_office(file_, crypto::Suite::sm, key_);
        return open_office(sql::reconnecting_postgres(server_->url(), {}), crypto::Suite::sm, key_, writer);
    }
    void open() {
        office_.reset();
        auto opened = try_open();
        ASSERT_TRUE(opened) << opened.error().message;
        office_ = std::move(*opened);
    }
    Status edit(std::string_view statement) {
        if (server_) return sql::reconnecting_postgres(server_->url(), {})->run(statement);
        auto connection = sql::open_sqlite(file_);
        if (!connection) return pass(connection);
        return (*connection)->run(statement);
    }
    std::unique_ptr<sql::PostgresServer> server_;
    std::filesystem::path file_;
    crypto::Key key_;
    std::unique_ptr<office::Office> office_;
};

class SharedOffice : public OfficeContract {};

TEST_P(OfficeContract, AKeyIsFoundByItsSecretAlone) {
    auto key = office_->key_of(secret("one"));
    ASSERT_TRUE(key);
    EXPECT_EQ(key->person, "李审计");
    EXPECT_FALSE(key->revoked);
    EXPECT_EQ(key->expires, Time{500});
    EXPECT_EQ(key->rate, 7);
    EXPECT_EQ(office_->key_of(secret("two")).error().code, Code::not_found);
    EXPECT_EQ(
        office_->add_key({"ak_1", "x", "auditor", "main", "", {1}, {}}, secret("three"), "root").error().code,
        Code::conflict);
}

TEST_P(OfficeContract, RevokingIsKeptAndPosted) {
    ASSERT_TRUE(office_->revoke_key("ak_1", {200}, "root"));
    open();
    EXPECT_EQ(office_->key_of(secret("one"))->revoked, Time{200});
    EXPECT_EQ(office_->revoke_key("ak_1", {300}, "root").error().code, Code::conflict);
    auto waiting = office_->outbox();
    ASSERT_TRUE(waiting);
    ASSERT_EQ(waiting->size(), 2U);
    EXPECT_EQ((*waiting)[1].action, "key.revoke");
    ASSERT_TRUE(office_->drained((*waiting)[0].number));
    EXPECT_EQ(office_->outbox()->size(), 1U);
}

TEST_P(OfficeContract, NumbersOfTheOutboxAreNotUsedAgain) {
    auto first = office_->outbox()->front().number;
    ASSERT_TRUE(office_->drained(first));
    ASSERT_TRUE(office_->revoke_key("ak_1", {200}, "root"));
    EXPECT_GT(office_->outbox()->front().number, first);
}

TEST_P(OfficeContract, ARowAlteredOutsideTheProgramIsReported) {
    for (auto statement : {"UPDATE access_keys SET role = 'operator'", "UPDATE access_keys SET person = 'x'",
                           "UPDATE access_keys SET revoked = 5", "UPDATE access_keys SET outlet = 'HZ01'",
                           "UPDATE access_keys SET expires = NULL", "UPDATE access_keys SET rate = 9",
                           "UPDATE access_keys SET seal = secret_hash"}) {
        TearDown();
        SetUp();
        ASSERT_TRUE(edit(statement));
        EXPECT_EQ(office_->key_of(secret("one")).error().code, Code::corrupt) << statement;
        EXPECT_EQ(office_->check().error().code, Code::corrupt) << statement;
    }
}

TEST_P(OfficeContract, TheNewestPublishedPolicyIsKeptAndAnAlteredOneReported) {
    EXPECT_FALSE(*office_->policy());
    EXPECT_EQ(*office_->policy_number(), 0);
    ASSERT_TRUE(office_->publish_policy("p1", {1, 2}, "root"));
    ASSERT_TRUE(office_->publish_policy("p2", {3}, "root"));
    open();
    auto newest = office_->policy();
    ASSERT_TRUE(newest && *newest) << newest.error().message;
    EXPECT_EQ((*newest)->version, "p2");
    EXPECT_EQ((*newest)->files, Bytes{3});
    EXPECT_EQ(*office_->policy_number(), (*newest)->number);
    EXPECT_EQ(office_->outbox()->back().action, "policy.publish");
    ASSERT_TRUE(edit("UPDATE policies SET version = 'p3'"));
    EXPECT_EQ(office_->policy().error().code, Code::corrupt);
}

TEST_P(OfficeContract, AnOlderProgramDoesNotTouchANewerDatabase) {
    ASSERT_TRUE(edit("INSERT INTO migrations (name, number) VALUES ('office', 9999)"));
    EXPECT_EQ(try_open().error().code, Code::unsupported);
}

TEST_P(SharedOffice, ABrokenConnectionFailsOneCallAndTheNextOneWorks) {
    server_->stop();
    EXPECT_EQ(office_->keys().error().code, Code::unavailable);
    EXPECT_EQ(office_->revoke_key("ak_1", {200}, "root").error().code, Code::unavailable);
    server_->start();
    EXPECT_EQ(office_->key_of(secret("one"))->person, "李审计");
    EXPECT_TRUE(office_->revoke_key("ak_1", {200}, "root"));
}

TEST_P(SharedOffice, EachWriterHasAnOutboxOfItsOwn) {
    auto second = try_open(1);
    ASSERT_TRUE(second);
    EXPECT_TRUE((*second)->outbox()->empty());
    ASSERT_TRUE((*second)->revoke_key("ak_1", {200}, "root"));
    EXPECT_EQ((*second)->outbox()->size(), 1U);
    EXPECT_EQ(office_->outbox()->size(), 1U);
    EXPECT_EQ(office_->key_of(secret("one"))->revoked, Time{200});
}

INSTANTIATE_TEST_SUITE_P(Engines, OfficeContract,
                         testing::Values(sql::Dialect::sqlite, sql::Dialect::postgresql),
                         [](const auto& engine) {
                             return engine.param == sql::Dialect::sqlite ? "Sqlite" : "Postgresql";
                         });

INSTANTIATE_TEST_SUITE_P(Engines, SharedOffice, testing::Values(sql::Dialect::postgresql));

}  // namespace
}  // namespace huoqi::store

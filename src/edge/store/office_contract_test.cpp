// SPDX-License-Identifier: Apache-2.0
// What every engine of the office port must do.
#include <gtest/gtest.h>
#include <unistd.h>

#include "edge/store/store.h"
#include "lib/sql/sql.h"

namespace huoqi::store {
namespace {

SecretBytes secret(std::string_view text) {
    auto view = bytes_of(text);
    return SecretBytes(Bytes(view.begin(), view.end()));
}

class OfficeContract : public testing::Test {
  protected:
    void SetUp() override {
        file_ = std::filesystem::path(testing::TempDir()) / ("office-" + std::to_string(::getpid()) + ".db");
        for (auto suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file_.string() + suffix);
        key_ = crypto::random_key();
        open();
        ASSERT_TRUE(
            office_->add_key({"ak_1", "李审计", "auditor", "main", "", {100}, {}}, secret("one"), "root"));
    }
    void TearDown() override {
        office_.reset();
        for (auto suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file_.string() + suffix);
    }
    void open() {
        office_.reset();
        auto opened = open_office(file_, crypto::Suite::sm, key_);
        ASSERT_TRUE(opened) << opened.error().message;
        office_ = std::move(*opened);
    }
    Status edit(std::string_view statement) {
        auto connection = sql::open_sqlite(file_);
        if (!connection) return pass(connection);
        return (*connection)->run(statement);
    }
    std::filesystem::path file_;
    crypto::Key key_;
    std::unique_ptr<office::Office> office_;
};

TEST_F(OfficeContract, AKeyIsFoundByItsSecretAlone) {
    auto key = office_->key_of(secret("one"));
    ASSERT_TRUE(key);
    EXPECT_EQ(key->person, "李审计");
    EXPECT_FALSE(key->revoked);
    EXPECT_EQ(office_->key_of(secret("two")).error().code, Code::not_found);
    EXPECT_EQ(
        office_->add_key({"ak_1", "x", "auditor", "main", "", {1}, {}}, secret("three"), "root").error().code,
        Code::conflict);
}

TEST_F(OfficeContract, RevokingIsKeptAndPosted) {
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

TEST_F(OfficeContract, NumbersOfTheOutboxAreNotUsedAgain) {
    auto first = office_->outbox()->front().number;
    ASSERT_TRUE(office_->drained(first));
    ASSERT_TRUE(office_->revoke_key("ak_1", {200}, "root"));
    EXPECT_GT(office_->outbox()->front().number, first);
}

TEST_F(OfficeContract, ARowAlteredOutsideTheProgramIsReported) {
    for (auto statement : {"UPDATE access_keys SET role = 'operator'", "UPDATE access_keys SET person = 'x'",
                           "UPDATE access_keys SET revoked = 5", "UPDATE access_keys SET outlet = 'HZ01'",
                           "UPDATE access_keys SET seal = zeroblob(32)"}) {
        TearDown();
        SetUp();
        ASSERT_TRUE(edit(statement));
        EXPECT_EQ(office_->key_of(secret("one")).error().code, Code::corrupt) << statement;
        EXPECT_EQ(office_->check().error().code, Code::corrupt) << statement;
    }
}

TEST_F(OfficeContract, AnOlderProgramDoesNotTouchANewerDatabase) {
    ASSERT_TRUE(edit("INSERT INTO migrations (number) VALUES (9999)"));
    EXPECT_EQ(open_office(file_, crypto::Suite::sm, key_).error().code, Code::unsupported);
}

}  // namespace
}  // namespace huoqi::store

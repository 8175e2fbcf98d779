// SPDX-License-Identifier: Apache-2.0
// What every engine of the port for people must do.
#include <gtest/gtest.h>
#include <unistd.h>

#include "edge/store/store.h"
#include "lib/sql/testing/postgres_server.h"

namespace huoqi::store {
namespace {

using people::Changes;
using people::GrantRequest;
using people::Window;

office::Outgoing told(std::string action = "people.write") {
    return {0, std::move(action), "root", "x", "", {}};
}

// One of everything, for an enterprise.
Changes full(const std::string& enterprise) {
    Changes out;
    out.contents.organisations = {
        {enterprise, "hq", "总部", people::OrganisationKind::headquarters, "", {}},
        {enterprise, "hz-01", "杭州一部", people::OrganisationKind::outlet, "hq", {"330106", "330108"}}};
    out.contents.people = {{enterprise, "S001", "hz-01", "快递员", "一组", {10}, std::nullopt},
                           {enterprise, "S002", "hq", "", "", {10}, Time{99}}};
    out.contents.grants = {{enterprise, "gr_1", "S001", "courier", "hz-01", {10}, Time{50}, {20}}};
    out.contents.devices = {{enterprise, "pda-1", people::DeviceKind::hand_held, "hz-01", {10}, Time{40}}};
    out.affairs.requests = {{enterprise,
                             "r1",
                             GrantRequest::Kind::take,
                             "S001",
                             "courier",
                             "hz-01",
                             "gr_1",
                             {},
                             "S002",
                             {30},
                             GrantRequest::State::agreed,
                             "S003",
                             Time{31}}};
    out.affairs.windows = {{enterprise,
                            "w1",
                            "db.migrate",
                            "升级",
                            30,
                            true,
                            "S001",
                            {5},
                            Window::State::closed,
                            "",
                            Time{5},
                            Time{6},
                            "S002",
                            Time{7},
                            "无异常"}};
    out.affairs.leavings = {{enterprise, "S002", {99}, {9}, "S001", "", std::nullopt, ""}};
    return out;
}

class PeopleContract : public testing::TestWithParam<sql::Dialect> {
  protected:
    void SetUp() override {
        if (GetParam() == sql::Dialect::postgresql && !server_)
            server_ = std::make_unique<sql::PostgresServer>();
        file_ = std::filesystem::path(testing::TempDir()) / ("people-" + std::to_string(::getpid()) + ".db");
        remove();
        if (server_) {
            ASSERT_TRUE(
                edit("DROP TABLE IF EXISTS access_keys, outbox, policies, migrations, people_revisions, "
                     "organisations, people, role_grants, devices, grant_requests, maintenance_windows, "
                     "leavings"));
        }
        key_ = crypto::random_key();
        store_ = open();
        ASSERT_TRUE(store_);
        ASSERT_TRUE(store_->apply("sf", 0, full("sf"), {told()}));
        ASSERT_TRUE(store_->apply("yt", 0, full("yt"), {told()}));
    }
    void TearDown() override {
        store_.reset();
        remove();
    }
    void remove() {
        for (auto suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file_.string() + suffix);
    }
    std::unique_ptr<people::Store> open(archive::WriterId writer = 0) {
        auto opened = server_ ? open_people(sql::reconnecting_postgres(server_->url(), {}), crypto::Suite::sm,
                                            key_, writer)
                              : open_people(file_, crypto::Suite::sm, key_);
        EXPECT_TRUE(opened) << opened.error().message;
        return opened ? std::move(*opened) : nullptr;
    }
    std::unique_ptr<office::Office> office() {
        auto opened =
            server_ ? open_office(sql::reconnecting_postgres(server_->url(), {}), crypto::Suite::sm, key_, 0)
                    : open_office(file_, crypto::Suite::sm, key_);
        return std::move(opened.value());
    }
    std::unique_ptr<sql::Connection> connection() {
        if (server_) return sql::reconnecting_postgres(server_->url(), {});
        return std::move(sql::open_sqlite(file_).value());
    }
    Status edit(std::string_view statement) { return connection()->run(statement); }
    std::unique_ptr<sql::PostgresServer> server_;
    std::filesystem::path file_;
    crypto::Key key_;
    std::unique_ptr<people::Store> store_;
};

TEST_P(PeopleContract, WhatWasWrittenIsThereAfterwards) {
    store_ = open();
    const auto held = store_->held("sf");
    ASSERT_TRUE(held) << held.error().message;
    const auto wrote = full("sf");
    EXPECT_EQ(held->revision, 1);
    EXPECT_EQ(held->contents.organisations, wrote.contents.organisations);
    EXPECT_EQ(held->contents.people, wrote.contents.people);
    EXPECT_EQ(held->contents.grants, wrote.contents.grants);
    EXPECT_EQ(held->contents.devices, wrote.contents.devices);
    EXPECT_EQ(held->affairs.requests, wrote.affairs.requests);
    EXPECT_EQ(held->affairs.windows, wrote.affairs.windows);
    EXPECT_EQ(held->affairs.leavings, wrote.affairs.leavings);
    EXPECT_TRUE(store_->check("sf"));
}

TEST_P(PeopleContract, AnEnterpriseSeesAndChangesItsOwnAlone) {
    EXPECT_EQ(store_->revision("zt").value(), 0);
    EXPECT_TRUE(store_->held("zt")->contents.people.empty());
    Changes changes;
    changes.contents.people = {{"sf", "S001", "hq", "", "", {10}, Time{20}}};
    ASSERT_TRUE(store_->apply("sf", 1, changes, {told()}));
    EXPECT_EQ(store_->held("sf")->contents.people[0].left, Time{20});
    EXPECT_EQ(store_->held("sf")->contents.people.size(), 2U);
    EXPECT_EQ(store_->held("yt")->contents.people[0].left, std::nullopt);
    EXPECT_EQ(store_->revision("yt").value(), 1);
    EXPECT_EQ(store_->apply("yt", 1, changes, {told()}).error().code, Code::bad_input);
}

TEST_P(PeopleContract, WhoReadBeforeSomebodyElseWroteWritesNothing) {
    auto second = open(1);
    Changes changes;
    changes.contents.people = {{"sf", "S009", "hq", "", "", {10}, std::nullopt}};
    ASSERT_TRUE(second->apply("sf", 1, changes, {told()}));
    changes.contents.people[0].id = "S010";
    EXPECT_EQ(store_->apply("sf", 1, changes, {told()}).error().code, Code::conflict);
    EXPECT_EQ(store_->apply("sf", 0, changes, {told()}).error().code, Code::conflict);
    EXPECT_EQ(store_->held("sf")->contents.people.size(), 3U);
    EXPECT_EQ(store_->revision("sf").value(), 2);
    EXPECT_TRUE(store_->apply("sf", 2, changes, {told()}));
}

TEST_P(PeopleContract, AChangeAndItsEntriesAreOne) {
    auto desk = office();
    ASSERT_EQ(desk->outbox()->size(), 2U);
    Changes changes;
    changes.contents.people = {{"sf", "S009", "hq", "", "", {10}, std::nullopt}};
    EXPECT_EQ(store_->apply("sf", 1, changes, {}).error().code, Code::bad_input);
    EXPECT_EQ(store_->apply("sf", 7, changes, {told()}).error().code, Code::conflict);
    EXPECT_EQ(desk->outbox()->size(), 2U);
    const auto number = store_->apply("sf", 1, changes, {told("grant.ask"), told("grant.decide")});
    ASSERT_TRUE(number);
    const auto waiting = desk->outbox().value();
    ASSERT_EQ(waiting.size(), 4U);
    EXPECT_EQ(waiting[2].action, "grant.ask");
    EXPECT_EQ(waiting[3].number, *number);
}

TEST_P(PeopleContract, AShapeThatIsWrongIsRefused) {
    Changes changes;
    changes.contents.people = {{"sf", "13812345678", "hq", "", "", {10}, std::nullopt}};
    EXPECT_EQ(store_->apply("sf", 1, changes, {told()}).error().code, Code::bad_input);
    EXPECT_EQ(store_->revision("sf").value(), 1);
}

TEST_P(PeopleContract, ARowAlteredOutsideTheProgramIsReported) {
    for (const auto* statement :
         {"UPDATE people SET left_at = NULL WHERE id = 'S002'", "UPDATE people SET organisation = 'hq'",
          "UPDATE role_grants SET role = 'manager'", "UPDATE role_grants SET until_at = NULL",
          "UPDATE role_grants SET person = 'S002'", "UPDATE organisations SET parent = ''",
          "UPDATE organisations SET kind = 'castle'", "UPDATE devices SET revoked = NULL",
          "UPDATE grant_requests SET decided_by = 'S009'", "UPDATE maintenance_windows SET ends = 999",
          "UPDATE leavings SET signed_by = 'S009'", "UPDATE people_revisions SET revision = 9"}) {
        TearDown();
        SetUp();
        ASSERT_TRUE(edit(statement)) << statement;
        EXPECT_EQ(store_->held("sf").error().code, Code::corrupt) << statement;
        EXPECT_EQ(store_->check("sf").error().code, Code::corrupt) << statement;
    }
}

TEST_P(PeopleContract, ARowOfAnotherEnterpriseDoesNotPassForOnesOwn) {
    ASSERT_TRUE(edit("DELETE FROM role_grants WHERE enterprise = 'yt'"));
    ASSERT_TRUE(edit("UPDATE role_grants SET enterprise = 'yt' WHERE enterprise = 'sf'"));
    EXPECT_EQ(store_->held("yt").error().code, Code::corrupt);
}

TEST_P(PeopleContract, ACopyHoldsEverythingOfEveryEnterprise) {
    const auto file = file_.string() + ".copy";
    const auto remove_copy = [&] {
        for (auto suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file + suffix);
    };
    remove_copy();
    {
        auto to = sql::open_sqlite(file);
        ASSERT_TRUE(to);
        ASSERT_TRUE(migrate_people(**to));
        for (int twice = 0; twice < 2; ++twice) {
            const auto copied = copy_people(*connection(), **to);
            ASSERT_TRUE(copied) << copied.error().message;
        }
    }
    auto copy = open_people(file, crypto::Suite::sm, key_);
    ASSERT_TRUE(copy);
    for (const auto* enterprise : {"sf", "yt"}) {
        EXPECT_EQ((*copy)->revision(enterprise).value(), 1);
        EXPECT_TRUE((*copy)->check(enterprise));
        const auto held = (*copy)->held(enterprise).value();
        EXPECT_EQ(held.contents.people, full(enterprise).contents.people);
        EXPECT_EQ(held.affairs.leavings, full(enterprise).affairs.leavings);
    }
    EXPECT_TRUE((*copy)->apply("sf", 1, full("sf"), {told()}));
    copy->reset();
    remove_copy();
}

TEST_P(PeopleContract, AnOlderProgramDoesNotTouchANewerDatabase) {
    ASSERT_TRUE(edit("INSERT INTO migrations (name, number) VALUES ('people', 9999)"));
    auto opened =
        server_ ? open_people(sql::reconnecting_postgres(server_->url(), {}), crypto::Suite::sm, key_, 0)
                : open_people(file_, crypto::Suite::sm, key_);
    EXPECT_EQ(opened.error().code, Code::unsupported);
}

INSTANTIATE_TEST_SUITE_P(Engines, PeopleContract,
                         testing::Values(sql::Dialect::sqlite, sql::Dialect::postgresql),
                         [](const auto& engine) {
                             return engine.param == sql::Dialect::sqlite ? "Sqlite" : "Postgresql";
                         });

}  // namespace
}  // namespace huoqi::store

// SPDX-License-Identifier: Apache-2.0
// What stands beside the archive goes over with it; how the archive does is tested from outside
// (tests/promises).
#include "app/node/move.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "edge/store/store.h"
#include "lib/sql/testing/postgres_server.h"

namespace huoqi::node {
namespace {

namespace fs = std::filesystem;

const std::vector<office::Outgoing> kTold{{0, "people.write", "root", "x", "", {}}};
constexpr RecordPlace kWaybill{{1}, {7}};

SecretBytes passphrase() {
    const auto bytes = bytes_of("correct horse battery");
    return SecretBytes(Bytes(bytes.begin(), bytes.end()));
}

// In 2096: what has ended is let go of when a node opens.
constexpr std::int64_t kFarAway = 4'000'000'000'000'000'000;

class Moving : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = fs::path(testing::TempDir()) / ("move-" + std::to_string(::getpid()));
        fs::remove_all(folder_);
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }
    const fs::path policy_ = fs::path(HUOQI_SOURCE_DIR) / "policy";
    fs::path folder_;
    sql::PostgresServer server_;
};

TEST_F(Moving, TakesPeopleAccountsAndWorkAlong) {
    InitOptions options;
    options.home = folder_ / "old";
    options.policy = policy_;
    options.identity.origin = "example.org/ledger";
    options.identity.enterprise = "sf";
    options.passphrase = passphrase();
    const auto made = init(options);
    ASSERT_TRUE(made) << made.error().message;
    {
        auto node = Node::open(options.home, policy_, passphrase());
        ASSERT_TRUE(node) << node.error().message;
        const auto& key = (*node)->keys().node().office;
        const auto suite = (*node)->identity().suite;
        const auto file = options.home / "office.db";
        people::Changes changes;
        changes.contents.organisations = {
            {"sf", "hq", "总部", people::OrganisationKind::headquarters, "", {}}};
        ASSERT_TRUE(store::open_people(file, suite, key).value()->apply("sf", 0, changes, kTold));
        accounts::Change change;
        change.add.emplace();
        change.add->id = "ac_1";
        change.add->person = "S001";
        change.add->login = "li.wei";
        change.tell = kTold;
        ASSERT_TRUE(store::open_accounts(file, suite, key).value()->apply(change));
        const std::vector<people::Assignment> work{
            {"sf", kWaybill, "S001", people::AssignmentKind::deliver, {10}, {kFarAway}}};
        ASSERT_TRUE(store::open_work(file, suite, key).value()->put("sf", work, {}, kTold));
    }
    MoveOptions moving;
    moving.from = options.home;
    moving.database = server_.url();
    moving.home = folder_ / "new";
    moving.policy = policy_;
    moving.passphrase = passphrase();
    const auto moved = node::move(std::move(moving));
    ASSERT_TRUE(moved) << moved.error().message;

    auto node = Node::open(folder_ / "new", policy_, passphrase());
    ASSERT_TRUE(node) << node.error().message;
    const auto& key = (*node)->keys().node().office;
    const auto suite = (*node)->identity().suite;
    const auto connection = [&] { return sql::reconnecting_postgres(server_.url(), {}); };
    EXPECT_EQ(
        store::open_people(connection(), suite, key, 0).value()->held("sf")->contents.organisations.size(),
        1U);
    EXPECT_TRUE(
        store::open_accounts(connection(), suite, key, 0).value()->account(accounts::By::login, "li.wei"));
    people::Directory directory;
    ASSERT_TRUE(people::follow(*store::open_work(connection(), suite, key, 0).value(), directory, 0));
    EXPECT_TRUE(directory.assigned("sf", "S001", kWaybill, people::AssignmentKind::deliver, {15}));
}

}  // namespace
}  // namespace huoqi::node

// SPDX-License-Identifier: Apache-2.0
// What every engine of the accounts port must do.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "edge/store/store.h"
#include "lib/sql/testing/postgres_server.h"

namespace huoqi::store {
namespace {

using accounts::Account;
using accounts::By;
using accounts::Change;

crypto::Mac mac(std::uint8_t byte) {
    crypto::Mac out;
    out.fill(byte);
    return out;
}

Account full_account() {
    Account out;
    out.id = "ac_1";
    out.person = "李审计";
    out.login = "li.wei";
    out.state = accounts::State::active;
    out.password = accounts::PasswordHash{{1, 2, 3}, {64, 2, 1}, mac(7)};
    out.history = {accounts::PasswordHash{{4}, {8, 1, 1}, mac(8)},
                   accounts::PasswordHash{{5}, {8, 1, 1}, mac(9)}};
    out.password_changed = {100};
    out.failures = 2;
    out.held_until = Time{300};
    out.totp = {1, 2};
    out.totp_step = 77;
    out.recovery = {mac(1), mac(2)};
    return out;
}

accounts::Session session_of(const std::string& id, std::uint8_t token) {
    return {
        id,   mac(token), "ac_1", "李审计", "pc-7", "10.1.2.3", {100}, {200}, accounts::Standing::factor_due,
        false};
}

office::Outgoing entry(const std::string& action) {
    return {0, action, "李审计", "ac_1", "", {{"rule", "x"}}};
}

class AccountsContract : public testing::TestWithParam<sql::Dialect> {
  protected:
    void SetUp() override {
        if (GetParam() == sql::Dialect::postgresql && !server_)
            server_ = std::make_unique<sql::PostgresServer>();
        file_ =
            std::filesystem::path(testing::TempDir()) / ("accounts-" + std::to_string(::getpid()) + ".db");
        TearDown();
        if (server_) {
            ASSERT_TRUE(
                edit("DROP TABLE IF EXISTS accounts, login_slips, login_sessions, login_addresses, "
                     "access_keys, outbox, policies, migrations"));
        }
        key_ = crypto::random_key();
        open();
        Change change;
        change.add = full_account();
        change.add_slip = accounts::Slip{"sl_1", "ac_1", mac(5), {900}, "sec"};
        change.add_session = session_of("se_1", 11);
        ASSERT_TRUE(store_->apply(change));
    }
    void TearDown() override {
        store_.reset();
        for (auto suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file_.string() + suffix);
    }
    std::unique_ptr<sql::Connection> connection() {
        if (server_) return sql::reconnecting_postgres(server_->url(), {});
        return std::move(*sql::open_sqlite(file_));
    }
    Result<std::unique_ptr<accounts::Store>> try_open() {
        return open_accounts(connection(), crypto::Suite::sm, key_, /*writer=*/0);
    }
    void open() {
        store_.reset();
        auto opened = try_open();
        ASSERT_TRUE(opened) << opened.error().message;
        store_ = std::move(*opened);
    }
    Status edit(std::string_view statement) { return connection()->run(statement); }
    std::vector<std::string> waiting() {
        auto office = open_office(connection(), crypto::Suite::sm, key_, 0);
        std::vector<std::string> out;
        const auto waiting = (*office)->outbox();
        for (const auto& one : *waiting) out.push_back(one.action);
        return out;
    }
    Code failure(const Change& change) {
        auto done = store_->apply(change);
        EXPECT_FALSE(done);
        return done ? Code::bad_input : done.error().code;
    }

    std::unique_ptr<sql::PostgresServer> server_;
    std::filesystem::path file_;
    crypto::Key key_;
    std::unique_ptr<accounts::Store> store_;
};

TEST_P(AccountsContract, EverythingIsReadAsItWasWritten) {
    open();
    const Account wrote = full_account();
    for (auto [by, value] : {std::pair(By::id, "ac_1"), {By::person, "李审计"}, {By::login, "li.wei"}}) {
        auto read = store_->account(by, value);
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(read->id, wrote.id);
        EXPECT_EQ(read->person, wrote.person);
        EXPECT_EQ(read->state, wrote.state);
        ASSERT_TRUE(read->password);
        EXPECT_EQ(read->password->salt, wrote.password->salt);
        EXPECT_EQ(read->password->cost.memory_kib, 64U);
        EXPECT_EQ(read->password->hash, mac(7));
        ASSERT_EQ(read->history.size(), 2U);
        EXPECT_EQ(read->history[1].hash, mac(9));
        EXPECT_EQ(read->held_until, Time{300});
        EXPECT_EQ(read->totp, wrote.totp);
        EXPECT_TRUE(read->totp_proposed.empty());
        EXPECT_EQ(read->totp_step, 77);
        EXPECT_EQ(read->recovery, wrote.recovery);
    }
    EXPECT_EQ(store_->account(By::login, "nobody").error().code, Code::not_found);
    EXPECT_EQ(store_->slip(mac(5))->by, "sec");
    EXPECT_EQ(store_->slip(mac(6)).error().code, Code::not_found);
    auto session = store_->session(mac(11));
    ASSERT_TRUE(session);
    EXPECT_EQ(session->device, "pc-7");
    EXPECT_EQ(session->standing, accounts::Standing::factor_due);
    EXPECT_EQ(session->seen, Time{200});
    EXPECT_EQ(store_->accounts()->size(), 1U);
    EXPECT_TRUE(store_->check());
}

TEST_P(AccountsContract, APersonAndALoginHaveOneAccount) {
    for (auto change_one : {+[](Account& other) {
                                other.id = "ac_2";
                                other.login = "wang";
                            },
                            +[](Account& other) {
                                other.id = "ac_2";
                                other.person = "E2";
                            },
                            +[](Account& other) {
                                other.person = "E2";
                                other.login = "wang";
                            }}) {
        Change change;
        change.add = full_account();
        change_one(*change.add);
        EXPECT_EQ(failure(change), Code::conflict);
    }
}

TEST_P(AccountsContract, OnlyTheNewestVersionIsChanged) {
    auto read = store_->account(By::id, "ac_1");
    ASSERT_TRUE(read);
    Change change;
    change.update = *read;
    change.update->failures = 3;
    change.update->held_until.reset();
    change.update->password.reset();
    ASSERT_TRUE(store_->apply(change));
    auto next = store_->account(By::id, "ac_1");
    EXPECT_EQ(next->failures, 3);
    EXPECT_EQ(next->version, read->version + 1);
    EXPECT_FALSE(next->held_until);
    EXPECT_FALSE(next->password);
    EXPECT_EQ(failure(change), Code::conflict);
    change.update->id = "ac_9";
    EXPECT_EQ(failure(change), Code::conflict);
}

TEST_P(AccountsContract, AChangeThatFailsChangesNothing) {
    Change change;
    change.attempt = accounts::AddressAttempt{mac(3), {100}, {0}, 10};
    change.update = full_account();
    change.update->failures = 9;
    change.use_slip = mac(5);
    change.end_sessions_of = "ac_1";
    change.end_sessions = {"se_none"};
    change.tell = {entry("login")};
    EXPECT_EQ(failure(change), Code::not_found);
    EXPECT_EQ(store_->account(By::id, "ac_1")->failures, 2);
    EXPECT_TRUE(store_->slip(mac(5)));
    EXPECT_TRUE(store_->session(mac(11)));
    EXPECT_TRUE(waiting().empty());
}

TEST_P(AccountsContract, WhatIsToldWaitsForTheLedgerWithTheChange) {
    Change change;
    change.tell = {entry("login.refuse"), entry("account.lock")};
    auto number = store_->apply(change);
    ASSERT_TRUE(number);
    EXPECT_GT(*number, 0);
    EXPECT_EQ(waiting(), (std::vector<std::string>{"login.refuse", "account.lock"}));
}

TEST_P(AccountsContract, ASlipIsUsedOnce) {
    Change change;
    change.use_slip = mac(5);
    ASSERT_TRUE(store_->apply(change));
    EXPECT_EQ(failure(change), Code::not_found);
    Change again;
    again.end_slips_of = "ac_1";
    again.add_slip = accounts::Slip{"sl_2", "ac_1", mac(6), {900}, "sec"};
    ASSERT_TRUE(store_->apply(again));
    again.add_slip = accounts::Slip{"sl_3", "ac_1", mac(7), {900}, "sec"};
    ASSERT_TRUE(store_->apply(again));
    EXPECT_EQ(store_->slip(mac(6)).error().code, Code::not_found);
    EXPECT_TRUE(store_->slip(mac(7)));
}

TEST_P(AccountsContract, SessionsAreMarkedListedAndEnded) {
    Change change;
    change.add_session = session_of("se_2", 12);
    ASSERT_TRUE(store_->apply(change));
    ASSERT_TRUE(store_->seen(*store_->session(mac(11)), {999}));
    EXPECT_EQ(store_->session(mac(11))->seen, Time{999});
    EXPECT_EQ(store_->sessions("ac_1")->size(), 2U);
    EXPECT_TRUE(store_->sessions("ac_2")->empty());
    Change end;
    end.end_sessions = {"se_1"};
    const auto ended = *store_->session(mac(11));
    ASSERT_TRUE(store_->apply(end));
    EXPECT_TRUE(store_->seen(ended, {1000}));
    EXPECT_EQ(store_->session(mac(11)).error().code, Code::not_found);
    Change all;
    all.end_sessions_of = "ac_1";
    all.add_session = session_of("se_3", 13);
    ASSERT_TRUE(store_->apply(all));
    EXPECT_EQ(store_->sessions("ac_1")->size(), 1U);
    EXPECT_TRUE(store_->session(mac(13)));
}

TEST_P(AccountsContract, AnAddressHasABudgetInItsWindow) {
    const auto attempt = [](std::int64_t at, std::int64_t window_start) {
        Change change;
        change.attempt = accounts::AddressAttempt{mac(3), {at}, {window_start}, 2};
        return change;
    };
    ASSERT_TRUE(store_->apply(attempt(100, 0)));
    ASSERT_TRUE(store_->apply(attempt(110, 0)));
    EXPECT_EQ(failure(attempt(120, 0)), Code::refused);
    open();
    EXPECT_EQ(failure(attempt(130, 0)), Code::refused);
    Change forgive;
    forgive.forgive = mac(3);
    ASSERT_TRUE(store_->apply(forgive));
    ASSERT_TRUE(store_->apply(attempt(140, 0)));
    EXPECT_EQ(failure(attempt(150, 0)), Code::refused);
    ASSERT_TRUE(store_->apply(attempt(300, 200)));  // its first attempt is out of the window: it begins anew
    ASSERT_TRUE(store_->apply(attempt(310, 200)));
    EXPECT_EQ(failure(attempt(320, 200)), Code::refused);
}

TEST_P(AccountsContract, AttemptsAtOnceAreAllCounted) {
    constexpr int kThreads = 4, kEach = 5;
    std::vector<std::unique_ptr<accounts::Store>> stores;
    for (int i = 0; i < kThreads; ++i) stores.push_back(std::move(*try_open()));
    std::atomic<int> good = 0;
    std::vector<std::jthread> threads;
    for (auto& store : stores) {
        threads.emplace_back([&] {
            for (int i = 0; i < kEach; ++i) {
                Change change;
                change.attempt = accounts::AddressAttempt{mac(3), {100}, {0}, 7};
                if (store->apply(change)) ++good;
            }
        });
    }
    threads.clear();
    EXPECT_EQ(good, 7);
}

TEST_P(AccountsContract, ARowAlteredOutsideTheProgramIsReported) {
    for (auto statement :
         {"UPDATE accounts SET state = 'active', failures = 0", "UPDATE accounts SET held_until = NULL",
          "UPDATE accounts SET password = history", "UPDATE accounts SET version = 9",
          "UPDATE accounts SET totp = recovery", "UPDATE accounts SET login = 'root'"}) {
        SetUp();
        ASSERT_TRUE(edit(statement));
        EXPECT_EQ(store_->account(By::id, "ac_1").error().code, Code::corrupt) << statement;
        EXPECT_EQ(store_->check().error().code, Code::corrupt) << statement;
    }
    ASSERT_TRUE(edit("UPDATE login_sessions SET standing = 'full'"));
    EXPECT_EQ(store_->session(mac(11)).error().code, Code::corrupt);
    ASSERT_TRUE(edit("UPDATE login_slips SET expires = 90000"));
    EXPECT_EQ(store_->slip(mac(5)).error().code, Code::corrupt);
}

TEST_P(AccountsContract, ACopyHoldsAccountsAndSlipsAndNoSession) {
    const auto file = file_.string() + ".copy";
    std::filesystem::remove(file);
    {
        auto to = sql::open_sqlite(file);
        ASSERT_TRUE(to);
        ASSERT_TRUE(migrate_accounts(**to));
        ASSERT_TRUE(copy_accounts(*connection(), **to));
    }
    auto copy = open_accounts(file, crypto::Suite::sm, key_);
    ASSERT_TRUE(copy);
    EXPECT_EQ((*copy)->account(By::login, "li.wei")->recovery.size(), 2U);
    EXPECT_TRUE((*copy)->slip(mac(5)));
    EXPECT_EQ((*copy)->session(mac(11)).error().code, Code::not_found);
    EXPECT_TRUE((*copy)->check());
    for (auto suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file + suffix);
}

TEST_P(AccountsContract, AnOlderProgramDoesNotTouchANewerDatabase) {
    ASSERT_TRUE(edit("INSERT INTO migrations (name, number) VALUES ('accounts', 9999)"));
    EXPECT_EQ(try_open().error().code, Code::unsupported);
}

INSTANTIATE_TEST_SUITE_P(Engines, AccountsContract,
                         testing::Values(sql::Dialect::sqlite, sql::Dialect::postgresql),
                         [](const auto& engine) {
                             return engine.param == sql::Dialect::sqlite ? "Sqlite" : "Postgresql";
                         });

}  // namespace
}  // namespace huoqi::store

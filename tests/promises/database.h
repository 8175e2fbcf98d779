// SPDX-License-Identifier: Apache-2.0
// A node whose data are in a PostgreSQL of the test's own.
#pragma once

#include <gtest/gtest.h>

#include <random>

#include "lib/sql/postgres.h"
#include "lib/sql/testing/postgres_server.h"
#include "orders.h"
#include "program.h"

namespace huoqi::promises {

class Database : public testing::Test {
  protected:
    void SetUp() override {
        place_.database = database_.url();
        ASSERT_EQ(place_.init("intl").code, 0) << place_.last_output().err;
        integrator_ = place_.key("integrator");
    }

    std::vector<Order> next_orders(std::size_t count) {
        next_number_ += count;
        return orders(next_number_ - count, count);
    }
    std::uint64_t random(std::uint64_t below) { return random_() % below; }

    std::int64_t number(const std::string& statement) {
        std::int64_t out = -1;
        auto done =
            sql::reconnecting_postgres(database_.url(), {})->run(statement, {}, [&](const sql::Row& row) {
                out = std::get<std::int64_t>(row[0]);
            });
        EXPECT_TRUE(done) << done.error().message;
        return out;
    }
    // Asks again while it is told to.
    static Door::Answer patient(Door& door, const std::string& target, const std::string& body) {
        auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        auto answer = door.post(target, body);
        while (answer.status == 503 && std::chrono::steady_clock::now() < until)
            answer = door.post(target, body);
        return answer;
    }
    static bool known(Door& door, const std::string& number) {
        auto answer = patient(door, "/v1/waybills:search", Json{{"by", "number"}, {"value", number}}.dump());
        EXPECT_EQ(answer.status, 200) << answer.body;
        return answer.status == 200 && answer.json()["waybills"].size() == 1;
    }
    void expect_whole(std::size_t records) {
        auto check = place_.run({"db", "check", "--json"});
        EXPECT_EQ(check.code, 0) << check.err;
        EXPECT_EQ(check.json().value("records", std::size_t{0}), records);
        auto verified = place_.run({"ledger", "verify"});
        EXPECT_EQ(verified.code, 0) << verified.err;
    }

    sql::PostgresServer database_;
    Place place_;
    std::string integrator_;
    std::uint64_t next_number_ = 1;
    std::mt19937_64 random_{20261124};
};

}  // namespace huoqi::promises

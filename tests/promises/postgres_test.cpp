// SPDX-License-Identifier: Apache-2.0
// A node over PostgreSQL, whose database is killed, cut off and restarted: nothing that was acknowledged is
// lost or doubled, everybody else is told to try again.
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "database.h"

namespace huoqi::promises {
namespace {

constexpr int kKills = 20;
constexpr std::size_t kOrdersAKill = 4'000;
constexpr std::size_t kBatch = 500;

// An import whose database goes away says so, and the same file goes in again without loss or doubles.
TEST_F(Database, KilledTwentyTimesDuringImportsLosesNothing) {
    std::size_t records = 0;
    int hit = 0;
    int partly = 0;
    for (int round = 0; round < kKills && !HasFailure(); ++round) {
        SCOPED_TRACE("kill " + std::to_string(round));
        auto all = next_orders(kOrdersAKill);
        auto file = place_.order_file("killed.jsonl", lines_of(all));
        auto import = place_.start({"import", file.string(), "--json"});
        import.end_input();
        bool over = import.ended_within(std::chrono::microseconds(30'000 + random(400'000)));
        database_.kill9();
        auto code = import.wait();
        auto told = place_.last_output();
        if (!over && code != 0) {
            ++hit;
            EXPECT_GT(code, 0) << "ended by a signal";
            EXPECT_NE(told.err.find("unavailable") == told.err.npos ? told.err.find("database") : 0,
                      told.err.npos)
                << told.err;
        }
        database_.start();
        auto again = place_.run({"import", file.string(), "--json"});
        ASSERT_EQ(again.code, 0) << again.err;
        auto sum = again.json();
        EXPECT_EQ(sum.value("sealed", 0U) + sum.value("repeated", 0U), kOrdersAKill) << again.out;
        EXPECT_GE(sum.value("repeated", 0U), told.json().value("sealed", 0U)) << "acknowledged and lost";
        partly += sum.value("repeated", 0U) > 0 && sum.value("sealed", 0U) > 0;
        records += kOrdersAKill;
    }
    expect_whole(records);
    EXPECT_GE(hit, 5) << "the kills came too late to prove anything";
    std::printf("%d kills hit a running import, %d imports were partly stored\n", hit, partly);
}

// Its sessions are ended again and again, also in the middle of a COPY, and the database is restarted under
// load.
TEST_F(Database, CutOffAndRestartedUnderLoadAnswersTryAgainAndGoesOn) {
    Server server(place_);
    ASSERT_TRUE(server.serves()) << place_.last_output().err;
    std::atomic<bool> stop = false;
    std::atomic<int> told_to_wait = 0;
    std::mutex mutex;
    std::vector<std::string> sealed;
    std::set<int> others;
    auto work = [&](std::uint64_t first) {
        for (std::uint64_t at = first; !stop; at += kBatch) {
            auto batch = orders(at, kBatch);
            for (bool in = false; !in && !stop;) {
                // A connection each: after an answer before the end of the body the server closes it.
                Door door(server.business(), integrator_);
                auto answer = door.post("/v1/waybills:import?format=kuaidi100", lines_of(batch),
                                        "application/octet-stream");
                in = answer.status == 200;
                std::lock_guard lock(mutex);
                Finished lines{0, answer.body, {}};
                for (const auto& line : lines.lines()) {
                    auto outcome = line.value("outcome", "");
                    if (outcome == "sealed" || outcome == "repeated")
                        sealed.push_back(batch.at(line["line"].get<std::size_t>() - 1).number);
                }
                if (answer.status == 503) ++told_to_wait;
                if (answer.status != 503 && answer.status != 200) others.insert(answer.status);
            }
        }
    };
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i) clients.emplace_back(work, 1'000'000ULL * static_cast<unsigned>(i + 1));
    for (int round = 0; round < 8; ++round) {
        std::this_thread::sleep_for(std::chrono::milliseconds(200 + random(600)));
        if (round % 3 == 2) {
            database_.stop();
            std::this_thread::sleep_for(std::chrono::milliseconds(random(500)));
            database_.start();
        } else {
            database_.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'huoqi'");
        }
    }
    auto before = [&] {
        std::lock_guard lock(mutex);
        return sealed.size();
    }();
    std::this_thread::sleep_for(std::chrono::seconds(2));
    stop = true;
    for (auto& client : clients) client.join();
    EXPECT_TRUE(others.empty()) << "a status of " << *others.begin();
    EXPECT_GT(sealed.size(), before) << "it did not go on";
    EXPECT_GT(told_to_wait, 0);
    Door door(server.business(), integrator_);
    std::set<std::string> unique(sealed.begin(), sealed.end());
    std::size_t lost = 0;
    std::size_t n = 0;
    for (const auto& order : unique) lost += n++ % 7 == 0 && !known(door, order);
    EXPECT_EQ(lost, 0U);
    auto single = patient(door, "/v1/waybills", body_of(next_orders(1)[0]));
    EXPECT_EQ(single.status, 201) << single.body;
    EXPECT_EQ(server.stop(), 0);
    EXPECT_EQ(number("SELECT COUNT(*) FROM waybill_rows WHERE version = 0"),
              number("SELECT COUNT(*) FROM waybill_numbers"));
    expect_whole(static_cast<std::size_t>(number("SELECT COUNT(*) FROM waybill_rows")));
    std::printf("%zu waybills acknowledged, %d times told to try again\n", unique.size(),
                told_to_wait.load());
}

TEST_F(Database, AwayAtAllIsSaidWithRetryAfterAndNoValue) {
    Server server(place_);
    ASSERT_TRUE(server.serves());
    Door door(server.business(), integrator_);
    auto order = next_orders(1)[0];
    ASSERT_EQ(door.post("/v1/waybills", body_of(order)).status, 201);
    database_.stop();
    Door::Answer answer;
    for (int i = 0; i < 3; ++i) answer = door.post("/v1/waybills", body_of(next_orders(1)[0]));
    EXPECT_EQ(answer.status, 503) << answer.body;
    EXPECT_EQ(answer.json().value("code", ""), "unavailable") << answer.body;
    auto client = http::Client::connect(server.business());
    ASSERT_TRUE(client);
    auto raw =
        client->post("/v1/waybills", body_of(next_orders(1)[0]),
                     {{"authorization", "Bearer " + integrator_}, {"content-type", "application/json"}});
    ASSERT_TRUE(raw);
    EXPECT_TRUE(raw->headers.find("retry-after")) << raw->body;
    database_.start();
    EXPECT_EQ(patient(door, "/v1/waybills", body_of(order)).json().value("outcome", ""), "repeated");
    EXPECT_TRUE(known(door, order.number));
    EXPECT_EQ(server.stop(), 0);
}

// An embedded node moves over; cut off in the middle, it goes on, and everything is there.
TEST(Moving, AnEmbeddedNodeArrivesWholeEvenWhenItWasCutOff) {
    sql::PostgresServer database;
    Place old;
    ASSERT_EQ(old.init("sm").code, 0);
    auto all = orders(1, 12'000);
    ASSERT_EQ(
        old.run({"import", old.order_file("all.jsonl", lines_of(all)).string(), "--outlet", "hz-01"}).code,
        0);
    // One of them changed: a second version.
    auto changed = all[5].line;
    changed.replace(changed.find("\"cargo\":\"") + 9, 0, "改");
    auto again =
        old.run({"import", old.order_file("one.jsonl", changed).string(), "--outlet", "hz-01", "--json"});
    ASSERT_EQ(again.json().value("changed", 0), 1) << again.out << again.err;
    auto key = old.key("integrator");
    auto root = old.run({"ledger", "verify", "--json"}).json();
    Place moved;
    moved.environment["HUOQI_PASSPHRASE_FILE"] = old.environment["HUOQI_PASSPHRASE_FILE"];
    Words words{"db", "copy", "--from", old.home().string(), "--to", database.url(), "--json"};
    {
        auto first = moved.start(words);
        auto rows = [&] {
            std::int64_t out = 0;
            auto asked = sql::reconnecting_postgres(database.url(), {})
                             ->run("SELECT COUNT(*) FROM waybill_rows", {},
                                   [&](const sql::Row& row) { out = std::get<std::int64_t>(row[0]); });
            return asked ? out : 0;
        };
        while (rows() == 0 && !first.ended_within(std::chrono::milliseconds(5))) continue;
        first.signal(SIGKILL);
        first.wait();
    }
    Finished done = moved.run(words);
    ASSERT_EQ(done.code, 0) << done.err;
    EXPECT_EQ(done.json().value("records", 0U), 12'001U) << done.out;
    EXPECT_GT(done.json().value("resumed", 0U), 0U) << done.out;
    EXPECT_GE(done.json().value("entries", 0U), root.value("entries", 1U));
    // The old ledger is the beginning of the new one: huoqi-verify of the original's head is done when the
    // node opens.
    EXPECT_EQ(moved.run({"ledger", "verify"}).code, 0);
    for (auto [option, value] : {std::pair("--number", all[5].number), {"--number", all[11'999].number}}) {
        auto before = old.run({"waybill", "find", option, "-", "--json"}, value + "\n");
        auto after = moved.run({"waybill", "find", option, "-", "--json"}, value + "\n");
        EXPECT_FALSE(after.out.empty());
        EXPECT_EQ(before.out, after.out);
    }
    auto by_phone =
        moved.run({"waybill", "find", "--phone", "-", "--json", "--limit", "100"}, all[7].phone + "\n");
    EXPECT_NE(by_phone.out.find(old.run({"waybill", "find", "--number", "-", "--json"}, all[7].number + "\n")
                                    .json()
                                    .value("id", "?")),
              by_phone.out.npos);
    EXPECT_NE(moved.run({"key", "list"}).out.find("person-integrator"), std::string::npos);
    EXPECT_EQ(moved.run({"import", (old.root() / "orders/all.jsonl").string(), "--outlet", "hz-01", "--json"})
                      .json()
                      .value("repeated", 0U) +
                  1,
              12'000U);
    EXPECT_EQ(old.run({"check"}).code, 0) << "the original is as it was";
}

// The same folder once more, as a careless copy would be: two of them would fork the ledger.
TEST_F(Database, TheSameProcessASecondTimeIsTurnedAway) {
    Server server(place_);
    ASSERT_TRUE(server.serves());
    Place copy;
    copy.environment["HUOQI_PASSPHRASE_FILE"] = place_.environment["HUOQI_PASSPHRASE_FILE"];
    fs::create_directories(copy.home());
    for (const auto* name : {"node.json", "process.json"}) fs::copy(place_.home() / name, copy.home() / name);
    auto second = copy.run({"ledger", "verify"});
    EXPECT_NE(second.code, 0);
    EXPECT_NE(second.err.find("another process writes"), second.err.npos) << second.err;
    EXPECT_EQ(server.stop(), 0);
}

}  // namespace
}  // namespace huoqi::promises

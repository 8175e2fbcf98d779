// SPDX-License-Identifier: Apache-2.0
// A node over PostgreSQL, whose database is killed, cut off and restarted, and two server processes on one
// database: nothing that was acknowledged is lost or doubled, everybody else is told to try again.
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "lib/sql/postgres.h"
#include "lib/sql/testing/postgres_server.h"
#include "orders.h"
#include "program.h"

namespace huoqi::promises {
namespace {

constexpr int kKills = 20;
constexpr std::size_t kOrdersAKill = 4'000;
constexpr std::size_t kBatch = 500;
// Of the two servers under load. HUOQI_LOAD_SECONDS asks for longer.
constexpr int kLoadSeconds = 60;

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

// A second process of the same installation.
class TwoServers : public Database {
  protected:
    void SetUp() override {
        Database::SetUp();
        other_.environment["HUOQI_PASSPHRASE_FILE"] = place_.environment["HUOQI_PASSPHRASE_FILE"];
        auto joined = other_.run({"init", "--join", place_.home().string()});
        ASSERT_EQ(joined.code, 0) << joined.err;
    }
    // Whether a waybill's phone is shown, and is the right one.
    static bool reveals(Door& door, const std::string& id, const Order& order) {
        auto answer = door.post("/v1/waybills:reveal", Json{{"ids", {id}},
                                                            {"fields", {"recipient.phone"}},
                                                            {"purpose", "customer_service"},
                                                            {"ticket", "CS-1"}}
                                                           .dump());
        auto json = answer.json();
        return answer.status == 200 && json["waybills"].size() == 1 &&
               (order.phone.empty() ||
                json["waybills"][0]["fields"].value("recipient.phone", "") == order.phone);
    }

    Place other_;
};

TEST_F(TwoServers, EightImportAndSixteenRevealAndEveryAnswerIsRight) {
    auto operators = place_.key("operator");
    Server first(place_);
    Server second(other_);
    ASSERT_TRUE(first.serves() && second.serves()) << other_.last_output().err;
    auto at = [&](int i) { return i % 2 == 0 ? first.business() : second.business(); };
    // What is revealed: sealed through one server, read through both.
    auto looked_at = orders(1, 200);
    std::vector<std::string> ids;
    {
        Door door(at(0), integrator_);
        for (const auto& order : looked_at) {
            auto answer = door.post("/v1/waybills", body_of(order));
            ASSERT_EQ(answer.status, 201) << answer.body;
            ids.push_back(answer.json().value("id", ""));
        }
    }
    const char* asked = std::getenv("HUOQI_LOAD_SECONDS");
    auto until =
        std::chrono::steady_clock::now() + std::chrono::seconds(asked ? std::atoi(asked) : kLoadSeconds);
    std::atomic<std::size_t> sealed = 0, repeated = 0, revealed = 0, wrong = 0;
    std::vector<std::thread> clients;
    // Two of them push the same orders at the same time, through different servers.
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back([&, i] {
            Door door(at(i), integrator_);
            for (std::uint64_t from = 1'000'000ULL * static_cast<unsigned>(i / 2 + 1);
                 std::chrono::steady_clock::now() < until; from += kBatch) {
                auto batch = orders(from, kBatch);
                auto answer = door.post("/v1/waybills:import?format=kuaidi100", lines_of(batch),
                                        "application/octet-stream");
                Finished lines{0, answer.body, {}};
                auto all = lines.lines();
                if (answer.status != 200 || all.empty() || !all.back().contains("summary")) {
                    ++wrong;
                    continue;
                }
                const auto& sum = all.back()["summary"];
                sealed += sum.value("sealed", 0U);
                repeated += sum.value("repeated", 0U);
                if (sum.value("sealed", 0U) + sum.value("repeated", 0U) != kBatch) ++wrong;
            }
        });
    }
    for (int i = 0; i < 16; ++i) {
        clients.emplace_back([&, i] {
            Door door(at(i), operators);
            for (std::size_t n = static_cast<std::size_t>(i); std::chrono::steady_clock::now() < until; ++n) {
                bool right = reveals(door, ids[n % ids.size()], looked_at[n % looked_at.size()]);
                right ? ++revealed : ++wrong;
            }
        });
    }
    for (auto& client : clients) client.join();
    EXPECT_EQ(wrong, 0U);
    EXPECT_EQ(sealed + looked_at.size(),
              static_cast<std::size_t>(number("SELECT COUNT(*) FROM waybill_rows")));
    EXPECT_GT(repeated, 0U) << "nobody met the other";
    EXPECT_EQ(first.stop(), 0);
    EXPECT_EQ(second.stop(), 0);
    EXPECT_EQ(number("SELECT SUM(deadlocks)::BIGINT FROM pg_stat_database"), 0);
    for (auto* place : {&place_, &other_}) {
        auto verified = place->run({"ledger", "verify", "--json"});
        EXPECT_EQ(verified.code, 0) << verified.err;
        EXPECT_GT(verified.json().value("entries", 0U), 100U);
    }
    std::printf("%zu sealed, %zu repeated, %zu revealed\n", sealed.load(), repeated.load(), revealed.load());
}

TEST_F(TwoServers, ARevokedKeyIsOfNoUseAtTheOtherWithinFiveSeconds) {
    auto made =
        place_.run({"key", "add", "--role", "integrator", "--person", "x", "--json"}, {}, true).json();
    Server second(other_);
    ASSERT_TRUE(second.serves());
    Door door(second.business(), made.value("key", ""));
    auto body = body_of(next_orders(1)[0]);
    ASSERT_EQ(door.post("/v1/waybills", body).status, 201);
    ASSERT_EQ(place_.run({"key", "revoke", made.value("id", "")}).code, 0);
    auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    int status = 200;
    while (status != 401 && std::chrono::steady_clock::now() < until)
        status = door.post("/v1/waybills", body).status;
    EXPECT_EQ(status, 401);
    EXPECT_EQ(second.stop(), 0);
}

TEST_F(TwoServers, APolicyPublishedAtOneHoldsAtBothWithinFiveSeconds) {
    auto staff = place_.key("operator");
    Server first(place_);
    Server second(other_);
    ASSERT_TRUE(first.serves() && second.serves());
    Door sealing(first.business(), integrator_);
    auto id = sealing.post("/v1/waybills", body_of(next_orders(1)[0])).json().value("id", "");
    Door door(second.business(), staff);
    auto body = Json{{"ids", {id}},
                     {"fields", {"recipient.phone"}},
                     {"purpose", "customer_service"},
                     {"ticket", "CS-1"}}
                    .dump();
    ASSERT_EQ(door.post("/v1/waybills:reveal", body).status, 200);
    auto stricter = place_.root() / "stricter";
    fs::copy(HUOQI_SOURCE_DIR "/policy", stricter, fs::copy_options::recursive);
    auto purposes = read_text(stricter / "purposes.toml");
    auto at = purposes.find("\"recipient.phone\"", purposes.find("customer_service"));
    purposes.replace(at, 17, "\"recipient.organisation\"");
    std::ofstream(stricter / "purposes.toml", std::ios::binary) << purposes;
    auto published = place_.run({"policy", "publish", stricter.string()});
    ASSERT_EQ(published.code, 0) << published.err;
    auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    int status = 200;
    while (status != 403 && std::chrono::steady_clock::now() < until)
        status = door.post("/v1/waybills:reveal", body).status;
    EXPECT_EQ(status, 403);
    EXPECT_EQ(first.stop(), 0);
    EXPECT_EQ(second.stop(), 0);
    // It is that policy at the next start as well, whatever lies in the folder.
    auto shown = other_.run({"waybill", "reveal", id, "--field", "recipient.phone", "--purpose",
                             "customer_service", "--ticket", "CS-1", "--person", "x"});
    EXPECT_EQ(shown.code, 77) << shown.err;
    auto entry = place_.run({"ledger", "show", "--action", "policy.publish", "--json"});
    EXPECT_EQ(entry.lines().size(), 2U) << "the first at init, and this one";
}

TEST_F(TwoServers, ALedgerThatIsMissingFromTheListIsNoticed) {
    EXPECT_EQ(place_.run({"db", "check"}).code, 0);
    database_.sql("SELECT 1");
    auto gone = sql::reconnecting_postgres(database_.url(), {})->run("DELETE FROM writers WHERE writer = 1");
    ASSERT_TRUE(gone);
    auto noticed = place_.run({"ledger", "verify"});
    EXPECT_NE(noticed.code, 0);
    EXPECT_NE(noticed.err.find("missing from the database's list"), noticed.err.npos) << noticed.err;
    auto itself = other_.run({"ledger", "verify"});
    EXPECT_NE(itself.code, 0);
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

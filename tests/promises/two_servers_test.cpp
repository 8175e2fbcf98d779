// SPDX-License-Identifier: Apache-2.0
// Two server processes on one database: every answer is right, and what one of them is told holds at the
// other within seconds.
#include <atomic>
#include <fstream>
#include <thread>

#include "database.h"

namespace huoqi::promises {
namespace {

constexpr std::size_t kBatch = 500;
// Of the two servers under load. HUOQI_LOAD_SECONDS asks for longer.
constexpr int kLoadSeconds = 60;

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

// Whoever leaves has nothing left: no key, at the other process either.
TEST_F(TwoServers, ALeaverIsOutAtTheOtherWithinFiveSeconds) {
    auto made =
        place_.run({"key", "add", "--role", "operator", "--person", "1001", "--json"}, {}, true).json();
    Server first(place_);
    Server second(other_);
    ASSERT_TRUE(first.serves() && second.serves());
    Door office(first.business(), integrator_);
    auto entered = office.post("/v1/people:import", "kind,id,organisation\nperson,1001,main\n", "text/csv");
    ASSERT_EQ(entered.status, 200) << entered.body;
    Door door(second.business(), made.value("key", ""));
    ASSERT_EQ(door.get("/v1/policy/articles").status, 200);
    auto left = office.post("/v1/people/1001:leave", "{}");
    ASSERT_EQ(left.status, 200) << left.body;
    auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    int status = 200;
    while (status != 401 && std::chrono::steady_clock::now() < until)
        status = door.get("/v1/policy/articles").status;
    EXPECT_EQ(status, 401);
    EXPECT_EQ(first.stop(), 0);
    EXPECT_EQ(second.stop(), 0);
    EXPECT_NE(place_.run({"key", "list", "--json"}).out.find("\"revoked\""), std::string::npos);
    for (const auto* action : {"person.leave", "key.revoke"}) {
        std::size_t told = 0;
        for (auto* place : {&place_, &other_})
            told += place->run({"ledger", "show", "--action", action, "--json"}).lines().size();
        EXPECT_EQ(told, 1U) << action << " is told once, whichever process did it";
    }
}

}  // namespace
}  // namespace huoqi::promises

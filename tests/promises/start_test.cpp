// SPDX-License-Identifier: Apache-2.0
// A policy that is damaged in any one file stops every command, and says where.
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "orders.h"
#include "program.h"

namespace huoqi::promises {
namespace {

class Start : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_EQ(place_.init().code, 0);
        policy_ = place_.root() / "policy";
        place_.environment["HUOQI_POLICY"] = policy_.string();
        orders_ = place_.order_file("orders.jsonl", lines_of(orders(1, 5)));
        restore();
    }
    void restore() {
        fs::remove_all(policy_);
        fs::copy(HUOQI_SOURCE_DIR "/policy", policy_, fs::copy_options::recursive);
    }
    Finished import() { return place_.run({"import", orders_.string(), "--json"}); }

    Place place_;
    fs::path policy_, orders_;
};

TEST_F(Start, AWrongLineInAnyPolicyFileIsNamedWithFileAndLine) {
    std::vector<fs::path> files;
    for (const auto& at : fs::recursive_directory_iterator(policy_)) {
        if (at.path().extension() == ".toml") files.push_back(at.path());
    }
    ASSERT_GE(files.size(), 10U);
    for (const auto& file : files) {
        auto text = read_text(file);
        auto lines = std::count(text.begin(), text.end(), '\n');
        std::ofstream(file, std::ios::app) << "no_such_key_in_any_policy = 1\n";
        auto stopped = import();
        EXPECT_NE(stopped.code, 0) << file;
        EXPECT_NE(stopped.err.find(file.filename().string() + ":" + std::to_string(lines + 1)),
                  stopped.err.npos)
            << file << ": " << stopped.err;
        restore();
    }
    auto good = import();
    EXPECT_EQ(good.code, 0) << good.err;
    EXPECT_EQ(good.json().value("sealed", 0), 5);
}

TEST_F(Start, AMissingArticleIsNamed) {
    auto file = policy_ / "articles.toml";
    auto text = read_text(file);
    auto from = text.find("[[article]]\nnumber = 34");
    ASSERT_NE(from, text.npos);
    auto to = text.find("[[article]]", from + 1);
    std::ofstream(file, std::ios::trunc) << text.substr(0, from) + text.substr(to);
    auto stopped = import();
    EXPECT_NE(stopped.code, 0);
    EXPECT_NE(stopped.err.find("articles.toml"), stopped.err.npos) << stopped.err;
    EXPECT_NE(stopped.err.find("34"), stopped.err.npos) << stopped.err;
}

TEST_F(Start, AMissingFileIsNamed) {
    fs::remove(policy_ / "purposes.toml");
    auto stopped = import();
    EXPECT_NE(stopped.code, 0);
    EXPECT_NE(stopped.err.find("purposes.toml"), stopped.err.npos) << stopped.err;
}

// Whoever cuts the ledger's end off would remove its checkpoint too.
TEST_F(Start, ALostCheckpointIsNotTakenForNone) {
    ASSERT_EQ(import().code, 0);
    auto file = place_.home() / "ledger.checkpoint";
    auto kept = read_text(file);
    for (const std::string& content :
         {std::string(), std::string("huoqi\n"), kept.substr(0, kept.size() / 2)}) {
        fs::remove(file);
        if (!content.empty()) std::ofstream(file) << content;
        auto stopped = import();
        EXPECT_EQ(stopped.code, 1) << stopped.err;
        EXPECT_NE(stopped.err.find("ledger.checkpoint"), stopped.err.npos) << stopped.err;
    }
    auto accepted = place_.run({"ledger", "accept"});
    EXPECT_EQ(accepted.code, 0) << accepted.err;
    EXPECT_EQ(import().code, 0);
    EXPECT_EQ(place_.run({"ledger", "show", "--action", "ledger.accept", "--json"}).lines().size(), 1U);
    // Nothing was lost now, so there is nothing to accept.
    EXPECT_EQ(place_.run({"ledger", "accept"}).code, 0);
    EXPECT_EQ(place_.run({"ledger", "show", "--action", "ledger.accept", "--json"}).lines().size(), 1U);
}

TEST_F(Start, TheWrongPassphraseOpensNothing) {
    std::ofstream(place_.root() / "secret/passphrase", std::ios::trunc) << "quartz-flamingo-0391-undertow";
    auto stopped = import();
    EXPECT_EQ(stopped.code, 77) << stopped.err;
    EXPECT_EQ(stopped.err.find("flamingo"), stopped.err.npos);
}

// What a door counts of refused keys is written down when it closes; the end is clean.
TEST(Stop, AServerThatTurnedKeysAwayEndsAndHasWrittenHowOften) {
    Place place;
    ASSERT_EQ(place.init().code, 0);
    Server server(place);
    ASSERT_TRUE(server.serves());
    for (int i = 0; i < 5; ++i) {
        Door door(server.business(), "hk_00000000000000000000000000000000");
        EXPECT_EQ(door.get("/v1/waybills/wb_aaaaaaaaaaaaaaaaaaaaaaaaaa").status, 401);
    }
    EXPECT_EQ(server.stop(), 0);
    std::size_t times = 0;
    for (const auto& entry : place.run({"ledger", "show", "--action", "key.use", "--json"}).lines())
        times += entry.contains("counts") ? entry["counts"].value("times", std::size_t{1}) : 1;
    EXPECT_EQ(times, 5U);
}

// Orchestrators and impatient people send the signal more than once.
TEST(Stop, ASecondSignalWhileItDrainsDoesNotKill) {
    Place place;
    ASSERT_EQ(place.init().code, 0);
    Server server(place);
    ASSERT_TRUE(server.serves());
    auto waiting = place.start({"import", "-", "--format", "huoqi"});  // forwarded; waits for its input
    ASSERT_FALSE(waiting.ended_within(std::chrono::milliseconds{1500}));
    server.signal(SIGTERM);
    // It drains from here on: the command still waits for its input.
    auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (server.log().find("serve.stopping") == std::string::npos &&
           std::chrono::steady_clock::now() < until)
        std::this_thread::yield();
    server.signal(SIGTERM);
    server.signal(SIGINT);
    EXPECT_EQ(server.stop(), 0);  // although nobody ends the command's input
    EXPECT_NE(waiting.wait(), 0);
    EXPECT_EQ(place.run({"ledger", "verify"}).code, 0);
}

TEST(Words, ThatDoNotBelongIntoTheLedgerAreRefusedAndHurtNobody) {
    Place place;
    ASSERT_EQ(place.init().code, 0);
    std::string huge(70'000, 'a');
    Server server(place);
    ASSERT_TRUE(server.serves());
    auto orders = place.order_file("none.jsonl", "{}\n");
    for (const Words& words :
         {Words{"waybill", "find", "--number", "-", "--enterprise", huge},
          Words{"waybill", "find", "--phone-last4", "-"},
          Words{"waybill", "find", "--number", "-", "--limit", "101"},
          Words{"waybill", "reveal", "wb_x", "--field", "recipient.phone", "--purpose", "customer_service",
                "--ticket", "CS-1", "--person", huge},
          Words{"import", orders.string(), "--outlet", "13800138000"},
          Words{"import", orders.string(), "--enterprise", huge}, Words{"ledger", "show", "--limit", "-3"},
          Words{"key", "add", "--role", "operator", "--person", "   "},
          Words{"key", "add", "--role", "operator", "--person", "li\njh"},
          Words{"key", "add", "--role", "operator", "--person", "13800138000"},
          Words{"key", "add", "--role", "operator", "--person", "１３８００１３８０００"},
          Words{"key", "add", "--role", "operator", "--person", "x", "--outlet", huge},
          Words{"key", "add", "--role", "operator", "--person", "x", "--enterprise", "none"}}) {
        auto refused = place.run(words, "SF1234567890123\n");
        EXPECT_GT(refused.code, 0) << words[1] << refused.err;
    }
    EXPECT_EQ(server.stop(), 0);
    EXPECT_EQ(place.run({"ledger", "verify"}).code, 0);
    EXPECT_EQ(place.run({"ledger", "show", "--json"}).out.find("13800138000"), std::string::npos);
}

}  // namespace
}  // namespace huoqi::promises

// SPDX-License-Identifier: Apache-2.0
// A backup made while the node takes orders in holds everything that was acknowledged before it began, opens
// elsewhere, and a damaged or foreign one is refused.
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <random>
#include <thread>

#include "orders.h"
#include "planted.h"
#include "program.h"

namespace huoqi::promises {
namespace {

class Backup : public testing::Test {
  protected:
    void SetUp() override { ASSERT_EQ(place_.init("intl").code, 0); }

    Finished back_up(const std::string& name) {
        return place_.run({"backup", folder(name).string(), "--keys", keys(name).string(), "--json"});
    }
    // Into a place of its own.
    Finished restore(Place& into, const std::string& name, const Words& more = {}) {
        into.environment["HUOQI_PASSPHRASE_FILE"] = place_.environment["HUOQI_PASSPHRASE_FILE"];
        Words words{"restore", folder(name).string(), "--keys", keys(name).string(), "--json"};
        words.insert(words.end(), more.begin(), more.end());
        return into.run(words);
    }
    fs::path folder(const std::string& name) const { return place_.root() / "backups" / name; }
    fs::path keys(const std::string& name) const { return place_.root() / "elsewhere" / (name + ".keys"); }
    void import(std::uint64_t first, std::size_t count) {
        auto file = place_.order_file("some.jsonl", lines_of(orders(first, count)));
        ASSERT_EQ(place_.run({"import", file.string(), "--json"}).json().value("sealed", 0U), count);
    }

    Place place_;
};

TEST_F(Backup, UnderLoadHoldsWhatWasAcknowledgedBefore) {
    fs::create_directories(place_.root() / "elsewhere");
    auto integrator = place_.key("integrator");
    constexpr std::size_t kBatch = 500;
    std::atomic<std::size_t> sealed = 0;
    std::size_t before = 0;
    {
        Server server(place_);
        ASSERT_TRUE(server.serves());
        std::atomic<bool> stop = false;
        std::thread client([&] {
            Door door(server.business(), integrator);
            for (std::uint64_t from = 1; !stop; from += kBatch) {
                auto answer = door.post("/v1/waybills:import?format=kuaidi100",
                                        lines_of(orders(from, kBatch)), "application/octet-stream");
                EXPECT_EQ(answer.status, 200) << answer.body;
                sealed += kBatch;
            }
        });
        while (sealed < 8 * kBatch) std::this_thread::yield();
        before = sealed;
        std::thread adding([&] {
            // In a place object of its own: each belongs to one thread.
            Place other(place_.root() / "adding");
            other.environment["HUOQI_HOME"] = place_.home().string();
            other.environment["HUOQI_PASSPHRASE_FILE"] = place_.environment["HUOQI_PASSPHRASE_FILE"];
            for (int i = 0; i < 6; ++i) other.key("operator");
        });
        auto made = back_up("one");
        adding.join();
        EXPECT_EQ(made.code, 0) << made.err;
        auto during = sealed.load();
        while (sealed < during + 2 * kBatch) std::this_thread::yield();  // the node goes on
        stop = true;
        client.join();
        EXPECT_EQ(server.stop(), 0);
    }
    Place elsewhere;
    auto restored = restore(elsewhere, "one");
    ASSERT_EQ(restored.code, 0) << restored.err;
    EXPECT_GE(restored.json().value("records", std::size_t{0}), before);
    EXPECT_LT(restored.json().value("records", std::size_t{0}), sealed.load());
    for (std::size_t n = 0; n < before; n += 1 + before / 30) {
        auto order = orders(1 + n, 1).front();
        auto found = elsewhere.run({"waybill", "find", "--number", "-", "--json"}, order.number + "\n");
        EXPECT_FALSE(found.out.empty()) << "acknowledged before the backup, and not in it";
    }
    EXPECT_EQ(elsewhere.run({"ledger", "verify"}).code, 0);
    // No access key works there that its ledger does not tell of.
    EXPECT_EQ(elsewhere.run({"ledger", "show", "--action", "key.add", "--json"}).lines().size(),
              elsewhere.run({"key", "list", "--json"}).lines().size());
    auto told = elsewhere.run({"ledger", "show", "--action", "backup", "--json"});
    EXPECT_EQ(told.lines().size(), 1U) << "the copy of the ledger tells of the backup";
    // A key of the original works there: the office came along.
    EXPECT_NE(elsewhere.run({"key", "list"}).out.find("integrator"), std::string::npos);
}

TEST_F(Backup, ADamagedOrForeignOneIsRefusedAndLeavesNothing) {
    import(1, 2'000);
    fs::create_directories(place_.root() / "elsewhere");
    ASSERT_EQ(back_up("one").code, 0);
    std::size_t flipped = 0;
    for (const auto& at : fs::recursive_directory_iterator(folder("one"))) {
        if (!at.is_regular_file() || at.file_size() == 0) continue;
        auto flip = [&] {
            // Files may be shared with the node by hard links: a new one in place of it.
            auto content = read_text(at.path());
            content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
            fs::remove(at.path());
            std::ofstream(at.path(), std::ios::binary) << content;
        };
        flip();
        Place elsewhere;
        auto restored = restore(elsewhere, "one");
        EXPECT_EQ(restored.code, 1) << at.path() << restored.err;
        EXPECT_FALSE(fs::exists(elsewhere.home() / "node.json")) << at.path();
        flip();
        ++flipped;
    }
    EXPECT_GT(flipped, 8U);
    Place stranger;
    ASSERT_EQ(stranger.run({"init", "--suite", "intl", "--origin", "another.example/node"}).code, 0);
    auto others = stranger.root() / "others.keys";
    ASSERT_EQ(stranger.run({"backup", (stranger.root() / "b").string(), "--keys", others.string()}).code, 0);
    Place elsewhere;
    auto wrong = elsewhere.run({"restore", folder("one").string(), "--keys", others.string()});
    EXPECT_NE(wrong.code, 0);
    EXPECT_FALSE(fs::exists(elsewhere.home()));
    EXPECT_EQ(restore(elsewhere, "one").code, 0);
}

// Whoever changes a file of the backup can change its digest in the list as well.
TEST_F(Backup, AnEditedListIsRefusedEvenWhenItFitsTheFiles) {
    import(1, 100);
    fs::create_directories(place_.root() / "elsewhere");
    ASSERT_EQ(back_up("one").code, 0);
    auto list = folder("one") / "backup.json";
    auto original = read_text(list);
    auto json = Json::parse(original);
    auto write = [](const fs::path& file, const std::string& text) {
        std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
    };
    auto refused = [&](const Json& edited, const char* what) {
        write(list, edited.dump(1) + "\n");
        Place elsewhere;
        auto restored = restore(elsewhere, "one");
        EXPECT_EQ(restored.code, 1) << what << restored.err;
        EXPECT_NE(restored.err.find("backup.json"), restored.err.npos) << what << restored.err;
        EXPECT_FALSE(fs::exists(elsewhere.home())) << what;
    };
    auto edited = json;
    edited["created"] = "2027-01-01T00:00:00Z";
    refused(edited, "another date");
    // The checkpoint is gone, and the list says that there never was one: a shortened ledger would pass.
    edited = json;
    edited["files"].erase("ledger.checkpoint");
    auto checkpoint = read_text(folder("one") / "ledger.checkpoint");
    fs::remove(folder("one") / "ledger.checkpoint");
    refused(edited, "a file less");
    write(folder("one") / "ledger.checkpoint", checkpoint);
    write(list, original);
    auto mac = read_text(folder("one") / "backup.mac");
    fs::remove(folder("one") / "backup.mac");
    Place without;
    EXPECT_EQ(restore(without, "one").code, 1) << "without its MAC";
    write(folder("one") / "backup.mac", mac);
    Place elsewhere;
    auto restored = restore(elsewhere, "one");
    EXPECT_EQ(restored.code, 0) << restored.err;
}

TEST_F(Backup, ARestoreThatIsKilledLeavesNoNodeAndTheNextOneWorks) {
    import(1, 3'000);
    fs::create_directories(place_.root() / "elsewhere");
    ASSERT_EQ(back_up("one").code, 0);
    Place elsewhere;
    auto began = std::chrono::steady_clock::now();
    ASSERT_EQ(restore(elsewhere, "one").code, 0);
    auto whole =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
    fs::remove_all(elsewhere.home());
    std::mt19937_64 random{20261125};
    int left = 0;
    for (int round = 0; round < 10; ++round) {
        SCOPED_TRACE("kill " + std::to_string(round));
        auto killed = elsewhere.start({"restore", folder("one").string(), "--keys", keys("one").string()});
        killed.ended_within(std::chrono::microseconds(random() % static_cast<std::uint64_t>(whole.count())));
        killed.signal(SIGKILL);
        bool ended = killed.wait() == 0;
        auto opened = elsewhere.run({"check", "--json"});
        if (fs::exists(elsewhere.home() / "node.json")) {
            EXPECT_EQ(opened.code, 0) << "a node that is not whole: " << opened.err;
        } else {
            EXPECT_FALSE(ended);
            EXPECT_NE(opened.code, 0) << "opened without node.json";
            left += fs::exists(elsewhere.home());
            auto again = restore(elsewhere, "one");
            ASSERT_EQ(again.code, 0) << again.err;
            EXPECT_EQ(again.json().value("records", 0U), 3'000U);
            EXPECT_FALSE(fs::exists(elsewhere.home() / "restoring"));
        }
        fs::remove_all(elsewhere.home());
    }
    EXPECT_GE(left, 3) << "the kills came too early or too late to prove anything";
}

TEST_F(Backup, KeysDoNotLieWithTheDataAndNothingLiesInClear) {
    auto planted = plant();
    auto file = place_.order_file("planted.jsonl", planted.kuaidi100);
    ASSERT_EQ(place_.run({"import", file.string(), "--format", "kuaidi100", "--json"}).code, 0);
    auto together =
        place_.run({"backup", folder("one").string(), "--keys", (folder("one") / "keys.json").string()});
    EXPECT_NE(together.code, 0);
    fs::create_directories(place_.root() / "elsewhere");
    ASSERT_EQ(back_up("one").code, 0);
    EXPECT_NE(back_up("one").code, 0) << "a second one into the same folder";
    EXPECT_FALSE(fs::exists(folder("one") / "keys"));
    Detector detector(planted.values);
    for (const auto* root : {"backups", "elsewhere"}) {
        for (const auto& at : fs::recursive_directory_iterator(place_.root() / root)) {
            if (!at.is_regular_file()) continue;
            EXPECT_TRUE(detector.search(read_text(at.path())).empty()) << at.path();
        }
    }
}

TEST_F(Backup, AKeysFileThatIsOlderThanTheDataSaysHowManyVolumesItLacks) {
    fs::create_directories(place_.root() / "elsewhere");
    ASSERT_EQ(back_up("before").code, 0);
    import(1, 100);
    ASSERT_EQ(back_up("after").code, 0);
    Place elsewhere;
    elsewhere.environment["HUOQI_PASSPHRASE_FILE"] = place_.environment["HUOQI_PASSPHRASE_FILE"];
    auto older = elsewhere.run({"restore", folder("after").string(), "--keys", keys("before").string()});
    EXPECT_EQ(older.code, 77) << older.err;
    EXPECT_NE(older.err.find("1 of 1 volumes"), older.err.npos) << older.err;
    EXPECT_FALSE(fs::exists(elsewhere.home()));
    auto newer = elsewhere.run({"restore", folder("before").string(), "--keys", keys("after").string()});
    EXPECT_EQ(newer.code, 0) << "a later keys file fits: " << newer.err;
}

TEST_F(Backup, ANewerCheckpointTellsWhatWouldBeMissing) {
    import(1, 100);
    fs::create_directories(place_.root() / "elsewhere");
    ASSERT_EQ(back_up("one").code, 0);
    import(1'000, 100);
    auto newer = place_.order_file("newer.checkpoint", place_.run({"ledger", "checkpoint"}).out);
    Place elsewhere;
    auto refused = restore(elsewhere, "one", {"--checkpoint", newer.string()});
    EXPECT_EQ(refused.code, 77) << refused.err;
    EXPECT_FALSE(fs::exists(elsewhere.home()));
    auto accepted = restore(elsewhere, "one", {"--checkpoint", newer.string(), "--accept-loss"});
    EXPECT_EQ(accepted.code, 0) << accepted.err;
    EXPECT_GE(accepted.json().value("missing", 0U), 2U);
}

}  // namespace
}  // namespace huoqi::promises

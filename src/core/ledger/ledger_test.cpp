// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/archive/testing/memory_archive.h"
#include "core/ledger/ledger.h"

namespace huoqi::ledger {
namespace {

std::string token_of(RecordPlace place) {
    return "wb_" + std::to_string(place.volume.value) + "_" + std::to_string(place.record.value);
}

class LedgerTest : public testing::Test {
  protected:
    void SetUp() override { open(); }

    Status try_open(std::string_view last_checkpoint = {}) {
        ledger_.reset();
        auto opened = Ledger::open(
            archive_, Signer("huoqi.example/test", seed_.clone(), &sm2_), token_of, clock_,
            [] { return std::string("p1"); }, last_checkpoint);
        if (!opened) return pass(opened);
        ledger_ = std::move(*opened);
        return {};
    }
    void open(std::string_view last_checkpoint = {}) {
        auto opened = try_open(last_checkpoint);
        ASSERT_TRUE(opened) << opened.error().message;
    }
    void append(int count, const std::string& person = "p", const std::string& action = "search") {
        for (int i = 0; i < count; ++i) {
            Entry entry;
            entry.actor.person = person;
            entry.action = action;
            ASSERT_TRUE(ledger_->append(std::move(entry)));
        }
    }

    archive::MemoryArchive archive_;
    crypto::Ed25519Seed seed_ = crypto::ed25519_seed();
    crypto::Sm2Private sm2_ = crypto::sm2_private();
    FixedClock clock_{Time{1'000'000'000}};
    std::unique_ptr<Ledger> ledger_;
};

TEST_F(LedgerTest, AnEntryIsCanonicalJson) {
    Entry entry;
    entry.time = Time{1};
    entry.actor = {"王\"五", "ak_1", "operator", "main", "HZ01", "", "127.0.0.1"};
    entry.action = "reveal";
    entry.objects = {{{1}, {2}}};
    entry.fields = {"recipient.phone"};
    entry.counts = {{"shown", 1}, {"asked", 2}};
    EXPECT_EQ(
        canonical(entry, token_of),
        R"({"action":"reveal","actor":{"account":"ak_1","organisation":"main","person":"王\"五","role":"operator"},)"
        R"("counts":{"asked":2,"shown":1},"fields":["recipient.phone"],"objects":["wb_1_2"],"outcome":"allowed",)"
        R"("place":{"address":"127.0.0.1","outlet":"HZ01"},"time":"1970-01-01T00:00:00.000000001Z","v":1})");
}

TEST_F(LedgerTest, EveryEntryCanBeProvedOffline) {
    append(600);
    for (std::uint64_t index : {0ULL, 1ULL, 255ULL, 256ULL, 511ULL, 599ULL}) {
        auto text = ledger_->prove(EntryIndex{index});
        ASSERT_TRUE(text) << text.error().message;
        auto proof = tlog::parse_proof(*text);
        ASSERT_TRUE(proof);
        auto note = tlog::parse_note(proof->checkpoint);
        ASSERT_TRUE(note && tlog::verify_note(*note, ledger_->keys()));
        EXPECT_EQ(note->signatures.size(), 2U);
        auto head = tlog::parse_checkpoint_text(note->text);
        EXPECT_TRUE(tlog::verify_inclusion(proof->index, head->size, tlog::leaf_hash(proof->extra),
                                           proof->hashes, head->root));
    }
    EXPECT_EQ(ledger_->prove(EntryIndex{600}).error().code, Code::not_found);
}

TEST_F(LedgerTest, TheTreeIsTheSameAfterReopening) {
    for (int size : {0, 1, 255, 1, 1, 254, 3}) {
        append(size);
        auto before = ledger_->checkpoint();
        open(before);
        auto found = ledger_->verify({});
        ASSERT_TRUE(found);
        EXPECT_EQ(found->problem, "");
        EXPECT_EQ(ledger_->checkpoint().substr(0, 60), before.substr(0, 60));
    }
}

TEST_F(LedgerTest, TimeNeverGoesBackEvenWhenTheClockDoes) {
    append(2);
    clock_.set(Time{5});
    append(2);
    open();
    append(2);
    std::string last;
    for (std::uint64_t i = 0; i < 6; ++i) {
        std::string time = nlohmann::json::parse(*ledger_->entry(EntryIndex{i}))["time"];
        EXPECT_LT(last, time);
        last = time;
    }
}

TEST_F(LedgerTest, AChangedDroppedOrExchangedEntryIsFound) {
    append(600);
    auto checkpoint = ledger_->checkpoint();
    auto intact = archive_.ledger;
    auto verify = [&] {
        if (!try_open(checkpoint)) return false;  // noticed at once
        auto found = ledger_->verify({});
        return found && found->problem.empty();
    };
    ASSERT_TRUE(verify());
    for (std::uint64_t index : {0ULL, 255ULL, 300ULL, 511ULL, 520ULL, 599ULL}) {
        archive_.ledger[index][20] ^= 1;
        EXPECT_FALSE(verify()) << "changed " << index;
        archive_.ledger = intact;
        archive_.ledger.erase(index);
        EXPECT_FALSE(verify()) << "dropped " << index;
        archive_.ledger = intact;
        std::swap(archive_.ledger[index], archive_.ledger[index == 0 ? 1 : index - 1]);
        EXPECT_FALSE(verify()) << "exchanged " << index;
        archive_.ledger = intact;
    }
    archive_.tiles.begin()->second[100] ^= 1;
    EXPECT_FALSE(verify());
}

TEST_F(LedgerTest, AShortenedLedgerDoesNotOpenAgainstItsCheckpoint) {
    append(300);
    auto checkpoint = ledger_->checkpoint();
    ledger_.reset();
    archive_.ledger.erase(299);
    EXPECT_EQ(try_open(checkpoint).error().code, Code::corrupt);
}

TEST_F(LedgerTest, AFailedWriteLeavesTheLedgerAsItWas) {
    append(10);
    ledger_->stop();
    open();
    auto before = ledger_->checkpoint();
    archive_.failing = Code::no_space;
    Entry entry;
    entry.action = "reveal";
    EXPECT_EQ(ledger_->append(entry).error().code, Code::no_space);
    EXPECT_EQ(ledger_->checkpoint(), before);
    archive_.failing.reset();
    append(1);
    EXPECT_EQ(ledger_->size().value, 11U);
    EXPECT_EQ(ledger_->verify({})->problem, "");
}

TEST_F(LedgerTest, AWorkThatFailsDropsItselfAlone) {
    Work work;
    work.entry.action = "seal";
    work.fill = [](Group&, Entry&) -> Status { return fail(Code::conflict, "no"); };
    EXPECT_EQ(ledger_->commit(std::move(work)).error().code, Code::conflict);
    append(1);
    EXPECT_EQ(ledger_->size().value, 1U);
}

TEST_F(LedgerTest, WhenAnotherWriterWasFirstAWorkIsFilledAgain) {
    append(3);
    int filled = 0;
    Work work;
    work.entry.action = "seal";
    work.fill = [&](Group&, Entry&) -> Status { return ++filled, Status(); };
    archive_.others_first = 2;
    EXPECT_EQ(ledger_->commit(std::move(work))->value, 3U);
    EXPECT_EQ(filled, 3);
    archive_.others_first = 100;
    Entry entry;
    entry.action = "reveal";
    EXPECT_EQ(ledger_->append(entry).error().code, Code::unavailable);
    archive_.others_first = 0;
    append(1);
    EXPECT_EQ(ledger_->verify({})->problem, "");
    EXPECT_EQ(ledger_->size().value, 5U);
}

TEST_F(LedgerTest, WhoLostToAnotherOfTheSameGroupIsAnsweredWhenThatIsDurable) {
    std::promise<void> gathered;
    Work first;
    first.entry.action = "seal";
    first.fill = [&](Group&, Entry&) -> Status { return gathered.get_future().wait(), Status(); };
    ledger_->submit({first.entry, 1, first.fill, [](Result<EntryIndex>) {}});
    Work winner;
    winner.entry.action = "seal";
    winner.done = [](Result<EntryIndex>) {};
    Work loser = winner;
    loser.fill = [](Group&, Entry&) -> Status { return fail(Code::conflict, "the other was first"); };
    std::promise<std::size_t> written;
    loser.done = [&](Result<EntryIndex> answer) {
        EXPECT_EQ(answer.error().code, Code::conflict);
        written.set_value(archive_.ledger.size());
    };
    ledger_->submit(loser);
    ledger_->submit(winner);
    gathered.set_value();
    EXPECT_EQ(written.get_future().get(), 2U);
}

TEST_F(LedgerTest, AnEntryThatIsTooLargeIsTurnedAwayWithWhatItWouldHaveWritten) {
    Work work;
    work.entry.action = "seal";
    work.entry.actor.person = std::string(100'000, 'x');
    work.fill = [](Group& group, Entry&) -> Status {
        group.set.settings.push_back({"must not be there", {1}});
        return {};
    };
    EXPECT_EQ(ledger_->commit(std::move(work)).error().code, Code::too_large);
    EXPECT_FALSE(*archive_.setting("must not be there"));
    append(1);
    EXPECT_EQ(ledger_->size().value, 1U);
    EXPECT_EQ(ledger_->verify({})->problem, "");
}

TEST_F(LedgerTest, AWriteWhoseAnswerWasLostIsPartOfTheLedgerFromThenOn) {
    append(255);
    archive_.loses_answer = true;
    Entry entry;
    entry.action = "reveal";
    EXPECT_EQ(ledger_->append(entry).error().code, Code::unavailable);
    append(2);
    EXPECT_EQ(ledger_->size().value, 258U);
    EXPECT_EQ(ledger_->verify({})->problem, "");
    archive_.failing = Code::unavailable;  // lost without being kept
    EXPECT_EQ(ledger_->append(entry).error().code, Code::unavailable);
    archive_.failing.reset();
    append(1);
    EXPECT_EQ(ledger_->size().value, 259U);
    EXPECT_EQ(ledger_->verify({})->problem, "");
}

TEST_F(LedgerTest, ManyThreadsShareGroupsAndEachGetsItsOwnEntry) {
    constexpr int kThreads = 8;
    constexpr int kEach = 200;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([this, t] {
            for (int i = 0; i < kEach; ++i) {
                Entry entry;
                entry.action = "search";
                entry.actor.person = std::to_string(t);
                auto index = ledger_->append(std::move(entry));
                ASSERT_TRUE(index);
                auto json = nlohmann::json::parse(*ledger_->entry(*index));
                ASSERT_EQ(json["actor"]["person"], std::to_string(t));
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(ledger_->size().value, static_cast<std::uint64_t>(kThreads * kEach));
    EXPECT_EQ(ledger_->verify({})->problem, "");
}

TEST_F(LedgerTest, AfterStopNothingIsTaken) {
    ledger_->stop();
    EXPECT_EQ(ledger_->append({}).error().code, Code::unavailable);
}

TEST_F(LedgerTest, EntriesAreFoundByPersonActionWaybillAndTime) {
    append(3, "李", "search");
    append(2, "王", "reveal");
    clock_.set(Time{9'000'000'000});
    Work work;
    work.entry.action = "seal";
    work.entry.range = {{{1}, {10}}, {{1}, {19}}};
    work.entry.counts["span"] = 10;
    ASSERT_TRUE(ledger_->commit(std::move(work)));
    Entry look;
    look.action = "reveal";
    look.actor.person = "王";
    look.objects = {{{1}, {15}}};
    ASSERT_TRUE(ledger_->append(look));
    auto count = [&](Filter filter) { return ledger_->find(filter, EntryIndex{~0ULL}, 100)->size(); };
    EXPECT_EQ(count({}), 7U);
    EXPECT_EQ(count({.waybill = {}, .person = "李", .action = "", .from = {}, .until = {}}), 3U);
    EXPECT_EQ(count({.waybill = {}, .person = "王", .action = "reveal", .from = {}, .until = {}}), 3U);
    EXPECT_EQ(count({.waybill = RecordPlace{{1}, {15}}, .person = "", .action = "", .from = {}, .until = {}}),
              2U);
    EXPECT_EQ(count({.waybill = RecordPlace{{1}, {9}}, .person = "", .action = "", .from = {}, .until = {}}),
              0U);
    EXPECT_EQ(count({.waybill = RecordPlace{{1}, {20}}, .person = "", .action = "", .from = {}, .until = {}}),
              0U);
    EXPECT_EQ(count({.waybill = {}, .person = "", .action = "", .from = Time{8'000'000'000}, .until = {}}),
              2U);
    EXPECT_EQ(count({.waybill = {}, .person = "", .action = "", .from = {}, .until = Time{8'000'000'000}}),
              5U);
}

TEST_F(LedgerTest, TilesAreServedAtEverySizeUpToNow) {
    append(600);
    for (auto [path, size] : {std::pair("tile/0/000", 8192U),
                              {"tile/0/002.p/88", 88U * 32},
                              {"tile/0/002.p/5", 160U},
                              {"tile/1/000.p/2", 64U},
                              {"tile/0/001.p/7", 224U}}) {
        auto tile = ledger_->tile(*tlog::parse_tile_path(path));
        ASSERT_TRUE(tile) << path;
        EXPECT_EQ(tile->size(), size) << path;
    }
    for (auto path : {"tile/0/003", "tile/0/002", "tile/0/002.p/89", "tile/1/000", "tile/2/000.p/1"}) {
        EXPECT_EQ(ledger_->tile(*tlog::parse_tile_path(path)).error().code, Code::not_found) << path;
    }
    auto bundle = ledger_->tile(*tlog::parse_tile_path("tile/entries/002.p/88"));
    ASSERT_TRUE(bundle);
    EXPECT_EQ(tlog::split_bundle(*bundle)->size(), 88U);
}

}  // namespace
}  // namespace huoqi::ledger

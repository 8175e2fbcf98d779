// SPDX-License-Identifier: Apache-2.0
// What every engine of the archive port must do.
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <thread>

#include "edge/store/store.h"
#include "lib/sql/testing/postgres_server.h"

namespace huoqi::store {
namespace {

using archive::Archive;
using archive::WriteSet;

Bytes bytes(std::string_view text) {
    auto view = bytes_of(text);
    return {view.begin(), view.end()};
}

archive::NumberToken number_token(std::uint64_t n) {
    archive::NumberToken token{};
    for (std::size_t i = 0; i < 8; ++i)
        token[i] = static_cast<std::uint8_t>((n * 0x9e3779b97f4a7c15ULL) >> (8 * i));
    for (std::size_t i = 0; i < 8; ++i) token[8 + i] = static_cast<std::uint8_t>(n >> (8 * i));
    return token;
}
std::uint64_t index_token(std::uint64_t n) { return n * 0xd1342543de82ef95ULL + 1; }

// Records first..first+count of volume 1, with two index entries each: kind 1 its own token, kind 2 one of
// ten.
WriteSet records(std::uint64_t first, std::uint64_t count, std::uint64_t entry) {
    WriteSet set;
    for (std::uint64_t r = first; r < first + count; ++r) {
        RecordPlace place{{1}, {r}};
        set.rows.push_back({place, Version{0}, bytes("row " + std::to_string(r))});
        set.numbers.push_back({{1}, number_token(r), {r}});
        set.indexes.push_back({{1}, 1, index_token(r), {r}});
        set.indexes.push_back({{1}, 2, index_token(r % 10), {r}});
    }
    set.entries.push_back({EntryIndex{entry},
                           bytes("entry " + std::to_string(entry)),
                           {bytes("a"), bytes("b" + std::to_string(entry % 2))}});
    return set;
}

enum class Engine { embedded, postgresql };

class ArchiveContract : public testing::TestWithParam<Engine> {
  protected:
    void SetUp() override {
        if (GetParam() == Engine::postgresql) {
            server_ = std::make_unique<sql::PostgresServer>();
            connection_ = sql::reconnecting_postgres(server_->url(), {});
            ASSERT_TRUE(migrate_archive(*connection_));
        }
        folder_ = std::filesystem::path(testing::TempDir()) /
                  ("archive-" + std::to_string(::getpid()) + "-" +
                   testing::UnitTest::GetInstance()->current_test_info()->name());
        std::filesystem::remove_all(folder_);
        open();
    }
    void TearDown() override {
        archive_.reset();
        std::filesystem::remove_all(folder_);
    }
    void open() {
        archive_.reset();
        auto opened = try_open();
        ASSERT_TRUE(opened) << opened.error().message;
        archive_ = std::move(*opened);
    }
    Result<std::unique_ptr<Archive>> try_open(archive::WriterId writer = 0) {
        if (server_) return open_postgres_archive({server_->url(), writer, {}});
        ArchiveOptions options;
        options.folder = folder_;
        options.tail_entries = 1000;
        return open_archive(options);
    }
    // A volume must have been opened before rows go into it.
    void open_volumes() {
        WriteSet set;
        set.volumes = {{{1}, "main", "2026-11"}, {{2}, "main", "2026-12"}};
        write(set);
    }
    void write(const WriteSet& set) {
        auto written = archive_->write(set);
        ASSERT_TRUE(written) << written.error().message;
    }
    // All of records 0..count as records() writes them.
    void expect_all(std::uint64_t count) {
        std::vector<archive::NumberToken> tokens;
        for (std::uint64_t r = 0; r < count; ++r) {
            auto row = archive_->fetch({{1}, {r}});
            ASSERT_TRUE(row) << row.error().message;
            EXPECT_EQ(text_of(row->sealed), "row " + std::to_string(r));
            auto found = archive_->find({1}, 1, index_token(r), 10);
            ASSERT_TRUE(found) << found.error().message;
            EXPECT_EQ(*found, std::vector<RecordId>{{r}});
            tokens.push_back(number_token(r));
        }
        auto numbers = archive_->find_numbers({1}, tokens);
        ASSERT_TRUE(numbers);
        for (std::uint64_t r = 0; r < count; ++r) EXPECT_EQ((*numbers)[r], RecordId{r});
        auto tenth = archive_->find({1}, 2, index_token(3), count);
        ASSERT_TRUE(tenth);
        EXPECT_EQ(tenth->size(), count / 10);
    }

    std::unique_ptr<sql::PostgresServer> server_;
    std::unique_ptr<sql::Connection> connection_;
    std::filesystem::path folder_;
    std::unique_ptr<Archive> archive_;
};

class SharedArchive : public ArchiveContract {};
class EmbeddedArchive : public ArchiveContract {};

TEST_P(ArchiveContract, FindsWhatWasWrittenInMemoryInRunsAndAfterReopening) {
    open_volumes();
    for (std::uint64_t i = 0; i < 20; ++i) write(records(i * 200, 200, i));
    expect_all(4000);
    open();
    expect_all(4000);
    for (std::uint64_t i = 20; i < 30; ++i) write(records(i * 200, 200, i));
    expect_all(6000);
    EXPECT_TRUE(server_ || archive_->stats().index_runs > 2);
}

TEST_P(ArchiveContract, RunsOfSeveralStartsDoNotReplaceEachOther) {
    open_volumes();
    for (std::uint64_t i = 0; i < 12; ++i) {
        write(records(i * 600, 600, i));  // more than a tail: a run each time
        open();
    }
    expect_all(7200);
}

TEST_P(ArchiveContract, FindGivesNewestFirstUpToTheLimit) {
    open_volumes();
    write(records(0, 100, 0));
    auto found = archive_->find({1}, 2, index_token(3), 2);
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, (std::vector<RecordId>{{93}, {83}}));
    EXPECT_TRUE(archive_->find({2}, 2, index_token(3), 2)->empty());
    EXPECT_TRUE(archive_->find({1}, 3, index_token(3), 2)->empty());
    EXPECT_FALSE(archive_->find_numbers({2}, {number_token(5)})->front());
    EXPECT_EQ(archive_->fetch({{2}, {5}}).error().code, Code::not_found);
}

TEST_P(ArchiveContract, FetchGivesTheLatestVersion) {
    open_volumes();
    write(records(0, 10, 0));
    WriteSet set;
    set.rows.push_back({{{1}, {5}}, Version{1}, bytes("second")});
    write(set);
    auto row = archive_->fetch({{1}, {5}});
    ASSERT_TRUE(row);
    EXPECT_EQ(row->version, Version{1});
    EXPECT_EQ(text_of(row->sealed), "second");
    int rows = 0;
    ASSERT_TRUE(archive_->scan({1}, {5}, [&](const archive::Row&) { return ++rows < 100; }));
    EXPECT_EQ(rows, 6);
}

TEST_P(ArchiveContract, EntriesAreReadInOrderAndFoundByKey) {
    open_volumes();
    for (std::uint64_t i = 0; i < 9; ++i) write(records(i * 10, 10, i));
    EXPECT_EQ(archive_->ledger_size()->value, 9U);
    std::vector<std::uint64_t> seen;
    ASSERT_TRUE(archive_->entries(EntryIndex{4}, [&](EntryIndex index, ByteView entry) {
        EXPECT_EQ(text_of(entry), "entry " + std::to_string(index.value));
        seen.push_back(index.value);
        return seen.size() < 3;
    }));
    EXPECT_EQ(seen, (std::vector<std::uint64_t>{4, 5, 6}));
    EXPECT_EQ(*archive_->entries_with(bytes("b1"), EntryIndex{6}, 2), (std::vector<EntryIndex>{{5}, {3}}));
    EXPECT_TRUE(archive_->entries_with(bytes("b"), EntryIndex{100}, 2)->empty());
    auto next = archive_->next_key(bytes("b"), bytes("b1"));
    ASSERT_TRUE(next && *next);
    EXPECT_EQ((*next)->second, EntryIndex{1});
    EXPECT_FALSE(*archive_->next_key(bytes("c"), bytes("c")));
}

TEST_P(ArchiveContract, TilesAndSettingsAreKept) {
    WriteSet set;
    set.tiles.push_back({0, 7, Bytes(8192, 3)});
    set.settings.push_back({"one", bytes("1")});
    write(set);
    open();
    EXPECT_EQ(archive_->tile(0, 7)->size(), 8192U);
    EXPECT_EQ(archive_->tile(1, 7).error().code, Code::not_found);
    EXPECT_EQ(text_of(**archive_->setting("one")), "1");
    EXPECT_FALSE(*archive_->setting("two"));
}

TEST_P(ArchiveContract, VolumesAreListedByPeriodAndCanBeDropped) {
    WriteSet set;
    set.volumes = {{{2}, "main", "2026-12"}, {{1}, "main", "2026-11"}, {{3}, "other", "2026-11"}};
    write(set);
    write(records(0, 1500, 0));
    WriteSet second;
    second.rows.push_back({{{2}, {1}}, Version{0}, bytes("kept")});
    second.numbers.push_back({{2}, number_token(1), {1}});
    write(second);
    open();
    auto volumes = archive_->volumes();
    ASSERT_TRUE(volumes && volumes->size() == 3);
    EXPECT_EQ((*volumes)[0].id, VolumeId{1});
    EXPECT_EQ((*volumes)[2].period, "2026-12");
    ASSERT_TRUE(archive_->drop_volume({1}));
    EXPECT_EQ(archive_->fetch({{1}, {5}}).error().code, Code::not_found);
    EXPECT_FALSE(archive_->find_numbers({1}, {number_token(5)})->front());
    EXPECT_TRUE(archive_->fetch({{2}, {1}}));
    EXPECT_EQ(archive_->volumes()->size(), 3U);
    open();
    EXPECT_EQ(archive_->fetch({{1}, {5}}).error().code, Code::not_found);
    EXPECT_TRUE(archive_->find_numbers({2}, {number_token(1)})->front());
}

TEST_P(ArchiveContract, ASecondProcessIsTurnedAway) { EXPECT_EQ(try_open().error().code, Code::unavailable); }

// Files in which RocksDB keeps no data of ours: its own log, the record of its options, its name.
bool holds_data(const std::filesystem::path& file) {
    auto name = file.filename().string();
    return !name.starts_with("LOG") && !name.starts_with("OPTIONS") && name != "IDENTITY" && name != "LOCK";
}

// The embedded archive has one writer, who looks before he writes.
TEST_P(SharedArchive, TwoOfANumberOrAVersionOrAVolumeAreAConflictAndNothingIsThere) {
    open_volumes();
    write(records(0, 10, 0));
    auto other = try_open(1);
    ASSERT_TRUE(other) << other.error().message;
    EXPECT_EQ((*other)->ledger_size()->value, 0U);  // a ledger of its own
    auto same_numbers = records(100, 10, 0);
    same_numbers.numbers[5].token = number_token(3);
    EXPECT_EQ((*other)->write(same_numbers).error().code, Code::conflict);
    EXPECT_EQ((*other)->fetch({{1}, {100}}).error().code, Code::not_found);
    EXPECT_EQ((*other)->ledger_size()->value, 0U);
    WriteSet version;
    version.rows.push_back({{{1}, {5}}, Version{0}, bytes("mine")});
    EXPECT_EQ((*other)->write(version).error().code, Code::conflict);
    WriteSet volume;
    volume.volumes = {{{65537}, "main", "2026-11"}};
    EXPECT_EQ((*other)->write(volume).error().code, Code::conflict);
    ASSERT_TRUE((*other)->write(records(100, 10, 0)));
    EXPECT_EQ((*other)->ledger_size()->value, 1U);
    EXPECT_TRUE(archive_->fetch({{1}, {105}}));
    EXPECT_EQ(archive_->ledger_size()->value, 1U);
}

// The embedded archive is no server; tests/promises kill its process.
TEST_P(SharedArchive, AServerThatWasKilledIsUnavailableAndLosesNothing) {
    open_volumes();
    write(records(0, 200, 0));
    server_->kill9();
    EXPECT_EQ(archive_->write(records(200, 200, 1)).error().code, Code::unavailable);
    EXPECT_EQ(archive_->fetch({{1}, {5}}).error().code, Code::unavailable);
    EXPECT_EQ(archive_->ledger_size().error().code, Code::unavailable);
    server_->start();
    EXPECT_EQ(archive_->ledger_size()->value, 1U);
    write(records(200, 200, 1));
    while (!archive_->fetch({{1}, {5}})) std::this_thread::yield();  // readers' connections are made anew
    expect_all(400);
}

TEST_P(EmbeddedArchive, EveryFlippedByteIsReportedOrHarmlessNeverServed) {
    for (std::uint64_t i = 0; i < 12; ++i) write(records(i * 200, 200, i));
    archive_.reset();
    auto intact = folder_;
    intact += ".intact";
    std::filesystem::remove_all(intact);
    std::filesystem::copy(folder_, intact, std::filesystem::copy_options::recursive);
    std::mt19937_64 random(7);
    int reported = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(intact)) {
        if (!file.is_regular_file() || !holds_data(file.path()) || file.file_size() == 0) continue;
        for (int times = 0; times < 4; ++times) {
            std::filesystem::remove_all(folder_);
            std::filesystem::copy(intact, folder_, std::filesystem::copy_options::recursive);
            auto at = static_cast<std::streamoff>(random() % file.file_size());
            std::fstream edit(folder_ / file.path().lexically_relative(intact),
                              std::ios::in | std::ios::out | std::ios::binary);
            edit.seekg(at);
            char byte = static_cast<char>(edit.get());
            edit.seekp(at);
            edit.put(static_cast<char>(byte ^ 0x41));
            edit.close();
            auto opened = try_open();
            bool noticed = !opened || !(*opened)->check();
            if (!noticed) {
                // Not noticed: then nothing may be missing or different.
                archive_ = std::move(*opened);
                expect_all(2400);
                archive_.reset();
            }
            reported += noticed ? 1 : 0;
            EXPECT_FALSE(HasFailure()) << file.path().filename() << " at " << at;
            if (HasFailure()) return;
        }
    }
    EXPECT_GT(reported, 10);
    std::filesystem::remove_all(intact);
}

INSTANTIATE_TEST_SUITE_P(Engines, ArchiveContract, testing::Values(Engine::embedded, Engine::postgresql),
                         [](const auto& engine) {
                             return engine.param == Engine::embedded ? "Embedded" : "Postgresql";
                         });

INSTANTIATE_TEST_SUITE_P(Engines, SharedArchive, testing::Values(Engine::postgresql));
INSTANTIATE_TEST_SUITE_P(Engines, EmbeddedArchive, testing::Values(Engine::embedded));

}  // namespace
}  // namespace huoqi::store

// SPDX-License-Identifier: Apache-2.0
#include "lib/lsm/internal/tuning.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

namespace huoqi::lsm {
namespace {

constexpr double kBloomBitsPerKey = 10;

// The engine's diary goes nowhere. On a full disk Debian's build of the engine ends the process when a second
// line of its own diary cannot be written, and the lines may name keys; what went wrong reaches us as a
// status.
class NoDiary final : public rocksdb::Logger {
  public:
    using rocksdb::Logger::Logv;
    void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

void tune_random(rocksdb::ColumnFamilyOptions& options, rocksdb::BlockBasedTableOptions& table) {
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
    // Filters in pages, so that memory stays bounded however many keys there are.
    table.partition_filters = true;
    table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
    // Most look-ups find nothing in memory either.
    options.memtable_prefix_bloom_size_ratio = 0.1;
    options.memtable_whole_key_filtering = true;
    options.max_bytes_for_level_base = 128U << 20;
}

void tune_runs(rocksdb::ColumnFamilyOptions& options) {
    // Runs overlap entirely, so levels would rewrite them again and again; merging many of like size at once
    // does not.
    options.compaction_style = rocksdb::kCompactionStyleUniversal;
    options.level0_file_num_compaction_trigger = 24;
    options.level0_slowdown_writes_trigger = 200;
    options.level0_stop_writes_trigger = 400;
    options.compaction_options_universal.min_merge_width = 8;
    options.compaction_options_universal.max_size_amplification_percent = 400;
}

// The engine would try by itself every five seconds whether a full disk has room again, and refuse to be
// asked meanwhile; the next write asks, and need not wait.
class NoRecoveryByItself final : public rocksdb::EventListener {
  public:
    void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status /*error*/,
                              bool* by_itself) override {
        *by_itself = false;
    }
};

}  // namespace

rocksdb::DBOptions database_options(const Options& options) {
    rocksdb::DBOptions db;
    db.create_if_missing = true;
    db.create_missing_column_families = true;
    db.paranoid_checks = true;
    // A torn last record is what a crash leaves; damage before it must stop the start, not drop what was
    // acknowledged.
    db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    db.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
    db.max_background_jobs = 3;
    db.max_subcompactions = 1;
    db.max_open_files = 512;
    db.bytes_per_sync = 1U << 20;
    db.wal_bytes_per_sync = 1U << 20;
    db.max_total_wal_size = 256U << 20;
    db.allow_concurrent_memtable_write = false;  // one committer
    db.enable_write_thread_adaptive_yield = false;
    db.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(options.memory_bytes);
    db.info_log = std::make_shared<NoDiary>();
    db.listeners.push_back(std::make_shared<NoRecoveryByItself>());
    db.stats_dump_period_sec = 0;
    db.stats_persist_period_sec = 0;
    return db;
}

rocksdb::ColumnFamilyOptions family_options(Use use, const std::shared_ptr<rocksdb::Cache>& cache) {
    rocksdb::ColumnFamilyOptions options;
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    table.cache_index_and_filter_blocks = true;
    table.pin_l0_filter_and_index_blocks_in_cache = false;
    table.format_version = 5;
    table.block_size = 8U << 10;
    options.compression = rocksdb::kNoCompression;  // ciphertexts and hashes do not shrink
    options.write_buffer_size = 16U << 20;
    options.max_write_buffer_number = 3;
    options.target_file_size_base = 64U << 20;
    switch (use) {
        case Use::ascending:
            options.max_bytes_for_level_base = 512U << 20;
            // The next key goes beside the one before; the first bytes of a key change seldom.
            options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
            break;
        case Use::random:
            tune_random(options, table);
            break;
        case Use::runs:
            tune_runs(options);
            break;
        case Use::queue:
            options.write_buffer_size = 32U << 20;
            break;
        case Use::settings:
            options.write_buffer_size = 4U << 20;
            break;
    }
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    return options;
}

}  // namespace huoqi::lsm

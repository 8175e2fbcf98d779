// SPDX-License-Identifier: Apache-2.0
// The archive port: sealed waybills, blind indexes, ledger entries and tiles; written once, billions, never
// updated in place. Core says here what it needs; edge/store implements it over RocksDB (embedded) and over
// PostgreSQL. Everything that passes is opaque to the store: ciphertexts, tokens, hashes.
//
// Several server processes may write to one archive (PostgreSQL). Each has a writer number, a ledger of its
// own, and hands out record numbers and volume ids that carry its number, so that none waits for another.
// Entries, tiles and settings are those of this writer; rows, indexes and volumes are everybody's.
//
// Threads: reads from any thread at any time; write() from one thread at a time (the committer's).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace huoqi::archive {

// Token of the unique index: one waybill number of one volume. 16 bytes, so that two numbers never share one.
using NumberToken = std::array<std::uint8_t, 16>;
// Token of a many-valued index: 8 bytes. Two values may share one (about once in 2^64 pairs); whoever
// searches opens the candidates and compares.
using IndexToken = std::uint64_t;
// Which many-valued index; the meaning is core's.
using IndexKind = std::uint8_t;

// Number of a server process among those that share the archive; the embedded archive has writer 0 alone.
using WriterId = std::uint16_t;

// All waybills of one enterprise sealed in one month, under keys of their own: the unit of retention and
// destruction.
struct Volume {
    VolumeId id;
    std::string enterprise;
    std::string period;  // "2026-11", in China's time zone
};
struct Row {
    RecordPlace place;
    Version version;
    Bytes sealed;
};
struct NumberIndex {
    VolumeId volume;
    NumberToken token{};
    RecordId record;
};
struct BlindIndex {
    VolumeId volume;
    IndexKind kind = 0;
    IndexToken token = 0;
    RecordId record;
};
struct LedgerRow {
    EntryIndex index;
    Bytes entry;
    // Search keys of this entry, made by core/ledger; e.g. actor, action, waybill. Opaque, at most 64 bytes
    // each.
    std::vector<Bytes> keys;
};
struct TileRow {
    std::uint8_t level = 0;
    std::uint64_t index = 0;
    Bytes hashes;
};
// Named small values: counters.
struct Setting {
    std::string key;
    Bytes value;
};

// All or nothing, durable when write() returns. Of a write that failed blind-index entries may be left: a
// search must not mind entries whose record is not there or is another.
struct WriteSet {
    std::vector<Row> rows;  // ascending by place; versions other than 0 replace nothing, they add
    std::vector<NumberIndex> numbers;
    std::vector<BlindIndex> indexes;
    std::vector<LedgerRow> entries;  // ascending, without gaps
    std::vector<TileRow> tiles;
    std::vector<Setting> settings;
    std::vector<Volume> volumes;  // opened by this write
};

struct Stats {
    std::uint64_t bytes_on_disk = 0;
    std::uint64_t index_runs = 0;
};

class Archive {
  public:
    virtual ~Archive() = default;

    // Code::no_space or Code::storage: nothing of the set is there, and the archive can be used again as soon
    // as the cause is gone. Code::conflict: another writer was first (a number token, a version of a record,
    // or the enterprise's volume of that period exists); nothing is there, ask anew. Code::unavailable: the
    // engine went away; whether the set is there is not known until ledger_size() answers again.
    virtual Status write(const WriteSet& set) = 0;

    virtual WriterId writer() const = 0;
    // Whether others write too, so that what is remembered of the volumes must be asked again.
    virtual bool shared() const = 0;
    // Ascending by period, then id.
    virtual Result<std::vector<Volume>> volumes() const = 0;
    // Takes rows, numbers and index entries of a volume away for good; the list of volumes keeps it. Blocks
    // no writer of other volumes.
    virtual Status drop_volume(VolumeId volume) = 0;

    // Which of the tokens exist: one answer for each question, in order.
    virtual Result<std::vector<std::optional<RecordId>>> find_numbers(
        VolumeId volume, const std::vector<NumberToken>& tokens) const = 0;
    // Records under a token, newest first, at most `limit`.
    virtual Result<std::vector<RecordId>> find(VolumeId volume, IndexKind kind, IndexToken token,
                                               std::size_t limit) const = 0;
    // The latest version of a record. Code::not_found.
    virtual Result<Row> fetch(RecordPlace place) const = 0;
    // Walks the rows of a volume from a record on; stops when `visit` returns false.
    virtual Status scan(VolumeId volume, RecordId from,
                        const std::function<bool(const Row&)>& visit) const = 0;

    // Ledger. Entries from `from` on; stops when `visit` returns false or at the end.
    virtual Status entries(EntryIndex from, const std::function<bool(EntryIndex, ByteView)>& visit) const = 0;
    virtual Result<Bytes> entry(EntryIndex index) const = 0;
    virtual Result<Bytes> tile(std::uint8_t level, std::uint64_t index) const = 0;
    // Entries that carry the search key, newest first, below `before`, at most `limit`.
    virtual Result<std::vector<EntryIndex>> entries_with(ByteView key, EntryIndex before,
                                                         std::size_t limit) const = 0;
    // The first search key at or after `from` that starts with `prefix`, and its entry. For keys that end in
    // a number.
    virtual Result<std::optional<std::pair<Bytes, EntryIndex>>> next_key(ByteView prefix,
                                                                         ByteView from) const = 0;
    virtual Result<TreeSize> ledger_size() const = 0;

    virtual Result<std::optional<Bytes>> setting(std::string_view key) const = 0;

    // A copy for a backup into a folder that does not exist, as of this moment, while others read; on the
    // thread that writes. Code::unsupported: the engine is a server, which has ways of its own.
    virtual Status copy_to(const std::filesystem::path& folder) = 0;

    // Reads every stored byte again and checks the store's own checksums. Code::corrupt names the file.
    virtual Status check() const = 0;
    virtual Stats stats() const = 0;
};

}  // namespace huoqi::archive

// SPDX-License-Identifier: Apache-2.0
// The archive over lib/lsm. A write set is one synced batch: rows under rising keys, waybill numbers, ledger
// entries and tiles, and the blind-index entries once more as one "tail" value. The entries themselves wait
// in memory (IndexTail) and become a sorted run that is ingested whole; then their tail values are removed.
// After a crash the tail is read back.
#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <thread>
#include <tuple>

#include "base/check.h"
#include "base/log.h"
#include "edge/store/internal/archive_keys.h"
#include "edge/store/internal/index_page.h"
#include "edge/store/internal/index_tail.h"
#include "edge/store/store.h"
#include "lib/lsm/lsm.h"

namespace huoqi::store {
namespace {

constexpr const char* kEngineFolder = "rocksdb";
constexpr std::size_t kTailEntryBytes = 21;
constexpr std::size_t kNumberKeyBytes = 20;

std::vector<lsm::Family> families() {
    return {{"rows", lsm::Use::ascending},    {"numbers", lsm::Use::random},
            {"pages", lsm::Use::runs},        {"tail", lsm::Use::queue},
            {"entries", lsm::Use::ascending}, {"entry_keys", lsm::Use::random},
            {"tiles", lsm::Use::ascending},   {"settings", lsm::Use::settings},
            {"changed", lsm::Use::random},    {"volumes", lsm::Use::settings}};
}

Bytes tail_value(const std::vector<archive::BlindIndex>& indexes) {
    Bytes out;
    out.reserve(indexes.size() * kTailEntryBytes);
    for (const auto& index : indexes) {
        put_be(out, index.volume.value);
        out.push_back(index.kind);
        put_be(out, index.token);
        put_be(out, index.record.value);
    }
    return out;
}

Chunk entries_of(const std::vector<archive::BlindIndex>& indexes) {
    Chunk out;
    out.reserve(indexes.size());
    for (const auto& index : indexes)
        out.push_back({index.token, index.record.value, index.volume.value, index.kind});
    return out;
}

class EmbeddedArchive final : public archive::Archive {
  public:
    EmbeddedArchive(std::unique_ptr<lsm::Store> store, const ArchiveOptions& options)
        : store_(std::move(store)), options_(options) {}

    ~EmbeddedArchive() override { wait_for_run(); }

    Status recover() {
        std::error_code ignored;
        std::filesystem::remove(run_file(), ignored);  // left by a crash; its entries are still in the tail
        Status shape;
        auto read = store_->scan(kTail, {}, {}, [&](ByteView key, ByteView value) {
            shape = read_tail(key, value);
            return shape.has_value();
        });
        if (!read) return read;
        return shape;
    }

    Status write(const archive::WriteSet& set) override {
        lsm::Batch batch = store_->batch(bytes_in(set));
        add_rows(set, batch);
        add_ledger(set, batch);
        for (const auto& volume : set.volumes)
            batch.put(kVolumes, volume_bytes(volume.id), volume_value(volume));
        std::uint64_t tail = next_tail_;
        if (!set.indexes.empty()) batch.put(kTail, number_bytes(tail), tail_value(set.indexes));
        if (auto written = store_->write(batch, /*sync=*/true); !written) return written;
        if (!set.indexes.empty()) {
            ++next_tail_;
            tail_.add(entries_of(set.indexes));
            if (tail_.size() >= options_.tail_entries) start_run();
        }
        return {};
    }

    archive::WriterId writer() const override { return 0; }
    bool shared() const override { return false; }

    Result<std::vector<archive::Volume>> volumes() const override {
        std::vector<archive::Volume> out;
        Status shape;
        auto read = store_->scan(kVolumes, {}, {}, [&](ByteView key, ByteView value) {
            auto volume = volume_of(key, value);
            if (!volume) return shape = pass(volume), false;
            out.push_back(std::move(*volume));
            return true;
        });
        if (!read) return pass(read);
        if (!shape) return pass(shape);
        std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
            return std::tie(a.period, a.id) < std::tie(b.period, b.id);
        });
        return out;
    }

    Status drop_volume(VolumeId volume) override {
        VolumeId next{volume.value + 1};
        lsm::Batch batch = store_->batch();
        for (auto family : {kRows, kNumbers, kPages, kChanged}) {
            batch.remove_range(family, volume_bytes(volume), volume_bytes(next));
        }
        return store_->write(batch, /*sync=*/true);
    }

    Result<std::vector<std::optional<RecordId>>> find_numbers(
        VolumeId volume, const std::vector<archive::NumberToken>& tokens) const override {
        // The engine wants its keys in order.
        std::vector<std::size_t> order(tokens.size());
        std::iota(order.begin(), order.end(), 0);
        std::sort(order.begin(), order.end(), [&](auto a, auto b) { return tokens[a] < tokens[b]; });
        Bytes bytes;
        bytes.reserve(tokens.size() * kNumberKeyBytes);
        for (auto i : order) {
            put_be(bytes, volume.value);
            append(bytes, ByteView(tokens[i]));
        }
        std::vector<ByteView> keys;
        keys.reserve(tokens.size());
        for (std::size_t at = 0; at < bytes.size(); at += kNumberKeyBytes) {
            keys.push_back(ByteView(bytes).subspan(at, kNumberKeyBytes));
        }
        auto values = store_->get_many(kNumbers, keys);
        if (!values) return pass(values);
        std::vector<std::optional<RecordId>> out(tokens.size());
        for (std::size_t i = 0; i < order.size(); ++i) {
            const auto& value = (*values)[i];
            if (!value) continue;
            if (value->size() != 8)
                return fail(Code::corrupt, "archive: a number's record has a wrong length");
            out[order[i]] = RecordId{get_be<std::uint64_t>(value->data())};
        }
        return out;
    }

    Result<std::vector<RecordId>> find(VolumeId volume, archive::IndexKind kind, archive::IndexToken token,
                                       std::size_t limit) const override {
        std::vector<RecordId> out;
        // The tail first: an entry that moves to a run meanwhile is then seen twice, never missed.
        tail_.find(volume, kind, token, out);
        Bytes from = page_prefix(volume, kind, token);
        Bytes until = from;
        until.insert(until.end(), 8, 0xff);
        until.push_back(0);
        Status shape;
        auto read = store_->scan(kPages, from, until, [&](ByteView, ByteView page) {
            shape = find_in_page(page, token, out);
            return shape.has_value();
        });
        if (!read) return pass(read);
        if (!shape) return pass(shape);
        std::sort(out.begin(), out.end(), std::greater<>());
        out.erase(std::unique(out.begin(), out.end()), out.end());
        if (out.size() > limit) out.resize(limit);
        return out;
    }

    Result<archive::Row> fetch(RecordPlace place) const override {
        // Few records have more than one version; a filter answers that without a search for the latest.
        auto changed = store_->get(kChanged, changed_key(place));
        if (!changed) return pass(changed);
        Version version{0};
        if (*changed) {
            if ((*changed)->size() != 2) return fail(Code::corrupt, "archive: a version has a wrong length");
            version.value = get_be<std::uint16_t>((*changed)->data());
        }
        auto sealed = store_->get(kRows, row_key(place, version));
        if (!sealed) return pass(sealed);
        if (!*sealed) return fail(Code::not_found, "archive: no such record");
        return archive::Row{place, version, std::move(**sealed)};
    }

    Status scan(VolumeId volume, RecordId from,
                const std::function<bool(const archive::Row&)>& visit) const override {
        return store_->scan(kRows, row_key({volume, from}, Version{0}),
                            row_key({VolumeId{volume.value + 1}, RecordId{0}}, Version{0}),
                            [&](ByteView key, ByteView value) { return visit(row_of(key, value)); });
    }

    Status entries(EntryIndex from, const std::function<bool(EntryIndex, ByteView)>& visit) const override {
        return store_->scan(kEntries, number_bytes(from.value), {}, [&](ByteView key, ByteView value) {
            return visit(EntryIndex{get_be<std::uint64_t>(key.data())}, value);
        });
    }

    Result<Bytes> entry(EntryIndex index) const override {
        return required(kEntries, number_bytes(index.value));
    }
    Result<Bytes> tile(std::uint8_t level, std::uint64_t index) const override {
        return required(kTiles, tile_key(level, index));
    }

    Result<std::vector<EntryIndex>> entries_with(ByteView key, EntryIndex before,
                                                 std::size_t limit) const override {
        std::vector<EntryIndex> out;
        auto read = store_->scan_down(
            kEntryKeys, entry_key(key, EntryIndex{0}), entry_key(key, before), [&](ByteView found, ByteView) {
                out.push_back(EntryIndex{get_be<std::uint64_t>(&found[found.size() - 8])});
                return out.size() < limit;
            });
        if (!read) return pass(read);
        return out;
    }

    Result<std::optional<std::pair<Bytes, EntryIndex>>> next_key(ByteView prefix,
                                                                 ByteView from) const override {
        std::optional<std::pair<Bytes, EntryIndex>> out;
        auto read = store_->scan(kEntryKeys, from, {}, [&](ByteView key, ByteView) {
            if (key.size() >= prefix.size() + 8 && std::equal(prefix.begin(), prefix.end(), key.begin())) {
                auto search_key = key.first(key.size() - 8);
                out.emplace(Bytes(search_key.begin(), search_key.end()),
                            EntryIndex{get_be<std::uint64_t>(&key[key.size() - 8])});
            }
            return false;
        });
        if (!read) return pass(read);
        return out;
    }

    Result<TreeSize> ledger_size() const override {
        std::uint64_t size = 0;
        auto read = store_->scan_down(kEntries, {}, {}, [&](ByteView key, ByteView) {
            size = get_be<std::uint64_t>(key.data()) + 1;
            return false;
        });
        if (!read) return pass(read);
        return TreeSize{size};
    }

    Result<std::optional<Bytes>> setting(std::string_view key) const override {
        return store_->get(kSettings, bytes_of(key));
    }

    Status copy_to(const std::filesystem::path& folder) override {
        wait_for_run();  // a copy between a run's arrival and the end of its tail would have neither
        std::error_code error;
        std::filesystem::create_directories(folder, error);
        if (error) return fail(Code::storage, "archive: cannot make a folder: " + error.message());
        return store_->copy_to((folder / kEngineFolder).string());
    }
    Status check() const override { return store_->check(); }
    archive::Stats stats() const override { return {store_->bytes_on_disk(), store_->files_in(kPages)}; }

  private:
    std::filesystem::path run_file() const { return options_.folder / "index.run"; }

    static archive::Row row_of(ByteView key, ByteView value) {
        RecordPlace place{{get_be<std::uint32_t>(key.data())}, {get_be<std::uint64_t>(&key[4])}};
        return {place, Version{get_be<std::uint16_t>(&key[12])}, Bytes(value.begin(), value.end())};
    }

    Result<Bytes> required(lsm::FamilyIndex family, ByteView key) const {
        auto value = store_->get(family, key);
        if (!value) return pass(value);
        if (!*value) return fail(Code::not_found, "archive: no such entry or tile");
        return std::move(**value);
    }

    Status read_tail(ByteView key, ByteView value) {
        if (value.size() % kTailEntryBytes != 0)
            return fail(Code::corrupt, "archive: a tail value has a wrong length");
        Chunk chunk;
        for (std::size_t at = 0; at < value.size(); at += kTailEntryBytes) {
            chunk.push_back({get_be<std::uint64_t>(&value[at + 5]), get_be<std::uint64_t>(&value[at + 13]),
                             get_be<std::uint32_t>(&value[at]), value[at + 4]});
        }
        tail_.add(chunk);
        next_tail_ = get_be<std::uint64_t>(key.data()) + 1;
        return {};
    }

    static std::size_t bytes_in(const archive::WriteSet& set) {
        constexpr std::size_t kOverhead = 32;  // of a key and its lengths
        std::size_t bytes = 4096 + set.numbers.size() * 2 * kOverhead + set.indexes.size() * kTailEntryBytes;
        for (const auto& row : set.rows) bytes += row.sealed.size() + kOverhead;
        for (const auto& entry : set.entries)
            bytes += entry.entry.size() + (entry.keys.size() + 1) * 2 * kOverhead;
        return bytes + set.tiles.size() * 8400;
    }

    static void add_rows(const archive::WriteSet& set, lsm::Batch& batch) {
        for (const auto& row : set.rows) {
            batch.put(kRows, row_key(row.place, row.version), row.sealed);
            if (row.version.value == 0) continue;
            Bytes version;
            put_be(version, row.version.value);
            batch.put(kChanged, changed_key(row.place), version);
        }
        // In order, so that the engine finds the next place near the last.
        std::vector<const archive::NumberIndex*> numbers;
        numbers.reserve(set.numbers.size());
        for (const auto& number : set.numbers) numbers.push_back(&number);
        std::sort(numbers.begin(), numbers.end(), [](auto* a, auto* b) { return a->token < b->token; });
        for (const auto* number : numbers) {
            batch.put(kNumbers, number_key(number->volume, number->token),
                      number_bytes(number->record.value));
        }
    }

    static void add_ledger(const archive::WriteSet& set, lsm::Batch& batch) {
        for (const auto& row : set.entries) {
            batch.put(kEntries, number_bytes(row.index.value), row.entry);
            for (const auto& key : row.keys) batch.put(kEntryKeys, entry_key(key, row.index), {});
        }
        for (const auto& tile : set.tiles) batch.put(kTiles, tile_key(tile.level, tile.index), tile.hashes);
        for (const auto& setting : set.settings) batch.put(kSettings, bytes_of(setting.key), setting.value);
    }

    // Turns the tail into a run beside the writer; waits when the one before is not done, so that memory
    // stays bounded.
    void start_run() {
        wait_for_run();
        tail_.take();
        auto until = next_tail_;
        runner_ = std::thread([this, until] {
            auto taken = tail_.sorted();
            if (auto done = write_run(*taken, until); !done) {
                // The entries stay in the tail on disk and in memory; nothing is lost, the next start reads
                // them again.
                log::error("archive.run_failed", {{"code", name(done.error().code)}});
                std::error_code ignored;
                std::filesystem::remove(run_file(), ignored);
                tail_.add(*taken);
            }
            tail_.release();
        });
    }

    void wait_for_run() {
        if (runner_.joinable()) runner_.join();
    }

    Status write_run(const Chunk& sorted, std::uint64_t until) {
        auto run = store_->new_run(kPages, run_file());
        if (!run) return pass(run);
        auto put =
            for_each_page(sorted, until, [&](ByteView key, ByteView page) { return (*run)->put(key, page); });
        if (!put) return put;
        if (auto finished = (*run)->finish(); !finished) return finished;
        if (auto ingested = store_->ingest(kPages, run_file()); !ingested) return ingested;
        // The last tail key stays, emptied: it keeps the numbering, and with it the names of runs, from
        // starting again.
        lsm::Batch batch = store_->batch();
        batch.remove_range(kTail, number_bytes(0), number_bytes(until - 1));
        batch.put(kTail, number_bytes(until - 1), {});
        return store_->write(batch, /*sync=*/false);
    }

    std::unique_ptr<lsm::Store> store_;
    ArchiveOptions options_;
    IndexTail tail_;
    std::uint64_t next_tail_ = 0;
    std::thread runner_;
};

}  // namespace

Result<std::unique_ptr<archive::Archive>> open_archive(const ArchiveOptions& options) {
    lsm::Options engine;
    engine.path = options.folder / kEngineFolder;
    engine.families = families();
    engine.cache_bytes = options.cache_bytes;
    engine.memory_bytes = options.memory_bytes;
    std::error_code error;
    std::filesystem::create_directories(options.folder, error);
    if (error) return fail(Code::storage, "archive: cannot make its folder: " + error.message());
    auto store = lsm::Store::open(engine);
    if (!store) return pass(store);
    auto archive = std::make_unique<EmbeddedArchive>(std::move(*store), options);
    if (auto recovered = archive->recover(); !recovered) return pass(recovered);
    return archive;
}

}  // namespace huoqi::store

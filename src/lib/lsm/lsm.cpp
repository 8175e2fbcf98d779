// SPDX-License-Identifier: Apache-2.0
#include "lib/lsm/lsm.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <atomic>

#include "lib/lsm/internal/tuning.h"

namespace huoqi::lsm {
namespace {

// RocksDB wants an address even for no bytes.
rocksdb::Slice slice(ByteView bytes) {
    return bytes.empty() ? rocksdb::Slice()
                         : rocksdb::Slice(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}
ByteView view(const rocksdb::Slice& from) { return bytes_of({from.data(), from.size()}); }

// RocksDB's texts name files and offsets, never keys or values of ours.
std::unexpected<Error> failed(const rocksdb::Status& status) {
    if (status.IsNoSpace() || status.subcode() == rocksdb::Status::kNoSpace) {
        return fail(Code::no_space, "archive: the disk is full: " + status.ToString());
    }
    if (status.IsCorruption())
        return fail(Code::corrupt, "archive: stored bytes are damaged: " + status.ToString());
    if (status.IsBusy() || status.ToString().find("lock") != std::string::npos) {
        return fail(Code::unavailable, "archive: in use by another process: " + status.ToString());
    }
    return fail(Code::storage, "archive: " + status.ToString());
}

class SstRunWriter final : public RunWriter {
  public:
    SstRunWriter(const rocksdb::Options& options, rocksdb::ColumnFamilyHandle* family)
        : writer_(rocksdb::EnvOptions(), options, family, /*invalidate_page_cache=*/false) {}

    Status open(const std::string& file) {
        auto status = writer_.Open(file);
        if (!status.ok()) return failed(status);
        return {};
    }
    Status put(ByteView key, ByteView value) override {
        auto status = writer_.Put(slice(key), slice(value));
        if (!status.ok()) return failed(status);
        return {};
    }
    Status finish() override {
        auto status = writer_.Finish();
        if (!status.ok()) return failed(status);
        return {};
    }

  private:
    rocksdb::SstFileWriter writer_;
};

}  // namespace

struct Batch::Impl {
    rocksdb::WriteBatch changes;
    const std::vector<rocksdb::ColumnFamilyHandle*>& families;
    rocksdb::Status failure;  // the first; kept for write()

    Impl(std::size_t bytes, const std::vector<rocksdb::ColumnFamilyHandle*>& of)
        : changes(bytes), families(of) {}
    void keep(const rocksdb::Status& status) {
        if (failure.ok()) failure = status;
    }
};

Batch::Batch(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Batch::~Batch() = default;
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;
void Batch::put(FamilyIndex family, ByteView key, ByteView value) {
    impl_->keep(impl_->changes.Put(impl_->families[family], slice(key), slice(value)));
}
void Batch::remove_range(FamilyIndex family, ByteView from, ByteView until) {
    impl_->keep(impl_->changes.DeleteRange(impl_->families[family], slice(from), slice(until)));
}

struct Store::Impl {
    std::unique_ptr<rocksdb::DB> db;
    std::vector<rocksdb::ColumnFamilyHandle*> families;
    std::atomic<bool> needs_resume = false;

    ~Impl() {
        if (!db) return;
        for (auto* family : families) db->DestroyColumnFamilyHandle(family);
        db->Close();
    }
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const Options& options) {
    auto cache = rocksdb::NewLRUCache(options.cache_bytes);
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors{{rocksdb::kDefaultColumnFamilyName, {}}};
    for (const auto& family : options.families) {
        descriptors.emplace_back(family.name, family_options(family.use, cache));
    }
    auto impl = std::make_unique<Impl>();
    rocksdb::DB* db = nullptr;
    auto status =
        rocksdb::DB::Open(database_options(options), options.path, descriptors, &impl->families, &db);
    if (!status.ok()) return failed(status);
    impl->db.reset(db);
    impl->db->DestroyColumnFamilyHandle(impl->families.front());
    impl->families.erase(impl->families.begin());
    return std::unique_ptr<Store>(new Store(std::move(impl)));
}

Batch Store::batch(std::size_t bytes) const {
    return Batch(std::make_unique<Batch::Impl>(bytes, impl_->families));
}

Status Store::write(Batch& batch, bool sync) {
    // After a full disk RocksDB refuses writes until told to go on.
    if (impl_->needs_resume.load()) {
        auto resumed = impl_->db->Resume();
        if (!resumed.ok()) return failed(resumed);
        impl_->needs_resume = false;
    }
    if (!batch.impl_->failure.ok()) return failed(batch.impl_->failure);
    rocksdb::WriteOptions how;
    how.sync = sync;
    auto status = impl_->db->Write(how, &batch.impl_->changes);
    if (!status.ok()) {
        impl_->needs_resume = true;
        return failed(status);
    }
    return {};
}

Result<std::optional<Bytes>> Store::get(FamilyIndex family, ByteView key) const {
    rocksdb::PinnableSlice value;
    auto status = impl_->db->Get(rocksdb::ReadOptions(), impl_->families[family], slice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) return failed(status);
    auto bytes = view(value);
    return Bytes(bytes.begin(), bytes.end());
}

Result<std::vector<std::optional<Bytes>>> Store::get_many(FamilyIndex family,
                                                          const std::vector<ByteView>& keys) const {
    std::vector<rocksdb::Slice> slices;
    slices.reserve(keys.size());
    for (auto key : keys) slices.push_back(slice(key));
    std::vector<rocksdb::PinnableSlice> values(keys.size());
    std::vector<rocksdb::Status> statuses(keys.size());
    impl_->db->MultiGet(rocksdb::ReadOptions(), impl_->families[family], keys.size(), slices.data(),
                        values.data(), statuses.data(), /*sorted_input=*/true);
    std::vector<std::optional<Bytes>> out(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (statuses[i].IsNotFound()) continue;
        if (!statuses[i].ok()) return failed(statuses[i]);
        auto bytes = view(values[i]);
        out[i] = Bytes(bytes.begin(), bytes.end());
    }
    return out;
}

Status Store::scan(FamilyIndex family, ByteView from, ByteView until,
                   const std::function<bool(ByteView, ByteView)>& visit) const {
    rocksdb::ReadOptions how;
    rocksdb::Slice end = slice(until);
    if (!until.empty()) how.iterate_upper_bound = &end;
    how.auto_prefix_mode = true;
    std::unique_ptr<rocksdb::Iterator> at(impl_->db->NewIterator(how, impl_->families[family]));
    for (at->Seek(slice(from)); at->Valid(); at->Next()) {
        if (!visit(view(at->key()), view(at->value()))) break;
    }
    if (!at->status().ok()) return failed(at->status());
    return {};
}

Status Store::scan_down(FamilyIndex family, ByteView from, ByteView until,
                        const std::function<bool(ByteView, ByteView)>& visit) const {
    rocksdb::ReadOptions how;
    rocksdb::Slice begin = slice(from);
    rocksdb::Slice end = slice(until);
    if (!from.empty()) how.iterate_lower_bound = &begin;
    if (!until.empty()) how.iterate_upper_bound = &end;
    std::unique_ptr<rocksdb::Iterator> at(impl_->db->NewIterator(how, impl_->families[family]));
    for (at->SeekToLast(); at->Valid(); at->Prev()) {
        if (!visit(view(at->key()), view(at->value()))) break;
    }
    if (!at->status().ok()) return failed(at->status());
    return {};
}

Result<std::unique_ptr<RunWriter>> Store::new_run(FamilyIndex family, const std::string& file) const {
    auto options = impl_->db->GetOptions(impl_->families[family]);
    auto writer = std::make_unique<SstRunWriter>(options, impl_->families[family]);
    if (auto opened = writer->open(file); !opened) return pass(opened);
    return std::unique_ptr<RunWriter>(std::move(writer));
}

Status Store::ingest(FamilyIndex family, const std::string& file) {
    rocksdb::IngestExternalFileOptions how;
    how.move_files = true;
    how.allow_blocking_flush = false;
    auto status = impl_->db->IngestExternalFile(impl_->families[family], {file}, how);
    if (!status.ok()) return failed(status);
    return {};
}

Status Store::check() const {
    auto files = impl_->db->VerifyFileChecksums(rocksdb::ReadOptions());
    if (!files.ok()) return failed(files);
    auto blocks = impl_->db->VerifyChecksum();
    if (!blocks.ok()) return failed(blocks);
    return {};
}

std::uint64_t Store::bytes_on_disk() const {
    std::uint64_t total = 0;
    for (auto* family : impl_->families) {
        std::uint64_t bytes = 0;
        if (impl_->db->GetIntProperty(family, rocksdb::DB::Properties::kTotalSstFilesSize, &bytes))
            total += bytes;
    }
    return total;
}

std::uint64_t Store::files_in(FamilyIndex family) const {
    rocksdb::ColumnFamilyMetaData data;
    impl_->db->GetColumnFamilyMetaData(impl_->families[family], &data);
    return data.file_count;
}

Status Store::copy_to(const std::string& folder) const {
    rocksdb::Checkpoint* raw = nullptr;
    auto status = rocksdb::Checkpoint::Create(impl_->db.get(), &raw);
    std::unique_ptr<rocksdb::Checkpoint> checkpoint(raw);
    if (status.ok()) status = checkpoint->CreateCheckpoint(folder);
    if (!status.ok()) {
        impl_->needs_resume = true;
        return failed(status);
    }
    return {};
}

Status Store::compact() {
    for (auto* family : impl_->families) {
        auto status = impl_->db->CompactRange(rocksdb::CompactRangeOptions(), family, nullptr, nullptr);
        if (!status.ok()) return failed(status);
    }
    return {};
}

}  // namespace huoqi::lsm

// SPDX-License-Identifier: Apache-2.0
// A log-structured store of sorted keys: RocksDB behind the few calls that an archive needs. Keys and values
// are opaque bytes. One batch is atomic and, when synced, survives power loss; every block read is checked
// against its checksum.
//
// Threads: all calls from any thread; batches and iterators belong to one.
// Errors: Code::no_space when the disk is full (nothing of the batch is there; the next write tries again),
// Code::corrupt when stored bytes are not what was written (the message names the file), Code::storage
// otherwise.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace huoqi::lsm {

// How a family of keys is used; decides its tuning.
enum class Use {
    ascending,  // keys come in rising order and are read singly
    random,     // random keys, most look-ups find nothing: has a Bloom filter
    runs,       // only whole sorted runs are ingested
    queue,      // short-lived: written, read back after a crash, deleted
    settings,   // a few small values
};

struct Family {
    std::string name;
    Use use = Use::settings;
};

struct Options {
    std::string path;
    std::vector<Family> families;  // a family's number in calls is its place here
    std::size_t cache_bytes = 48U << 20;
    std::size_t memory_bytes = 64U << 20;  // of all write buffers
};

using FamilyIndex = std::size_t;

// Changes that are made together. Made by Store::batch().
class Batch {
  public:
    ~Batch();
    Batch(Batch&&) noexcept;
    Batch& operator=(Batch&&) noexcept;
    void put(FamilyIndex family, ByteView key, ByteView value);
    void remove_range(FamilyIndex family, ByteView from, ByteView until);

  private:
    friend class Store;
    struct Impl;
    explicit Batch(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// Writes one sorted run to a file that ingest() then takes over.
class RunWriter {
  public:
    virtual ~RunWriter() = default;
    virtual Status put(ByteView key, ByteView value) = 0;  // strictly rising keys
    virtual Status finish() = 0;
};

class Store {
  public:
    static Result<std::unique_ptr<Store>> open(const Options& options);
    ~Store();

    // `bytes`: about how much it will hold.
    Batch batch(std::size_t bytes = 4096) const;
    Status write(Batch& batch, bool sync);
    Result<std::optional<Bytes>> get(FamilyIndex family, ByteView key) const;
    // Keys in rising order; one answer for each.
    Result<std::vector<std::optional<Bytes>>> get_many(FamilyIndex family,
                                                       const std::vector<ByteView>& keys) const;
    // Keys from `from` on that are below `until` (empty: no end), in order; stops when `visit` returns false.
    Status scan(FamilyIndex family, ByteView from, ByteView until,
                const std::function<bool(ByteView key, ByteView value)>& visit) const;
    // The same downwards, from the greatest key below `until`.
    Status scan_down(FamilyIndex family, ByteView from, ByteView until,
                     const std::function<bool(ByteView key, ByteView value)>& visit) const;

    Result<std::unique_ptr<RunWriter>> new_run(FamilyIndex family, const std::string& file) const;
    // Moves a finished run into the family; durable when it returns.
    Status ingest(FamilyIndex family, const std::string& file);

    // Reads every stored file again.
    Status check() const;
    std::uint64_t bytes_on_disk() const;
    std::uint64_t files_in(FamilyIndex family) const;
    // A copy of all that is written, as of one moment, into a folder that must not exist; writers go on
    // meanwhile. Files are shared by hard links where the file system allows it. Durable.
    Status copy_to(const std::string& folder) const;
    // Merges each family into its final shape; for measuring and before a backup.
    Status compact();

  private:
    struct Impl;
    explicit Store(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace huoqi::lsm

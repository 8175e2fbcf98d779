// SPDX-License-Identifier: Apache-2.0
// Blind-index entries that are not yet in a sorted run on disk. They lie in sorted chunks whose sizes at
// least double from last to first, so that adding costs O(log n) moves an entry and a look-up O(log² n)
// steps.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/guarded.h"
#include "core/archive/archive.h"

namespace huoqi::store {

struct IndexEntry {
    std::uint64_t token;
    std::uint64_t record;
    std::uint32_t volume;
    std::uint8_t kind;
    auto operator<=>(const IndexEntry& other) const {
        if (auto c = volume <=> other.volume; c != 0) return c;
        if (auto c = kind <=> other.kind; c != 0) return c;
        if (auto c = token <=> other.token; c != 0) return c;
        return record <=> other.record;
    }
    bool operator==(const IndexEntry&) const = default;
};
using Chunk = std::vector<IndexEntry>;

class IndexTail {
  public:
    // Adds entries in any order.
    void add(const Chunk& entries);
    // Appends the records under a token to `out`, also those of a taken tail that is not yet released.
    void find(VolumeId volume, archive::IndexKind kind, archive::IndexToken token,
              std::vector<RecordId>& out) const;
    std::size_t size() const;
    // Takes all entries for writing as a run; they stay findable until release(). Sorting is the caller's, by
    // sorted().
    void take();
    // The taken entries, sorted by whoever comes first.
    std::shared_ptr<const Chunk> sorted() const;
    void release();

  private:
    // Taken entries; sorted once, by the thread that writes the run or by a look-up.
    struct Taken {
        mutable std::once_flag once;
        mutable Chunk entries;
        const Chunk& sorted() const;
    };
    struct State {
        std::vector<std::shared_ptr<Chunk>> chunks;  // sorted
        Chunk fresh;                                 // not sorted
        // Turns what is fresh into chunks.
        void settle();
        std::shared_ptr<const Taken> taken;
        std::size_t size() const;
    };
    mutable Guarded<State> state_;
};

}  // namespace huoqi::store

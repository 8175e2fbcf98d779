// SPDX-License-Identifier: Apache-2.0
// Blind-index entries that are not yet in a sorted run on disk. They lie in sorted chunks whose sizes at
// least double from last to first, so that adding costs O(log n) moves an entry and a look-up O(log² n)
// steps.
#pragma once

#include <cstdint>
#include <memory>
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
    void add(Chunk entries);
    // Appends the records under a token to `out`, also those of a taken tail that is not yet released.
    void find(VolumeId volume, archive::IndexKind kind, archive::IndexToken token,
              std::vector<RecordId>& out) const;
    std::size_t size() const;
    // Takes all entries, sorted, for writing as a run; they stay findable until release().
    std::shared_ptr<const Chunk> take();
    void release();

  private:
    struct State {
        std::vector<std::shared_ptr<Chunk>> chunks;
        std::shared_ptr<const Chunk> taken;
        std::size_t size = 0;
    };
    Guarded<State> state_;
};

}  // namespace huoqi::store

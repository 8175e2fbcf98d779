// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cstring>

#include "base/check.h"
#include "lib/tlog/internal/subtree.h"
#include "lib/tlog/tlog.h"

namespace huoqi::tlog {

namespace {

Bytes bytes_of_tile(const std::vector<Hash>& hashes) {
    Bytes out(hashes.size() * sizeof(Hash));
    std::memcpy(out.data(), hashes.data(), out.size());
    return out;
}

}  // namespace

void Edge::add(const Hash& leaf, const std::function<void(FullTile)>& emit) {
    Hash hash = leaf;
    for (std::uint8_t level = 0;; ++level) {
        if (levels_.size() == level) levels_.emplace_back().reserve(kTileWidth);
        auto& hashes = levels_[level];
        hashes.push_back(hash);
        if (hashes.size() < kTileWidth) break;
        const std::uint64_t index = size_ >> (kTileHeight * (level + 1));
        if (emit) emit({level, index, bytes_of_tile(hashes)});
        hash = complete_root(hashes);
        hashes.clear();
    }
    ++size_;
}

// The unfinished tiles hold the complete subtrees that the tree is made of, the largest at the top left. RFC
// 6962 joins them from the right.
Hash Edge::root() const {
    std::optional<Hash> joined;
    for (const auto& hashes : levels_) {
        std::span<const Hash> rest = hashes;
        while (!rest.empty()) {
            const std::size_t width = std::size_t{1} << std::countr_zero(rest.size());
            const Hash left = complete_root(rest.last(width));
            joined = joined ? node_hash(left, *joined) : left;
            rest = rest.first(rest.size() - width);
        }
    }
    return joined ? *joined : empty_root();
}

const std::vector<Hash>& Edge::partial(std::uint8_t level) const {
    static const std::vector<Hash> none;
    return level < levels_.size() ? levels_[level] : none;
}

Result<Edge> Edge::restore(TreeSize size,
                           const std::function<Result<Bytes>(std::uint8_t, std::uint64_t)>& read_tile,
                           std::vector<Hash> leaf_hashes) {
    if (leaf_hashes.size() != size.value % kTileWidth) {
        return fail(Code::corrupt, "the unfinished tile does not hold as many hashes as the tree size says");
    }
    Edge edge;
    edge.size_ = size.value;
    leaf_hashes.reserve(kTileWidth);
    edge.levels_.push_back(std::move(leaf_hashes));
    for (std::uint8_t below = 0; tiles_at(size, below).full > 0; ++below) {
        // Each full tile of the level below is one hash here; those of full tiles here are already one level
        // up.
        const std::uint64_t end = tiles_at(size, below).full;
        auto& hashes = edge.levels_.emplace_back();
        hashes.reserve(kTileWidth);
        for (std::uint64_t index = end / kTileWidth * kTileWidth; index < end; ++index) {
            auto tile = read_tile(below, index);
            if (!tile) return pass(tile, "tile at the tree's edge");
            if (tile->size() != kTileBytes) return fail(Code::corrupt, "a full tile must have 8192 bytes");
            hashes.push_back(complete_root(hashes_in(*tile)));
        }
    }
    return edge;
}

}  // namespace huoqi::tlog

// SPDX-License-Identifier: Apache-2.0
#include "lib/tlog/internal/subtree.h"

#include <bit>
#include <cstring>

#include "base/check.h"

namespace huoqi::tlog {

Hash complete_root(std::span<const Hash> hashes) {
    HUOQI_CHECK(std::has_single_bit(hashes.size()) && hashes.size() <= kTileWidth);
    if (hashes.size() == 1) return hashes[0];
    std::array<Hash, kTileWidth / 2> level;
    std::size_t size = hashes.size() / 2;
    for (std::size_t i = 0; i < size; ++i) level[i] = node_hash(hashes[2 * i], hashes[2 * i + 1]);
    for (; size > 1; size /= 2) {
        for (std::size_t i = 0; i < size / 2; ++i) level[i] = node_hash(level[2 * i], level[2 * i + 1]);
    }
    return level[0];
}

std::vector<Hash> hashes_in(ByteView tile) {
    HUOQI_CHECK(tile.size() % sizeof(Hash) == 0);
    std::vector<Hash> hashes(tile.size() / sizeof(Hash));
    if (!hashes.empty()) std::memcpy(hashes.data(), tile.data(), tile.size());
    return hashes;
}

}  // namespace huoqi::tlog

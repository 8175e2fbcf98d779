// SPDX-License-Identifier: Apache-2.0
// Merkle hashes over consecutive hashes of one tile.
#pragma once

#include <span>

#include "lib/tlog/tlog.h"

namespace huoqi::tlog {

inline constexpr int kTileHeight = 8;  // 256 = 2^8 hashes

// Root of a complete subtree over `hashes`, whose number is a power of two of at most 256.
Hash complete_root(std::span<const Hash> hashes);

// A tile's bytes as hashes. The size must be a multiple of 32.
std::vector<Hash> hashes_in(ByteView tile);

}  // namespace huoqi::tlog

// SPDX-License-Identifier: Apache-2.0
// Trees, tiles and proofs against RFC 6962 section 2.1 written down as it stands there, recursive and slow.
#include <gtest/gtest.h>

#include <map>

#include "lib/tlog/tlog.h"

namespace huoqi::tlog {
namespace {

// MTH, PATH and SUBPROOF over D[begin:end]; roots that were worked out once are kept.
class Naive {
  public:
    explicit Naive(std::vector<Hash> leaves) : leaves_(std::move(leaves)) {}

    Hash root(std::size_t begin, std::size_t end) {
        if (begin == end) return crypto::sha256({});
        if (end - begin == 1) return leaves_[begin];
        const auto known = roots_.find({begin, end});
        if (known != roots_.end()) return known->second;
        const std::size_t k = begin + split(end - begin);
        Bytes message = {1};
        append(message, root(begin, k));
        append(message, root(k, end));
        return roots_[{begin, end}] = crypto::sha256(message);
    }
    std::vector<Hash> path(std::size_t m, std::size_t begin, std::size_t end) {
        if (end - begin == 1) return {};
        const std::size_t k = begin + split(end - begin);
        auto path_below = m < k ? path(m, begin, k) : path(m, k, end);
        path_below.push_back(m < k ? root(k, end) : root(begin, k));
        return path_below;
    }
    std::vector<Hash> subproof(std::size_t m, std::size_t begin, std::size_t end, bool known) {
        if (m == end) return known ? std::vector<Hash>{} : std::vector<Hash>{root(begin, end)};
        const std::size_t k = begin + split(end - begin);
        auto proof = m <= k ? subproof(m, begin, k, known) : subproof(m, k, end, false);
        proof.push_back(m <= k ? root(k, end) : root(begin, k));
        return proof;
    }

  private:
    static std::size_t split(std::size_t n) {
        std::size_t k = 1;
        while (k * 2 < n) k *= 2;
        return k;
    }
    std::vector<Hash> leaves_;
    std::map<std::pair<std::size_t, std::size_t>, Hash> roots_;
};

// A log as it would be published: full tiles as they come, partial ones of the last size.
class Published {
  public:
    explicit Published(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) add();
    }
    void add() {
        Bytes entry;
        put_be<std::uint64_t>(entry, leaves.size());
        leaves.push_back(leaf_hash(entry));
        edge.add(leaves.back(), [&](const Edge::FullTile& tile) {
            tiles[{.level = tile.level, .index = tile.index}] = tile.hashes;
        });
    }
    // Reads as a tree of the edge's size would be served; `full_for_partial` answers partial tiles from
    // larger ones.
    TileReader reader(bool full_for_partial = false) {
        return [this, full_for_partial](const TilePath& path) -> Result<Bytes> {
            ++reads;
            TilePath full = path;
            full.width = kTileWidth;
            if (auto found = tiles.find(full); found != tiles.end()) {
                Bytes bytes = found->second;
                if (path.width < kTileWidth && !full_for_partial) bytes.resize(path.width * 32);
                return bytes;
            }
            const auto& hashes = edge.partial(path.level);
            if (path.index != tiles_at(edge.size(), path.level).full || path.width > hashes.size()) {
                return fail(Code::not_found, "no such tile");
            }
            Bytes bytes;
            for (std::size_t i = 0; i < path.width; ++i) append(bytes, hashes[i]);
            return bytes;
        };
    }
    std::vector<Hash> leaves;
    Edge edge;
    std::map<TilePath, Bytes> tiles;
    int reads = 0;
};

TEST(hashes, AreThoseOfRfc6962) {
    EXPECT_EQ(hex(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex(leaf_hash({})), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    EXPECT_EQ(hex(leaf_hash(bytes_of("L123456"))),
              "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
    EXPECT_EQ(hex(Published(0).edge.root()), hex(empty_root()));
}

TEST(edge, HasTheNaiveRootAtEverySize) {
    Naive naive(Published(600).leaves);
    Published log(0);
    for (std::size_t size = 0; size <= 600; ++size, log.add()) {
        ASSERT_EQ(log.edge.size().value, size);
        ASSERT_EQ(log.edge.root(), naive.root(0, size)) << size;
        ASSERT_EQ(root_of(TreeSize{size}, log.reader()), naive.root(0, size)) << size;
    }
}

TEST(edge, HasTheNaiveRootWhereTilesOfTwoLevelsEnd) {
    Naive naive(Published(65545).leaves);
    Published log(65530);
    for (; log.edge.size().value < 65545; log.add()) {
        const TreeSize size = log.edge.size();
        ASSERT_EQ(log.edge.root(), naive.root(0, size.value)) << size.value;
        ASSERT_EQ(root_of(size, log.reader()), log.edge.root()) << size.value;
        for (std::uint8_t level = 0; level < 4; ++level) {
            ASSERT_EQ(log.edge.partial(level).size(), tiles_at(size, level).partial) << size.value;
        }
    }
    EXPECT_EQ(log.tiles.size(), 257u);  // 256 of level 0 and one of level 1
    const Bytes& top = log.tiles.at({.level = 1, .index = 0});
    for (std::size_t i = 0; i < 256; ++i) {
        const Hash root = naive.root(256 * i, 256 * (i + 1));
        ASSERT_TRUE(std::equal(root.begin(), root.end(), top.begin() + static_cast<std::ptrdiff_t>(32 * i)))
            << i;
    }
}

TEST(edge, ComesBackFromTilesAndGrowsOn) {
    for (const std::size_t size : {0, 1, 255, 256, 257, 511, 512, 65535, 65536, 65537, 66000}) {
        Published log(size);
        auto restored = Edge::restore(
            TreeSize{size},
            [&](std::uint8_t level, std::uint64_t index) -> Result<Bytes> {
                return log.tiles.at({.level = level, .index = index});
            },
            log.edge.partial(0));
        ASSERT_TRUE(restored) << size;
        EXPECT_EQ(restored->root(), log.edge.root()) << size;
        std::size_t tiles_now = 0;
        for (int i = 0; i < 300; ++i) {
            const auto before = log.tiles.size();
            log.add();
            restored->add(log.leaves.back(), [&](const Edge::FullTile& tile) {
                ++tiles_now;
                EXPECT_EQ(log.tiles.at({.level = tile.level, .index = tile.index}), tile.hashes);
            });
            tiles_now -= log.tiles.size() - before;
        }
        EXPECT_EQ(tiles_now, 0u) << "as many tiles as the log itself";
        EXPECT_EQ(restored->root(), log.edge.root()) << size;
    }
}

TEST(edge, PartsThatDoNotFitTogetherAreCorrupt) {
    Published log(300);
    const auto tile = [&](std::uint8_t, std::uint64_t) -> Result<Bytes> { return log.tiles.begin()->second; };
    auto fewer = log.edge.partial(0);
    fewer.pop_back();
    const auto missing_leaf = Edge::restore(TreeSize{300}, tile, fewer);
    ASSERT_FALSE(missing_leaf);
    EXPECT_EQ(missing_leaf.error().code, Code::corrupt);
    const auto short_tile = Edge::restore(
        TreeSize{300}, [](std::uint8_t, std::uint64_t) -> Result<Bytes> { return Bytes(kTileBytes - 32); },
        log.edge.partial(0));
    ASSERT_FALSE(short_tile);
    EXPECT_EQ(short_tile.error().code, Code::corrupt);
    const auto no_tile = Edge::restore(
        TreeSize{300},
        [](std::uint8_t, std::uint64_t) -> Result<Bytes> { return fail(Code::storage, "gone"); },
        log.edge.partial(0));
    ASSERT_FALSE(no_tile);
    EXPECT_EQ(no_tile.error().code, Code::storage);
}

void expect_inclusion(Published& log, Naive& naive, std::uint64_t index, std::uint64_t size) {
    for (const bool full_for_partial : {false, true}) {
        const auto proof = prove_inclusion(EntryIndex{index}, TreeSize{size}, log.reader(full_for_partial));
        ASSERT_TRUE(proof) << index << " of " << size << ": " << proof.error().message;
        ASSERT_EQ(*proof, naive.path(index, 0, size)) << index << " of " << size;
        ASSERT_TRUE(verify_inclusion(EntryIndex{index}, TreeSize{size}, log.leaves[index], *proof,
                                     naive.root(0, size)));
    }
}

TEST(inclusion, TheProofOfEveryEntryOfEverySmallTreeIsTheNaiveOne) {
    Published log(300);
    Naive naive(log.leaves);
    for (std::uint64_t size = 1; size <= 300; ++size) {
        for (std::uint64_t index = 0; index < size; ++index) {
            ASSERT_NO_FATAL_FAILURE(expect_inclusion(log, naive, index, size));
        }
    }
}

TEST(inclusion, ProofsAreTheNaiveOnesWhereTilesOfTwoLevelsEnd) {
    Published log(65600);
    Naive naive(log.leaves);
    for (const std::uint64_t size : {65535, 65536, 65537, 65599, 65600}) {
        for (const std::uint64_t index : {std::uint64_t{0}, std::uint64_t{255}, std::uint64_t{256},
                                          std::uint64_t{40000}, size - 2, size - 1}) {
            ASSERT_NO_FATAL_FAILURE(expect_inclusion(log, naive, index, size));
        }
    }
    log.reads = 0;
    ASSERT_TRUE(prove_inclusion(EntryIndex{12345}, TreeSize{65600}, log.reader()));
    EXPECT_LE(log.reads, 4) << "each tile is read once";
}

TEST(inclusion, EveryWrongPartIsNoticed) {
    Published log(300);
    const auto root = log.edge.root();
    const auto proof = *prove_inclusion(EntryIndex{77}, TreeSize{300}, log.reader());
    const auto verify = [&](std::uint64_t index, std::uint64_t size, const Hash& leaf,
                            const std::vector<Hash>& hashes, const Hash& against) {
        return verify_inclusion(EntryIndex{index}, TreeSize{size}, leaf, hashes, against).has_value();
    };
    ASSERT_TRUE(verify(77, 300, log.leaves[77], proof, root));
    for (std::uint64_t index = 0; index < 310; ++index) {
        EXPECT_EQ(verify(index, 300, log.leaves[77], proof, root), index == 77) << index;
    }
    EXPECT_FALSE(verify(77, 300, log.leaves[78], proof, root));
    EXPECT_FALSE(verify(77, 300, log.leaves[77], proof, log.leaves[0]));
    EXPECT_FALSE(verify(77, 1000, log.leaves[77], proof, root));
    EXPECT_FALSE(verify(77, 77, log.leaves[77], proof, root));
    for (std::size_t i = 0; i < proof.size(); ++i) {
        auto changed = proof;
        changed[i][31] ^= 1;
        EXPECT_FALSE(verify(77, 300, log.leaves[77], changed, root)) << i;
        changed = proof;
        changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_FALSE(verify(77, 300, log.leaves[77], changed, root)) << i;
        changed = proof;
        changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(i), root);
        EXPECT_FALSE(verify(77, 300, log.leaves[77], changed, root)) << i;
    }
    auto surplus = proof;
    surplus.push_back(root);
    EXPECT_FALSE(verify(77, 300, log.leaves[77], surplus, root));
    EXPECT_FALSE(verify(0, 0, log.leaves[0], {}, empty_root()));
}

void expect_consistency(Published& log, Naive& naive, std::uint64_t size1, std::uint64_t size2, bool damage) {
    const auto proof = prove_consistency(TreeSize{size1}, TreeSize{size2}, log.reader());
    ASSERT_TRUE(proof) << size1 << " to " << size2 << ": " << proof.error().message;
    ASSERT_EQ(*proof, naive.subproof(size1, 0, size2, true)) << size1 << " to " << size2;
    const Hash root1 = naive.root(0, size1), root2 = naive.root(0, size2);
    const auto holds = [&](const std::vector<Hash>& hashes, const Hash& older, const Hash& newer) {
        return verify_consistency(TreeSize{size1}, TreeSize{size2}, hashes, older, newer).has_value();
    };
    ASSERT_TRUE(holds(*proof, root1, root2)) << size1 << " to " << size2;
    if (!damage) return;
    Hash other = root1;
    other[0] ^= 1;
    ASSERT_FALSE(holds(*proof, other, root2)) << size1 << " to " << size2;
    other = root2;
    other[0] ^= 1;
    ASSERT_FALSE(holds(*proof, root1, other)) << size1 << " to " << size2;
    for (std::size_t i = 0; i < proof->size(); ++i) {
        auto changed = *proof;
        changed[i][5] ^= 4;
        ASSERT_FALSE(holds(changed, root1, root2)) << size1 << " to " << size2;
        changed = *proof;
        changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
        ASSERT_FALSE(holds(changed, root1, root2)) << size1 << " to " << size2;
    }
    auto surplus = *proof;
    surplus.push_back(root2);
    ASSERT_FALSE(holds(surplus, root1, root2)) << size1 << " to " << size2;
}

TEST(consistency, TheProofBetweenAnyTwoSmallTreesIsTheNaiveOne) {
    Published log(300);
    Naive naive(log.leaves);
    for (std::uint64_t size2 = 1; size2 <= 300; ++size2) {
        for (std::uint64_t size1 = 1; size1 <= size2; ++size1) {
            const bool damage = size2 < 70 || size1 % 17 == 0;
            ASSERT_NO_FATAL_FAILURE(expect_consistency(log, naive, size1, size2, damage));
        }
    }
}

TEST(consistency, ProofsAreTheNaiveOnesWhereTilesOfTwoLevelsEnd) {
    Published log(65540);
    Naive naive(log.leaves);
    for (const std::uint64_t size2 : {65535, 65536, 65537, 65540}) {
        for (const std::uint64_t size1 : {1, 256, 257, 32768, 65534, 65535, 65536}) {
            if (size1 > size2) continue;
            ASSERT_NO_FATAL_FAILURE(expect_consistency(log, naive, size1, size2, true));
        }
    }
}

TEST(consistency, AnEmptyOrLargerOlderTreeProvesNothing) {
    Published log(10);
    EXPECT_FALSE(verify_consistency(TreeSize{0}, TreeSize{10}, {}, empty_root(), log.edge.root()));
    EXPECT_FALSE(verify_consistency(TreeSize{11}, TreeSize{10}, {}, log.edge.root(), log.edge.root()));
    EXPECT_FALSE(prove_consistency(TreeSize{0}, TreeSize{10}, log.reader()));
    EXPECT_FALSE(prove_consistency(TreeSize{11}, TreeSize{10}, log.reader()));
    EXPECT_FALSE(prove_inclusion(EntryIndex{10}, TreeSize{10}, log.reader()));
}

TEST(readers, AMissingOrShortTileIsAnErrorNotAProof) {
    const TileReader missing = [](const TilePath&) -> Result<Bytes> { return fail(Code::not_found, "gone"); };
    const TileReader cut = [](const TilePath& path) -> Result<Bytes> { return Bytes(path.width * 32 - 1); };
    EXPECT_EQ(prove_inclusion(EntryIndex{1}, TreeSize{300}, missing).error().code, Code::not_found);
    EXPECT_EQ(prove_inclusion(EntryIndex{1}, TreeSize{300}, cut).error().code, Code::corrupt);
    EXPECT_EQ(prove_consistency(TreeSize{3}, TreeSize{300}, missing).error().code, Code::not_found);
    EXPECT_EQ(root_of(TreeSize{300}, cut).error().code, Code::corrupt);
}

}  // namespace
}  // namespace huoqi::tlog

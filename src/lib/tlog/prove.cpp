// SPDX-License-Identifier: Apache-2.0
// Proofs and roots out of tiles, by the recursion of RFC 6962 section 2.1. Every range that it asks for is
// either complete, and then lies in one tile, or reaches to the tree's right edge.
#include <bit>
#include <map>

#include "lib/tlog/internal/subtree.h"
#include "lib/tlog/tlog.h"

namespace huoqi::tlog {

namespace {

class TileTree {
  public:
    TileTree(TreeSize size, const TileReader& read) : size_(size), read_(read) {}

    // MTH(D[begin:end]).
    Result<Hash> root(std::uint64_t begin, std::uint64_t end) {
        if (begin == end) return empty_root();
        if (std::has_single_bit(end - begin)) return complete(begin, end - begin);
        const std::uint64_t middle = begin + split(end - begin);
        auto left = root(begin, middle);
        if (!left) return left;
        auto right = root(middle, end);
        if (!right) return right;
        return node_hash(*left, *right);
    }

    // PATH(index, D[begin:end]), 2.1.1.
    Status path(std::uint64_t index, std::uint64_t begin, std::uint64_t end, std::vector<Hash>& out) {
        if (end - begin == 1) return {};
        const std::uint64_t middle = begin + split(end - begin);
        const bool on_left = index < middle;
        auto deeper = on_left ? path(index, begin, middle, out) : path(index, middle, end, out);
        if (!deeper) return deeper;
        return push(on_left ? root(middle, end) : root(begin, middle), out);
    }

    // SUBPROOF(m, D[begin:end], complete), 2.1.2. `m` counts from leaf 0, and the older tree ends inside the
    // range.
    Status subproof(std::uint64_t m, std::uint64_t begin, std::uint64_t end, bool known,
                    std::vector<Hash>& out) {
        if (m == end) return known ? Status() : push(root(begin, end), out);
        const std::uint64_t middle = begin + split(end - begin);
        const bool on_left = m <= middle;
        auto deeper = on_left ? subproof(m, begin, middle, known, out) : subproof(m, middle, end, false, out);
        if (!deeper) return deeper;
        return push(on_left ? root(middle, end) : root(begin, middle), out);
    }

  private:
    // The largest power of two below n.
    static std::uint64_t split(std::uint64_t n) { return std::bit_floor(n - 1); }

    static Status push(Result<Hash> hash, std::vector<Hash>& out) {
        if (!hash) return pass(hash);
        out.push_back(*hash);
        return {};
    }

    // Root of `width` leaves from `begin`, a multiple of it; `width` is a power of two.
    Result<Hash> complete(std::uint64_t begin, std::uint64_t width) {
        const int height = std::countr_zero(width);
        const auto level = static_cast<std::uint8_t>(height / kTileHeight);
        const std::uint64_t first = begin >> (kTileHeight * level);  // number of the hash at that level
        auto hashes = tile(level, first / kTileWidth);
        if (!hashes) return pass(hashes);
        const std::size_t count = std::size_t{1} << (height % kTileHeight);
        return complete_root(hashes->subspan(first % kTileWidth, count));
    }

    Result<std::span<const Hash>> tile(std::uint8_t level, std::uint64_t index) {
        const TileSpan there = tiles_at(size_, level);
        TilePath path{.level = level, .index = index};
        if (index >= there.full) path.width = there.partial;
        auto found = tiles_.find(path);
        if (found == tiles_.end()) {
            auto bytes = read_(path);
            if (!bytes) return pass(bytes, to_string(path));
            const std::size_t size = path.width * sizeof(Hash);
            if (bytes->size() != size && bytes->size() != kTileBytes) {
                return fail(Code::corrupt, to_string(path) + ": a tile of the wrong length");
            }
            found = tiles_.emplace(path, hashes_in(ByteView(*bytes).first(size))).first;
        }
        return std::span<const Hash>(found->second);
    }

    TreeSize size_;
    const TileReader& read_;
    std::map<TilePath, std::vector<Hash>> tiles_;
};

}  // namespace

Result<std::vector<Hash>> prove_inclusion(EntryIndex index, TreeSize size, const TileReader& read) {
    if (index.value >= size.value) return fail(Code::not_found, "the tree has no entry of that index");
    std::vector<Hash> proof;
    auto done = TileTree(size, read).path(index.value, 0, size.value, proof);
    if (!done) return pass(done);
    return proof;
}

Result<std::vector<Hash>> prove_consistency(TreeSize size1, TreeSize size2, const TileReader& read) {
    if (size1 > size2) return fail(Code::bad_input, "the older tree is larger than the newer one");
    if (size1.value == 0) return fail(Code::bad_input, "nothing follows from an empty older tree");
    std::vector<Hash> proof;
    auto done = TileTree(size2, read).subproof(size1.value, 0, size2.value, true, proof);
    if (!done) return pass(done);
    return proof;
}

Result<Hash> root_of(TreeSize size, const TileReader& read) {
    return TileTree(size, read).root(0, size.value);
}

}  // namespace huoqi::tlog

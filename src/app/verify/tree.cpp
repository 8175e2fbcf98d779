// SPDX-License-Identifier: Apache-2.0
// A whole ledger in the layout of tlog-tiles: every entry is hashed again, the tree is built again from
// nothing, and each tile and the signed roots must come out of it.
#include <algorithm>
#include <fstream>

#include "app/verify/check.h"

namespace huoqi::verify {

using tlog::Hash, tlog::TilePath, tlog::kTileWidth;

std::optional<Bytes> read_file(const std::filesystem::path& file, std::size_t limit) {
    std::error_code unknown;
    const auto size = std::filesystem::file_size(file, unknown);
    if (unknown || size > limit) return std::nullopt;
    Bytes bytes(size);
    std::ifstream in(file, std::ios::binary);
    in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
    return in ? std::optional(std::move(bytes)) : std::nullopt;
}

class Ledger {
  public:
    Ledger(const std::filesystem::path& folder, Report& report) : folder_(folder), report_(report) {}

    void check(const tlog::Checkpoint& head, const std::optional<tlog::Checkpoint>& older) {
        const auto compare_full = [&](const tlog::Edge::FullTile& tile) {
            compare({.level = tile.level, .index = tile.index}, tile.hashes);
        };
        if (older) compare_root(*older, "older");
        while (edge_.size() < head.size) {
            const std::uint64_t done = edge_.size().value;
            const auto width = static_cast<std::uint32_t>(std::min(kTileWidth, head.size.value - done));
            const auto hashes = entry_hashes({.entries = true, .index = done / kTileWidth, .width = width});
            if (hashes.size() != width) return;  // nothing tells what stands here, or behind
            for (const Hash& hash : hashes) {
                edge_.add(hash, compare_full);
                if (older) compare_root(*older, "older");
            }
        }
        for (std::uint8_t level = 0; level < 8; ++level) {
            const auto [full, partial] = tlog::tiles_at(head.size, level);
            Bytes expected;
            for (const Hash& hash : edge_.partial(level)) append(expected, hash);
            if (partial > 0) compare({.level = level, .index = full, .width = partial}, expected);
        }
        compare_root(head, "signed");
    }

  private:
    // A partial tile may have been replaced by the full one that it grew into; `grown` tells.
    std::optional<Bytes> read(TilePath path, bool& grown) {
        constexpr std::size_t kLimit = kTileWidth * (2 + tlog::kMaxEntryBytes);
        auto bytes = read_file(folder_ / to_string(path), kLimit);
        grown = !bytes && path.width < kTileWidth;
        path.width = kTileWidth;
        return grown ? read_file(folder_ / to_string(path), kLimit) : bytes;
    }

    // The leaf hashes of a bundle's entries. What cannot be read of it is reported and taken from the hash
    // tile, so that contradictions elsewhere are still found; fewer than asked for when that is missing too.
    std::vector<Hash> entry_hashes(const TilePath& path) {
        bool grown = false;
        const auto bundle = read(path, grown);
        ByteView rest = bundle ? ByteView(*bundle) : ByteView();
        std::vector<Hash> hashes;
        while (hashes.size() < path.width && rest.size() >= 2) {
            const std::size_t size = get_be<std::uint16_t>(rest.data());
            if (rest.size() - 2 < size) break;
            hashes.push_back(tlog::leaf_hash(rest.subspan(2, size)));
            rest = rest.subspan(2 + size);
        }
        const std::size_t whole = hashes.size();
        const std::string at = to_string(path) + ", entry " + std::to_string(path.index * kTileWidth + whole);
        const bool complete = whole == path.width;
        if (complete && !rest.empty() && !grown) report_.cannot_tell(at + ": bytes behind the last one");
        if (complete) return hashes;
        report_.cannot_tell(at + (bundle ? ": the file ends too early" : ": no such file"));
        const auto tile = read({.index = path.index, .width = path.width}, grown);
        if (!tile || tile->size() < path.width * sizeof(Hash)) return hashes;
        for (std::size_t i = whole; i < path.width; ++i) {
            std::copy_n(tile->data() + i * sizeof(Hash), sizeof(Hash), hashes.emplace_back().data());
        }
        for (std::size_t size = 0; size + 2 <= rest.size(); ++size) {  // whole, but for its length?
            if (tlog::leaf_hash(rest.subspan(2, size)) == hashes[whole]) report_.tampered(at + ": length");
        }
        return hashes;
    }

    void compare(const TilePath& path, ByteView expected) {
        bool grown = false;
        const auto bytes = read(path, grown);
        if (!bytes || bytes->size() != (grown ? tlog::kTileBytes : expected.size())) {
            return report_.cannot_tell(to_string(path) + ": the file is missing or of the wrong length");
        }
        if (std::equal(expected.begin(), expected.end(), bytes->begin())) return;
        report_.tampered(to_string(path) + ": not the hashes that the entries give");
    }

    void compare_root(const tlog::Checkpoint& head, const std::string& which) {
        if (edge_.size() != head.size || edge_.root() == head.root) return;
        report_.tampered("the entries do not give the root hash of the " + which + " checkpoint");
    }

    const std::filesystem::path& folder_;
    Report& report_;
    tlog::Edge edge_;
};

void check_ledger(const std::filesystem::path& folder, const tlog::Checkpoint& head,
                  const std::optional<tlog::Checkpoint>& older, Report& report) {
    Ledger(folder, report).check(head, older);
}

}  // namespace huoqi::verify

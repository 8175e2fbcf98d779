// SPDX-License-Identifier: Apache-2.0
// Merkle tree logs in public formats: RFC 6962 section 2.1 (hashes and proofs), C2SP tlog-tiles,
// tlog-checkpoint, signed-note and tlog-proof. Knows nothing of what the entries say. Values only: no files,
// no sockets.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "lib/crypto/crypto.h"

namespace huoqi::tlog {

using Hash = crypto::Digest;

inline constexpr std::uint64_t kTileWidth = 256;
inline constexpr std::size_t kTileBytes = kTileWidth * 32;
inline constexpr std::size_t kMaxEntryBytes = 65535;  // a bundle's length prefix is 16 bits
inline constexpr std::size_t kMaxNoteBytes = 64 * 1024;
inline constexpr std::size_t kMaxNoteSignatures = 16;

// ---- Hashes (RFC 6962 2.1) ----
Hash leaf_hash(ByteView entry);
Hash node_hash(const Hash& left, const Hash& right);
Hash empty_root();

// ---- Proofs (RFC 6962 2.1.1 and 2.1.2). Every check is complete: surplus or missing hashes are an error.
// ----
Status verify_inclusion(EntryIndex index, TreeSize size, const Hash& leaf, const std::vector<Hash>& proof,
                        const Hash& root);
Status verify_consistency(TreeSize size1, TreeSize size2, const std::vector<Hash>& proof, const Hash& root1,
                          const Hash& root2);

// ---- A growing tree, built from leaf hashes ----
// Keeps only the right edge: for each tile level the hashes of its unfinished tile (at most 255).
class Edge {
  public:
    struct FullTile {
        std::uint8_t level;
        std::uint64_t index;
        Bytes hashes;  // kTileBytes
    };
    // Adds a leaf. Tiles that become full are handed to `emit`, lowest level first.
    void add(const Hash& leaf, const std::function<void(FullTile)>& emit);
    TreeSize size() const { return TreeSize{size_}; }
    Hash root() const;
    // Hashes of the unfinished tile at `level`, in order; empty when there is none.
    const std::vector<Hash>& partial(std::uint8_t level) const;
    // Restores an edge of `size` leaves. `read_tile` gives the full tile at (level, index); `leaf_hashes` are
    // those of the unfinished level-0 tile. Code::corrupt when they do not fit together.
    static Result<Edge> restore(TreeSize size,
                                const std::function<Result<Bytes>(std::uint8_t, std::uint64_t)>& read_tile,
                                std::vector<Hash> leaf_hashes);

  private:
    std::uint64_t size_ = 0;
    std::vector<std::vector<Hash>> levels_;
};

// ---- Tiles (C2SP tlog-tiles) ----
struct TilePath {
    bool entries = false;       // an entry bundle instead of a hash tile
    std::uint8_t level = 0;     // 0..63; 0 for bundles
    std::uint64_t index = 0;    // N
    std::uint32_t width = 256;  // 1..255 for a partial tile
    auto operator<=>(const TilePath&) const = default;
};
// "tile/0/x001/x234/067", "tile/entries/000.p/17". Parsing takes only the canonical spelling.
std::string to_string(const TilePath& path);
Result<TilePath> parse_tile_path(std::string_view path);
// Tiles of level `level` that a tree of `size` leaves has: full ones, and the width of the partial one (0:
// none).
struct TileSpan {
    std::uint64_t full = 0;
    std::uint32_t partial = 0;
};
TileSpan tiles_at(TreeSize size, std::uint8_t level);

// Reads tiles by path; full tiles may be given for partial ones.
using TileReader = std::function<Result<Bytes>(const TilePath&)>;
Result<std::vector<Hash>> prove_inclusion(EntryIndex index, TreeSize size, const TileReader& read);
Result<std::vector<Hash>> prove_consistency(TreeSize size1, TreeSize size2, const TileReader& read);
Result<Hash> root_of(TreeSize size, const TileReader& read);

// Entry bundles: 16-bit big-endian length, then the entry.
Status append_to_bundle(Bytes& bundle, ByteView entry);  // Code::too_large above kMaxEntryBytes
Result<std::vector<ByteView>> split_bundle(
    ByteView bundle);  // views into `bundle`; Code::corrupt when it does not end well

// ---- Signed notes and checkpoints ----
struct Signature {
    std::string key_name;
    std::uint32_t key_id = 0;
    Bytes bytes;  // without the key id
};
struct Note {
    std::string text;  // ends in a newline
    std::vector<Signature> signatures;
};
Result<Note> parse_note(std::string_view note);
std::string format_note(const Note& note);

// Verifier key: <name>+<key id in hex>+<base64(type || public key)>. Ed25519 is type 0x01. The SM2 line is
// type 0xff followed by "huoqi sm2sm3\n" (signed-note reserves 0xff for unassigned types) and the 65-byte
// public key.
enum class SignatureType : std::uint8_t { ed25519 = 0x01, sm2 = 0xff };
struct VerifierKey {
    std::string name;
    std::uint32_t id = 0;
    SignatureType type = SignatureType::ed25519;
    Bytes public_key;
};
VerifierKey ed25519_verifier(std::string name, const crypto::Ed25519Public& key);
VerifierKey sm2_verifier(std::string name, const crypto::Sm2Public& key);
std::string to_string(const VerifierKey& key);
Result<VerifierKey> parse_verifier_key(std::string_view text);

// Code::corrupt when a signature of a known key is wrong; Code::not_found when no known key signed.
Status verify_note(const Note& note, const std::vector<VerifierKey>& known);

struct Checkpoint {
    std::string origin;
    TreeSize size;
    Hash root{};
    std::vector<std::string> extensions;
};
std::string checkpoint_text(const Checkpoint& checkpoint);
Result<Checkpoint> parse_checkpoint_text(std::string_view text);
Signature sign_ed25519(std::string_view text, const VerifierKey& key, const crypto::Ed25519Seed& seed);
Signature sign_sm2(std::string_view text, const VerifierKey& key, const crypto::Sm2Private& secret);

// ---- Offline proofs (C2SP tlog-proof) ----
struct Proof {
    Bytes extra;  // the entry itself, so that the proof needs no other file; checked by its leaf hash
    EntryIndex index;
    std::vector<Hash> hashes;
    std::string checkpoint;  // signed note
};
std::string format_proof(const Proof& proof);
Result<Proof> parse_proof(std::string_view text);

}  // namespace huoqi::tlog

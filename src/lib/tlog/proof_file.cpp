// SPDX-License-Identifier: Apache-2.0
// Proofs that need no other file, https://c2sp.org/tlog-proof.
#include "lib/tlog/internal/lines.h"
#include "lib/tlog/tlog.h"

namespace huoqi::tlog {

namespace {

constexpr std::string_view kHeader = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";
constexpr std::size_t kMaxHashes = 64;  // a path in a tree of fewer than 2^64 leaves
constexpr std::size_t kMaxHashText = 45;
constexpr std::size_t kMaxProofBytes = (kMaxEntryBytes + 2) / 3 * 4 + kMaxHashes * kMaxHashText +
                                       kMaxNoteBytes + 128;  // 128: header, words, index

}  // namespace

std::string format_proof(const Proof& proof) {
    std::string out(kHeader);
    out += '\n';
    if (!proof.extra.empty()) out.append(kExtra).append(base64(proof.extra)).append("\n");
    out.append(kIndex).append(std::to_string(proof.index.value)).append("\n");
    for (const Hash& hash : proof.hashes) out += base64(hash) + "\n";
    return out + "\n" + proof.checkpoint;
}

Result<Proof> parse_proof(std::string_view text) {
    const auto bad = [](const char* what) { return fail(Code::bad_input, std::string("proof: ") + what); };
    if (text.size() > kMaxProofBytes) return fail(Code::too_large, "proof: too long");
    if (take_line(text) != kHeader) return bad("line 1 is not c2sp.org/tlog-proof@v1");
    Proof out;
    auto line = take_line(text);
    if (line && line->starts_with(kExtra)) {
        const auto extra = unbase64(line->substr(kExtra.size()));
        if (!extra || extra->empty()) return bad("the extra line is not base64");
        if (extra->size() > kMaxEntryBytes)
            return fail(Code::too_large, "proof: the entry is over 65535 bytes");
        out.extra = *extra;
        line = take_line(text);
    }
    if (!line || !line->starts_with(kIndex)) return bad("no index line");
    const auto index = parse_decimal(line->substr(kIndex.size()));
    if (!index) return bad("the index is not a decimal number");
    out.index = EntryIndex{*index};
    for (line = take_line(text); line && !line->empty(); line = take_line(text)) {
        const auto hash = parse_hash(*line);
        if (!hash || out.hashes.size() == kMaxHashes) return bad("a malformed hash line, or too many");
        out.hashes.push_back(*hash);
    }
    if (!line) return bad("no checkpoint");
    if (auto note = parse_note(text); !note) return pass(note, "proof");
    out.checkpoint = text;
    return out;
}

}  // namespace huoqi::tlog

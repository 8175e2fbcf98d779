// SPDX-License-Identifier: Apache-2.0
// Signed notes, https://c2sp.org/signed-note.
#include "lib/tlog/internal/lines.h"
#include "lib/tlog/tlog.h"

namespace huoqi::tlog {

namespace {

constexpr std::string_view kDash = "\xe2\x80\x94 ";  // em dash and space begin a signature line
constexpr std::size_t kKeyIdBytes = 4;

std::optional<Signature> parse_signature(std::string_view line) {
    if (!line.starts_with(kDash)) return std::nullopt;
    line.remove_prefix(kDash.size());
    const auto space = line.find(' ');
    if (space == line.npos || !is_key_name(line.substr(0, space))) return std::nullopt;
    const auto bytes = unbase64(line.substr(space + 1));
    if (!bytes || bytes->size() <= kKeyIdBytes) return std::nullopt;
    return Signature{.key_name = std::string(line.substr(0, space)),
                     .key_id = get_be<std::uint32_t>(bytes->data()),
                     .bytes = Bytes(bytes->begin() + kKeyIdBytes, bytes->end())};
}

bool signed_by(const Signature& signature, const VerifierKey& key) {
    return signature.key_name == key.name && signature.key_id == key.id;
}

bool holds(const VerifierKey& key, std::string_view text, const Signature& signature) {
    const auto verify = [&]<std::size_t N>(std::array<std::uint8_t, N> point, auto check) {
        if (key.public_key.size() != N) return false;
        std::copy(key.public_key.begin(), key.public_key.end(), point.begin());
        return check(point, bytes_of(text), ByteView(signature.bytes));
    };
    switch (key.type) {
        case SignatureType::ed25519:
            return verify(crypto::Ed25519Public{}, crypto::ed25519_verify);
        case SignatureType::sm2:
            return verify(crypto::Sm2Public{}, crypto::sm2_verify);
    }
    return false;
}

}  // namespace

Result<Note> parse_note(std::string_view note) {
    const auto bad = [](const char* what) {
        return fail(Code::bad_input, std::string("signed note: ") + what);
    };
    if (note.size() > kMaxNoteBytes) return fail(Code::too_large, "signed note: more than 65536 bytes");
    if (!is_plain_text(note)) return bad("not plain UTF-8 text");
    const auto blank = note.rfind("\n\n");
    if (blank == note.npos) return bad("no blank line before the signatures");
    Note out{.text = std::string(note.substr(0, blank + 1)), .signatures = {}};
    std::string_view rest = note.substr(blank + 2);
    while (!rest.empty()) {
        const auto line = take_line(rest);
        if (!line) return bad("the last line does not end");
        if (out.signatures.size() == kMaxNoteSignatures)
            return fail(Code::too_large, "signed note: over 16 signatures");
        auto signature = parse_signature(*line);
        if (!signature) return bad("a malformed signature line");
        out.signatures.push_back(std::move(*signature));
    }
    if (out.signatures.empty()) return bad("no signature");
    return out;
}

std::string format_note(const Note& note) {
    std::string out = note.text + "\n";
    for (const Signature& signature : note.signatures) {
        Bytes bytes;
        put_be(bytes, signature.key_id);
        append(bytes, signature.bytes);
        out.append(kDash).append(signature.key_name).append(" ").append(base64(bytes)).append("\n");
    }
    return out;
}

Status verify_note(const Note& note, const std::vector<VerifierKey>& known) {
    bool signed_by_known = false;
    for (const Signature& signature : note.signatures) {
        for (const VerifierKey& key : known) {
            if (!signed_by(signature, key)) continue;
            if (!holds(key, note.text, signature)) {
                return fail(Code::corrupt, "the signature of " + key.name + " does not fit the text");
            }
            signed_by_known = true;
        }
    }
    if (!signed_by_known) return fail(Code::not_found, "no known key has signed");
    return {};
}

Signature sign_ed25519(std::string_view text, const VerifierKey& key, const crypto::Ed25519Seed& seed) {
    const auto bytes = crypto::ed25519_sign(seed, bytes_of(text));
    return {.key_name = key.name, .key_id = key.id, .bytes = Bytes(bytes.begin(), bytes.end())};
}

Signature sign_sm2(std::string_view text, const VerifierKey& key, const crypto::Sm2Private& secret) {
    const auto bytes = crypto::sm2_sign(secret, bytes_of(text));
    return {.key_name = key.name, .key_id = key.id, .bytes = Bytes(bytes.begin(), bytes.end())};
}

}  // namespace huoqi::tlog

// SPDX-License-Identifier: Apache-2.0
#include "core/keys/keys.h"

namespace huoqi::keys {
namespace {

constexpr std::string_view kMagic = "HQK1";

Bytes associated(Suite suite, std::string_view name) {
    Bytes out;
    append(out, kMagic);
    out.push_back(static_cast<std::uint8_t>(suite));
    append(out, name);
    return out;
}

}  // namespace

// Wrapped key: "HQK1", suite (1), nonce (24), ciphertext and tag; associated data: "HQK1", suite, name.
Bytes wrap(Suite suite, const Key& key, std::string_view name, ByteView secret) {
    crypto::Nonce nonce;
    crypto::random_fill(nonce);
    Bytes out;
    append(out, kMagic);
    out.push_back(static_cast<std::uint8_t>(suite));
    append(out, ByteView(nonce));
    crypto::make_aead(suite, key)->seal(nonce, associated(suite, name), secret, out);
    return out;
}

Result<SecretBytes> unwrap(Suite suite, const Key& key, std::string_view name, ByteView wrapped) {
    constexpr std::size_t kHead = 5 + crypto::kNonceBytes;
    if (wrapped.size() < kHead + crypto::kTagBytes || text_of(wrapped.first(4)) != kMagic) {
        return fail(Code::corrupt, "keys: '" + std::string(name) + "' is not a wrapped key");
    }
    if (wrapped[4] != static_cast<std::uint8_t>(suite)) {
        return fail(Code::wrong_key, "keys: '" + std::string(name) + "' is of another suite");
    }
    crypto::Nonce nonce;
    std::copy_n(wrapped.begin() + 5, nonce.size(), nonce.begin());
    Bytes secret;
    secret.reserve(wrapped.size());
    auto opened =
        crypto::make_aead(suite, key)->open(nonce, associated(suite, name), wrapped.subspan(kHead), secret);
    if (!opened) {
        return fail(Code::corrupt, "keys: '" + std::string(name) + "' was altered or its key is another one");
    }
    return SecretBytes(std::move(secret));
}

bool valid_enterprise(std::string_view name) {
    if (name.empty() || name.size() > 40) return false;
    for (char c : name) {
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) return false;
    }
    return true;
}

}  // namespace huoqi::keys

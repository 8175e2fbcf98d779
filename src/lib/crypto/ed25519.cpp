// SPDX-License-Identifier: Apache-2.0
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/check.h"
#include "lib/crypto/crypto.h"

namespace huoqi::crypto {

namespace {

struct KeyDelete {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct ContextDelete {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, KeyDelete>;
using ContextPointer = std::unique_ptr<EVP_MD_CTX, ContextDelete>;

KeyPointer private_key(const Ed25519Seed& seed) {
    KeyPointer key(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.view().data(), seed.view().size()));
    HUOQI_CHECK(key != nullptr);
    return key;
}

}  // namespace

Ed25519Seed ed25519_seed() {
    Ed25519Seed seed;
    HUOQI_CHECK(RAND_priv_bytes(seed.fill().data(), static_cast<int>(seed.view().size())) == 1);
    return seed;
}

Ed25519Public ed25519_public(const Ed25519Seed& seed) {
    Ed25519Public out;
    std::size_t size = out.size();
    HUOQI_CHECK(EVP_PKEY_get_raw_public_key(private_key(seed).get(), out.data(), &size) == 1 &&
                size == out.size());
    return out;
}

Ed25519Signature ed25519_sign(const Ed25519Seed& seed, ByteView message) {
    const KeyPointer key = private_key(seed);
    const ContextPointer context(EVP_MD_CTX_new());
    Ed25519Signature out;
    std::size_t size = out.size();
    HUOQI_CHECK(context != nullptr &&
                EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
    HUOQI_CHECK(EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) == 1);
    HUOQI_CHECK(size == out.size());
    return out;
}

bool ed25519_verify(const Ed25519Public& key, ByteView message, ByteView signature) {
    if (signature.size() != std::tuple_size_v<Ed25519Signature>) return false;
    const KeyPointer point(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
    const ContextPointer context(EVP_MD_CTX_new());
    if (!point || !context) return false;
    if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, point.get()) != 1) return false;
    return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                            message.size()) == 1;
}

}  // namespace huoqi::crypto

// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/internal/gcm.h"

#include <botan/block_cipher.h>
#include <openssl/modes.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "lib/crypto/crypto.h"

namespace huoqi::crypto {

namespace {

constexpr std::size_t kBlock = 16;
constexpr std::size_t kBatch = 8;  // blocks that Botan encrypts in one go

const Botan::BlockCipher& cipher_of(const void* key) { return *static_cast<const Botan::BlockCipher*>(key); }

void one_block(const unsigned char in[kBlock], unsigned char out[kBlock], const void* key) {
    cipher_of(key).encrypt_n(in, out, 1);
}

// Counter mode for whole blocks, as CRYPTO_gcm128_encrypt_ctr32 asks: the last four bytes of `iv` count,
// big-endian.
void counter_blocks(const unsigned char* in, unsigned char* out, std::size_t blocks, const void* key,
                    const unsigned char iv[kBlock]) {
    auto counter = get_be<std::uint32_t>(iv + 12);
    unsigned char stream[kBatch * kBlock];
    while (blocks > 0) {
        const std::size_t now = std::min(blocks, kBatch);
        for (std::size_t i = 0; i < now; ++i, ++counter) {
            unsigned char* block = stream + i * kBlock;
            std::memcpy(block, iv, 12);
            for (int byte = 0; byte < 4; ++byte)
                block[12 + byte] = static_cast<unsigned char>(counter >> (24 - 8 * byte));
        }
        cipher_of(key).encrypt_n(stream, stream, now);
        for (std::size_t i = 0; i < now * kBlock; ++i) out[i] = in[i] ^ stream[i];
        in += now * kBlock;
        out += now * kBlock;
        blocks -= now;
    }
}

}  // namespace

void Gcm::ContextDelete::operator()(gcm128_context* context) const { CRYPTO_gcm128_release(context); }

Gcm::Gcm(const char* cipher) : cipher_(Botan::BlockCipher::create(cipher)) {
    HUOQI_CHECK(cipher_ != nullptr && cipher_->block_size() == kBlock);
    const Bytes no_key(
        cipher_->maximum_keylength());  // CRYPTO_gcm128_new encrypts a block; start() sets the real key
    cipher_->set_key(no_key.data(), no_key.size());
    gcm_.reset(CRYPTO_gcm128_new(cipher_.get(), &one_block));
    HUOQI_CHECK(gcm_ != nullptr);
}

Gcm::~Gcm() = default;

bool Gcm::start(ByteView key, Nonce nonce, ByteView associated) {
    cipher_->set_key(key.data(), key.size());
    CRYPTO_gcm128_init(gcm_.get(), cipher_.get(), &one_block);
    CRYPTO_gcm128_setiv(gcm_.get(), nonce.data(), nonce.size());
    return associated.empty() || CRYPTO_gcm128_aad(gcm_.get(), associated.data(), associated.size()) == 0;
}

void Gcm::seal(ByteView key, Nonce nonce, ByteView associated, ByteView plaintext, std::uint8_t* out) {
    HUOQI_CHECK(start(key, nonce, associated));
    HUOQI_CHECK(plaintext.empty() || CRYPTO_gcm128_encrypt_ctr32(gcm_.get(), plaintext.data(), out,
                                                                 plaintext.size(), &counter_blocks) == 0);
    CRYPTO_gcm128_tag(gcm_.get(), out + plaintext.size(), kTagBytes);
}

bool Gcm::open(ByteView key, Nonce nonce, ByteView associated, ByteView sealed, std::uint8_t* out) {
    if (sealed.size() < kTagBytes || !start(key, nonce, associated)) return false;
    const ByteView ciphertext = sealed.first(sealed.size() - kTagBytes);
    if (!ciphertext.empty() && CRYPTO_gcm128_decrypt_ctr32(gcm_.get(), ciphertext.data(), out,
                                                           ciphertext.size(), &counter_blocks) != 0) {
        return false;
    }
    return CRYPTO_gcm128_finish(gcm_.get(), sealed.data() + ciphertext.size(), kTagBytes) == 0;
}

}  // namespace huoqi::crypto

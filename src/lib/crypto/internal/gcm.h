// SPDX-License-Identifier: Apache-2.0
// GCM (NIST SP 800-38D) with a 96-bit nonce: a block cipher of Botan in OpenSSL's GCM mode. Made for short
// messages that each have a key of their own, where the libraries' complete AEADs spend most of their time on
// set-up: OpenSSL's EVP interface takes half as long again for AES and has no SM4-GCM, Botan's GCM half as
// long again for SM4 and more for AES. One object serves any number of keys and allocates nothing per
// message. One thread at a time.
#pragma once

#include <memory>
#include <span>

#include "base/bytes.h"

struct gcm128_context;
namespace Botan {
class BlockCipher;
}

namespace huoqi::crypto {

class Gcm {
  public:
    using Nonce = std::span<const std::uint8_t, 12>;

    // "AES-256" or "SM4" with keys of 32 or 16 bytes.
    explicit Gcm(const char* cipher);
    ~Gcm();
    // Writes plaintext.size() bytes of ciphertext and 16 of tag to `out`.
    void seal(ByteView key, Nonce nonce, ByteView associated, ByteView plaintext, std::uint8_t* out);
    // `sealed` is ciphertext and tag. False when the tag is wrong: what then stands in `out` must not be
    // used.
    bool open(ByteView key, Nonce nonce, ByteView associated, ByteView sealed, std::uint8_t* out);

  private:
    bool start(ByteView key, Nonce nonce, ByteView associated);
    struct ContextDelete {
        void operator()(gcm128_context* context) const;
    };
    std::unique_ptr<Botan::BlockCipher> cipher_;
    std::unique_ptr<gcm128_context, ContextDelete> gcm_;
};

}  // namespace huoqi::crypto

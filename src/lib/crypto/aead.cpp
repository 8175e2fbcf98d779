// SPDX-License-Identifier: Apache-2.0
#include <openssl/evp.h>

#include <cstring>

#include "base/check.h"
#include "lib/crypto/crypto.h"
#include "lib/crypto/internal/gcm.h"

namespace huoqi::crypto {

namespace {

// Both suites make a fresh GCM key from the first half of the nonce and use the second half as GCM's own
// nonce.
constexpr std::size_t kHalfNonce = 12;

std::span<const std::uint8_t, kHalfNonce> second_half(const Nonce& nonce) {
    return std::span(nonce).last<kHalfNonce>();
}

// Adds room for `size` bytes to `out`, lets `write` fill it, and takes it back, wiped, when `write` says no.
template <class Write>
bool write_behind(Bytes& out, std::size_t size, Write&& write) {
    const std::size_t before = out.size();
    out.resize(before + size);
    if (write(out.data() + before)) return true;
    wipe(out.data() + before, size);
    out.resize(before);
    return false;
}

Status altered() {
    return fail(Code::corrupt, "a ciphertext was altered or belongs to another key or place");
}

// XAES-256-GCM, https://c2sp.org/XAES-256-GCM.
class XaesGcm final : public Aead {
  public:
    explicit XaesGcm(const Key& key) : block_(EVP_CIPHER_CTX_new()) {
        static EVP_CIPHER* const ecb = EVP_CIPHER_fetch(nullptr, "AES-256-ECB", nullptr);
        HUOQI_CHECK(ecb != nullptr && block_ != nullptr);
        HUOQI_CHECK(EVP_EncryptInit_ex2(block_.get(), ecb, key.view().data(), nullptr, nullptr) == 1);
        HUOQI_CHECK(EVP_CIPHER_CTX_set_padding(block_.get(), 0) == 1);
        // Steps 1 and 2: L = AES(0), K1 = L doubled in GF(2^128).
        std::array<std::uint8_t, 16> l{};
        encrypt_blocks(l, l.data());
        for (std::size_t i = 0; i < 16; ++i) {
            const int next = i < 15 ? l[i + 1] >> 7 : 0;
            k1_.fill()[i] = static_cast<std::uint8_t>((l[i] << 1) | next);
        }
        k1_.fill()[15] ^= static_cast<std::uint8_t>((l[0] >> 7) * 0x87);
        wipe(l.data(), l.size());
    }

    void seal(const Nonce& nonce, ByteView associated, ByteView plaintext, Bytes& out) override {
        const Key subkey = subkey_for(nonce);
        write_behind(out, plaintext.size() + kTagBytes, [&](std::uint8_t* to) {
            gcm_.seal(subkey.view(), second_half(nonce), associated, plaintext, to);
            return true;
        });
    }

    Status open(const Nonce& nonce, ByteView associated, ByteView sealed, Bytes& out) override {
        if (sealed.size() < kTagBytes) return altered();
        const Key subkey = subkey_for(nonce);
        const bool ok = write_behind(out, sealed.size() - kTagBytes, [&](std::uint8_t* to) {
            return gcm_.open(subkey.view(), second_half(nonce), associated, sealed, to);
        });
        return ok ? Status() : altered();
    }

  private:
    void encrypt_blocks(ByteView blocks, std::uint8_t* out) {
        int written = 0;
        HUOQI_CHECK(EVP_EncryptUpdate(block_.get(), out, &written, blocks.data(),
                                      static_cast<int>(blocks.size())) == 1);
        HUOQI_CHECK(static_cast<std::size_t>(written) == blocks.size());
    }

    // Steps 3 to 5: both blocks of the subkey in one call.
    Key subkey_for(const Nonce& nonce) {
        std::array<std::uint8_t, 32> m{};
        for (std::size_t half = 0; half < 2; ++half) {
            std::uint8_t* block = m.data() + 16 * half;
            block[1] = static_cast<std::uint8_t>(half + 1);
            block[2] = 'X';
            std::memcpy(block + 4, nonce.data(), kHalfNonce);
            for (std::size_t i = 0; i < 16; ++i) block[i] ^= k1_.view()[i];
        }
        Key subkey;
        encrypt_blocks(m, subkey.fill().data());
        wipe(m.data(), m.size());
        return subkey;
    }

    struct ContextDelete {
        void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
    };
    std::unique_ptr<EVP_CIPHER_CTX, ContextDelete> block_;
    Secret<16> k1_;
    Gcm gcm_{"AES-256"};
};

// SM4-GCM under a key of its own per nonce; docs/spec/crypto.md, "sm".
class SmGcm final : public Aead {
  public:
    explicit SmGcm(const Key& key) : hmac_(make_hmac(Suite::sm, key)) {}

    void seal(const Nonce& nonce, ByteView associated, ByteView plaintext, Bytes& out) override {
        const Secret<16> subkey = subkey_for(nonce);
        write_behind(out, plaintext.size() + kTagBytes, [&](std::uint8_t* to) {
            gcm_.seal(subkey.view(), second_half(nonce), associated, plaintext, to);
            return true;
        });
    }

    Status open(const Nonce& nonce, ByteView associated, ByteView sealed, Bytes& out) override {
        if (sealed.size() < kTagBytes) return altered();
        const Secret<16> subkey = subkey_for(nonce);
        const bool ok = write_behind(out, sealed.size() - kTagBytes, [&](std::uint8_t* to) {
            return gcm_.open(subkey.view(), second_half(nonce), associated, sealed, to);
        });
        return ok ? Status() : altered();
    }

  private:
    static constexpr std::string_view kLabel = "huoqi/sm4-gcm/v1";

    Secret<16> subkey_for(const Nonce& nonce) {
        std::array<std::uint8_t, kLabel.size() + kHalfNonce> message;
        std::memcpy(message.data(), kLabel.data(), kLabel.size());
        std::memcpy(message.data() + kLabel.size(), nonce.data(), kHalfNonce);
        Mac mac = hmac_->mac(message);
        Secret<16> subkey(std::span<const std::uint8_t, kMacBytes>(mac).first<16>());
        wipe(mac.data(), mac.size());
        return subkey;
    }

    std::unique_ptr<Hmac> hmac_;
    Gcm gcm_{"SM4"};
};

}  // namespace

std::unique_ptr<Aead> make_aead(Suite suite, const Key& key) {
    if (suite == Suite::sm) return std::make_unique<SmGcm>(key);
    return std::make_unique<XaesGcm>(key);
}

}  // namespace huoqi::crypto

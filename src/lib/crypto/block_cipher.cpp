// SPDX-License-Identifier: Apache-2.0
#include <botan/block_cipher.h>

#include "base/check.h"
#include "lib/crypto/crypto.h"

namespace huoqi::crypto {

namespace {

class BotanBlock final : public BlockCipher {
  public:
    BotanBlock(const char* algorithm, ByteView key) : cipher_(Botan::BlockCipher::create(algorithm)) {
        HUOQI_CHECK(cipher_ != nullptr && cipher_->block_size() == 16);
        cipher_->set_key(key.data(), key.size());
    }
    void encrypt(std::span<std::uint8_t, 16> block) override {
        cipher_->encrypt_n(block.data(), block.data(), 1);
    }
    void decrypt(std::span<std::uint8_t, 16> block) override {
        cipher_->decrypt_n(block.data(), block.data(), 1);
    }

  private:
    std::unique_ptr<Botan::BlockCipher> cipher_;
};

}  // namespace

std::unique_ptr<BlockCipher> make_block_cipher(Suite suite, const Key& key) {
    const Key own = derive(suite, key, "block");
    if (suite == Suite::sm) return std::make_unique<BotanBlock>("SM4", own.view().first<16>());
    return std::make_unique<BotanBlock>("AES-256", own.view());
}

}  // namespace huoqi::crypto

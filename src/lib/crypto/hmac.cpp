// SPDX-License-Identifier: Apache-2.0
#include <botan/mac.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <algorithm>

#include "base/check.h"
#include "lib/crypto/internal/hmac.h"

namespace huoqi::crypto {

namespace {

// Measured for 20 bytes: Botan 270 ns, OpenSSL's EVP_MAC 440 ns, which allocates to copy the keyed state.
class HmacSha256 final : public Hmac {
  public:
    explicit HmacSha256(ByteView key) : mac_(Botan::MessageAuthenticationCode::create("HMAC(SHA-256)")) {
        HUOQI_CHECK(mac_ != nullptr);
        mac_->set_key(key.data(), key.size());
    }
    Mac mac(ByteView message) override {
        Mac out;
        mac_->update(message.data(), message.size());
        mac_->final(out.data());
        return out;
    }

  private:
    std::unique_ptr<Botan::MessageAuthenticationCode> mac_;
};

// The other way round: Botan hashes the padded key again for each message, and SM3 has no processor support
// that would make this cheap (1.7 us); EVP_MAC copies the keyed state (1.0 us).
class HmacSm3 final : public Hmac {
  public:
    explicit HmacSm3(ByteView key) : context_(EVP_MAC_CTX_new(algorithm())) {
        char digest[] = "SM3";
        const OSSL_PARAM options[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                      OSSL_PARAM_construct_end()};
        const std::uint8_t none = 0;  // a null key would mean "the same as before"
        HUOQI_CHECK(context_ != nullptr);
        HUOQI_CHECK(EVP_MAC_init(context_.get(), key.empty() ? &none : key.data(), key.size(), options) == 1);
    }
    Mac mac(ByteView message) override {
        Mac out;
        std::size_t size = 0;
        const bool ok = EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1 &&
                        EVP_MAC_update(context_.get(), message.data(), message.size()) == 1 &&
                        EVP_MAC_final(context_.get(), out.data(), &size, out.size()) == 1;
        HUOQI_CHECK(ok && size == out.size());
        return out;
    }

  private:
    static EVP_MAC* algorithm() {
        static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
        HUOQI_CHECK(hmac != nullptr);
        return hmac;
    }
    struct ContextDelete {
        void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
    };
    std::unique_ptr<EVP_MAC_CTX, ContextDelete> context_;
};

}  // namespace

std::unique_ptr<Hmac> hmac_under(Suite suite, ByteView key) {
    if (suite == Suite::sm) return std::make_unique<HmacSm3>(key);
    return std::make_unique<HmacSha256>(key);
}

std::unique_ptr<Hmac> make_hmac(Suite suite, const Key& key) { return hmac_under(suite, key.view()); }

Mac hkdf_extract(Suite suite, ByteView salt, ByteView input) { return hmac_under(suite, salt)->mac(input); }

void hkdf_expand(Suite suite, ByteView key, ByteView info, ByteSpan out) {
    HUOQI_CHECK(out.size() <= kMaxExpand);
    const auto hmac = hmac_under(suite, key);
    Bytes message;  // T(n-1) || info || n, RFC 5869 section 2.3
    Mac block{};
    std::size_t done = 0;
    for (std::uint8_t n = 1; done < out.size(); ++n) {
        wipe(message.data(), message.size());
        message.clear();
        if (n > 1) append(message, block);
        append(message, info);
        message.push_back(n);
        block = hmac->mac(message);
        const std::size_t now = std::min(block.size(), out.size() - done);
        std::copy_n(block.begin(), now, out.begin() + static_cast<std::ptrdiff_t>(done));
        done += now;
    }
    wipe(message.data(), message.size());
    wipe(block.data(), block.size());
}

Key derive(Suite suite, const Key& key, std::string_view label) {
    Key out;
    hkdf_expand(suite, key.view(), bytes_of(label), out.fill());
    return out;
}

}  // namespace huoqi::crypto

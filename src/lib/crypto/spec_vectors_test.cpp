// SPDX-License-Identifier: Apache-2.0
// docs/spec/vectors/crypto.json is what this code computes: from the inputs in the file come the outputs in
// the file.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "lib/crypto/crypto.h"

namespace huoqi::crypto {
namespace {

using Json = nlohmann::json;

template <std::size_t N>
std::array<std::uint8_t, N> field(const Json& from, const char* name) {
    const auto bytes = unhex(from.at(name).get<std::string>());
    std::array<std::uint8_t, N> out{};
    EXPECT_TRUE(bytes && bytes->size() == N) << name;
    if (bytes && bytes->size() == N) std::copy(bytes->begin(), bytes->end(), out.begin());
    return out;
}
std::string text_in(const Json& from, const char* name) { return from.at(name).get<std::string>(); }
Bytes bytes_in(const Json& from, const char* name) {
    return unhex(from.at(name).get<std::string>()).value_or(Bytes{});
}
Key key_in(const Json& from) { return Key(field<kKeyBytes>(from, "key")); }
Suite suite_in(const Json& from) { return *suite_named(from.at("suite").get<std::string>()); }

class spec : public testing::Test {
  protected:
    void SetUp() override {
        std::ifstream in(HUOQI_SOURCE_DIR "/docs/spec/vectors/crypto.json");
        ASSERT_TRUE(in);
        all_ = Json::parse(in);
    }
    // Both suites must be there; `check` is called for each vector of the section.
    template <class Check>
    void each(const char* section, Check check) {
        bool intl = false, sm = false;
        for (const Json& vector : all_.at(section)) {
            (suite_in(vector) == Suite::sm ? sm : intl) = true;
            check(vector);
        }
        EXPECT_TRUE(intl && sm) << section;
    }
    Json all_;
};

TEST_F(spec, AeadVectorsHold) {
    each("aead", [](const Json& vector) {
        Bytes sealed;
        const auto nonce = field<kNonceBytes>(vector, "nonce");
        const auto aead = make_aead(suite_in(vector), key_in(vector));
        aead->seal(nonce, bytes_in(vector, "associated"), bytes_in(vector, "plaintext"), sealed);
        EXPECT_EQ(hex(sealed), text_in(vector, "sealed"));
        Bytes opened;
        EXPECT_TRUE(aead->open(nonce, bytes_in(vector, "associated"), bytes_in(vector, "sealed"), opened));
        EXPECT_EQ(hex(opened), text_in(vector, "plaintext"));
    });
}

TEST_F(spec, TheSubkeyOfTheSmAeadIsTheOneWrittenDown) {
    for (const Json& vector : all_.at("aead")) {
        if (suite_in(vector) != Suite::sm) continue;
        Bytes message;
        append(message, "huoqi/sm4-gcm/v1");
        append(message, ByteView(field<kNonceBytes>(vector, "nonce")).first(12));
        EXPECT_EQ(hex(message), text_in(vector, "subkey_message"));
        const Mac mac = make_hmac(Suite::sm, key_in(vector))->mac(message);
        EXPECT_EQ(hex(ByteView(mac).first(16)), text_in(vector, "subkey"));
    }
}

TEST_F(spec, HmacVectorsHold) {
    each("hmac", [](const Json& vector) {
        EXPECT_EQ(hex(make_hmac(suite_in(vector), key_in(vector))->mac(bytes_in(vector, "message"))),
                  text_in(vector, "mac"));
    });
}

TEST_F(spec, DerivationVectorsHold) {
    each("derive", [](const Json& vector) {
        const Key subkey = derive(suite_in(vector), key_in(vector), vector.at("label").get<std::string>());
        EXPECT_EQ(hex(subkey.view()), text_in(vector, "subkey"));
    });
}

TEST_F(spec, BlockCipherVectorsHold) {
    each("block", [](const Json& vector) {
        auto block = field<16>(vector, "plaintext");
        make_block_cipher(suite_in(vector), key_in(vector))->encrypt(block);
        EXPECT_EQ(hex(block), text_in(vector, "ciphertext"));
    });
}

TEST_F(spec, PassphraseVectorsHold) {
    for (const Json& vector : all_.at("passphrase")) {
        const PassphraseCost cost{.memory_kib = vector.at("memory_kib"),
                                  .passes = vector.at("passes"),
                                  .lanes = vector.at("lanes")};
        const auto text = vector.at("passphrase").get<std::string>();
        const auto key =
            key_from_passphrase(SecretBytes(Bytes(text.begin(), text.end())), bytes_in(vector, "salt"), cost);
        ASSERT_TRUE(key);
        EXPECT_EQ(hex(key->view()), text_in(vector, "key"));
    }
    EXPECT_GE(all_.at("passphrase").size(), 1u);
}

}  // namespace
}  // namespace huoqi::crypto

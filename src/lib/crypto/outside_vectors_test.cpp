// SPDX-License-Identifier: Apache-2.0
// Vectors that others made (C2SP Wycheproof), read from the folder that HUOQI_VECTORS names.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "lib/crypto/internal/gcm.h"
#include "lib/crypto/internal/hmac.h"

namespace huoqi::crypto {
namespace {

using Json = nlohmann::json;

constexpr const char* kSkipped =
    "\n*** OUTSIDE VECTORS NOT RUN: set HUOQI_VECTORS to a folder with wycheproof/ and merkle/ ***\n";

std::filesystem::path wycheproof() {
    return std::filesystem::path(std::getenv("HUOQI_VECTORS")) / "wycheproof";
}

Bytes bytes_in(const Json& from, const char* field) {
    const auto bytes = unhex(from.at(field).get<std::string>());
    EXPECT_TRUE(bytes) << field;
    return bytes.value_or(Bytes{});
}

class outside_vectors : public testing::Test {
  protected:
    void SetUp() override {
        if (std::getenv("HUOQI_VECTORS") == nullptr) GTEST_SKIP() << kSkipped;
    }
    // Calls `check(group, test, valid)` for every test of the file.
    template <class Check>
    void each(const char* file, Check check) {
        std::ifstream in(wycheproof() / file);
        ASSERT_TRUE(in) << file;
        const Json all = Json::parse(in);
        for (const auto& group : all.at("testGroups")) {
            for (const auto& test : group.at("tests")) {
                SCOPED_TRACE(std::string(file) + " tcId " + std::to_string(test.at("tcId").get<int>()));
                check(group, test, test.at("result") == "valid");
            }
        }
    }
    int ran_ = 0;
};

int run_gcm(Gcm& gcm, std::size_t key_bytes, const Json& group, const Json& test, bool valid) {
    if (group.at("keySize") != key_bytes * 8 || group.at("ivSize") != 96 || group.at("tagSize") != 128)
        return 0;
    const Bytes key = bytes_in(test, "key"), iv = bytes_in(test, "iv"), aad = bytes_in(test, "aad");
    const Bytes message = bytes_in(test, "msg");
    Bytes expected = bytes_in(test, "ct");
    append(expected, bytes_in(test, "tag"));
    const auto iv_view = ByteView(iv).first<12>();
    Bytes sealed(message.size() + kTagBytes);
    gcm.seal(key, iv_view, aad, message, sealed.data());
    EXPECT_EQ(sealed == expected, valid);
    Bytes opened(message.size());
    EXPECT_EQ(gcm.open(key, iv_view, aad, expected, opened.data()), valid);
    if (valid) {
        EXPECT_EQ(opened, message);
    }
    return 1;
}

TEST_F(outside_vectors, AesGcm) {
    Gcm gcm("AES-256");  // one object through all the keys, as it is used
    each("aes_gcm_test.json", [&](const Json& group, const Json& test, bool valid) {
        ran_ += run_gcm(gcm, 32, group, test, valid);
    });
    EXPECT_GT(ran_, 60);
}

TEST_F(outside_vectors, Sm4Gcm) {
    Gcm gcm("SM4");
    each("sm4_gcm_test.json", [&](const Json& group, const Json& test, bool valid) {
        ran_ += run_gcm(gcm, 16, group, test, valid);
    });
    EXPECT_GT(ran_, 50);
}

void run_hmac(Suite suite, const Json& group, const Json& test, bool valid) {
    const Mac mac = hmac_under(suite, bytes_in(test, "key"))->mac(bytes_in(test, "msg"));
    const std::size_t size = group.at("tagSize").get<std::size_t>() / 8;
    EXPECT_EQ(equal_constant_time(ByteView(mac).first(size), bytes_in(test, "tag")), valid);
}

TEST_F(outside_vectors, HmacSha256) {
    each("hmac_sha256_test.json", [&](const Json& group, const Json& test, bool valid) {
        run_hmac(Suite::intl, group, test, valid);
        ++ran_;
    });
    EXPECT_GT(ran_, 100);
}

TEST_F(outside_vectors, HmacSm3) {
    each("hmac_sm3_test.json", [&](const Json& group, const Json& test, bool valid) {
        run_hmac(Suite::sm, group, test, valid);
        ++ran_;
    });
    EXPECT_GT(ran_, 100);
}

TEST_F(outside_vectors, HkdfSha256) {
    each("hkdf_sha256_test.json", [&](const Json&, const Json& test, bool valid) {
        const auto size = test.at("size").get<std::size_t>();
        ++ran_;
        if (!valid) {  // the only way to be wrong is to ask for too much
            EXPECT_GT(size, kMaxExpand);
            return;
        }
        const Mac key = hkdf_extract(Suite::intl, bytes_in(test, "salt"), bytes_in(test, "ikm"));
        Bytes out(size);
        hkdf_expand(Suite::intl, key, bytes_in(test, "info"), out);
        EXPECT_EQ(out, bytes_in(test, "okm"));
    });
    EXPECT_GT(ran_, 50);
}

TEST_F(outside_vectors, Ed25519) {
    each("ed25519_test.json", [&](const Json& group, const Json& test, bool valid) {
        const Bytes key = bytes_in(group.at("publicKey"), "pk");
        ASSERT_EQ(key.size(), 32u);
        Ed25519Public point;
        std::copy(key.begin(), key.end(), point.begin());
        EXPECT_EQ(ed25519_verify(point, bytes_in(test, "msg"), bytes_in(test, "sig")), valid);
        ++ran_;
    });
    EXPECT_GT(ran_, 100);
}

TEST_F(outside_vectors, NamesTheFilesThatNoTestHereUses) {
    const std::set<std::string> used = {"aes_gcm_test.json",     "sm4_gcm_test.json",
                                        "hmac_sha256_test.json", "hmac_sm3_test.json",
                                        "hkdf_sha256_test.json", "ed25519_test.json"};
    std::set<std::string> found;
    for (const auto& file : std::filesystem::directory_iterator(wycheproof()))
        found.insert(file.path().filename());
    for (const auto& file : used) EXPECT_TRUE(found.contains(file)) << file;
    for (const auto& file : found) {
        if (!used.contains(file))
            std::cout << "not used, the product has no such algorithm: " << file << '\n';
    }
}

}  // namespace
}  // namespace huoqi::crypto

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <set>

#include "lib/crypto/crypto.h"
#include "lib/crypto/internal/gcm.h"

namespace huoqi::crypto {
namespace {

Key key_of(std::uint8_t byte) {
    Key key;
    std::ranges::fill(key.fill(), byte);
    return key;
}

Nonce nonce_of(std::string_view text) {
    Nonce nonce{};
    std::copy_n(text.begin(), std::min(text.size(), nonce.size()), nonce.begin());
    return nonce;
}

Bytes seal(Suite suite, const Key& key, const Nonce& nonce, std::string_view associated,
           std::string_view plaintext) {
    Bytes out;
    make_aead(suite, key)->seal(nonce, bytes_of(associated), bytes_of(plaintext), out);
    return out;
}

TEST(xaes_256_gcm, GivesThePublishedCiphertexts) {
    const Nonce nonce = nonce_of("ABCDEFGHIJKLMNOPQRSTUVWX");
    EXPECT_EQ(hex(seal(Suite::intl, key_of(1), nonce, "", "XAES-256-GCM")),
              "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
    EXPECT_EQ(hex(seal(Suite::intl, key_of(3), nonce, "c2sp.org/XAES-256-GCM", "XAES-256-GCM")),
              "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
}

// Output of any length is had by hashing again and again from the start, in growing steps.
class Shake128 {
  public:
    void absorb(ByteView bytes) { append(input_, bytes); }
    Bytes squeeze(std::size_t size) {
        while (stream_.size() < used_ + size) grow(std::max<std::size_t>(1 << 16, 2 * stream_.size()));
        used_ += size;
        return Bytes(stream_.begin() + static_cast<std::ptrdiff_t>(used_ - size),
                     stream_.begin() + static_cast<std::ptrdiff_t>(used_));
    }

  private:
    void grow(std::size_t size) {
        stream_.resize(size);
        EVP_MD_CTX* context = EVP_MD_CTX_new();
        EXPECT_EQ(EVP_DigestInit_ex(context, EVP_shake128(), nullptr), 1);
        EXPECT_EQ(EVP_DigestUpdate(context, input_.data(), input_.size()), 1);
        EXPECT_EQ(EVP_DigestFinalXOF(context, stream_.data(), size), 1);
        EVP_MD_CTX_free(context);
    }
    Bytes input_;
    Bytes stream_;
    std::size_t used_ = 0;
};

TEST(xaes_256_gcm, GivesThePublishedHashOfTenThousandRandomCiphertexts) {
    Shake128 random;
    Shake128 hash;
    for (int i = 0; i < 10000; ++i) {
        Key key;
        const Bytes key_bytes = random.squeeze(kKeyBytes);
        std::copy(key_bytes.begin(), key_bytes.end(), key.fill().begin());
        Nonce nonce;
        std::ranges::copy(random.squeeze(kNonceBytes), nonce.begin());
        const Bytes plaintext = random.squeeze(random.squeeze(1)[0]);
        const Bytes associated = random.squeeze(random.squeeze(1)[0]);
        const auto aead = make_aead(Suite::intl, key);
        Bytes sealed;
        aead->seal(nonce, associated, plaintext, sealed);
        hash.absorb(sealed);
        Bytes opened;
        ASSERT_TRUE(aead->open(nonce, associated, sealed, opened));
        ASSERT_EQ(opened, plaintext);
    }
    EXPECT_EQ(hex(hash.squeeze(32)), "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939");
}

TEST(sm4_gcm, GivesTheCiphertextOfRfc8998) {
    const auto key = unhex("0123456789abcdeffedcba9876543210");
    const auto nonce = unhex("00001234567800000000abcd");
    const auto associated = unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    const auto plaintext = unhex(
        "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffff"
        "eeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa");
    Bytes sealed(plaintext->size() + kTagBytes);
    Gcm gcm("SM4");
    gcm.seal(*key, ByteView(*nonce).first<12>(), *associated, *plaintext, sealed.data());
    EXPECT_EQ(
        hex(sealed),
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15"
        "a56834cbcf98c397b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec");
}

class aead : public testing::TestWithParam<Suite> {
  protected:
    Key key_ = random_key();
    Nonce nonce_ = nonce_of("twenty-four bytes of it.");
    Bytes associated_ = {1, 2, 3, 4, 5, 6, 7};
    Bytes plaintext_ = Bytes(150, 'p');
    std::unique_ptr<Aead> aead_ = make_aead(GetParam(), key_);

    Bytes sealed() {
        Bytes out;
        aead_->seal(nonce_, associated_, plaintext_, out);
        return out;
    }
    // Does not open, says so with the right code, and leaves what stood in the buffer.
    void expect_refused(const Nonce& nonce, ByteView associated, ByteView sealed, const std::string& what) {
        Bytes out = {9, 9};
        const Status status = aead_->open(nonce, associated, sealed, out);
        ASSERT_FALSE(status) << what;
        EXPECT_EQ(status.error().code, Code::corrupt) << what;
        EXPECT_EQ(out, (Bytes{9, 9})) << what;
    }
};

INSTANTIATE_TEST_SUITE_P(suites, aead, testing::Values(Suite::intl, Suite::sm),
                         [](const auto& test) { return std::string(name(test.param)); });

TEST_P(aead, OpensWhatItSealedAtEveryLength) {
    for (std::size_t size = 0; size < 300; ++size) {
        const Bytes plaintext(size, static_cast<std::uint8_t>(size));
        Bytes out = {7};
        aead_->seal(nonce_, associated_, plaintext, out);
        ASSERT_EQ(out.size(), 1 + size + kTagBytes);
        Bytes opened = {8};
        ASSERT_TRUE(aead_->open(nonce_, associated_, ByteView(out).subspan(1), opened));
        ASSERT_EQ(opened.size(), 1 + size);
        ASSERT_TRUE(std::equal(plaintext.begin(), plaintext.end(), opened.begin() + 1));
    }
}

TEST_P(aead, AnObjectMadeLaterOpensTheSameBytes) {
    const Bytes bytes = sealed();
    Bytes opened;
    ASSERT_TRUE(make_aead(GetParam(), key_)->open(nonce_, associated_, bytes, opened));
    EXPECT_EQ(opened, plaintext_);
}

TEST_P(aead, EveryFlippedBitIsRefused) {
    const Bytes bytes = sealed();
    for (std::size_t bit = 0; bit < 8 * kNonceBytes; ++bit) {
        Nonce nonce = nonce_;
        nonce[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        expect_refused(nonce, associated_, bytes, "nonce bit " + std::to_string(bit));
    }
    for (std::size_t bit = 0; bit < 8 * associated_.size(); ++bit) {
        Bytes associated = associated_;
        associated[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        expect_refused(nonce_, associated, bytes, "associated bit " + std::to_string(bit));
    }
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {  // ciphertext, then tag
        Bytes changed = bytes;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        expect_refused(nonce_, associated_, changed, "sealed bit " + std::to_string(bit));
    }
}

TEST_P(aead, EveryTruncationAndAnExtraByteAreRefused) {
    Bytes bytes = sealed();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        expect_refused(nonce_, associated_, ByteView(bytes).first(size), "length " + std::to_string(size));
    }
    bytes.push_back(0);
    expect_refused(nonce_, associated_, bytes, "one byte more");
}

TEST_P(aead, AnotherKeyIsRefused) {
    const Bytes bytes = sealed();
    Key other = key_.clone();
    other.fill()[31] ^= 1;
    Bytes out;
    const Status status = make_aead(GetParam(), other)->open(nonce_, associated_, bytes, out);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::corrupt);
    EXPECT_TRUE(out.empty());
}

TEST_P(aead, ACiphertextMovedToAnotherPlaceIsRefused) {
    const Bytes first = sealed();
    const Bytes here = associated_;
    associated_ = {1, 2, 3, 4, 5, 6, 8};
    const Bytes second = sealed();
    expect_refused(nonce_, associated_, first, "first at the second's place");
    expect_refused(nonce_, here, second, "second at the first's place");
    expect_refused(nonce_, {}, first, "without a place");
}

TEST_P(aead, TwoSealsOfOnePlaintextDiffer) {
    std::set<Bytes> seen;
    for (int i = 0; i < 100; ++i) {
        random_fill(nonce_);
        EXPECT_TRUE(seen.insert(sealed()).second);
    }
}

TEST_P(aead, AWorkingObjectGoesOnAfterARefusal) {
    const Bytes bytes = sealed();
    expect_refused(nonce_, {}, bytes, "no associated data");
    Bytes opened;
    ASSERT_TRUE(aead_->open(nonce_, associated_, bytes, opened));
    EXPECT_EQ(opened, plaintext_);
    EXPECT_EQ(sealed(), bytes);
}

TEST(suites, DoNotOpenEachOthersCiphertexts) {
    const Key key = random_key();
    const Nonce nonce{};
    Bytes out;
    EXPECT_FALSE(make_aead(Suite::sm, key)->open(nonce, {}, seal(Suite::intl, key, nonce, "", "x"), out));
    EXPECT_FALSE(make_aead(Suite::intl, key)->open(nonce, {}, seal(Suite::sm, key, nonce, "", "x"), out));
}

TEST(suites, AreFoundByTheirNamesOnly) {
    EXPECT_EQ(suite_named(name(Suite::intl)), Suite::intl);
    EXPECT_EQ(suite_named(name(Suite::sm)), Suite::sm);
    for (const auto* wrong : {"", "SM", "sm ", "none"}) EXPECT_FALSE(suite_named(wrong)) << wrong;
}

}  // namespace
}  // namespace huoqi::crypto

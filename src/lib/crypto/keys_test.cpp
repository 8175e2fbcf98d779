// SPDX-License-Identifier: Apache-2.0
// HMAC, derivation, block ciphers, passphrases, hashes and signatures against published vectors.
#include <botan/block_cipher.h>
#include <botan/hash.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "lib/crypto/internal/hmac.h"

namespace huoqi::crypto {
namespace {

template <std::size_t N>
std::array<std::uint8_t, N> array_of(std::string_view text) {
    const auto bytes = unhex(text);
    std::array<std::uint8_t, N> out{};
    EXPECT_TRUE(bytes && bytes->size() == N) << text;
    if (bytes && bytes->size() == N) std::copy(bytes->begin(), bytes->end(), out.begin());
    return out;
}

TEST(published, Sm3OfGmT0004) {
    const auto sm3 = Botan::HashFunction::create("SM3");
    ASSERT_NE(sm3, nullptr);
    const auto digest = sm3->process("abc");
    EXPECT_EQ(hex(ByteView(digest.data(), digest.size())),
              "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
}

TEST(published, HmacSm3OfGmT0042) {
    Bytes key(32);
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i + 1);
    std::string message = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    message += message;
    EXPECT_EQ(hex(hmac_under(Suite::sm, key)->mac(bytes_of(message))),
              "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a");
}

TEST(published, HmacSha256OfRfc4231) {
    EXPECT_EQ(hex(hmac_under(Suite::intl, bytes_of("Jefe"))->mac(bytes_of("what do ya want for nothing?"))),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(published, Sm4OfGmT0002) {
    const auto key = array_of<16>("0123456789abcdeffedcba9876543210");
    const auto sm4 = Botan::BlockCipher::create("SM4");
    ASSERT_NE(sm4, nullptr);
    sm4->set_key(key.data(), key.size());
    auto block = key;
    sm4->encrypt(block.data());
    EXPECT_EQ(hex(block), "681edf34d206965e86b3e94f536e4246");
}

// The signature of GM/T 0003.5 annex A: the private and public key belong together and the signature holds.
TEST(published, Sm2OfGmT0003) {
    const Sm2Private secret(array_of<32>("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"));
    const auto key = array_of<65>(
        "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13");
    const auto signature = array_of<64>(
        "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
        "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa");
    EXPECT_EQ(sm2_public(secret), key);
    EXPECT_TRUE(sm2_verify(key, bytes_of("message digest"), signature));
    EXPECT_FALSE(sm2_verify(key, bytes_of("message digesu"), signature));
}

TEST(published, Ed25519OfRfc8032) {
    const Ed25519Seed seed(array_of<32>("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
    EXPECT_EQ(hex(ed25519_public(seed)), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    const auto signature = ed25519_sign(seed, Bytes{0x72});
    EXPECT_EQ(hex(signature),
              "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
              "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    EXPECT_TRUE(ed25519_verify(ed25519_public(seed), Bytes{0x72}, signature));
}

TEST(published, Argon2idOfTheReferenceImplementation) {
    const auto phrase = bytes_of("password");
    const auto key =
        key_from_passphrase(SecretBytes(Bytes(phrase.begin(), phrase.end())), bytes_of("somesalt"),
                            {.memory_kib = 65536, .passes = 2, .lanes = 1});
    ASSERT_TRUE(key);
    EXPECT_EQ(hex(key->view()), "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
}

TEST(published, Sha256OfFips180) {
    const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    EXPECT_EQ(hex(sha256(bytes_of("abc"))), abc);
    EXPECT_EQ(hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    Sha256 context;
    Digest digest{};
    for (int again = 0; again < 3; ++again) {
        context.hash(bytes_of("a"), bytes_of("bc"), digest);
        EXPECT_EQ(hex(digest), abc);
        context.hash({}, bytes_of("abc"), digest);
        EXPECT_EQ(hex(digest), abc);
    }
}

TEST(passphrase, CostsAndSaltsOutsideTheLimitsAreRefused) {
    const SecretBytes phrase(Bytes{'p'});
    const Bytes salt(16, 1);
    const PassphraseCost small{.memory_kib = 64, .passes = 1, .lanes = 1};
    EXPECT_TRUE(key_from_passphrase(phrase, salt, small));
    EXPECT_FALSE(key_from_passphrase(phrase, ByteView(salt).first(7), small));
    EXPECT_FALSE(key_from_passphrase(phrase, salt, {.memory_kib = 64, .passes = 0, .lanes = 1}));
    EXPECT_FALSE(key_from_passphrase(phrase, salt, {.memory_kib = 64, .passes = 1, .lanes = 0}));
    EXPECT_FALSE(key_from_passphrase(phrase, salt, {.memory_kib = 7, .passes = 1, .lanes = 1}));
    EXPECT_FALSE(key_from_passphrase(phrase, salt, {.memory_kib = 0xffffffff, .passes = 1, .lanes = 1}));
    EXPECT_FALSE(key_from_passphrase(phrase, salt, {.memory_kib = 64, .passes = 0xffffffff, .lanes = 1}));
}

TEST(passphrase, EveryInputChangesTheKey) {
    const PassphraseCost cost{.memory_kib = 64, .passes = 1, .lanes = 1};
    const auto of = [&](const char* phrase, std::uint8_t salt, PassphraseCost with) {
        const auto text = bytes_of(phrase);
        const auto key =
            key_from_passphrase(SecretBytes(Bytes(text.begin(), text.end())), Bytes(16, salt), with);
        EXPECT_TRUE(key);
        return key ? hex(key->view()) : "";
    };
    const auto base = of("p", 1, cost);
    EXPECT_EQ(of("p", 1, cost), base);
    EXPECT_NE(of("q", 1, cost), base);
    EXPECT_NE(of("", 1, cost), base);
    EXPECT_NE(of("p", 2, cost), base);
    EXPECT_NE(of("p", 1, {.memory_kib = 72, .passes = 1, .lanes = 1}), base);
    EXPECT_NE(of("p", 1, {.memory_kib = 64, .passes = 2, .lanes = 1}), base);
    EXPECT_NE(of("p", 1, {.memory_kib = 64, .passes = 1, .lanes = 2}), base);
}

TEST(derivation, IsTheFirstBlockOfHkdfExpand) {
    for (const Suite suite : {Suite::intl, Suite::sm}) {
        const Key key = random_key();
        Bytes message = {'l', 'a', 'b', 1};
        EXPECT_EQ(hex(derive(suite, key, "lab").view()), hex(make_hmac(suite, key)->mac(message)));
        EXPECT_NE(hex(derive(suite, key, "lab").view()), hex(derive(suite, key, "lac").view()));
        EXPECT_NE(hex(derive(suite, key, "lab").view()), hex(derive(suite, random_key(), "lab").view()));
    }
}

TEST(hmac, MacsDependOnMessageAndKeyOnlyNotOnWhatCameBefore) {
    for (const Suite suite : {Suite::intl, Suite::sm}) {
        const Key key = random_key();
        const auto mac = make_hmac(suite, key);
        for (std::size_t size = 0; size < 200; ++size) {
            const Bytes message(size, 'm');
            ASSERT_EQ(mac->mac(message), make_hmac(suite, key)->mac(message)) << size;
        }
        EXPECT_NE(mac->mac(bytes_of("a")), mac->mac(bytes_of("b")));
        EXPECT_NE(mac->mac(bytes_of("a")), make_hmac(suite, random_key())->mac(bytes_of("a")));
    }
}

TEST(block_cipher, DecryptsWhatItEncryptedAndDependsOnItsKey) {
    for (const Suite suite : {Suite::intl, Suite::sm}) {
        const Key key = random_key();
        const auto cipher = make_block_cipher(suite, key);
        std::array<std::uint8_t, 16> block{1, 2, 3};
        const auto plain = block;
        cipher->encrypt(block);
        EXPECT_NE(block, plain);
        const auto encrypted = block;
        make_block_cipher(suite, key)->decrypt(block);
        EXPECT_EQ(block, plain);
        make_block_cipher(suite, random_key())->encrypt(block);
        EXPECT_NE(block, encrypted);
    }
}

template <class Public, class Signature, class Verify>
void expect_every_change_is_noticed(const Public& key, const Signature& signature, Verify verify) {
    const Bytes message = {1, 2, 3};
    ASSERT_TRUE(verify(key, ByteView(message), ByteView(signature)));
    for (std::size_t i = 0; i < signature.size(); ++i) {
        auto changed = signature;
        changed[i] ^= 1;
        EXPECT_FALSE(verify(key, ByteView(message), ByteView(changed))) << i;
    }
    for (std::size_t i = 0; i < key.size(); ++i) {
        auto changed = key;
        changed[i] ^= 1;
        EXPECT_FALSE(verify(changed, ByteView(message), ByteView(signature))) << i;
    }
    EXPECT_FALSE(verify(key, ByteView(message).first(2), ByteView(signature)));
    EXPECT_FALSE(verify(key, ByteView(message), ByteView(signature).first(63)));
    EXPECT_FALSE(verify(key, ByteView(message), ByteView()));
}

TEST(ed25519, EveryChangeIsNoticed) {
    const auto seed = ed25519_seed();
    expect_every_change_is_noticed(ed25519_public(seed), ed25519_sign(seed, Bytes{1, 2, 3}), ed25519_verify);
}

TEST(sm2, EveryChangeIsNoticed) {
    const auto secret = sm2_private();
    expect_every_change_is_noticed(sm2_public(secret), sm2_sign(secret, Bytes{1, 2, 3}), sm2_verify);
}

TEST(sm2, SignaturesAreRandomisedAndForgeriesOfZerosFail) {
    const auto secret = sm2_private();
    EXPECT_NE(sm2_sign(secret, Bytes{1}), sm2_sign(secret, Bytes{1}));
    EXPECT_FALSE(sm2_verify(sm2_public(secret), Bytes{1}, Sm2Signature{}));
    EXPECT_FALSE(sm2_verify(Sm2Public{}, Bytes{1}, Sm2Signature{}));
}

TEST(randomness, DrawsOfEverySizeAreFilledAndNoneComesTwice) {
    std::set<Bytes> seen;
    for (std::size_t size = 16; size < 600; ++size) {
        Bytes draw(size, 0);
        random_fill(draw);
        EXPECT_TRUE(seen.insert(Bytes(draw.begin(), draw.begin() + 16)).second) << size;
        EXPECT_TRUE(seen.insert(Bytes(draw.end() - 16, draw.end())).second || size < 32) << size;
    }
}

TEST(randomness, AForkedChildDrawsItsOwnBytes) {
    Nonce parent{}, child{};
    random_fill(parent);  // so that bytes are held in reserve when the process forks
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t pid = fork();
    if (pid == 0) {
        random_fill(child);
        _exit(write(ends[1], child.data(), child.size()) == static_cast<ssize_t>(child.size()) ? 0 : 1);
    }
    random_fill(parent);
    ASSERT_EQ(read(ends[0], child.data(), child.size()), static_cast<ssize_t>(child.size()));
    int status = 0;
    ASSERT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
    EXPECT_NE(parent, child);
    close(ends[0]);
    close(ends[1]);
}

TEST(randomness, TwoDrawsDiffer) {
    EXPECT_NE(hex(random_key().view()), hex(random_key().view()));
    Nonce a{}, b{};
    random_fill(a);
    random_fill(b);
    EXPECT_NE(a, b);
}

}  // namespace
}  // namespace huoqi::crypto

// SPDX-License-Identifier: Apache-2.0
// Cryptography from OpenSSL 3 and Botan 2 behind few, narrow types. Nothing home-made: each class names the
// standard it follows. Objects hold working contexts and belong to one thread at a time; free functions are
// thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace huoqi::crypto {

// Which algorithms a node uses, chosen once at init and written into every ciphertext.
enum class Suite : std::uint8_t {
    intl = 1,  // XAES-256-GCM (C2SP), HMAC-SHA-256, SHA-256
    sm = 2,    // SM4-GCM under a key derived per nonce, HMAC-SM3, SM3 (GB/T 32905, 32907)
};
std::string_view name(Suite suite);  // "intl", "sm"
Result<Suite> suite_named(std::string_view name);

inline constexpr std::size_t kKeyBytes = 32;
inline constexpr std::size_t kNonceBytes = 24;
inline constexpr std::size_t kTagBytes = 16;
inline constexpr std::size_t kMacBytes = 32;

using Key = Secret<kKeyBytes>;
using Nonce = std::array<std::uint8_t, kNonceBytes>;
using Mac = std::array<std::uint8_t, kMacBytes>;
using Digest = std::array<std::uint8_t, 32>;

// Bytes from the operating system's generator through OpenSSL.
void random_fill(ByteSpan out);
Key random_key();

// Authenticated encryption with associated data (IND-CCA2 while nonces are random: 24 bytes are enough for
// 2^80 messages under one key). Neither suite commits to its key.
class Aead {
  public:
    virtual ~Aead() = default;
    // Appends ciphertext and tag (kTagBytes more than the plaintext) to `out`.
    virtual void seal(const Nonce& nonce, ByteView associated, ByteView plaintext, Bytes& out) = 0;
    // Appends the plaintext to `out`; Code::corrupt, with `out` unchanged, when anything was altered or the
    // key is not the one that sealed.
    virtual Status open(const Nonce& nonce, ByteView associated, ByteView sealed, Bytes& out) = 0;
};
std::unique_ptr<Aead> make_aead(Suite suite, const Key& key);

// Keyed hash (PRF): HMAC-SHA-256 or HMAC-SM3.
class Hmac {
  public:
    virtual ~Hmac() = default;
    virtual Mac mac(ByteView message) = 0;
};
std::unique_ptr<Hmac> make_hmac(Suite suite, const Key& key);

// One subkey of `key` for each different label: HKDF-Expand (RFC 5869) with the suite's HMAC.
Key derive(Suite suite, const Key& key, std::string_view label);

// A permutation of 16-byte blocks (AES-256 or SM4 with a derived key): turns internal numbers into opaque
// ones.
class BlockCipher {
  public:
    virtual ~BlockCipher() = default;
    virtual void encrypt(std::span<std::uint8_t, 16> block) = 0;
    virtual void decrypt(std::span<std::uint8_t, 16> block) = 0;
};
std::unique_ptr<BlockCipher> make_block_cipher(Suite suite, const Key& key);

// Passphrase to key by Argon2id (RFC 9106).
struct PassphraseCost {
    std::uint32_t memory_kib = 64 * 1024;  // RFC 9106, second recommended option
    std::uint32_t passes = 3;
    std::uint32_t lanes = 4;
};
Result<Key> key_from_passphrase(const SecretBytes& passphrase, ByteView salt, const PassphraseCost& cost);

Digest sha256(ByteView message);
// SHA-256 of many messages with one context.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    // Of a message in parts: add() each, then digest() ends it.
    void add(ByteView part);
    Digest digest();
    // Hash of the two parts joined.
    void hash(ByteView first, ByteView second, std::span<std::uint8_t, 32> out);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// Ed25519 (RFC 8032).
using Ed25519Public = std::array<std::uint8_t, 32>;
using Ed25519Seed = Secret<32>;
using Ed25519Signature = std::array<std::uint8_t, 64>;
Ed25519Seed ed25519_seed();
Ed25519Public ed25519_public(const Ed25519Seed& seed);
Ed25519Signature ed25519_sign(const Ed25519Seed& seed, ByteView message);
bool ed25519_verify(const Ed25519Public& key, ByteView message, ByteView signature);

// SM2 with SM3 and the standard user identity "1234567812345678" (GB/T 32918). Public keys are 04 || X || Y.
using Sm2Public = std::array<std::uint8_t, 65>;
using Sm2Private = Secret<32>;
using Sm2Signature = std::array<std::uint8_t, 64>;  // r || s
Sm2Private sm2_private();
Sm2Public sm2_public(const Sm2Private& key);
Sm2Signature sm2_sign(const Sm2Private& key, ByteView message);
bool sm2_verify(const Sm2Public& key, ByteView message, ByteView signature);

}  // namespace huoqi::crypto

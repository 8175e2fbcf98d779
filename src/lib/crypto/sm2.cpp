// SPDX-License-Identifier: Apache-2.0
#include <botan/pubkey.h>
#include <botan/sm2.h>
#include <botan/system_rng.h>

#include "base/check.h"
#include "lib/crypto/crypto.h"

namespace huoqi::crypto {

namespace {

constexpr const char* kIdentityAndHash = "1234567812345678,SM3";
constexpr std::size_t kScalarBytes = 32;

const Botan::EC_Group& curve() {
    static const Botan::EC_Group group("sm2p256v1");
    return group;
}

// A private key comes from sm2_private(), so it is between 1 and n - 2; anything else is a mistake of ours.
Botan::SM2_PrivateKey private_key(const Sm2Private& key) {
    const Botan::BigInt scalar(key.view().data(), key.view().size());
    HUOQI_CHECK(scalar >= 1 && scalar < curve().get_order() - 1);
    return Botan::SM2_PrivateKey(Botan::system_rng(), curve(), scalar);
}

}  // namespace

Sm2Private sm2_private() {
    const auto scalar = Botan::BigInt::random_integer(Botan::system_rng(), 1, curve().get_order() - 1);
    Sm2Private key;
    Botan::BigInt::encode_1363(key.fill().data(), kScalarBytes, scalar);
    return key;
}

Sm2Public sm2_public(const Sm2Private& key) {
    const auto bytes = private_key(key).public_point().encode(Botan::PointGFp::UNCOMPRESSED);
    Sm2Public out;
    HUOQI_CHECK(bytes.size() == out.size());
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

Sm2Signature sm2_sign(const Sm2Private& key, ByteView message) {
    const auto signing_key = private_key(key);
    Botan::PK_Signer signer(signing_key, Botan::system_rng(), kIdentityAndHash, Botan::IEEE_1363);
    const auto bytes = signer.sign_message(message.data(), message.size(), Botan::system_rng());
    Sm2Signature out;
    HUOQI_CHECK(bytes.size() == out.size());
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

bool sm2_verify(const Sm2Public& key, ByteView message, ByteView signature) {
    if (signature.size() != std::tuple_size_v<Sm2Signature> || key[0] != 0x04) return false;
    try {
        const Botan::SM2_PublicKey point(curve(), curve().OS2ECP(key.data(), key.size()));
        Botan::PK_Verifier verifier(point, kIdentityAndHash, Botan::IEEE_1363);
        return verifier.verify_message(message.data(), message.size(), signature.data(), signature.size());
    } catch (const std::exception&) {
        return false;  // not a point of the curve
    }
}

}  // namespace huoqi::crypto

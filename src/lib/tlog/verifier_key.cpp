// SPDX-License-Identifier: Apache-2.0
// Verifier keys, https://c2sp.org/signed-note#verifier-keys.
#include "base/check.h"
#include "lib/tlog/internal/lines.h"
#include "lib/tlog/tlog.h"

namespace huoqi::tlog {

namespace {

// signed-note leaves 0xff to types without a number of their own and asks for a longer name behind it.
constexpr std::string_view kSm2Name = "huoqi sm2sm3\n";
constexpr std::size_t kLongestText = 1024;

// Type, name of the type if it needs one, public key: what is hashed for the id and written in base64.
Bytes typed_key(SignatureType type, ByteView public_key) {
    Bytes out = {static_cast<std::uint8_t>(type)};
    if (type == SignatureType::sm2) append(out, kSm2Name);
    append(out, public_key);
    return out;
}

std::uint32_t id_of(std::string_view name, ByteView typed) {
    Bytes message;
    append(message, name);
    message.push_back('\n');
    append(message, typed);
    return get_be<std::uint32_t>(crypto::sha256(message).data());
}

VerifierKey made(std::string name, SignatureType type, ByteView public_key) {
    HUOQI_CHECK(is_key_name(name));
    const auto id = id_of(name, typed_key(type, public_key));
    return {.name = std::move(name),
            .id = id,
            .type = type,
            .public_key = Bytes(public_key.begin(), public_key.end())};
}

}  // namespace

VerifierKey ed25519_verifier(std::string name, const crypto::Ed25519Public& key) {
    return made(std::move(name), SignatureType::ed25519, key);
}

VerifierKey sm2_verifier(std::string name, const crypto::Sm2Public& key) {
    return made(std::move(name), SignatureType::sm2, key);
}

std::string to_string(const VerifierKey& key) {
    Bytes id;
    put_be(id, key.id);
    return key.name + "+" + hex(id) + "+" + base64(typed_key(key.type, key.public_key));
}

Result<VerifierKey> parse_verifier_key(std::string_view text) {
    const auto bad = [](const char* what) {
        return fail(Code::bad_input, std::string("verifier key: ") + what);
    };
    if (text.size() > kLongestText) return bad("too long");
    const auto first = text.find('+');
    const auto second = first == text.npos ? text.npos : text.find('+', first + 1);
    if (second == text.npos) return bad("must be <name>+<id>+<key>");
    const std::string_view name = text.substr(0, first);
    if (!is_key_name(name)) return bad("the name is empty or holds a space");
    const auto typed = unbase64(text.substr(second + 1));
    if (!typed || typed->empty()) return bad("the key is not base64");

    VerifierKey key{.name = std::string(name), .id = id_of(name, *typed), .public_key = {}};
    std::string_view point = text_of(*typed).substr(1);
    std::size_t size = std::tuple_size_v<crypto::Ed25519Public>;
    if ((*typed)[0] == static_cast<std::uint8_t>(SignatureType::sm2) && point.starts_with(kSm2Name)) {
        key.type = SignatureType::sm2;
        size = std::tuple_size_v<crypto::Sm2Public>;
        point.remove_prefix(kSm2Name.size());
    } else if ((*typed)[0] != static_cast<std::uint8_t>(SignatureType::ed25519)) {
        return fail(Code::unsupported, "verifier key: neither Ed25519 nor SM2");
    }
    if (point.size() != size) return bad("the key has the wrong length");
    append(key.public_key, point);
    if (to_string(key) != text) return bad("the id does not belong to the name and key");
    return key;
}

}  // namespace huoqi::tlog

// SPDX-License-Identifier: Apache-2.0
#include <botan/pwdhash.h>

#include <new>

#include "lib/crypto/crypto.h"

namespace huoqi::crypto {

namespace {

// What a key file may ask for. Above these a damaged or hostile file could exhaust the machine before its tag
// is checked; below, RFC 9106 section 3.1 does not define the function.
constexpr std::uint32_t kMaxMemoryKib = 4 * 1024 * 1024;
constexpr std::uint32_t kMaxPasses = 64;
constexpr std::uint32_t kMaxLanes = 64;
constexpr std::size_t kMinSaltBytes = 8;
constexpr std::size_t kMaxSaltBytes = 1024;

bool within_limits(const PassphraseCost& cost) {
    return cost.lanes >= 1 && cost.lanes <= kMaxLanes && cost.passes >= 1 && cost.passes <= kMaxPasses &&
           cost.memory_kib >= 8 * cost.lanes && cost.memory_kib <= kMaxMemoryKib;
}

}  // namespace

Result<Key> key_from_passphrase(const SecretBytes& passphrase, ByteView salt, const PassphraseCost& cost) {
    if (!within_limits(cost)) return fail(Code::bad_input, "Argon2id cost is outside the supported range");
    if (salt.size() < kMinSaltBytes || salt.size() > kMaxSaltBytes) {
        return fail(Code::bad_input, "Argon2id salt must have 8 to 1024 bytes");
    }
    try {
        const auto family = Botan::PasswordHashFamily::create("Argon2id");
        if (!family) return fail(Code::unsupported, "Botan has no Argon2id");
        const auto hash = family->from_params(cost.memory_kib, cost.passes, cost.lanes);
        Key key;
        hash->derive_key(key.fill().data(), kKeyBytes,
                         reinterpret_cast<const char*>(passphrase.view().data()), passphrase.view().size(),
                         salt.data(), salt.size());
        return key;
    } catch (const std::bad_alloc&) {
        return fail(Code::unavailable, "not enough memory for Argon2id");
    } catch (const std::exception& error) {
        return fail(Code::bad_input, std::string("Argon2id: ") + error.what());
    }
}

}  // namespace huoqi::crypto

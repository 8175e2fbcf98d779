// SPDX-License-Identifier: Apache-2.0
#include "lib/otp/otp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "base/check.h"

namespace huoqi::otp {
namespace {

constexpr std::uint32_t kModulus = 1'000'000;  // ten to the kDigits

}  // namespace

std::string hotp(ByteView key, std::uint64_t counter) {
    Bytes message;
    put_be(message, counter);
    std::array<std::uint8_t, 20> mac{};
    unsigned int size = 0;
    const auto* done = HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), message.data(),
                            message.size(), mac.data(), &size);
    HUOQI_CHECK(done != nullptr && size == mac.size());
    // RFC 4226 section 5.3: dynamic truncation.
    const std::size_t offset = mac.back() & 0x0FU;
    std::uint32_t number = (get_be<std::uint32_t>(mac.data() + offset) & 0x7FFFFFFFU) % kModulus;
    std::string code(kDigits, '0');
    for (std::size_t i = kDigits; i-- > 0; number /= 10) code[i] = static_cast<char>('0' + number % 10);
    wipe(mac.data(), mac.size());
    return code;
}

std::int64_t step_at(Time at) {
    constexpr std::int64_t kNanoseconds = std::chrono::nanoseconds(kStep).count();
    return at.nanoseconds < 0 ? 0 : at.nanoseconds / kNanoseconds;
}

std::string totp(ByteView key, Time at) { return hotp(key, static_cast<std::uint64_t>(step_at(at))); }

std::optional<std::int64_t> verify(ByteView key, std::string_view code, Time at, int window,
                                   std::int64_t last_used_step) {
    HUOQI_CHECK(window >= 0 && window <= kMaxWindow);
    const std::int64_t middle = step_at(at);
    std::optional<std::int64_t> found;
    for (std::int64_t step = middle - window; step <= middle + window; ++step) {
        const bool counts = step >= 0 && step > last_used_step;
        const std::string right = hotp(key, static_cast<std::uint64_t>(step < 0 ? 0 : step));
        if (equal_constant_time(bytes_of(right), bytes_of(code)) && counts) found = step;
    }
    return found;
}

SecretBytes uri(std::string_view issuer, std::string_view account, ByteView key) {
    const auto escaped = [](std::string_view text) {
        constexpr std::string_view kHex = "0123456789ABCDEF";
        std::string out;
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                               (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_';
            if (plain) {
                out += c;
            } else {
                out += '%';
                out += kHex[byte >> 4];
                out += kHex[byte & 0x0F];
            }
        }
        return out;
    };
    Bytes out;
    std::string secret = base32(key);
    const std::string name = escaped(issuer);
    out.reserve(128 + 3 * (2 * issuer.size() + account.size()) + secret.size());  // no copy is left behind
    append(out, "otpauth://totp/" + name + ":" + escaped(account) + "?secret=");
    append(out, secret);
    append(out, "&issuer=" + name + "&algorithm=SHA1&digits=6&period=30");
    wipe(secret.data(), secret.size());
    return SecretBytes(std::move(out));
}

}  // namespace huoqi::otp

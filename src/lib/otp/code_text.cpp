// SPDX-License-Identifier: Apache-2.0
// Bytes as 5-bit characters: base 32 for programs, a readable alphabet for people.
#include "base/check.h"
#include "lib/otp/otp.h"

namespace huoqi::otp {
namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kReadable = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
constexpr std::size_t kGroup = 4;
static_assert(kBase32.size() == 32 && kReadable.size() == 32);

template <class Visit>
void each_five_bits(ByteView bytes, Visit visit) {
    std::uint32_t bits = 0;
    int held = 0;
    for (const std::uint8_t byte : bytes) {
        bits = (bits << 8 | byte) & 0xFFFU;
        for (held += 8; held >= 5; held -= 5) visit(bits >> (held - 5) & 0x1FU);
    }
    if (held > 0) visit(bits << (5 - held) & 0x1FU);
}

}  // namespace

std::string base32(ByteView bytes) {
    std::string out;
    out.reserve((bytes.size() * 8 + 4) / 5);
    each_five_bits(bytes, [&](std::uint32_t five) { out += kBase32[five]; });
    return out;
}

std::optional<Bytes> unbase32(std::string_view text) {
    Bytes out;
    out.reserve(text.size() * 5 / 8);
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        const auto five = kBase32.find(c);
        if (five == std::string_view::npos) return std::nullopt;
        bits = (bits << 5 | static_cast<std::uint32_t>(five)) & 0xFFFU;
        held += 5;
        if (held >= 8) {
            held -= 8;
            out.push_back(static_cast<std::uint8_t>(bits >> held));
        }
    }
    const bool loose = (bits & ((1U << held) - 1)) != 0;
    if (held >= 5 || loose) return std::nullopt;
    return out;
}

SecretBytes readable(ByteView randomness) {
    Bytes out;
    const std::size_t characters = (randomness.size() * 8 + 4) / 5;
    out.reserve(characters + characters / kGroup);
    std::size_t written = 0;
    each_five_bits(randomness, [&](std::uint32_t five) {
        if (written > 0 && written % kGroup == 0) out.push_back('-');
        out.push_back(static_cast<std::uint8_t>(kReadable[five]));
        ++written;
    });
    return SecretBytes(std::move(out));
}

std::optional<SecretBytes> as_meant(std::string_view typed) {
    Bytes out;
    out.reserve(kMaxReadable);
    for (char c : typed) {
        if (c == ' ' || c == '-') continue;
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        if (kReadable.find(c) == std::string_view::npos || out.size() == kMaxReadable) {
            wipe(out.data(), out.size());
            return std::nullopt;
        }
        out.push_back(static_cast<std::uint8_t>(c));
    }
    return SecretBytes(std::move(out));
}

std::vector<SecretBytes> recovery_codes(ByteView randomness) {
    HUOQI_CHECK(randomness.size() % kRecoveryBytes == 0);
    std::vector<SecretBytes> out;
    for (; !randomness.empty(); randomness = randomness.subspan(kRecoveryBytes)) {
        out.push_back(readable(randomness.first(kRecoveryBytes)));
    }
    return out;
}

}  // namespace huoqi::otp

// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <array>

namespace huoqi {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> reverse_of(std::string_view alphabet) {
    std::array<std::int8_t, 256> table{};
    table.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::int8_t>(i);
    }
    return table;
}
constexpr auto kUnhex = reverse_of(kHex);
constexpr auto kUnbase64 = reverse_of(kBase64);

}  // namespace

std::string hex(ByteView bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (auto byte : bytes) {
        out += kHex[byte >> 4];
        out += kHex[byte & 15];
    }
    return out;
}

std::optional<Bytes> unhex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    Bytes out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        int high = kUnhex[static_cast<std::uint8_t>(text[i])];
        int low = kUnhex[static_cast<std::uint8_t>(text[i + 1])];
        if (high < 0 || low < 0) return std::nullopt;
        out.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return out;
}

std::string base64(ByteView bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t block = 0;
        for (std::size_t j = 0; j < 3; ++j) block = block << 8 | (j < have ? bytes[i + j] : 0U);
        for (std::size_t j = 0; j < 4; ++j) {
            out += j <= have ? kBase64[block >> (18 - 6 * j) & 63] : '=';
        }
    }
    return out;
}

std::optional<Bytes> unbase64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    Bytes out;
    out.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        bool last = i + 4 == text.size();
        std::size_t pad = last ? (text[i + 3] != '=' ? 0U : text[i + 2] != '=' ? 1U : 2U) : 0U;
        std::uint32_t block = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            int value = j < 4 - pad ? kUnbase64[static_cast<std::uint8_t>(text[i + j])] : 0;
            if (value < 0) return std::nullopt;
            block = block << 6 | static_cast<std::uint32_t>(value);
        }
        if (pad > 0 && (block & ((1U << (8 * pad)) - 1)) != 0) return std::nullopt;
        for (std::size_t j = 0; j < 3 - pad; ++j)
            out.push_back(static_cast<std::uint8_t>(block >> (16 - 8 * j)));
    }
    return out;
}

bool equal_constant_time(ByteView a, ByteView b) {
    if (a.size() != b.size()) return false;
    volatile std::uint8_t difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
    return difference == 0;
}

}  // namespace huoqi

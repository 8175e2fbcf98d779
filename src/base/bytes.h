// SPDX-License-Identifier: Apache-2.0
// Byte strings, their text forms (hex and strict base64, RFC 4648) and big-endian integers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace huoqi {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using ByteSpan = std::span<std::uint8_t>;

inline ByteView bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view text_of(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline void append(Bytes& out, ByteView more) { out.insert(out.end(), more.begin(), more.end()); }
inline void append(Bytes& out, std::string_view more) { append(out, bytes_of(more)); }

std::string hex(ByteView bytes);
std::optional<Bytes> unhex(std::string_view text);

// Standard alphabet with padding. Decoding takes only what encoding gives: no blanks, no missing or loose
// bits.
std::string base64(ByteView bytes);
std::optional<Bytes> unbase64(std::string_view text);

// Big-endian, appended to or read from the front.
template <class T>
void put_be(Bytes& out, T value) {
    std::array<std::uint8_t, sizeof(T)> bytes{};
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        bytes[i] = static_cast<std::uint8_t>(value >> (8 * (sizeof(T) - 1 - i)));
    }
    out.insert(out.end(), bytes.begin(), bytes.end());
}
template <class T>
T get_be(const std::uint8_t* from) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>((value << 8) | from[i]);
    return value;
}

// Equal without telling by its time where the difference is.
bool equal_constant_time(ByteView a, ByteView b);

}  // namespace huoqi

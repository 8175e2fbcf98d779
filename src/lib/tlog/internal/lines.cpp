// SPDX-License-Identifier: Apache-2.0
#include "lib/tlog/internal/lines.h"

#include <algorithm>
#include <charconv>

namespace huoqi::tlog {

namespace {

// Takes one character off the front of `text`; nothing when it is not UTF-8.
std::optional<char32_t> take_character(std::string_view& text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(0);
    std::size_t size = 1;
    char32_t smallest = 0;
    char32_t character = lead;
    if (lead >= 0xf0) {
        size = 4, smallest = 0x10000, character = lead & 0x07;
    } else if (lead >= 0xe0) {
        size = 3, smallest = 0x800, character = lead & 0x0f;
    } else if (lead >= 0x80) {
        size = 2, smallest = 0x80, character = lead & 0x1f;
    }
    if (lead >= 0xf8 || (lead >= 0x80 && lead < 0xc0) || text.size() < size) return std::nullopt;
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return std::nullopt;
        character = character << 6 | (byte(i) & 0x3f);
    }
    const bool surrogate = character >= 0xd800 && character <= 0xdfff;
    if (character < smallest || character > 0x10ffff || surrogate) return std::nullopt;
    text.remove_prefix(size);
    return character;
}

// White_Space of Unicode above the control characters.
bool is_space(char32_t c) {
    return c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
           c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

}  // namespace

bool is_plain_text(std::string_view text) {
    while (!text.empty()) {
        const auto character = take_character(text);
        if (!character || (*character < 0x20 && *character != '\n')) return false;
    }
    return true;
}

bool is_key_name(std::string_view name) {
    if (name.empty()) return false;
    while (!name.empty()) {
        const auto character = take_character(name);
        if (!character || *character < 0x20 || *character == '+' || is_space(*character)) return false;
    }
    return true;
}

std::optional<std::string_view> take_line(std::string_view& text) {
    const auto end = text.find('\n');
    if (end == text.npos) return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    return value;
}

std::optional<Hash> parse_hash(std::string_view text) {
    constexpr std::size_t kText = 44;  // 32 bytes in base64
    if (text.size() != kText) return std::nullopt;
    const auto bytes = unbase64(text);
    Hash hash;
    if (!bytes || bytes->size() != hash.size()) return std::nullopt;
    std::ranges::copy(*bytes, hash.begin());
    return hash;
}

}  // namespace huoqi::tlog

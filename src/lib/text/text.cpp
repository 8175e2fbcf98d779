// SPDX-License-Identifier: Apache-2.0
#include "lib/text/text.h"

#include <array>
#include <cstdio>

#include <simdjson.h>

#include <cstdint>
#include <cstring>

namespace huoqi::text {
namespace {

unsigned char byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

// Reads `count` continuation bytes behind the lead at `at`; refuses overlong forms, surrogates and what lies
// past U+10FFFF.
char32_t sequence(std::string_view text, std::size_t& at, std::size_t count, char32_t lead, char32_t least) {
    if (at + count >= text.size()) return ++at, kReplacement;
    char32_t value = lead;
    for (std::size_t i = 1; i <= count; ++i) {
        unsigned char more = byte_at(text, at + i);
        if ((more & 0xC0) != 0x80) return ++at, kReplacement;
        value = (value << 6) | (more & 0x3F);
    }
    if (value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return ++at, kReplacement;
    at += count + 1;
    return value;
}

bool between(char32_t c, char32_t from, char32_t to) { return c >= from && c <= to; }

// Bytes of the blank at the front of `text`, 0 if there is none.
std::size_t blank_in_front(std::string_view text) {
    unsigned char c = byte_at(text, 0);
    if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
    if (text.starts_with("\u3000") || text.starts_with("\uFEFF")) return 3;
    return text.starts_with("\u00A0") ? 2 : 0;
}

std::size_t blank_at_end(std::string_view text) {
    unsigned char c = byte_at(text, text.size() - 1);
    if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
    if (text.ends_with("\u3000") || text.ends_with("\uFEFF")) return 3;
    return text.ends_with("\u00A0") ? 2 : 0;
}

}  // namespace

bool is_valid_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

bool is_ascii(std::string_view text) {
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, text.data() + at, 8);
        if (eight & 0x8080808080808080u) return false;
    }
    for (; at < text.size(); ++at) {
        if (byte_at(text, at) >= 0x80) return false;
    }
    return true;
}

char32_t next(std::string_view text, std::size_t& at) {
    unsigned char lead = byte_at(text, at);
    if (lead < 0x80) return ++at, lead;
    if (lead >= 0xE0 && lead < 0xF0) return sequence(text, at, 2, lead & 0x0Fu, 0x800);
    if (lead >= 0xC2 && lead < 0xE0) return sequence(text, at, 1, lead & 0x1Fu, 0x80);
    if (lead >= 0xF0 && lead < 0xF5) return sequence(text, at, 3, lead & 0x07u, 0x10000);
    return ++at, kReplacement;
}

void append(std::string& out, char32_t c) {
    auto put = [&out](char32_t value) { out.push_back(static_cast<char>(value)); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xC0 | (c >> 6));
        put(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        put(0xE0 | (c >> 12));
        put(0x80 | ((c >> 6) & 0x3F));
        put(0x80 | (c & 0x3F));
    } else {
        put(0xF0 | (c >> 18));
        put(0x80 | ((c >> 12) & 0x3F));
        put(0x80 | ((c >> 6) & 0x3F));
        put(0x80 | (c & 0x3F));
    }
}

std::size_t length(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++count) next(text, at);
    return count;
}

std::string_view first(std::string_view text, std::size_t count) {
    std::size_t at = 0;
    while (count-- > 0 && at < text.size()) next(text, at);
    return text.substr(0, at);
}

bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xAD || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

std::string printable(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const char32_t code_point = next(text, at);
        if (is_control(code_point) || code_point == kReplacement) {
            std::array<char, 16> written{};
            std::snprintf(written.data(), written.size(), "\\u{%X}", static_cast<unsigned>(code_point));
            out += written.data();
        } else {
            append(out, code_point);
        }
    }
    return out;
}

bool is_han(char32_t c) {
    return between(c, 0x4E00, 0x9FFF) || between(c, 0x3400, 0x4DBF) || between(c, 0x20000, 0x3FFFD) ||
           c == 0x3007 || c == 0x3005 || between(c, 0xF900, 0xFAFF) || between(c, 0x2E80, 0x2FDF);
}

bool is_other_letter(char32_t c) {
    if (c < 0x80) return between(c | 0x20, 'a', 'z');
    if (c < 0x250) return c >= 0xC0 && c != 0xD7 && c != 0xF7;
    return between(c, 0x300, 0x36F) || between(c, 0x370, 0x52F) || between(c, 0x600, 0x6FF) ||
           between(c, 0xF00, 0xFFF) || between(c, 0x1100, 0x11FF) || between(c, 0x1800, 0x18AF) ||
           between(c, 0x1E00, 0x1EFF) || between(c, 0x3041, 0x30FA) || between(c, 0x30FC, 0x30FF) ||
           between(c, 0xA000, 0xA4CF) || between(c, 0xAC00, 0xD7A3);
}

char32_t narrow(char32_t c) {
    if (c < 0x80) return c;
    if (between(c, 0xFF01, 0xFF5E)) return c - 0xFEE0;
    if (c == 0x3000 || c == 0xA0 || c == 0xFEFF || c == 0x202F || c == 0x205F || between(c, 0x2000, 0x200B))
        return ' ';
    if (between(c, 0x2010, 0x2015) || c == 0x2212) return '-';
    if (c == 0x2018 || c == 0x2019 || c == 0x02BC) return '\'';
    return c;
}

std::string narrow(std::string_view text) {
    if (is_ascii(text)) return std::string(text);
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) append(out, narrow(next(text, at)));
    return out;
}

std::string_view trim(std::string_view text) {
    while (!text.empty()) {
        std::size_t blank = blank_in_front(text);
        if (blank == 0) break;
        text.remove_prefix(blank);
    }
    while (!text.empty()) {
        std::size_t blank = blank_at_end(text);
        if (blank == 0) break;
        text.remove_suffix(blank);
    }
    return text;
}

}  // namespace huoqi::text

// SPDX-License-Identifier: Apache-2.0
// UTF-8 text as code points: walking, measuring, narrowing, validating. Positions and sizes are bytes unless
// a name says code points. Functions that walk text never fail: a byte that starts no valid sequence counts
// as one code point U+FFFD. Pure functions, safe from every thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace huoqi::text {

inline constexpr char32_t kReplacement = 0xFFFD;

bool is_valid_utf8(std::string_view text);
bool is_ascii(std::string_view text);

// The code point at byte `at` (at < text.size()); moves `at` behind it.
char32_t next(std::string_view text, std::size_t& at);
void append(std::string& out, char32_t code_point);
// Code points in `text`.
std::size_t length(std::string_view text);
// The first `count` code points.
std::string_view first(std::string_view text, std::size_t count);

// Han ideographs of all planes, with 〇 and 々.
bool is_han(char32_t code_point);
// Letters of the scripts used in names in China beside Han: Latin, Greek, Cyrillic, Arabic, Tibetan,
// Mongolian, Yi, Hangul, Kana.
bool is_other_letter(char32_t code_point);

// Characters that print nothing but change what is seen: controls (C0, DEL, C1), line and paragraph
// separators, marks of writing direction, invisible spaces.
bool is_control(char32_t code_point);
// `text` with such characters (and bytes that are no UTF-8) written as \u{…}, so that it cannot move a
// terminal's cursor or hide a part of itself.
std::string printable(std::string_view text);

// The ASCII form of a full-width digit, letter or sign (U+FF01..U+FF5E), a blank for every other blank of
// Unicode, and the hyphens and apostrophes that input methods write for '-' and '\''. Other code points are
// returned unchanged.
char32_t narrow(char32_t code_point);
std::string narrow(std::string_view text);

// Without blanks (ASCII and U+3000, U+00A0, U+FEFF) at both ends.
std::string_view trim(std::string_view text);

}  // namespace huoqi::text

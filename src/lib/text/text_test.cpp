// SPDX-License-Identifier: Apache-2.0
#include "lib/text/text.h"

#include <gtest/gtest.h>

#include <random>

namespace huoqi::text {
namespace {

TEST(Text, WalksCodePointsOfEveryPlane) {
    std::string_view text = "a\u00E9王𠮷";
    std::size_t at = 0;
    EXPECT_EQ(next(text, at), U'a');
    EXPECT_EQ(next(text, at), U'\u00E9');
    EXPECT_EQ(next(text, at), U'王');
    EXPECT_EQ(next(text, at), U'𠮷');
    EXPECT_EQ(at, text.size());
    EXPECT_EQ(length(text), 4U);
    EXPECT_EQ(first(text, 3), "a\u00E9王");
    EXPECT_EQ(first(text, 9), text);
}

TEST(Text, OverlongSurrogateAndTruncatedSequencesAreReplacedByteByByte) {
    for (std::string_view bad :
         {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE7\x8E", "\xFF"}) {
        std::size_t at = 0;
        EXPECT_EQ(next(bad, at), kReplacement);
        EXPECT_EQ(at, 1U);
        EXPECT_FALSE(is_valid_utf8(bad));
    }
}

TEST(Text, WhatIsAppendedIsReadBack) {
    std::mt19937 random(7);
    for (int i = 0; i < 20'000; ++i) {
        auto c = static_cast<char32_t>(random() % 0x110000);
        if (c >= 0xD800 && c <= 0xDFFF) continue;
        std::string text;
        append(text, c);
        std::size_t at = 0;
        ASSERT_EQ(next(text, at), c);
        ASSERT_EQ(at, text.size());
        ASSERT_TRUE(is_valid_utf8(text));
    }
}

TEST(Text, FullWidthFormsAreNarrowed) {
    EXPECT_EQ(narrow("１３８－ＡＢｚ（１）　王"), "138-ABz(1) 王");
    EXPECT_EQ(narrow("O’Neil 0571–8812"), "O'Neil 0571-8812");
    EXPECT_EQ(narrow("plain"), "plain");
}

TEST(Text, TrimTakesChineseBlanks) {
    EXPECT_EQ(trim(" \t\u3000王 伟\u00A0\r\n"), "王 伟");
    EXPECT_EQ(trim("\u3000 "), "");
}

TEST(Text, HanCoversTheExtensions) {
    for (char32_t c : {U'王', U'㐱', U'䶮', U'𠮷', U'𬱖', U'𬴂', U'〇'}) EXPECT_TRUE(is_han(c));
    for (char32_t c : {U'a', U'1', U'·', U'\u3001'}) EXPECT_FALSE(is_han(c));
    EXPECT_TRUE(is_other_letter(U'é'));
    EXPECT_FALSE(is_other_letter(U'5'));
}

TEST(Text, AsciiIsSeenAtEveryPosition) {
    for (std::size_t i = 0; i < 20; ++i) {
        std::string text(20, 'x');
        EXPECT_TRUE(is_ascii(text));
        text[i] = static_cast<char>(0x80);
        EXPECT_FALSE(is_ascii(text));
    }
}

TEST(Text, PrintableShowsWhatWouldMoveTheCursorOrHide) {
    EXPECT_EQ(printable("王伟 li.jh"), "王伟 li.jh");
    EXPECT_EQ(printable("a\x1b[2Jb\n"), "a\\u{1B}[2Jb\\u{A}");
    EXPECT_EQ(printable("\u202Egpj"), "\\u{202E}gpj");
    EXPECT_EQ(printable("\xFF"), "\\u{FFFD}");
    EXPECT_EQ(printable("\u200Bx\u0085"), "\\u{200B}x\\u{85}");
}

}  // namespace
}  // namespace huoqi::text

// SPDX-License-Identifier: Apache-2.0
#include "lib/text/decoder.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "lib/text/encoder.h"
#include "lib/text/text.h"

namespace huoqi::text {
namespace {

struct Decoded {
    Status status;
    std::string text;
    std::optional<Encoding> encoding;
    std::vector<BadLine> bad;
};

Decoded decode(std::string_view bytes, std::size_t chunk, std::optional<Encoding> forced = std::nullopt) {
    Decoder decoder(forced);
    Decoded result;
    for (std::size_t at = 0; result.status; at += chunk) {
        bool last = at + chunk >= bytes.size();
        result.status = decoder.feed(bytes.substr(std::min(at, bytes.size()), chunk), last, result.text);
        for (auto& bad : decoder.take_bad_lines()) result.bad.push_back(bad);
        if (last) break;
    }
    result.encoding = decoder.encoding();
    return result;
}

std::uint64_t newline_count(std::string_view text) {
    return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

// 王伟 in GBK, and a character that needs four bytes.
constexpr std::string_view kGbWang = "\xCD\xF5\xCE\xB0";
constexpr std::string_view kGbFourBytes = "\x95\x34\xB2\x35";  // 𠮷 U+20BB7

TEST(Decoder, Utf8PassesInChunksOfEverySize) {
    std::string text = "订单,王伟\r\n𠮷,é\nend";
    for (std::size_t chunk : {1, 2, 3, 5, 100}) {
        auto result = decode(text, chunk);
        ASSERT_TRUE(result.status);
        EXPECT_EQ(result.text, text);
        EXPECT_EQ(result.encoding, Encoding::utf8);
        EXPECT_TRUE(result.bad.empty());
    }
}

TEST(Decoder, ByteOrderMarkIsDropped) {
    auto result = decode("\xEF\xBB\xBFname\n", 4);
    EXPECT_EQ(result.text, "name\n");
    EXPECT_EQ(result.encoding, Encoding::utf8);
}

TEST(Decoder, Gb18030WithFourByteCharactersIsFound) {
    std::string bytes = "a," + std::string(kGbWang) + "\n" + std::string(kGbFourBytes) + "\n";
    for (std::size_t chunk : {1, 2, 3, 100}) {
        auto result = decode(bytes, chunk);
        ASSERT_TRUE(result.status);
        EXPECT_EQ(result.text, "a,王伟\n𠮷\n");
        EXPECT_EQ(result.encoding, Encoding::gb18030);
        EXPECT_TRUE(result.bad.empty());
    }
}

TEST(Decoder, CharacterCutByTheProbeIsNotAnError) {
    for (std::size_t shift = 0; shift < 4; ++shift) {
        std::string bytes(shift, 'x');
        while (bytes.size() < kProbeBytes + 100) bytes += "王\n";
        auto result = decode(bytes, kProbeBytes);
        ASSERT_TRUE(result.status);
        EXPECT_EQ(result.text, bytes);
        EXPECT_EQ(result.encoding, Encoding::utf8);
    }
}

TEST(Decoder, AsciiStaysOpenUntilALineDecides) {
    std::string head;
    while (head.size() < kProbeBytes) head += "plain line\n";
    auto ascii = decode(head, 65536);
    EXPECT_EQ(ascii.encoding, std::nullopt);
    EXPECT_EQ(ascii.text, head);
    auto gb = decode(head + std::string(kGbWang) + "\nmore\n", 65536);
    EXPECT_EQ(gb.encoding, Encoding::gb18030);
    EXPECT_EQ(gb.text, head + "王伟\nmore\n");
    auto utf8 = decode(head + "王伟\n", 1000);
    EXPECT_EQ(utf8.encoding, Encoding::utf8);
    EXPECT_EQ(utf8.text, head + "王伟\n");
    auto neither = decode(head + "\xFF\xFF\n王伟\n", 1000);
    ASSERT_EQ(neither.bad.size(), 1U);
    EXPECT_EQ(neither.bad[0].rule, "encoding.unknown");
    EXPECT_EQ(neither.bad[0].line, newline_count(head) + 1);
    EXPECT_TRUE(neither.text.ends_with("\n王伟\n"));
}

TEST(Decoder, LaterInvalidLineIsReportedAndTheChoiceStands) {
    std::string bytes = "王伟\n";
    while (bytes.size() < kProbeBytes) bytes += "王伟\n";
    std::uint64_t line = newline_count(bytes) + 1;
    bytes += std::string(kGbWang) + "\n好\n\xE7\x8E\n";
    for (std::size_t chunk : {std::size_t{1} << 20, std::size_t{4099}}) {
        auto result = decode(bytes, chunk);
        ASSERT_TRUE(result.status);
        ASSERT_EQ(result.bad.size(), 2U);
        EXPECT_EQ(result.bad[0].line, line);
        EXPECT_EQ(result.bad[0].rule, "encoding.utf8");
        EXPECT_EQ(result.bad[1].line, line + 2);
        EXPECT_TRUE(is_valid_utf8(result.text));
        EXPECT_EQ(newline_count(result.text), newline_count(bytes));
    }
}

TEST(Decoder, InvalidGb18030LineIsReported) {
    std::string bytes = std::string(kGbWang) + "\n\xFF\n" + std::string(kGbWang) + "\n\x81";
    auto result = decode(bytes, 3, Encoding::gb18030);
    ASSERT_TRUE(result.status);
    ASSERT_EQ(result.bad.size(), 2U);
    EXPECT_EQ(result.bad[0].line, 2U);
    EXPECT_EQ(result.bad[0].rule, "encoding.gb18030");
    EXPECT_EQ(result.bad[1].line, 4U);
    EXPECT_TRUE(result.text.starts_with("王伟\n\uFFFD\n王伟\n"));
}

TEST(Decoder, WhatFitsNoEncodingIsRefusedWithItsLine) {
    auto result = decode("ok\n\xFF\xFF\xFF王\n", 100);
    ASSERT_FALSE(result.status);
    EXPECT_NE(result.status.error().message.find("line 2"), std::string::npos);
}

// An export that cuts fields by bytes leaves half characters behind. 王 cut after two bytes and followed by a
// letter or a comma is valid GB18030 as a whole: the file would be read as other words.
TEST(Decoder, Utf8WithACutCharacterStaysUtf8) {
    std::string good = "收件人,王伟,浙江省杭州市\n";
    std::string cut = "收件人,李娜,浙江省杭\xE5\xB7\n";
    for (std::size_t before : {0, 1, 40000}) {
        std::string bytes;
        for (std::size_t i = 0; i < before; ++i) bytes += good;
        bytes += cut + good;
        auto result = decode(bytes, 4096);
        ASSERT_TRUE(result.status);
        EXPECT_EQ(result.encoding, Encoding::utf8);
        ASSERT_EQ(result.bad.size(), 1U);
        EXPECT_EQ(result.bad[0].line, before + 1);
        EXPECT_EQ(result.bad[0].rule, "encoding.utf8");
        EXPECT_TRUE(result.text.ends_with(good));
    }
}

TEST(Decoder, CutCharacterInTheLineThatDecidesStaysUtf8) {
    std::string head;
    while (head.size() < kProbeBytes) head += "plain line\n";
    auto result = decode(head + "浙江省杭\xE5\xB7,\n王伟\n", 1000);
    EXPECT_EQ(result.encoding, Encoding::utf8);
    ASSERT_EQ(result.bad.size(), 1U);
    EXPECT_TRUE(result.text.ends_with("\n王伟\n"));
}

TEST(Decoder, Gb18030WithACutCharacterStaysGb18030) {
    std::string text;
    for (int i = 0; i < 50; ++i) text += "收件人,王伟,浙江省杭州市余杭区联通大厦\n";
    auto bytes = to_gb18030(text) + "\xCD\n" + to_gb18030(text);
    auto result = decode(bytes, 4096);
    ASSERT_TRUE(result.status);
    EXPECT_EQ(result.encoding, Encoding::gb18030);
    ASSERT_EQ(result.bad.size(), 1U);
    EXPECT_TRUE(result.text.ends_with(text));
}

// 联通 in GBK is valid UTF-8 pair by pair, the best known wrong guess of all.
TEST(Decoder, Gb18030PairsThatLookLikeUtf8DoNotDecide) {
    std::string text;
    for (int i = 0; i < 20; ++i) text += "联通,王伟\n";
    EXPECT_EQ(decode(to_gb18030(text), 4096).encoding, Encoding::gb18030);
}

TEST(Decoder, Utf16AndSpreadsheetsAreRefused) {
    using namespace std::string_view_literals;
    for (auto bytes : {"\xFF\xFE\x4E\x00"sv, "\xFE\xFF\x00\x4E"sv, "a\0b\0"sv, "PK\x03\x04zip"sv}) {
        auto result = decode(bytes, 100);
        ASSERT_FALSE(result.status);
        EXPECT_EQ(result.status.error().code, Code::bad_input);
    }
}

TEST(Encoder, WhatIsEncodedIsDecoded) {
    std::string text = "a,王伟é\r\n梁𬱖䶮𠮷\n";
    for (int i = 0; i < 12; ++i) text += text;
    auto result = decode(to_gb18030(text), 4096);
    EXPECT_EQ(result.text, text);
    EXPECT_EQ(result.encoding, Encoding::gb18030);
    EXPECT_EQ(to_gb18030("王伟"), kGbWang);
    EXPECT_EQ(to_gb18030(""), "");
}

TEST(Decoder, EmptyInputIsEmptyText) {
    auto result = decode("", 10);
    ASSERT_TRUE(result.status);
    EXPECT_EQ(result.text, "");
}

}  // namespace
}  // namespace huoqi::text

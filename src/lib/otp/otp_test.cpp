// SPDX-License-Identifier: Apache-2.0
#include "lib/otp/otp.h"

#include <gtest/gtest.h>

#include <set>

namespace huoqi::otp {
namespace {

const Bytes kKey = [] {
    auto view = bytes_of("12345678901234567890");  // of both RFCs
    return Bytes(view.begin(), view.end());
}();

Time seconds(std::int64_t count) { return {count * 1'000'000'000}; }

// RFC 4226 appendix D.
TEST(Hotp, GivesTheCodesOfTheRfc) {
    const char* codes[] = {"755224", "287082", "359152", "969429", "338314",
                           "254676", "287922", "162583", "399871", "520489"};
    for (std::uint64_t counter = 0; counter < 10; ++counter) EXPECT_EQ(hotp(kKey, counter), codes[counter]);
}

// RFC 6238 appendix B, SHA-1, the last six of its eight digits.
TEST(Totp, GivesTheCodesOfTheRfc) {
    EXPECT_EQ(totp(kKey, seconds(59)), "287082");
    EXPECT_EQ(totp(kKey, seconds(1111111109)), "081804");
    EXPECT_EQ(totp(kKey, seconds(1111111111)), "050471");
    EXPECT_EQ(totp(kKey, seconds(1234567890)), "005924");
    EXPECT_EQ(totp(kKey, seconds(2000000000)), "279037");
    EXPECT_EQ(totp({kKey}, {9'223'372'036'000'000'000}).size(), kDigits);
}

TEST(Totp, AClockMayBeOneStepOffAndNoMore) {
    const Time now = seconds(1111111111);
    const std::int64_t step = step_at(now);
    EXPECT_EQ(verify(kKey, totp(kKey, now), now, 1, -1), step);
    EXPECT_EQ(verify(kKey, totp(kKey, now), seconds(1111111111 + 30), 1, -1), step);
    EXPECT_EQ(verify(kKey, totp(kKey, now), seconds(1111111111 - 30), 1, -1), step);
    EXPECT_EQ(verify(kKey, totp(kKey, now), seconds(1111111111 + 60), 1, -1), std::nullopt);
    EXPECT_EQ(verify(kKey, totp(kKey, now), seconds(1111111111 - 60), 1, -1), std::nullopt);
    EXPECT_EQ(verify(kKey, totp(kKey, now), seconds(1111111111 + 30), 0, -1), std::nullopt);
}

TEST(Totp, AUsedCodeAndAnOlderOneAreRefused) {
    const Time now = seconds(1111111111);
    const std::int64_t step = step_at(now);
    EXPECT_EQ(verify(kKey, totp(kKey, now), now, 1, step), std::nullopt);
    EXPECT_EQ(verify(kKey, totp(kKey, seconds(1111111111 - 30)), now, 1, step), std::nullopt);
    EXPECT_EQ(verify(kKey, totp(kKey, seconds(1111111111 + 30)), now, 1, step), step + 1);
}

TEST(Totp, AnythingElseIsNoCode) {
    for (const char* code : {"", "28708", "2870820", "28708a", "０８１８０４"})
        EXPECT_EQ(verify(kKey, code, seconds(59), 1, -1), std::nullopt) << code;
}

TEST(Base32, FollowsTheRfcAndTakesNothingElse) {
    // RFC 4648 section 10.
    for (auto [plain, text] : {std::pair("", ""),
                               {"f", "MY"},
                               {"fo", "MZXQ"},
                               {"foo", "MZXW6"},
                               {"foob", "MZXW6YQ"},
                               {"fooba", "MZXW6YTB"},
                               {"foobar", "MZXW6YTBOI"}}) {
        EXPECT_EQ(base32(bytes_of(plain)), text);
        auto back = unbase32(text);
        ASSERT_TRUE(back) << text;
        EXPECT_EQ(text_of(*back), plain);
    }
    for (const char* text : {"M", "MZ", "MZXW6Y", "my", "MY======", "M1", "MZX"})
        EXPECT_FALSE(unbase32(text)) << text;
}

TEST(Uri, NamesIssuerAndAccountAndEscapesThem) {
    EXPECT_EQ(text_of(uri("Huoqi 快递", "li.wei", kKey).view()),
              "otpauth://totp/Huoqi%20%E5%BF%AB%E9%80%92:li.wei?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
              "&issuer=Huoqi%20%E5%BF%AB%E9%80%92&algorithm=SHA1&digits=6&period=30");
}

TEST(Readable, HasNoCharacterThatIsTakenForAnother) {
    Bytes all;
    for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::uint8_t>(i));
    const SecretBytes code = readable(all);
    EXPECT_EQ(text_of(code.view()).find_first_of("01IOio"), std::string_view::npos);
    EXPECT_EQ(text_of(readable(Bytes{0, 0x44, 0x32, 0x14, 0xC7}).view()), "2345-6789");
}

TEST(Readable, IsTakenAsItIsTyped) {
    EXPECT_EQ(text_of(as_meant(" 2345-6789 abcd")->view()), "23456789ABCD");
    EXPECT_FALSE(as_meant("0O1I"));
    EXPECT_FALSE(as_meant(std::string(kMaxReadable + 1, 'A')));
    EXPECT_TRUE(as_meant("")->view().empty());
}

TEST(RecoveryCodes, AreAsManyAsTheRandomnessIsFor) {
    Bytes randomness(10 * kRecoveryBytes);
    for (std::size_t i = 0; i < randomness.size(); ++i) randomness[i] = static_cast<std::uint8_t>(i);
    const auto codes = recovery_codes(randomness);
    ASSERT_EQ(codes.size(), 10U);
    std::set<std::string> different;
    for (const auto& code : codes) {
        EXPECT_EQ(code.view().size(), 19U);
        different.emplace(text_of(code.view()));
    }
    EXPECT_EQ(different.size(), 10U);
}

}  // namespace
}  // namespace huoqi::otp

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <type_traits>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"

namespace huoqi {
namespace {

TEST(Bytes, HexAndBase64AreStrictInverses) {
    for (std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
        EXPECT_EQ(text_of(*unbase64(base64(bytes_of(text)))), text);
        EXPECT_EQ(text_of(*unhex(hex(bytes_of(text)))), text);
    }
    EXPECT_EQ(base64(bytes_of("foob")), "Zm9vYg==");
    for (auto wrong : {"Zg=", "Zh==", "Zg==Zg==", "Z===", " Zg=", "Zg==\n", "Zm9=Zm9v"})
        EXPECT_FALSE(unbase64(wrong)) << wrong;
    for (auto wrong : {"0", "0g", "AB"}) EXPECT_FALSE(unhex(wrong)) << wrong;
}

TEST(Bytes, BigEndianRoundTrip) {
    Bytes out;
    put_be<std::uint32_t>(out, 0x01020304U);
    EXPECT_EQ(hex(out), "01020304");
    EXPECT_EQ(get_be<std::uint32_t>(out.data()), 0x01020304U);
}

TEST(Secret, CannotBeCopiedOrLogged) {
    static_assert(!std::is_copy_constructible_v<Secret<32>>);
    static_assert(!std::is_copy_constructible_v<Personal>);
    static_assert(!std::is_constructible_v<log::Value, const Personal&>);
    static_assert(!std::is_constructible_v<log::Value, const Secret<32>&>);
    static_assert(!std::is_constructible_v<log::Value, const SecretBytes&>);
}

TEST(Secret, MovedFromPersonalIsWiped) {
    Personal name("short");
    const char* old = name.reading().data();
    Personal other = std::move(name);
    EXPECT_EQ(other.reading(), "short");
    EXPECT_EQ(*old, '\0');
}

TEST(Clock, Rfc3339RoundTripsAndChecks) {
    auto time = parse_rfc3339("2026-11-23T04:05:06.7+08:00");
    ASSERT_TRUE(time);
    EXPECT_EQ(rfc3339(*time), "2026-11-22T20:05:06.700000000Z");
    EXPECT_EQ(parse_rfc3339(rfc3339(*time)), time);
    for (auto wrong : {"2026-02-30T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T00:00:00",
                       "2026-11-23T00:00:00.Z", "2026-11-23T00:00:00Zx", ""}) {
        EXPECT_FALSE(parse_rfc3339(wrong)) << wrong;
    }
}

TEST(Clock, MonthTurnsAtMidnightInChina) {
    EXPECT_EQ(china_month(*parse_rfc3339("2026-10-31T15:59:59Z")), "2026-10");
    EXPECT_EQ(china_month(*parse_rfc3339("2026-10-31T16:00:00Z")), "2026-11");
}

}  // namespace
}  // namespace huoqi

// SPDX-License-Identifier: Apache-2.0
#include "lib/text/normal_form.h"

#include <gtest/gtest.h>

namespace huoqi::text {
namespace {

std::string normal(std::string_view text, std::size_t limit = 128) {
    const auto found = nfc(text, limit);
    return found ? std::string(text_of(found->view())) : "nothing";
}

TEST(NormalForm, OneTextTypedInTwoWaysIsOne) {
    EXPECT_EQ(normal("e\xCC\x81t\xC3\xA9"), "\xC3\xA9t\xC3\xA9");
    EXPECT_EQ(normal("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB"), "\xED\x95\x9C");  // jamo of 한
    EXPECT_EQ(normal("Kuaidi 快递-8"), "Kuaidi 快递-8");
    EXPECT_EQ(normal(""), "");
}

TEST(NormalForm, GrowthIsTaken) {
    EXPECT_EQ(normal("\xF0\x9D\x85\xA0"), "\xF0\x9D\x85\x98\xF0\x9D\x85\xA5\xF0\x9D\x85\xAE");
}

TEST(NormalForm, WhatIsNoTextOrTooLongGivesNothing) {
    EXPECT_EQ(normal("\xC3"), "nothing");
    EXPECT_EQ(normal(std::string_view("a\0b", 3)), "nothing");
    EXPECT_EQ(normal("a\x7F"), "nothing");
    EXPECT_EQ(normal("a\xC2\x85"), "nothing");
    EXPECT_EQ(normal("快递快递", 4), "快递快递");
    EXPECT_EQ(normal("快递快递快", 4), "nothing");
    EXPECT_EQ(normal("\xF0\x9D\x85\xA0", 2), "nothing");  // one before, three after
}

}  // namespace
}  // namespace huoqi::text

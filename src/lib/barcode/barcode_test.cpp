// SPDX-License-Identifier: Apache-2.0
#include "lib/barcode/barcode.h"

#include <gtest/gtest.h>

#include <regex>
#include <vector>

namespace huoqi::barcode {
namespace {

constexpr std::string_view kUri =
    "otpauth://totp/Huoqi:li.wei?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Huoqi";

// Names of the elements in the order they open; every one is closed in the right place.
std::vector<std::string> elements(const std::string& svg) {
    std::vector<std::string> seen;
    std::vector<std::string> open;
    const std::regex tag(R"(<(/?)([a-z]+)([^<>]*?)(/?)>)");
    for (auto at = std::sregex_iterator(svg.begin(), svg.end(), tag); at != std::sregex_iterator(); ++at) {
        const std::string name = (*at)[2];
        if ((*at)[1] == "/") {
            EXPECT_FALSE(open.empty());
            if (open.empty()) break;
            EXPECT_EQ(open.back(), name);
            open.pop_back();
            continue;
        }
        seen.push_back(name);
        if ((*at)[4] != "/") open.push_back(name);
    }
    EXPECT_TRUE(open.empty());
    EXPECT_EQ(std::regex_replace(svg, tag, "").find_first_of("<>"), std::string::npos);
    return seen;
}

// The modules that the path draws, as rows of true and false, the quiet zone included.
std::vector<std::vector<bool>> modules(const std::string& svg) {
    std::smatch box;
    EXPECT_TRUE(std::regex_search(svg, box, std::regex("viewBox=\"0 0 ([0-9]+) ([0-9]+)\"")));
    const auto side = std::stoul(box[1]);
    EXPECT_EQ(box[1], box[2]);
    std::vector<std::vector<bool>> out(side, std::vector<bool>(side));
    const std::regex run("M([0-9]+) ([0-9]+)h([0-9]+)v1h-([0-9]+)z");
    for (auto at = std::sregex_iterator(svg.begin(), svg.end(), run); at != std::sregex_iterator(); ++at) {
        EXPECT_EQ((*at)[3], (*at)[4]);
        for (std::size_t i = 0; i < std::stoul((*at)[3]); ++i)
            out.at(std::stoul((*at)[2])).at(std::stoul((*at)[1]) + i) = true;
    }
    return out;
}

TEST(QrSvg, IsWellFormedAndHasATitle) {
    auto svg = qr_svg(kUri, "Key <for> the phone & you");
    ASSERT_TRUE(svg) << svg.error().message;
    EXPECT_EQ(elements(*svg), (std::vector<std::string>{"svg", "title", "rect", "path"}));
    EXPECT_NE(svg->find("<title>Key &lt;for&gt; the phone &amp; you</title>"), std::string::npos);
    EXPECT_EQ(svg->find("otpauth"), std::string::npos);
}

TEST(QrSvg, HasTheThreeFindersAndAQuietZone) {
    auto svg = qr_svg(kUri, "key");
    ASSERT_TRUE(svg);
    const auto drawn = modules(*svg);
    const std::size_t side = drawn.size();
    ASSERT_EQ((side - 8) % 4, 1U);  // 17 + 4 × version
    const auto finder = [&](std::size_t top, std::size_t left) {
        constexpr std::string_view kRows[] = {"#######", "#.....#", "#.###.#", "#.###.#",
                                              "#.###.#", "#.....#", "#######"};
        for (std::size_t y = 0; y < 7; ++y) {
            for (std::size_t x = 0; x < 7; ++x)
                if (drawn[top + y][left + x] != (kRows[y][x] == '#')) return false;
        }
        return true;
    };
    EXPECT_TRUE(finder(4, 4));
    EXPECT_TRUE(finder(4, side - 11));
    EXPECT_TRUE(finder(side - 11, 4));
    for (std::size_t i = 0; i < side; ++i) {
        for (std::size_t quiet : {std::size_t{0}, std::size_t{3}, side - 4, side - 1})
            EXPECT_FALSE(drawn[quiet][i] || drawn[i][quiet]);
    }
}

TEST(QrSvg, AnotherTextIsAnotherPicture) {
    EXPECT_EQ(*qr_svg("one", "key"), *qr_svg("one", "key"));
    EXPECT_NE(*qr_svg("one", "key"), *qr_svg("two", "key"));
}

TEST(QrSvg, WhatDoesNotFitIsRefused) {
    EXPECT_TRUE(qr_svg(std::string(kMaxTextBytes, 'x'), "key"));
    EXPECT_EQ(qr_svg(std::string(kMaxTextBytes + 1, 'x'), "key").error().code, Code::too_large);
    EXPECT_EQ(qr_svg("x", std::string(kMaxTitleBytes + 1, 'x')).error().code, Code::too_large);
    EXPECT_EQ(qr_svg("", "key").error().code, Code::bad_input);
    EXPECT_EQ(qr_svg("x", "a\nb").error().code, Code::bad_input);
}

}  // namespace
}  // namespace huoqi::barcode

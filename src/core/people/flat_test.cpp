// SPDX-License-Identifier: Apache-2.0
#include "core/people/internal/flat.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace huoqi::people {
namespace {

// Few values of the hash, so that entries stand in each other's way.
struct Crowded {
    std::uint64_t operator()(int key) const { return static_cast<std::uint64_t>(key % 13) * 5; }
};

TEST(FlatMap, HoldsWhatAMapHolds) {
    std::mt19937 random(3);
    FlatMap<int, int, Crowded> flat;
    std::map<int, int> plain;
    for (int round = 0; round < 50'000; ++round) {
        const int key = static_cast<int>(random() % 60);
        if (random() % 2 == 0) {
            flat.put(key, round);
            plain[key] = round;
        } else {
            flat.erase(key);
            plain.erase(key);
        }
        if (round % 5000 == 0) {
            flat.erase_if([](int value) { return value % 3 == 0; });
            std::erase_if(plain, [](const auto& one) { return one.second % 3 == 0; });
        }
        ASSERT_EQ(flat.size(), plain.size());
        for (int other = 0; other < 60; ++other) {
            const auto at = plain.find(other);
            const int* found = flat.find(other);
            ASSERT_EQ(found != nullptr, at != plain.end());
            if (found != nullptr) {
                ASSERT_EQ(*found, at->second);
            }
        }
    }
}

TEST(RowIndex, FindsEachRowAndNoOther) {
    RowIndex index;
    for (std::uint32_t row = 0; row < 5000; ++row) index.add(row % 700 * 0x100000001ULL, row);
    for (std::uint32_t row = 0; row < 5000; ++row) {
        const auto found =
            index.find(row % 700 * 0x100000001ULL, [&](std::uint32_t one) { return one == row; });
        ASSERT_EQ(found, row);
    }
    EXPECT_EQ(index.find(0x7FFFFFFF00000003ULL, [](std::uint32_t) { return true; }), std::nullopt);
}

}  // namespace
}  // namespace huoqi::people

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "lib/tlog/tlog.h"

namespace huoqi::tlog {
namespace {

TEST(tile_path, IsSpelledAsTheStandardSays) {
    EXPECT_EQ(to_string(TilePath{.level = 0, .index = 1234067}), "tile/0/x001/x234/067");
    EXPECT_EQ(to_string(TilePath{.entries = true, .index = 0, .width = 17}), "tile/entries/000.p/17");
    EXPECT_EQ(to_string(TilePath{.level = 63, .index = 999}), "tile/63/999");
    EXPECT_EQ(to_string(TilePath{.level = 1, .index = 1000, .width = 255}), "tile/1/x001/000.p/255");
}

TEST(tile_path, EveryPathParsesBackToItself) {
    for (const std::uint64_t index :
         {0ULL, 1ULL, 999ULL, 1000ULL, 999999ULL, 1000000ULL, 18446744073709551615ULL}) {
        for (const std::uint32_t width : {1U, 10U, 255U, 256U}) {
            for (const bool entries : {false, true}) {
                const TilePath path{.entries = entries,
                                    .level = std::uint8_t(entries ? 0 : 7),
                                    .index = index,
                                    .width = width};
                const auto parsed = parse_tile_path(to_string(path));
                ASSERT_TRUE(parsed) << to_string(path);
                EXPECT_EQ(*parsed, path);
            }
        }
    }
}

TEST(tile_path, OtherSpellingsAreRefused) {
    for (const char* path : {"",
                             "tile",
                             "tile/",
                             "tile/0",
                             "tile/0/",
                             "tile/0/0",
                             "tile/0/00",
                             "tile/0/0000",
                             "tile/0/1234067",
                             "tile/0/x000/067",
                             "tile/0/x001/x234/67",
                             "tile/0/001/067",
                             "tile/0/x001/x067",
                             "tile/0/x001/067/",
                             "/tile/0/067",
                             "tile/00/067",
                             "tile/01/067",
                             "tile/64/067",
                             "tile/-1/067",
                             "tile/+1/067",
                             "tile/256/067",
                             "tile/entry/067",
                             "tile/entries/067.p/0",
                             "tile/entries/067.p/256",
                             "tile/entries/067.p/017",
                             "tile/entries/067.p/",
                             "tile/entries/067.p",
                             "tile/entries/067.p/1/2",
                             "tile/0/067.p/17.p/17",
                             "tile/0/067 ",
                             "tile/0/\xef\xbc\x91",
                             "tile/0/../067",
                             "tile/0/x018/x446/x744/x073/x709/x551/616",
                             "tile/0/x999/x018/x446/x744/x073/x709/x551/615",
                             "tile/0/xx01/067",
                             "tile/0/x0x1/067"}) {
        EXPECT_FALSE(parse_tile_path(path)) << path;
    }
    EXPECT_FALSE(parse_tile_path(std::string(1000000, '0')));
}

TEST(tiles_at, CountsTheStandardsExamples) {
    const auto expect = [](std::uint64_t size, std::uint8_t level, std::uint64_t full,
                           std::uint32_t partial) {
        const TileSpan span = tiles_at(TreeSize{size}, level);
        EXPECT_EQ(span.full, full) << size << " level " << int{level};
        EXPECT_EQ(span.partial, partial) << size << " level " << int{level};
    };
    expect(70000, 0, 273, 112);
    expect(70000, 1, 1, 17);
    expect(70000, 2, 0, 1);
    expect(70000, 3, 0, 0);
    expect(256, 0, 1, 0);
    expect(256, 1, 0, 1);
    expect(0, 0, 0, 0);
    expect(UINT64_MAX, 7, 0, 255);
    expect(UINT64_MAX, 8, 0, 0);
    expect(UINT64_MAX, 63, 0, 0);
}

TEST(bundle, EntriesOfEveryLengthComeBack) {
    Bytes bundle;
    std::vector<Bytes> entries = {{}, {1}, Bytes(255, 2), Bytes(256, 3), Bytes(kMaxEntryBytes, 4)};
    for (const auto& entry : entries) ASSERT_TRUE(append_to_bundle(bundle, entry));
    const auto split = split_bundle(bundle);
    ASSERT_TRUE(split);
    ASSERT_EQ(split->size(), entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
        EXPECT_TRUE(std::equal(entries[i].begin(), entries[i].end(), (*split)[i].begin(), (*split)[i].end()))
            << i;
    }
    EXPECT_EQ(split_bundle({})->size(), 0u);
}

TEST(bundle, TooLongEntriesAreRefusedAndLeaveTheBundleAsItWas) {
    Bytes bundle = {0, 1, 9};
    const auto status = append_to_bundle(bundle, Bytes(kMaxEntryBytes + 1));
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::too_large);
    EXPECT_EQ(bundle, (Bytes{0, 1, 9}));
}

TEST(bundle, EveryTruncationInsideAnEntryIsRefused) {
    Bytes bundle;
    ASSERT_TRUE(append_to_bundle(bundle, bytes_of("first")));
    ASSERT_TRUE(append_to_bundle(bundle, bytes_of("second")));
    for (std::size_t size = 0; size <= bundle.size(); ++size) {
        const auto split = split_bundle(ByteView(bundle).first(size));
        EXPECT_EQ(split.has_value(), size == 0 || size == 7 || size == bundle.size()) << size;
        if (!split) {
            EXPECT_EQ(split.error().code, Code::corrupt);
        }
    }
}

TEST(bundle, MoreThan256EntriesAreRefused) {
    EXPECT_TRUE(split_bundle(Bytes(2 * 256)));
    EXPECT_FALSE(split_bundle(Bytes(2 * 257)));
}

}  // namespace
}  // namespace huoqi::tlog

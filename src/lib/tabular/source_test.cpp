// SPDX-License-Identifier: Apache-2.0
#include "lib/tabular/source.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "lib/tabular/testing/gzip.h"

namespace huoqi::tabular {
namespace {

Result<std::string> all_of(Source source, std::size_t chunk = 1000) {
    std::string out;
    Bytes buffer(chunk);
    while (true) {
        auto got = source.read(buffer);
        if (!got) return pass(got);
        if (*got == 0) return out;
        out += text_of(ByteView(buffer).first(*got));
    }
}

std::string long_text() {
    std::string text;
    for (int i = 0; text.size() < 1'000'000; ++i) text += "line " + std::to_string(i * 7919) + "\n";
    return text;
}

TEST(Source, PlainBytesPassThrough) {
    std::string text = long_text();
    EXPECT_EQ(all_of(Source::of_memory(text)).value(), text);
    EXPECT_EQ(all_of(Source::of_memory("")).value(), "");
    EXPECT_EQ(all_of(Source::of_memory("x"), 1).value(), "x");
}

TEST(Source, GzipIsUnpackedWithAllItsMembers) {
    std::string text = long_text();
    EXPECT_EQ(all_of(Source::of_memory(gzip(text))).value(), text);
    EXPECT_EQ(all_of(Source::of_memory(gzip("one\n") + gzip("") + gzip("two\n"))).value(), "one\ntwo\n");
    EXPECT_EQ(all_of(Source::of_memory(gzip("one\n") + std::string(512, '\0'))).value(), "one\n");
    std::string packed = gzip(text);
    std::size_t at = 0;
    auto bytewise = Source::of_function(
        [&](ByteSpan out) -> Result<std::size_t> {
            if (at == packed.size()) return 0;
            out[0] = static_cast<std::uint8_t>(packed[at++]);
            return 1;
        },
        "pipe");
    EXPECT_EQ(all_of(std::move(bytewise)).value(), text);
}

TEST(Source, TruncatedGzipIsAnErrorWithItsName) {
    std::string packed = gzip(long_text());
    for (std::size_t cut : {std::size_t{5}, packed.size() / 2, packed.size() - 1}) {
        auto read = all_of(Source::of_memory(std::string_view(packed).substr(0, cut), "orders.csv.gz"));
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().code, Code::bad_input);
        EXPECT_NE(read.error().message.find("orders.csv.gz"), std::string::npos);
    }
}

TEST(Source, DamagedGzipIsAnError) {
    std::string packed = gzip(long_text());
    packed[packed.size() - 6] ^= 1;  // the check sum
    EXPECT_EQ(all_of(Source::of_memory(packed)).error().code, Code::bad_input);
}

TEST(Source, ProgressCountsBytesAsTheyLie) {
    std::string packed = gzip(long_text());
    Source source = Source::of_memory(packed);
    EXPECT_EQ(source.progress().read, 0U);
    EXPECT_EQ(source.progress().total, packed.size());
    Bytes buffer(4096);
    while (source.read(buffer).value() > 0) {
    }
    EXPECT_EQ(source.progress().read, packed.size());
}

TEST(Source, FilesAreOpenedOrNamedInTheError) {
    auto path = std::filesystem::temp_directory_path() / ("source_test_" + std::to_string(::getpid()));
    std::ofstream(path) << "hello\n";
    auto source = Source::open(path.string());
    ASSERT_TRUE(source);
    EXPECT_EQ(source->progress().total, 6U);
    EXPECT_EQ(all_of(std::move(*source)).value(), "hello\n");
    std::filesystem::remove(path);
    auto missing = Source::open(path.string());
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, Code::not_found);
    EXPECT_NE(missing.error().message.find(path.string()), std::string::npos);
    EXPECT_FALSE(Source::open(std::filesystem::temp_directory_path().string()));
}

TEST(Source, ErrorsOfTheFunctionArePassedOn) {
    auto broken = Source::of_function(
        [](ByteSpan) -> Result<std::size_t> { return fail(Code::cancelled, "stop"); }, "x");
    EXPECT_EQ(all_of(std::move(broken)).error().code, Code::cancelled);
}

}  // namespace
}  // namespace huoqi::tabular

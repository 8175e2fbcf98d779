// SPDX-License-Identifier: Apache-2.0
#include "lib/tabular/csv.h"

#include <gtest/gtest.h>

#include "lib/tabular/records.h"

namespace huoqi::tabular {
namespace {

using Fields = std::vector<std::string_view>;

TEST(Csv, FieldsAreCutAndUnquoted) {
    CsvReader reader;
    EXPECT_EQ(reader.read(R"(a,"b,c",,"=""123""","x ""y""",)"), "");
    EXPECT_EQ(reader.fields(), (Fields{"a", "b,c", "", "=\"123\"", "x \"y\"", ""}));
    EXPECT_EQ(reader.read(""), "");
    EXPECT_EQ(reader.fields(), Fields{""});
    EXPECT_EQ(reader.read("\"two\r\nlines\",5\" screen"), "");
    EXPECT_EQ(reader.fields(), (Fields{"two\r\nlines", "5\" screen"}));
    EXPECT_EQ(reader.read(R"("""","""""","")"), "");
    EXPECT_EQ(reader.fields(), (Fields{"\"", "\"\"", ""}));
}

TEST(Csv, BrokenQuotesAreReported) {
    CsvReader reader;
    for (std::string_view bad : {R"("a"b,c)", R"("a)", R"(a,"b""c)", R"("a" ,b)", R"(")"}) {
        EXPECT_EQ(reader.read(bad), "csv.quote") << bad;
    }
    EXPECT_EQ(reader.read("fine"), "");
}

struct Cut {
    std::uint64_t line;
    std::string text;
    bool too_long = false;
    bool operator==(const Cut&) const = default;
};

// Splits `text` as if it came in pieces of `chunk` bytes.
std::vector<Cut> cut(Kind kind, std::string_view text, std::size_t chunk) {
    Splitter splitter(kind);
    std::vector<Cut> cuts;
    std::string pending;
    for (std::size_t at = 0; at < text.size() || at == 0; at += chunk) {
        pending += text.substr(std::min(at, text.size()), chunk);
        std::vector<Record> records;
        std::size_t used = splitter.split(pending, at + chunk >= text.size(), records);
        for (auto& record : records) cuts.push_back({record.line, std::string(record.text), record.too_long});
        pending.erase(0, used);
        EXPECT_LE(pending.size(), kMaxRecordBytes + chunk);
    }
    EXPECT_TRUE(pending.empty());
    return cuts;
}

TEST(Splitter, QuotedNewlinesStayInTheRecord) {
    std::string_view text = "h1,h2\r\n1,\"a\nb\"\"\n\"\n\n2,x\"y\n3,z";
    std::vector<Cut> expected = {{1, "h1,h2"}, {2, "1,\"a\nb\"\"\n\""}, {6, "2,x\"y"}, {7, "3,z"}};
    for (std::size_t chunk : {1, 2, 3, 7, 100}) EXPECT_EQ(cut(Kind::csv, text, chunk), expected) << chunk;
}

TEST(Splitter, JsonLinesEndAtEveryNewline) {
    std::string_view text = "{\"a\":\"x\"}\r\n\n  \n{\"b\":\"\\n\"}\n";
    std::vector<Cut> expected = {{1, "{\"a\":\"x\"}"}, {4, "{\"b\":\"\\n\"}"}};
    for (std::size_t chunk : {1, 5, 100}) EXPECT_EQ(cut(Kind::jsonl, text, chunk), expected);
}

TEST(Splitter, TooLongLineIsReportedAndTheRestGoesOn) {
    std::string text = "first\n" + std::string(kMaxRecordBytes + 5, 'x') + "\nlast\n";
    std::vector<Cut> expected = {{1, "first"}, {2, "", true}, {3, "last"}};
    for (Kind kind : {Kind::csv, Kind::jsonl}) {
        for (std::size_t chunk : {std::size_t{65536}, text.size()})
            EXPECT_EQ(cut(kind, text, chunk), expected);
    }
}

TEST(Splitter, LineOfExactlyTheLimitIsARecord) {
    std::string text = std::string(kMaxRecordBytes, 'x') + "\nlast\n";
    for (Kind kind : {Kind::csv, Kind::jsonl}) {
        auto cuts = cut(kind, text, 65536);
        ASSERT_EQ(cuts.size(), 2U);
        EXPECT_EQ(cuts[0].text.size(), kMaxRecordBytes);
    }
}

TEST(Splitter, UnclosedQuoteDoesNotSwallowTheFile) {
    std::string text = "good\n\"open,1\n";
    std::uint64_t lines = 2;
    while (text.size() < 3 * kMaxRecordBytes) text += "line " + std::to_string(++lines) + "\n";
    for (std::size_t chunk : {std::size_t{65536}, std::size_t{1} << 20, text.size()}) {
        auto cuts = cut(Kind::csv, text, chunk);
        ASSERT_GT(cuts.size(), 3U);
        EXPECT_EQ(cuts[0], (Cut{1, "good"}));
        EXPECT_EQ(cuts[1], (Cut{2, "", true}));
        for (std::size_t i = 2; i < cuts.size(); ++i)
            ASSERT_EQ(cuts[i].text, "line " + std::to_string(cuts[i].line));
        EXPECT_EQ(cuts.back().line, lines);
    }
}

}  // namespace
}  // namespace huoqi::tabular

// SPDX-License-Identifier: Apache-2.0
#include "core/formats/order_file.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "lib/text/encoder.h"

namespace huoqi::formats {
namespace {

using tabular::Source;
using waybill::Waybill;

const FormatSet& shipped() {
    static const FormatSet set = FormatSet::load(HUOQI_SOURCE_DIR "/policy/formats").value();
    return set;
}

struct Read {
    std::string error;
    std::string format;
    std::uint64_t good = 0;
    std::vector<std::string> refused;  // "line rule"
    std::uint64_t batches = 0;
};

Read read_all(Source source, std::size_t batch_bytes = 65536, OpenOptions options = {}) {
    Read read;
    auto file = OrderFile::open(std::move(source), shipped(), options);
    if (!file) return {.error = file.error().message, .format = {}, .refused = {}};
    read.format = file->format().name();
    auto reader = file->reader();
    Waybill waybill;
    while (true) {
        auto batch = file->next_batch(batch_bytes);
        if (!batch) {
            read.error = batch.error().message;
            return read;
        }
        if (!*batch) return read;
        EXPECT_EQ((*batch)->number, read.batches++);
        Batch moved = std::move(**batch);
        for (auto& bad : moved.bad)
            read.refused.push_back(std::to_string(bad.line) + " " + std::string(bad.rule));
        for (auto& record : moved.records) {
            auto findings = reader->read(record.text, waybill);
            if (findings.empty()) ++read.good;
            if (!findings.empty())
                read.refused.push_back(std::to_string(record.line) + " " + std::string(findings[0].rule));
        }
    }
}

Read read_text(std::string_view text, std::size_t batch_bytes = 65536, OpenOptions options = {}) {
    return read_all(Source::of_memory(text, "orders"), batch_bytes, options);
}

constexpr std::string_view kHeader = "number,recipient.name,recipient.mobile,sender.name,items\n";

std::string row(std::uint64_t number, std::string_view name = "王伟", std::string_view items = "茶") {
    return "SF" + std::to_string(6'000'000'000'000 + number) + "," + std::string(name) +
           ",13812345678,李四," + std::string(items) + "\n";
}

TEST(OrderFile, ExamplesAreReadWithoutFindings) {
    struct Example {
        std::string_view file, format;
    };
    for (auto [name, format] :
         {Example{"taobao-orders.gb18030.csv", "taobao"}, Example{"kdniao-eorders.jsonl", "kdniao"},
          Example{"kuaidi100-labels.jsonl", "kuaidi100"}}) {
        auto source = Source::open(HUOQI_SOURCE_DIR "/examples/orders/" + std::string(name));
        ASSERT_TRUE(source) << source.error().message;
        auto read = read_all(std::move(*source));
        EXPECT_EQ(read.error, "");
        EXPECT_EQ(read.format, format);
        EXPECT_EQ(read.good, 200U);
        EXPECT_TRUE(read.refused.empty()) << read.refused.front();
    }
}

TEST(OrderFile, BatchesOfAnySizeHoldTheSameRecords) {
    std::string text(kHeader);
    for (std::uint64_t i = 0; i < 3000; ++i)
        text += row(i, "王伟", i % 7 == 0 ? "\"two\nlines, \"\"x\"\"\"" : "茶");
    for (std::size_t bytes : {std::size_t{1}, std::size_t{1000}, std::size_t{1} << 20}) {
        auto read = read_text(text, bytes);
        EXPECT_EQ(read.error, "");
        EXPECT_EQ(read.good, 3000U) << bytes;
        EXPECT_TRUE(read.refused.empty());
    }
}

TEST(OrderFile, LargeFilesStreamInConstantBatches) {
    std::string header(kHeader);
    std::uint64_t made = 0;
    auto source = Source::of_function(
        [&](ByteSpan out) -> Result<std::size_t> {
            std::string text = made == 0 ? header : std::string();
            while (made < 100'000 && text.size() + 100 < out.size()) text += row(made++);
            std::memcpy(out.data(), text.data(), text.size());
            return text.size();
        },
        "made");
    auto read = read_all(std::move(source), 100'000);
    EXPECT_EQ(read.good, 100'000U);
    EXPECT_GT(read.batches, 10U);
}

TEST(OrderFile, BadRecordsAreReportedByLineAndTheRestGoesOn) {
    std::string text(kHeader);
    while (text.size() < text::kProbeBytes) text += row(text.size());
    auto lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
    text += row(1, "\xFF\xFE");                                        // lines + 1
    text += "only,two\n";                                              // lines + 2
    text += row(2, "\"x\"y");                                          // lines + 3
    text += "\n" + row(3, "王5");                                      // lines + 5
    text += row(4, "王", "\"a\n\xC3\"");                               // lines + 6, two lines
    text += row(5);                                                    // lines + 8
    text += row(6, "王", std::string(tabular::kMaxRecordBytes, 'x'));  // lines + 9
    text += row(7);
    auto read = read_text(text);
    EXPECT_EQ(read.error, "");
    EXPECT_EQ(read.good, lines - 1 + 2);
    auto line = [&](std::uint64_t more, std::string rule) {
        return std::to_string(lines + more) + " " + rule;
    };
    std::vector<std::string> expected = {line(1, "encoding.utf8"), line(2, "csv.columns"),
                                         line(3, "csv.quote"),     line(5, "name.characters"),
                                         line(6, "encoding.utf8"), line(9, "line.too_long")};
    std::ranges::sort(expected);
    std::ranges::sort(read.refused);
    EXPECT_EQ(read.refused, expected);
}

TEST(OrderFile, EncodingIsFoundAndMustBeTaken) {
    std::string gb = text::to_gb18030(std::string(kHeader) + row(1, "梁𬱖") + row(2, "贺䶮"));
    EXPECT_EQ(read_text(gb).good, 2U);
    std::string json =
        R"({"number":"SF6000021000010","sender":{"name":"李四"},"recipient":{"name":"王伟","mobile":"13812345678"}})";
    EXPECT_EQ(read_text(json).good, 1U);
    EXPECT_EQ(read_text("\xEF\xBB\xBF" + json + "\r\n").good, 1U);
    EXPECT_NE(read_text(text::to_gb18030(json)).error.find("gb18030"), std::string::npos);
    EXPECT_NE(read_text(std::string_view("\xFF\xFEn\0", 4)).error.find("UTF-16"), std::string::npos);
}

TEST(OrderFile, UnknownFormatsAndHeadersAreRefused) {
    EXPECT_NE(read_text("a,b\n1,2\n").error.find("orders: the format is not recognised"), std::string::npos);
    EXPECT_NE(read_text("").error, "");
    EXPECT_NE(read_text("\"never closed\n" + std::string(2 << 20, 'x')).error, "");
    OpenOptions taobao{.format = shipped().named("taobao")};
    EXPECT_NE(read_text("订单编号\n1\n", 1000, taobao).error.find("物流单号"), std::string::npos);
    OpenOptions huoqi{.format = shipped().named("huoqi")};
    EXPECT_EQ(read_text("", 1000, huoqi).error, "");
}

TEST(OrderFile, HeaderAloneIsAnEmptyFile) {
    auto read = read_text(kHeader);
    EXPECT_EQ(read.error, "");
    EXPECT_EQ(read.good, 0U);
    EXPECT_EQ(read.batches, 0U);
}

TEST(OrderFile, GzipIsSeenAndATruncatedOneIsAnError) {
    std::string text(kHeader);
    for (std::uint64_t i = 0; i < 50'000; ++i) text += row(i * 7919 % 1'000'003);
    std::string packed(compressBound(text.size()) + 64, '\0');
    z_stream stream{};
    ASSERT_EQ(deflateInit2(&stream, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(text.data());
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    ASSERT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    auto file = OrderFile::open(Source::of_memory(packed), shipped());
    ASSERT_TRUE(file);
    EXPECT_EQ(file->progress().total, packed.size());
    EXPECT_EQ(read_text(packed).good, 50'000U);
    auto cut = read_text(std::string_view(packed).substr(0, packed.size() - 9));
    EXPECT_NE(cut.error.find("orders: the gzip data ends in the middle"), std::string::npos);
}

}  // namespace
}  // namespace huoqi::formats

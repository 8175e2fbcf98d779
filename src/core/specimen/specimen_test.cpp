// SPDX-License-Identifier: Apache-2.0
#include "core/specimen/specimen.h"

#include <gtest/gtest.h>

#include <set>

#include "core/formats/order_file.h"
#include "lib/text/encoder.h"

namespace huoqi::specimen {
namespace {

std::string file_of(Kind kind, std::uint64_t seed, std::uint64_t count) {
    std::string text;
    append_header(kind, text);
    Options options{.kind = kind, .seed = seed, .first_number = 1'000'000};
    for (std::uint64_t i = 0; i < count; ++i) append_order(options, i, text);
    return kind == Kind::taobao ? text::to_gb18030(text) : text;
}

class Specimen : public testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, Specimen, testing::Values(Kind::taobao, Kind::kdniao, Kind::kuaidi100));

TEST_P(Specimen, SameSeedGivesTheSameBytes) {
    EXPECT_EQ(file_of(GetParam(), 7, 50), file_of(GetParam(), 7, 50));
    EXPECT_NE(file_of(GetParam(), 7, 50), file_of(GetParam(), 8, 50));
}

TEST_P(Specimen, OrdersAreReadWithoutFindingsAndNumbersAreUnique) {
    auto formats = formats::FormatSet::load(HUOQI_SOURCE_DIR "/policy/formats");
    ASSERT_TRUE(formats) << formats.error().message;
    std::string text = file_of(GetParam(), 3, 5000);
    auto file = formats::OrderFile::open(tabular::Source::of_memory(text), *formats);
    ASSERT_TRUE(file) << file.error().message;
    auto reader = file->reader();
    ASSERT_TRUE(reader);
    std::set<std::string> numbers;
    waybill::Waybill waybill;
    while (true) {
        auto batch = file->next_batch(65536);
        ASSERT_TRUE(batch) << batch.error().message;
        if (!*batch) break;
        EXPECT_TRUE((*batch)->bad.empty());
        for (auto& record : (*batch)->records) {
            auto findings = reader->read(record.text, waybill);
            ASSERT_TRUE(findings.empty())
                << record.line << " " << waybill::name(findings[0].part) << " " << findings[0].rule;
            EXPECT_FALSE(waybill[waybill::Part::recipient_town].empty()) << record.line;
            numbers.emplace(waybill[waybill::Part::number].reading());
        }
    }
    EXPECT_EQ(numbers.size(), 5000U);
}

}  // namespace
}  // namespace huoqi::specimen

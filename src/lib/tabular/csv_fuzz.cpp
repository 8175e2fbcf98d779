// SPDX-License-Identifier: Apache-2.0
// Records do not depend on how the text was cut, lie inside it, and are counted right; fields never reach
// outside.
#include <algorithm>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "lib/tabular/csv.h"
#include "lib/tabular/records.h"

using namespace huoqi::tabular;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    Kind kind = data[0] & 1 ? Kind::csv : Kind::jsonl;
    std::size_t cut = data[0] % text.size();
    std::vector<Record> whole;
    HUOQI_CHECK(Splitter(kind).split(text, true, whole) == text.size());
    Splitter splitter(kind);
    std::vector<Record> parts;
    std::size_t used = splitter.split(text.substr(0, cut), false, parts);
    HUOQI_CHECK(used <= cut);
    HUOQI_CHECK(splitter.split(text.substr(used), true, parts) == text.size() - used);
    HUOQI_CHECK(whole.size() == parts.size());
    CsvReader reader;
    std::uint64_t line = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        HUOQI_CHECK(whole[i].text == parts[i].text && whole[i].line == parts[i].line && whole[i].line > line);
        line = whole[i].line;
        std::size_t total = 0;
        if (reader.read(whole[i].text).empty()) {
            for (auto field : reader.fields()) total += field.size() + 1;
        }
        HUOQI_CHECK(total <= whole[i].text.size() + 1);
    }
    return 0;
}

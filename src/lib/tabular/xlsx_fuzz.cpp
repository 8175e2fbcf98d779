// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes are, and whatever the parts inside of a sound archive are, a workbook is read within its
// limits or refused by a rule of ours.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "lib/tabular/testing/workbook.h"
#include "lib/tabular/xlsx.h"

using namespace huoqi;
using namespace huoqi::tabular;

namespace {

void check(ByteView bytes, const XlsxLimits& limits) {
    const auto rows = read_xlsx(bytes, limits);
    if (!rows) {
        HUOQI_CHECK(rows.error().message.starts_with("xlsx."));
        return;
    }
    HUOQI_CHECK(rows->size() <= limits.rows && (rows->empty() || !rows->back().empty()));
    std::size_t total = 0;
    for (const auto& row : *rows) {
        HUOQI_CHECK(row.size() <= limits.columns && (row.empty() || !row.back().empty()));
        for (const auto& cell : row) {
            HUOQI_CHECK(cell.size() <= limits.cell_bytes);
            total += cell.size();
        }
    }
    HUOQI_CHECK(total <= limits.text_bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const XlsxLimits limits{
        .unpacked_bytes = std::size_t{1} << 20, .rows = 50, .columns = 8, .cell_bytes = 256};
    check({data, size}, limits);
    // One part of a good workbook is the input.
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    Parts parts = parts_of({{"a", "b"}});
    auto at = parts.begin();
    std::advance(at, data[0] % parts.size());
    at->second = text;
    check(packed(parts), limits);
    // The input stands among the cells of a sheet.
    parts = parts_of({});
    parts["xl/worksheets/sheet1.xml"] = sheet_of(text);
    check(packed(parts), limits);
    return 0;
}

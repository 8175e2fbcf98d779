// SPDX-License-Identifier: Apache-2.0
// Tables in the body of a request, as spreadsheets save them: CSV or a workbook. The first line names the
// columns; each line behind it becomes the cells that the same import takes as NDJSON. Threads: any.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace huoqi::api {

inline constexpr std::string_view kCsvType = "text/csv";
inline constexpr std::string_view kWorkbookType =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // that spreadsheets put before UTF-8

struct SheetColumn {
    std::string_view name;
    // Days and times without a zone are China's: "2026-11-24" comes as "2026-11-24T00:00:00+08:00".
    bool moment = false;
};
using SheetCells = std::map<std::string, std::string, std::less<>>;  // by column
struct SheetLine {
    std::uint64_t number = 0;  // from 1: of the text, or the row of the sheet
    SheetCells cells;
};
struct SheetFinding {
    std::uint64_t line = 0;  // 0: of the whole
    std::string rule;
};
struct Sheet {
    std::vector<SheetLine> lines;
    std::vector<SheetFinding> findings;  // by line
};

// Nothing when the type is of no sheet. Findings: "column.unknown", "column.repeated" (then no line is read),
// "columns.count", "csv.quote", "line.too_long", and those of a workbook (lib/tabular/xlsx.h).
std::optional<Sheet> read_sheet(std::string_view media_type, std::string_view body,
                                std::span<const SheetColumn> columns);

}  // namespace huoqi::api

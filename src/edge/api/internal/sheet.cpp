// SPDX-License-Identifier: Apache-2.0
#include "edge/api/internal/sheet.h"

#include <algorithm>
#include <array>

#include "lib/tabular/csv.h"
#include "lib/tabular/records.h"
#include "lib/tabular/xlsx.h"

namespace huoqi::api {
namespace {

constexpr std::string_view kDay = "0000-00-00";
constexpr std::string_view kLocalTime = "0000-00-00T00:00:00";

bool looks_like(std::string_view text, std::string_view shape) {
    return std::ranges::equal(
        text, shape, [](char c, char like) { return like == '0' ? c >= '0' && c <= '9' : c == like; });
}

std::string in_china(std::string_view text) {
    std::string out(text);
    if (looks_like(text, kDay)) return out + "T00:00:00+08:00";
    if (looks_like(text, kLocalTime)) return out + "+08:00";
    return out;
}

// Takes the names of the columns and then line by line.
class Taking {
  public:
    explicit Taking(std::span<const SheetColumn> columns) : columns_(columns) {}

    template <class Fields>
    void take(std::uint64_t number, const Fields& fields) {
        if (header_.empty()) return name_columns(number, fields);
        if (fields.size() != header_.size()) return object(number, "columns.count");
        SheetLine line{number, {}};
        for (std::size_t i = 0; i < header_.size(); ++i) {
            const auto& column = *header_[i];
            line.cells.emplace(column.name, column.moment ? in_china(fields[i]) : std::string(fields[i]));
        }
        sheet.lines.push_back(std::move(line));
    }
    void object(std::uint64_t number, std::string_view rule) {
        sheet.findings.push_back({number, std::string(rule)});
    }
    bool lost() const { return lost_; }  // without columns no line means anything
    std::size_t columns() const { return header_.size(); }
    Sheet sheet;

  private:
    template <class Fields>
    void name_columns(std::uint64_t number, const Fields& fields) {
        for (const auto& field : fields) {
            const auto at = std::ranges::find(columns_, std::string_view(field), &SheetColumn::name);
            const bool known = at != columns_.end();
            lost_ = !known || std::ranges::find(header_, &*at) != header_.end();
            if (lost_) return object(number, known ? "column.repeated" : "column.unknown");
            header_.push_back(&*at);
        }
    }

    std::span<const SheetColumn> columns_;
    std::vector<const SheetColumn*> header_;
    bool lost_ = false;
};

Sheet read_csv(std::string_view body, Taking taking) {
    if (body.starts_with(kByteOrderMark)) body.remove_prefix(kByteOrderMark.size());
    std::vector<tabular::Record> records;
    tabular::Splitter(tabular::Kind::csv).split(body, /*last=*/true, records);
    tabular::CsvReader reader;
    for (const auto& record : records) {
        const auto rule = record.too_long ? "line.too_long" : reader.read(record.text);
        if (rule.empty()) {
            taking.take(record.line, reader.fields());
        } else {
            taking.object(record.line, rule);
        }
        if (taking.lost()) break;
    }
    return std::move(taking.sheet);
}

Sheet read_workbook(std::string_view body, Taking taking) {
    auto rows = tabular::read_xlsx(bytes_of(body));
    if (!rows) {
        taking.object(0, rows.error().message);
        return std::move(taking.sheet);
    }
    for (std::size_t i = 0; i < rows->size() && !taking.lost(); ++i) {
        auto& row = (*rows)[i];
        if (row.empty()) continue;
        row.resize(std::max(row.size(), taking.columns()));  // empty cells at the end are none in a sheet
        taking.take(i + 1, row);
    }
    return std::move(taking.sheet);
}

}  // namespace

std::optional<Sheet> read_sheet(std::string_view media_type, std::string_view body,
                                std::span<const SheetColumn> columns) {
    if (media_type == kCsvType) return read_csv(body, Taking(columns));
    if (media_type == kWorkbookType) return read_workbook(body, Taking(columns));
    return std::nullopt;
}

}  // namespace huoqi::api

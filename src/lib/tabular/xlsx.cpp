// SPDX-License-Identifier: Apache-2.0
#include "lib/tabular/xlsx.h"

#include <charconv>
#include <exception>
#include <optional>

#include "lib/tabular/internal/workbook.h"

namespace huoqi::tabular {
namespace {

constexpr std::size_t kMaxRow = 1'048'576;  // that there is in any sheet
constexpr std::size_t kMaxColumn = 16'384;

std::unexpected<Error> broken_sheet() { return fail(Code::bad_input, "xlsx.sheet"); }
std::unexpected<Error> broken_cell() { return fail(Code::bad_input, "xlsx.cell"); }

std::optional<std::size_t> whole(std::string_view text) {
    std::size_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return out;
}

// "AB" is 28; nothing when it is no column.
std::optional<std::size_t> column_named(std::string_view letters) {
    std::size_t out = 0;
    for (const char c : letters) {
        if (c < 'A' || c > 'Z') return std::nullopt;
        out = out * 26 + static_cast<std::size_t>(c - 'A') + 1;
        if (out > kMaxColumn) return std::nullopt;
    }
    return out == 0 ? std::nullopt : std::optional(out);
}

// Fills the rows, cell by cell. A row or cell may say where it stands, and otherwise follows the one before.
class Sheet : public XmlReader {
  public:
    Sheet(const Workbook& book, const XlsxLimits& limits)
        : book_(book), limits_(limits), inline_(limits.cell_bytes) {}

    Status start(std::string_view element, const XmlAttributes& attributes) override {
        if (element == "sheetData") in_data_ = true;
        if (!in_data_) return {};
        if (element == "row") return start_row(attributes);
        if (element == "c") return start_cell(attributes);
        if (element == "v") in_value_ = true;
        if (element == "is") in_inline_ = true;
        if (in_inline_) inline_.start(element);
        return {};
    }
    Status text(std::string_view piece) override {
        if (in_inline_) return inline_.text(piece);
        if (!in_value_) return {};
        if (piece.size() > limits_.cell_bytes - value_.size()) return fail(Code::too_large, "xlsx.cell_text");
        value_ += piece;
        return {};
    }
    Status end(std::string_view element) override {
        if (in_inline_) inline_.end(element);
        if (element == "v") in_value_ = false;
        if (element == "is") in_inline_ = false;
        if (element == "sheetData") in_data_ = false;
        if (element != "c" || !in_data_) return {};
        auto text = cell_text();
        if (!text) return pass(text);
        return put(std::move(*text));
    }
    std::vector<std::vector<std::string>> rows;

  private:
    Status start_row(const XmlAttributes& attributes) {
        const auto said = attributes.text("r");
        const auto row = said.empty() ? row_ + 1 : whole(said).value_or(0);
        if (row <= row_ || row > kMaxRow) return broken_sheet();
        row_ = row;
        column_ = 0;
        return {};
    }
    Status start_cell(const XmlAttributes& attributes) {
        const auto said = attributes.text("r");
        const auto letters = said.substr(0, said.find_first_of("0123456789"));
        const auto column = said.empty() ? column_ + 1 : column_named(letters).value_or(0);
        const bool here = said.empty() || whole(said.substr(letters.size())) == row_;
        if (row_ == 0 || column <= column_ || column > kMaxColumn || !here) return broken_sheet();
        column_ = column;
        type_ = attributes.text("t");
        const auto style = attributes.text("s");
        style_ = style.empty() ? 0 : whole(style).value_or(0);
        value_.clear();
        inline_.take();
        return {};
    }
    Result<std::string> cell_text() {
        if (type_ == "inlineStr") return inline_.take();
        if (value_.empty()) return std::string();
        if (type_.empty() || type_ == "n") {
            const auto form = style_ < book_.styles.size() ? book_.styles[style_] : Form::number;
            return form == Form::number ? number_text(value_) : moment_text(value_, form, book_.since_1904);
        }
        if (type_ == "s") {
            const auto at = whole(value_);
            if (!at || *at >= book_.texts.size()) return broken_cell();
            return book_.texts[*at];
        }
        if (type_ == "str") return unescaped(value_);
        if (type_ == "d") return value_;  // ISO 8601 as it is
        if (type_ == "b" && (value_ == "0" || value_ == "1")) return value_ == "1" ? "true" : "false";
        return type_ == "e" ? fail(Code::bad_input, "xlsx.error_value") : broken_cell();
    }
    Status put(std::string text) {
        if (text.empty()) return {};
        if (row_ > limits_.rows) return fail(Code::too_large, "xlsx.rows");
        if (column_ > limits_.columns) return fail(Code::too_large, "xlsx.columns");
        if (text.size() > limits_.text_bytes - total_) return fail(Code::too_large, "xlsx.text");
        total_ += text.size();
        rows.resize(row_);
        rows.back().resize(column_);
        rows.back().back() = std::move(text);
        return {};
    }

    const Workbook& book_;
    const XlsxLimits& limits_;
    bool in_data_ = false, in_value_ = false, in_inline_ = false;
    std::size_t row_ = 0, column_ = 0;  // from 1
    std::string type_;
    std::size_t style_ = 0;
    std::string value_;
    RichText inline_;
    std::size_t total_ = 0;
};

}  // namespace

Result<std::vector<std::vector<std::string>>> read_xlsx(ByteView bytes, const XlsxLimits& limits) try {
    auto package = Package::open(bytes, limits);
    if (!package) return pass(package);
    auto book = read_workbook(*package, limits);
    if (!book) return pass(book);
    Sheet sheet(*book, limits);
    if (auto read = read_xml(*package, book->sheet, sheet); !read) return pass(read);
    return std::move(sheet.rows);
} catch (const std::exception&) {
    return fail(Code::too_large, "xlsx.memory");
}

}  // namespace huoqi::tabular

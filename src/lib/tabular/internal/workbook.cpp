// SPDX-License-Identifier: Apache-2.0
#include "lib/tabular/internal/workbook.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

namespace huoqi::tabular {
namespace {

constexpr std::size_t kMaxStyles = 65'536;  // that programs can show, too

std::unexpected<Error> no_part() { return fail(Code::bad_input, "xlsx.parts"); }

struct Relation {
    std::string id;
    std::string kind;  // the last step of its type, which is the same in both forms of the standard
    std::string target;
};

class Relations : public XmlReader {
  public:
    explicit Relations(std::size_t most) : most_(most) {}
    Status start(std::string_view element, const XmlAttributes& attributes) override {
        if (element != "Relationship" || attributes.text("TargetMode") == "External") return {};
        if (list.size() == most_) return no_part();
        const auto type = attributes.text("Type");
        list.push_back({std::string(attributes.text("Id")), std::string(type.substr(type.rfind('/') + 1)),
                        std::string(attributes.text("Target"))});
        return {};
    }
    // The part of the first of this kind, as said in `folder`; empty without one.
    std::string part(std::string_view folder, std::string_view kind) const {
        const auto at = std::ranges::find(list, kind, &Relation::kind);
        return at == list.end() ? std::string() : part_name(folder, at->target);
    }
    std::vector<Relation> list;

  private:
    std::size_t most_;
};

class Sheets : public XmlReader {
  public:
    explicit Sheets(std::size_t most) : most_(most) {}
    Status start(std::string_view element, const XmlAttributes& attributes) override {
        if (element == "workbookPr") {
            const auto since = attributes.text("date1904");
            since_1904 = since == "1" || since == "true";
        }
        const auto state = attributes.text("state");
        if (element != "sheet" || (!state.empty() && state != "visible")) return {};
        if (shown.size() == most_) return no_part();
        shown.emplace_back(attributes.text("id"));
        return {};
    }
    bool since_1904 = false;
    std::vector<std::string> shown;  // ids of relations

  private:
    std::size_t most_;
};

class SharedTexts : public XmlReader {
  public:
    explicit SharedTexts(const XlsxLimits& limits)
        : most_(limits.rows * limits.columns), text_(limits.cell_bytes) {}
    Status start(std::string_view element, const XmlAttributes&) override {
        text_.start(element);
        return {};
    }
    Status text(std::string_view piece) override { return text_.text(piece); }
    Status end(std::string_view element) override {
        text_.end(element);
        if (element != "si") return {};
        if (list.size() == most_) return fail(Code::too_large, "xlsx.strings");
        list.push_back(text_.take());
        return {};
    }
    std::vector<std::string> list;

  private:
    std::size_t most_;
    RichText text_;
};

class Styles : public XmlReader {
  public:
    Status start(std::string_view element, const XmlAttributes& attributes) override {
        if (element == "numFmts" || element == "cellXfs") {
            inside_ = element == "numFmts" ? Inside::formats : Inside::cells;
        } else if (element == "numFmt" && inside_ == Inside::formats) {
            if (written_.size() == kMaxStyles) return fail(Code::too_large, "xlsx.styles");
            written_.insert_or_assign(number(attributes), form_of(attributes.text("formatCode")));
        } else if (element == "xf" && inside_ == Inside::cells) {
            if (cells_.size() == kMaxStyles) return fail(Code::too_large, "xlsx.styles");
            cells_.push_back(number(attributes));
        }
        return {};
    }
    Status end(std::string_view element) override {
        if (element == "numFmts" || element == "cellXfs") inside_ = Inside::other;
        return {};
    }
    std::vector<Form> forms() const {
        std::vector<Form> out;
        for (const auto number : cells_) {
            const auto at = written_.find(number);
            out.push_back(at == written_.end() ? form_of(number) : at->second);
        }
        return out;
    }

  private:
    enum class Inside : std::uint8_t { other, formats, cells };
    static std::uint64_t number(const XmlAttributes& attributes) {
        const auto text = attributes.text("numFmtId");
        std::uint64_t out = 0;  // General, when it is no number
        std::from_chars(text.data(), text.data() + text.size(), out);
        return out;
    }
    Inside inside_ = Inside::other;
    std::map<std::uint64_t, Form> written_;
    std::vector<std::uint64_t> cells_;
};

// The folder of a part, and the relations that are said beside it.
std::string folder_of(const std::string& part) { return part.substr(0, part.rfind('/') + 1); }
std::string relations_of(const std::string& part) {
    const auto folder = folder_of(part);
    return folder + "_rels/" + part.substr(folder.size()) + ".rels";
}

}  // namespace

void RichText::start(std::string_view element) {
    if (element == "rPh") phonetic_ = true;
    if (element == "t") inside_ = true;
}
Status RichText::text(std::string_view piece) {
    if (!inside_ || phonetic_) return {};
    if (piece.size() > max_bytes_ - text_.size()) return fail(Code::too_large, "xlsx.cell_text");
    text_ += piece;
    return {};
}
void RichText::end(std::string_view element) {
    if (element == "rPh") phonetic_ = false;
    if (element == "t") inside_ = false;
}
std::string RichText::take() {
    auto out = unescaped(text_);
    text_.clear();
    return out;
}

Result<Workbook> read_workbook(const Package& package, const XlsxLimits& limits) {
    Relations top(limits.entries);
    if (auto read = read_xml(package, "_rels/.rels", top); !read) return pass(read);
    const auto book = top.part("", "officeDocument");
    if (book.empty()) return no_part();
    Sheets sheets(limits.entries);
    if (auto read = read_xml(package, book, sheets); !read) return pass(read);
    Relations parts(limits.entries);
    if (auto read = read_xml(package, relations_of(book), parts); !read) return pass(read);

    Workbook out;
    out.since_1904 = sheets.since_1904;
    const auto folder = folder_of(book);
    for (const auto& id : sheets.shown) {
        const auto at = std::ranges::find(parts.list, id, &Relation::id);
        if (at == parts.list.end()) return no_part();
        if (at->kind != "worksheet") continue;  // a sheet that is a chart
        out.sheet = part_name(folder, at->target);
        break;
    }
    if (out.sheet.empty()) return no_part();
    if (const auto part = parts.part(folder, "sharedStrings"); !part.empty()) {
        SharedTexts texts(limits);
        if (auto read = read_xml(package, part, texts); !read) return pass(read);
        out.texts = std::move(texts.list);
    }
    if (const auto part = parts.part(folder, "styles"); !part.empty()) {
        Styles styles;
        if (auto read = read_xml(package, part, styles); !read) return pass(read);
        out.styles = styles.forms();
    }
    return out;
}

}  // namespace huoqi::tabular

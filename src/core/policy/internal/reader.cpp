// SPDX-License-Identifier: Apache-2.0
#include "core/policy/internal/reader.h"

#include <algorithm>
#include <charconv>

namespace huoqi::policy {
namespace {

constexpr std::size_t kQuotedBytes = 60;

bool is_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == ':';
    });
}

std::size_t line_of(const toml::node& node, std::size_t otherwise) {
    const std::size_t line = node.source().begin.line;
    return line > 0 ? line : otherwise;
}

}  // namespace

std::string in_quotes(std::string_view text) {
    std::size_t size = std::min(text.size(), kQuotedBytes);
    while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
    std::string out = "'";
    for (const char c : text.substr(0, size))
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
    return out + (size < text.size() ? "…'" : "'");
}

std::optional<Date> parse_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto number = [&](std::size_t from, std::size_t size) {
        int value = -1;
        const char* end = text.data() + from + size;
        const auto [stop, error] = std::from_chars(text.data() + from, end, value);
        return error == std::errc{} && stop == end ? value : -1;
    };
    const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
    if (year < 0 || month < 0 || day < 0) return std::nullopt;
    const Date date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                    std::chrono::day(static_cast<unsigned>(day))};
    return date.ok() ? std::optional(date) : std::nullopt;
}

Reader::Reader(const toml::table& table, std::string_view file, std::string what,
               std::vector<Problem>& problems)
    : table_(table), file_(file), what_(std::move(what)), problems_(problems) {}

void Reader::wrong_at(std::size_t line, std::string reason) {
    problems_.push_back({std::string(file_), line, std::move(reason)});
}

std::size_t Reader::line_of(std::string_view key) const {
    for (const auto& [name, node] : table_) {
        if (name.str() == key && name.source().begin.line > 0) return name.source().begin.line;
    }
    return line();
}

std::size_t Reader::line() const { return policy::line_of(table_, 1); }

void Reader::wrong(std::string_view key, std::string reason) { wrong_at(line_of(key), std::move(reason)); }

void Reader::unknown(std::string_view kind, std::string_view word, std::size_t line) {
    wrong_at(line, "unknown " + std::string(kind) + " " + in_quotes(word) + " in " + what_);
}

void Reader::report_unread() {
    for (const auto& [name, node] : table_) {
        if (!taken_.contains(name.str()))
            wrong(name.str(), "unknown key " + in_quotes(name.str()) + " in " + what_);
    }
}

const toml::node* Reader::take(std::string_view key) {
    taken_.emplace(key);
    return table_.get(key);
}

const toml::node* Reader::need(std::string_view key) {
    const toml::node* node = take(key);
    if (!node) wrong(key, "missing key '" + std::string(key) + "' in " + what_);
    return node;
}

template <class T>
std::optional<T> Reader::value(std::string_view key, const toml::node* node, std::string_view kind) {
    if (!node) return std::nullopt;
    auto value = node->value_exact<T>();
    if (!value) wrong(key, "'" + std::string(key) + "' in " + what_ + " must be " + std::string(kind));
    return value;
}

std::string Reader::text_if(std::string_view key) {
    const toml::node* node = take(key);
    auto value = this->value<std::string>(key, node, "a text");
    if (value && value->empty()) wrong(key, "'" + std::string(key) + "' in " + what_ + " is empty");
    return value.value_or("");
}

std::string Reader::text(std::string_view key) { return need(key) ? text_if(key) : ""; }

bool Reader::boolean(std::string_view key) {
    return value<bool>(key, need(key), "true or false").value_or(false);
}

std::int64_t Reader::integer(std::string_view key, Range range) {
    const auto value = this->value<std::int64_t>(key, need(key), "a whole number");
    if (!value) return range.least;
    if (*value >= range.least && *value <= range.most) return *value;
    wrong(key, "'" + std::string(key) + "' in " + what_ + " must be from " + std::to_string(range.least) +
                   " to " + std::to_string(range.most));
    return range.least;
}

std::optional<Date> Reader::date_if(std::string_view key) {
    const auto value = this->value<toml::date>(key, take(key), "a date such as 2026-11-23 without quotes");
    if (!value) return std::nullopt;
    return Date{std::chrono::year(value->year), std::chrono::month(value->month),
                std::chrono::day(value->day)};
}

Date Reader::date(std::string_view key) {
    const auto date = need(key) ? date_if(key) : std::nullopt;
    return date.value_or(Date{std::chrono::year(1970), std::chrono::January, std::chrono::day(1)});
}

Bilingual Reader::bilingual(std::string_view key) {
    Bilingual out;
    section(key, [&](Reader& both) { out = {both.text("zh"), both.text("en")}; });
    return out;
}

template <class T>
void Reader::list(std::string_view key, std::string_view kind,
                  const std::function<void(const T&, std::size_t line)>& visit) {
    const toml::node* node = need(key);
    if (!node) return;
    const toml::array* array = node->as_array();
    if (!array) return wrong(key, "'" + std::string(key) + "' in " + what_ + " must be " + std::string(kind));
    std::set<T> seen;
    for (const toml::node& element : *array) {
        const std::size_t line = policy::line_of(element, line_of(key));
        const auto value = element.value_exact<T>();
        if (!value) {
            wrong_at(line, "'" + std::string(key) + "' in " + what_ + " must be " + std::string(kind));
        } else if (!seen.insert(*value).second) {
            wrong_at(line, "'" + std::string(key) + "' in " + what_ + " holds something twice");
        } else {
            visit(*value, line);
        }
    }
}
template void Reader::list<std::string>(std::string_view, std::string_view,
                                        const std::function<void(const std::string&, std::size_t)>&);

std::vector<std::string> Reader::texts(std::string_view key) {
    std::vector<std::string> out;
    list<std::string>(key, "a list of texts", [&](const std::string& text, std::size_t line) {
        if (text.empty())
            return wrong_at(line, "'" + std::string(key) + "' in " + what_ + " holds an empty text");
        out.push_back(text);
    });
    return out;
}

std::vector<int> Reader::integers(std::string_view key, Range range) {
    std::vector<int> out;
    list<std::int64_t>(key, "a list of whole numbers", [&](const std::int64_t& number, std::size_t line) {
        if (number >= range.least && number <= range.most) return out.push_back(static_cast<int>(number));
        wrong_at(line, "'" + std::string(key) + "' in " + what_ + " names " + std::to_string(number) +
                           ", which is not from " + std::to_string(range.least) + " to " +
                           std::to_string(range.most));
    });
    return out;
}

std::string Reader::new_name(std::string_view key, std::string_view kind, Known& known) {
    const std::string name = text(key);
    if (name.empty()) return name;
    called(std::string(kind) + " " + in_quotes(name));
    if (!is_name(name)) {
        wrong(key, in_quotes(name) + " is no name for a " + std::string(kind) +
                       ": only a-z, 0-9, '_', '.' and ':' may stand in it");
    } else if (!known.names.insert(name).second) {
        wrong(key, std::string(kind) + " " + in_quotes(name) + " stands twice");
    }
    return name;
}

std::vector<std::string> Reader::names(std::string_view key, std::string_view kind, const Known& known) {
    std::vector<std::string> out;
    list<std::string>(key, "a list of texts", [&](const std::string& name, std::size_t line) {
        if (!known.has(name)) return unknown(kind, name, line);
        out.push_back(name);
    });
    return out;
}

void Reader::section(std::string_view key, const std::function<void(Reader&)>& visit) {
    const toml::node* node = need(key);
    if (!node) return;
    const toml::table* table = node->as_table();
    if (!table) return wrong(key, "'" + std::string(key) + "' in " + what_ + " must be a table");
    Reader reader(*table, file_, "'" + std::string(key) + "' of " + what_, problems_);
    visit(reader);
    reader.report_unread();
}

void Reader::each(std::string_view key, const std::function<void(Reader&)>& visit) {
    const toml::node* node = need(key);
    if (!node) return;
    const toml::array* array = node->as_array();
    if (!array || !array->is_array_of_tables()) {
        return wrong(
            key, "'" + std::string(key) + "' in " + what_ + " must be tables: [[" + std::string(key) + "]]");
    }
    for (const toml::node& element : *array) {
        Reader reader(*element.as_table(), file_, std::string(key), problems_);
        visit(reader);
        reader.report_unread();
    }
}

}  // namespace huoqi::policy

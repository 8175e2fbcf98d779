// SPDX-License-Identifier: Apache-2.0
#include "core/formats/formats.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "core/formats/internal/file.h"
#include "core/formats/internal/rules.h"
#include "lib/tabular/csv.h"
#include "lib/tabular/json.h"
#include "lib/text/text.h"

namespace huoqi::formats {
namespace {

namespace fs = std::filesystem;

Result<Format> parse(const std::string& name, const std::string& file, std::string_view text,
                     std::vector<std::string>& problems) {
    auto rules = read_rules(name, file, text, problems);
    if (!problems.empty()) return fail(Code::bad_input, problems.front());
    return Format(std::move(rules));
}

Result<std::string> content_of(const std::string& path) {
    std::error_code error;
    if (!fs::exists(path, error)) return fail(Code::not_found, path + ": no such file");
    std::ifstream file(path, std::ios::binary);
    std::string text(kMaxFormatBytes + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad() || (file.fail() && !file.eof())) return fail(Code::storage, path + ": cannot be read");
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

Result<std::vector<std::string>> files_of(const std::string& folder) {
    std::vector<std::string> files;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        if (at->path().extension() == ".toml") files.push_back(at->path().string());
    }
    if (error) return fail(Code::not_found, folder + ": " + error.message());
    std::ranges::sort(files);
    return files;
}

// Two formats that ask for the same columns or keys could never be told apart.
void find_twins(const std::string& folder, const std::vector<Format>& formats,
                std::vector<std::string>& problems) {
    std::map<std::pair<tabular::Kind, std::set<std::string>>, std::string> seen;
    for (const auto& format : formats) {
        const auto& required = format.rules().required;
        auto [at, added] = seen.try_emplace(
            {format.kind(), std::set<std::string>(required.begin(), required.end())}, format.name());
        if (!added)
            problems.push_back(folder + "/" + format.name() + ".toml: requires the same as " + at->second +
                               ".toml, so that no file could be told to be the one or the other");
    }
}

// All formats of a folder, and everything that is wrong with them.
std::vector<Format> read_folder(const std::string& folder, std::vector<std::string>& problems) {
    std::vector<Format> formats;
    auto files = files_of(folder);
    if (!files) {
        problems.push_back(files.error().message);
        return formats;
    }
    if (files->empty()) problems.push_back(folder + ": no format files");
    for (const std::string& file : *files) {
        auto text = content_of(file);
        if (!text) {
            problems.push_back(text.error().message);
            continue;
        }
        std::vector<std::string> wrong;
        auto format = parse(fs::path(file).stem().string(), file, *text, wrong);
        if (format) formats.push_back(std::move(*format));
        problems.insert(problems.end(), wrong.begin(), wrong.end());
    }
    find_twins(folder, formats, problems);
    return formats;
}

}  // namespace

const std::string& Format::name() const { return rules_->name; }
tabular::Kind Format::kind() const { return rules_->kind; }
std::string_view Format::title_zh() const { return rules_->title_zh; }
std::string_view Format::title_en() const { return rules_->title_en; }
std::string_view Format::source() const { return rules_->source; }
std::string_view Format::version() const { return rules_->version; }

bool Format::takes(text::Encoding encoding) const {
    return std::ranges::find(rules_->encodings, encoding) != rules_->encodings.end();
}

bool Format::recognises(const std::vector<std::string>& columns_or_keys) const {
    return std::ranges::all_of(rules_->required, [&](const std::string& required) {
        return std::ranges::find(columns_or_keys, required) != columns_or_keys.end();
    });
}

Result<Format> load_format(const std::string& path) {
    auto text = content_of(path);
    if (!text) return pass(text);
    std::vector<std::string> problems;
    return parse(fs::path(path).stem().string(), path, *text, problems);
}

Result<Format> parse_format(const std::string& name, std::string_view toml_text) {
    std::vector<std::string> problems;
    return parse(name, name + ".toml", toml_text, problems);
}

Result<FormatSet> FormatSet::load(const std::string& folder) {
    FormatSet set;
    std::vector<std::string> problems;
    set.formats_ = read_folder(folder, problems);
    if (!problems.empty()) return fail(Code::bad_input, problems.front());
    return set;
}

std::vector<std::string> FormatSet::problems(const std::string& folder) {
    std::vector<std::string> problems;
    read_folder(folder, problems);
    return problems;
}

const Format* FormatSet::named(std::string_view name) const {
    auto found = std::ranges::find(formats_, name, &Format::name);
    return found == formats_.end() ? nullptr : &*found;
}

const Format* FormatSet::detect(std::string_view first_bytes) const {
    auto kind = text::trim(first_bytes).starts_with('{') ? tabular::Kind::jsonl : tabular::Kind::csv;
    std::vector<tabular::Record> records;
    tabular::Splitter(kind).split(first_bytes, true, records);
    if (records.empty() || records[0].too_long) return nullptr;
    std::vector<std::string> names;
    if (kind == tabular::Kind::csv) {
        names = header_columns(records[0].text);
    } else if (!tabular::JsonReader().read_keys(records[0].text, names).empty()) {
        return nullptr;
    }
    const Format* best = nullptr;
    bool single = false;
    for (const Format& format : formats_) {
        if (format.kind() != kind || !format.recognises(names)) continue;
        std::size_t more = format.rules().required.size();
        std::size_t most = best == nullptr ? 0 : best->rules().required.size();
        if (more > most) best = &format;
        single = more != most;
    }
    return single ? best : nullptr;
}

std::vector<std::string> header_columns(std::string_view record) {
    tabular::CsvReader reader;
    std::vector<std::string> columns;
    if (!reader.read(record).empty()) return columns;
    for (auto field : reader.fields()) columns.emplace_back(text::trim(field));
    return columns;
}

bool is_record_rule(std::string_view rule) {
    return rule.starts_with("csv.") || rule.starts_with("json.") || rule.starts_with("encoding.") ||
           rule.starts_with("line.");
}

}  // namespace huoqi::formats

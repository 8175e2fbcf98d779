// SPDX-License-Identifier: Apache-2.0
#include "core/formats/internal/file.h"

#include <toml++/toml.h>

#include <algorithm>
#include <set>

#include "lib/crypto/crypto.h"
#include "lib/text/text.h"

namespace huoqi::formats {
namespace {

using tabular::Kind;
using waybill::DataClass;
using waybill::Part;

// The keys of a file and of an entry of [parts].
constexpr std::string_view kFileKeys[] = {"version",  "kind",      "title", "source",
                                          "required", "encodings", "parts", "constants"};
constexpr std::string_view kPartKeys[] = {"from", "quantity", "transforms"};
constexpr std::string_view kTitleKeys[] = {"zh", "en"};

// One line, whatever the file holds.
std::string in_one_line(std::string_view text) {
    std::string out(text);
    std::ranges::replace_if(out, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
    return out;
}

class Reader {
  public:
    Reader(const std::string& file, Rules& rules, std::vector<std::string>& problems)
        : file_(file), rules_(rules), problems_(problems) {}

    void read(const toml::table& table) {
        only(table, kFileKeys);
        read_head(table);
        for (auto& column : strings(table, "required")) rules_.required.push_back(column);
        if (rules_.required.empty()) wrong(table, "'required' must name at least one column or key");
        if (auto* parts = section(table, "parts")) {
            for (auto& [key, node] : *parts) read_mapping(key.str(), key.source().begin.line, node);
        }
        if (table.contains("constants")) {
            if (auto* constants = section(table, "constants")) {
                for (auto& [key, node] : *constants) read_constant(key.str(), key.source().begin.line, node);
            }
        }
        if (!filled_.contains(Part::number)) wrong(table, "no column becomes 'number'");
    }

    void wrong(toml::source_index line, std::string_view reason) {
        problems_.push_back(file_ + ":" + std::to_string(line) + ": " + in_one_line(reason));
    }

  private:
    void wrong(const toml::node& node, std::string_view reason) { wrong(node.source().begin.line, reason); }

    static std::string quoted(std::string_view name) { return "'" + std::string(name) + "'"; }

    void only(const toml::table& table, std::span<const std::string_view> keys) {
        for (auto& [key, node] : table) {
            if (std::ranges::find(keys, key.str()) == keys.end()) {
                wrong(key.source().begin.line, "unknown key " + quoted(key.str()));
            }
        }
    }

    const toml::table* section(const toml::table& table, std::string_view key) {
        auto* found = table.get(key);
        auto* inner = found == nullptr ? nullptr : found->as_table();
        if (inner == nullptr) wrong(found == nullptr ? table : *found, quoted(key) + " must be a table");
        return inner;
    }

    std::string text(const toml::table& table, std::string_view key) {
        auto* found = table.get(key);
        auto value = found == nullptr ? std::nullopt : found->value_exact<std::string>();
        if (value && !value->empty()) return *value;
        wrong(found == nullptr ? table : *found, "missing text " + quoted(key));
        return {};
    }

    // A list of texts; one text stands for a list of one.
    std::vector<std::string> strings(const toml::table& table, std::string_view key) {
        std::vector<std::string> list;
        auto* found = table.get(key);
        if (found == nullptr) return list;
        if (auto one = found->value_exact<std::string>()) return {*one};
        auto* array = found->as_array();
        if (array == nullptr) return wrong(*found, quoted(key) + " must be a list of texts"), list;
        for (auto& node : *array) {
            auto value = node.value_exact<std::string>();
            if (!value || value->empty()) {
                wrong(node, quoted(key) + " must hold texts only");
            } else {
                list.push_back(*value);
            }
        }
        return list;
    }

    void read_head(const toml::table& table) {
        rules_.version = text(table, "version");
        rules_.source = text(table, "source");
        if (auto* title = section(table, "title")) {
            only(*title, kTitleKeys);
            rules_.title_zh = text(*title, "zh");
            rules_.title_en = text(*title, "en");
        }
        std::string kind = text(table, "kind");
        if (kind != "csv" && kind != "jsonl" && !kind.empty())
            wrong(*table.get("kind"), "'kind' must be csv or jsonl");
        rules_.kind = kind == "jsonl" ? Kind::jsonl : Kind::csv;
        for (auto& name : strings(table, "encodings")) {
            auto encoding = text::encoding_named(name);
            if (encoding) rules_.encodings.push_back(*encoding);
            if (!encoding) wrong(*table.get("encodings"), "unknown encoding " + quoted(name));
        }
        if (rules_.encodings.empty()) wrong(table, "missing list 'encodings'");
    }

    std::optional<Origin> origin(const std::string& name, toml::source_index line) {
        Origin origin;
        origin.column = std::string(text::trim(name));
        if (rules_.kind == Kind::csv) return origin;
        auto path = rules_.paths.add(name);
        if (!path) return wrong(line, path.error().message), std::nullopt;
        origin.path = *path;
        origin.elements = name.find("[]") != name.npos;
        ++rules_.path_count;
        return origin;
    }

    void read_transforms(const toml::table& entry, toml::source_index line, Mapping& mapping) {
        for (auto& name : strings(entry, "transforms")) {
            auto transform = transform_named(name);
            if (!transform) {
                wrong(line, "unknown transform " + quoted(name));
                continue;
            }
            if (!mapping.transforms.empty() && fills_field(mapping.transforms.back().kind)) {
                wrong(line, "nothing may follow a transform that fills several parts");
            }
            mapping.transforms.push_back(*transform);
        }
    }

    void read_mapping(std::string_view key, toml::source_index line, const toml::node& node) {
        auto* entry = node.as_table();
        if (entry == nullptr) return wrong(line, "part " + quoted(key) + " must be a table with 'from'");
        only(*entry, kPartKeys);
        Mapping mapping;
        for (auto& name : strings(*entry, "from")) {
            if (auto found = origin(name, line)) mapping.from.push_back(*found);
        }
        if (mapping.from.empty()) return wrong(line, "part " + quoted(key) + " has no 'from'");
        if (entry->contains("quantity")) mapping.quantity = origin(text(*entry, "quantity"), line);
        read_transforms(*entry, line, mapping);
        if (!aim(key, line, mapping)) return;
        check_arrays(line, mapping);
        rules_.mappings.push_back(std::move(mapping));
    }

    // Finds what the mapping fills: a part, or a field whose parts a transform fills.
    bool aim(std::string_view key, toml::source_index line, Mapping& mapping) {
        bool whole = !mapping.transforms.empty() && fills_field(mapping.transforms.back().kind);
        mapping.part = whole ? std::nullopt : waybill::part_named(key);
        auto field = whole ? waybill::field_named(key) : std::nullopt;
        if (!mapping.part && !field) {
            return wrong(line, (whole ? "unknown field " : "unknown part ") + quoted(key)), false;
        }
        mapping.field = whole ? *field : waybill::field_of(*mapping.part);
        auto wants = whole && mapping.transforms.back().kind == TransformKind::split_address
                         ? DataClass::address
                         : DataClass::phone;
        if (whole && waybill::class_of(mapping.field) != wants) {
            return wrong(line, "the transform does not fit " + quoted(key)), false;
        }
        auto parts = whole ? waybill::parts_of(mapping.field) : std::span<const Part>(&*mapping.part, 1);
        for (Part part : parts) {
            if (!filled_.insert(part).second) {
                return wrong(line, "part " + quoted(waybill::name(part)) + " is filled twice"), false;
            }
        }
        return true;
    }

    void check_arrays(toml::source_index line, const Mapping& mapping) {
        bool joins = std::ranges::find(mapping.transforms, TransformKind::join, &Transform::kind) !=
                     mapping.transforms.end();
        bool elements = std::ranges::any_of(mapping.from, &Origin::elements);
        if (joins != elements)
            wrong(line, "an array '[]' needs the transform 'join:' and the other way round");
        if (mapping.quantity && !(elements && mapping.quantity->elements))
            wrong(line, "'quantity' goes with arrays only");
    }

    void read_constant(std::string_view key, toml::source_index line, const toml::node& node) {
        auto part = waybill::part_named(key);
        auto value = node.value_exact<std::string>();
        if (!part) return wrong(line, "unknown part " + quoted(key));
        if (!value || value->empty()) return wrong(line, "constant " + quoted(key) + " must be a text");
        if (!filled_.insert(*part).second) return wrong(line, "part " + quoted(key) + " is filled twice");
        rules_.constants.emplace_back(*part, *value);
    }

    const std::string& file_;
    Rules& rules_;
    std::vector<std::string>& problems_;
    std::set<Part> filled_;
};

}  // namespace

std::shared_ptr<const Rules> read_rules(const std::string& name, const std::string& file,
                                        std::string_view text, std::vector<std::string>& problems) {
    auto rules = std::make_shared<Rules>();
    rules->name = name;
    Reader reader(file, *rules, problems);
    if (text.size() > kMaxFormatBytes) {
        reader.wrong(1, "larger than " + std::to_string(kMaxFormatBytes) + " bytes");
        return rules;
    }
    try {
        reader.read(toml::parse(text, file));
        rules->version += "-" + hex(ByteView(crypto::sha256(bytes_of(text))).first(4));
    } catch (const toml::parse_error& error) {
        reader.wrong(error.source().begin.line, "not TOML: " + std::string(error.description()));
    }
    return rules;
}

}  // namespace huoqi::formats

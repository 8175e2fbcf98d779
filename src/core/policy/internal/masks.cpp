// SPDX-License-Identifier: Apache-2.0
// masks.toml: what is shown instead of the clear form (art. 21).
#include <algorithm>

#include "core/policy/internal/schema.h"

namespace huoqi::policy {
namespace {

constexpr Range kShown{0, 64};  // characters or digits a mask may show
constexpr std::int64_t kMobileDigits = 11;
constexpr std::int64_t kShortestName = 2;          // 王伟
constexpr std::int64_t kShortestCompoundName = 3;  // 欧阳修

// Counts characters of valid UTF-8; toml++ lets nothing else through.
std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// A figure of a mask against the parameter that bounds it.
void hold(Reader& reader, std::string_view key, bool holds, std::string_view parameter) {
    if (!holds) {
        reader.wrong(key, "'" + std::string(key) + "' in " + reader.what() + " breaks parameter '" +
                              std::string(parameter) + "'");
    }
}

void read_name_mask(Reader& reader, Draft& draft) {
    waybill::MaskRules& masks = draft.policy.masks;
    const std::int64_t keep = reader.integer("keep_first", kShown);
    const std::int64_t compound = reader.integer("compound_surname_keep", kShown);
    masks.name_keep_first = static_cast<std::size_t>(keep);
    masks.compound_surname_keep = static_cast<std::size_t>(compound);
    masks.compound_surnames = reader.texts("compound_surnames");
    for (const std::string& surname : masks.compound_surnames) {
        if (characters(surname) < 2)
            reader.wrong("compound_surnames", in_quotes(surname) + " is no compound surname");
    }
    if (const auto hidden = greatest(draft.policy, "mask.name_hidden_min")) {
        hold(reader, "keep_first", keep + *hidden <= kShortestName, "mask.name_hidden_min");
        hold(reader, "compound_surname_keep", compound + *hidden <= kShortestCompoundName,
             "mask.name_hidden_min");
    }
}

void read_phone_mask(Reader& reader, Draft& draft) {
    waybill::MaskRules& masks = draft.policy.masks;
    const std::int64_t first = reader.integer("keep_first", kShown);
    const std::int64_t last = reader.integer("keep_last", kShown);
    const std::int64_t hide = reader.integer("hide_at_least", kShown);
    masks.phone_keep_first = static_cast<std::size_t>(first);
    masks.phone_keep_last = static_cast<std::size_t>(last);
    masks.phone_hide_at_least = static_cast<std::size_t>(hide);
    masks.show_virtual_numbers = reader.boolean("show_virtual_numbers");
    if (const auto hidden = greatest(draft.policy, "mask.phone_hidden_min")) {
        hold(reader, "hide_at_least", hide >= *hidden, "mask.phone_hidden_min");
        hold(reader, "keep_last", first + last + *hidden <= kMobileDigits, "mask.phone_hidden_min");
    }
}

void read_id_mask(Reader& reader, Draft& draft) {
    const std::int64_t keep = reader.integer("keep_first", kShown);
    draft.policy.masks.id_number_keep_first = static_cast<std::size_t>(keep);
    if (const auto shown = least(draft.policy, "mask.id_shown_max")) {
        hold(reader, "keep_first", keep <= *shown, "mask.id_shown_max");
    }
}

struct MaskSchema {
    std::string_view name;
    void (*read)(Reader& reader, Draft& draft);
};
constexpr MaskSchema kMasks[] = {
    {"name", read_name_mask},
    {"phone", read_phone_mask},
    {"organisation",
     [](Reader& r, Draft& d) {
         d.policy.masks.organisation_keep_first = static_cast<std::size_t>(r.integer("keep_first", kShown));
     }},
    {"number",
     [](Reader& r, Draft& d) {
         d.policy.masks.number_keep_last = static_cast<std::size_t>(r.integer("keep_last", kShown));
     }},
    {"id_number", read_id_mask},
    {"items", [](Reader& r, Draft& d) { d.policy.masks.show_items = r.boolean("show"); }},
    {"time", [](Reader& r, Draft& d) { d.policy.masks.show_time = r.boolean("show"); }},
};

void read_vector(Reader& reader, Draft& draft) {
    MaskVector vector;
    const std::string field = reader.text("field");
    const auto known = waybill::field_named(field);
    if (!known && !field.empty()) reader.wrong("field", "unknown field " + in_quotes(field) + " in vector");
    vector.field = known.value_or(waybill::Field{});
    vector.input = reader.text("input");
    vector.acceptable = reader.texts("acceptable");
    vector.unacceptable = reader.texts("unacceptable");
    if (vector.acceptable.empty()) reader.wrong("acceptable", "vector accepts nothing");
    for (const std::string& output : vector.acceptable) {
        if (std::ranges::count(vector.unacceptable, output) > 0) {
            reader.wrong("acceptable", "vector accepts and refuses the same output");
        }
    }
    draft.policy.mask_vectors.push_back(std::move(vector));
}

}  // namespace

void read_masks(Reader& file, Draft& draft) {
    for (const MaskSchema& mask : kMasks) {
        file.section(mask.name, [&](Reader& reader) {
            reader.called("mask '" + std::string(mask.name) + "'");
            mask.read(reader, draft);
            draft.policy.mask_bases.push_back({std::string(mask.name), read_basis(reader, draft)});
        });
    }
    file.each("vector", [&](Reader& reader) { read_vector(reader, draft); });
}

}  // namespace huoqi::policy

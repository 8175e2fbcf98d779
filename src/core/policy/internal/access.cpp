// SPDX-License-Identifier: Apache-2.0
// roles.toml, purposes.toml and masks.toml: who may do what, what for, and what is shown otherwise (art. 21,
// 34).
#include <algorithm>

#include "core/policy/internal/schema.h"

namespace huoqi::policy {
namespace {

constexpr std::int64_t kMostTokens = 100;
constexpr Range kShown{0, 64};  // characters or digits a mask may show
constexpr std::int64_t kMobileDigits = 11;
constexpr std::int64_t kShortestName = 2;          // 王伟
constexpr std::int64_t kShortestCompoundName = 3;  // 欧阳修

std::vector<waybill::Field> fields_of(Reader& reader, std::string_view key) {
    std::vector<waybill::Field> fields;
    for (const std::string& word : reader.texts(key)) {
        if (const auto field = waybill::field_named(word)) {
            fields.push_back(*field);
        } else {
            reader.wrong(key, "unknown field " + in_quotes(word) + " in " + reader.what());
        }
    }
    return fields;
}

// Counts characters of valid UTF-8; toml++ lets nothing else through.
std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void read_purpose(Reader& reader, Draft& draft) {
    Purpose purpose;
    purpose.code = reader.new_name("code", "purpose", draft.purposes);
    purpose.title = reader.bilingual("title");
    purpose.fields = fields_of(reader, "fields");
    purpose.evidence = reader.choice<Evidence>("evidence");
    purpose.roles = reader.names("roles", "role", draft.roles);
    purpose.articles = reader.integers("articles", article_range(draft));
    purpose.max_tokens = reader.integer("max_tokens", {0, kMostTokens});
    purpose.note = reader.bilingual("note");
    if ((purpose.max_tokens == 0) != purpose.fields.empty()) {
        reader.wrong("max_tokens",
                     reader.what() + " must have max_tokens = 0 exactly when it justifies no field");
    }
    const auto most = least(draft.policy, "reveal.tokens_max");
    if (draft.parameters_whole && most && purpose.max_tokens > *most) {
        reader.wrong("max_tokens", "max_tokens of " + reader.what() +
                                       " is above parameter 'reveal.tokens_max', which is " +
                                       std::to_string(*most));
    }
    for (const std::string& role : purpose.roles) {
        const Role* known = draft.policy.role(role);
        if (known && !known->may(Action::reveal)) {
            reader.wrong("roles",
                         reader.what() + " is open to role " + in_quotes(role) + ", which may not reveal");
        }
    }
    draft.policy.purposes.push_back(std::move(purpose));
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

void read_roles(Reader& file, Draft& draft) {
    file.each("role", [&](Reader& reader) {
        Role role;
        role.name = reader.new_name("name", "role", draft.roles);
        role.title = reader.bilingual("title");
        role.actions = reader.choices<Action>("actions");
        draft.policy.roles.push_back(std::move(role));
    });
    draft.roles.whole = true;
}

void read_purposes(Reader& file, Draft& draft) {
    file.each("purpose", [&](Reader& reader) { read_purpose(reader, draft); });
    draft.purposes.whole = true;
}

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

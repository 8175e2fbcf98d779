// SPDX-License-Identifier: Apache-2.0
// parameters.toml: every figure with its source, its certainty and the days on which it holds.
#include <algorithm>
#include <map>

#include "core/policy/internal/schema.h"

namespace huoqi::policy {
namespace {

constexpr std::int64_t kGreatestValue = 1'000'000'000'000;

// A figure that the program or a mask depends on must exist without end, in this unit and within this range.
struct Needed {
    std::string_view id;
    Unit unit;
    Range range;
};
constexpr Needed kNeeded[] = {
    {"volume.period", Unit::month, {1, 1}},  // volumes are calendar months
    {"ledger.retention", Unit::month, {6, 1200}},
    {"log.retention_min", Unit::month, {1, 1200}},
    {"processing_record.retention", Unit::month, {1, 1200}},
    {"reveal.tokens_max", Unit::token, {1, 100}},
    {"search.results_max", Unit::record, {1, 1000}},
    {"seal.repeat_window", Unit::month, {1, 36}},
    {"ledger.page_max", Unit::entry, {1, 10'000}},
    {"mask.name_hidden_min", Unit::character, {1, 64}},
    {"mask.phone_hidden_min", Unit::digit, {1, 11}},
    {"mask.id_shown_max", Unit::character, {0, 18}},
    {"key.max_age", Unit::day, {1, 3650}},
    {"password.length_min", Unit::character, {8, 64}},
    {"password.classes_min", Unit::item, {1, 4}},
    {"password.history", Unit::item, {1, 12}},  // each costs a hash computation at a change
    {"password.max_age", Unit::day, {1, 3650}},
    {"password.failures_max", Unit::attempt, {1, 20}},
    {"lockout.delay_base", Unit::second, {1, 60}},
    {"lockout.max", Unit::minute, {1, 1440}},
    {"lockout.address_max", Unit::attempt, {1, 10'000}},
    {"lockout.address_window", Unit::minute, {1, 1440}},
    {"enrolment.validity", Unit::hour, {1, 720}},
    {"session.idle", Unit::minute, {1, 480}},
    {"session.absolute", Unit::hour, {1, 24}},
    {"totp.window", Unit::item, {0, 2}},
    {"totp.recovery_codes", Unit::item, {1, 20}},
    {"access.outlet_window", Unit::day, {1, 366}},
    {"powers.exclusion", Unit::month, {0, 120}},
    {"powers.recertification", Unit::day, {1, 3660}},
    {"powers.maintenance_max", Unit::minute, {1, 10'080}},
    {"powers.break_glass_max", Unit::minute, {1, 10'080}},
    {"powers.review", Unit::hour, {1, 720}},
    {"leaver.audit_window", Unit::day, {1, 3660}},
};

// Figures of kNeeded that hold each other: on no day may the first be less than the second.
constexpr std::pair<std::string_view, std::string_view> kAtLeast[] = {
    {"ledger.retention", "log.retention_min"},
    {"ledger.retention", "processing_record.retention"},
};

bool overlap(const Parameter& a, const Parameter& b) {
    return (!a.in_force_to || b.in_force_from <= *a.in_force_to) &&
           (!b.in_force_to || a.in_force_from <= *b.in_force_to);
}

void read_parameter(Reader& reader, Draft& draft) {
    Parameter parameter;
    Known any;  // one id may stand for several periods
    parameter.id = reader.new_name("id", "parameter", any);
    parameter.value = reader.integer("value", {0, kGreatestValue});
    parameter.unit = reader.choice<Unit>("unit");
    parameter.basis = read_basis(reader, draft);
    parameter.in_force_from = reader.date("in_force_from");
    parameter.in_force_to = reader.date_if("in_force_to");
    parameter.articles = reader.integers("articles", article_range(draft));
    if (parameter.in_force_to && *parameter.in_force_to < parameter.in_force_from) {
        reader.wrong("in_force_to", reader.what() + " ends before it begins");
    }
    for (const Parameter& other : draft.policy.parameters) {
        if (other.id != parameter.id) continue;
        if (other.unit != parameter.unit) reader.wrong("unit", reader.what() + " has two units");
        if (overlap(other, parameter)) reader.wrong("id", reader.what() + " stands twice for the same days");
    }
    for (const Needed& needed : kNeeded) {
        if (needed.id != parameter.id) continue;
        if (needed.unit != parameter.unit) {
            reader.wrong("unit",
                         reader.what() + " must be counted in '" + std::string(name(needed.unit)) + "'");
        }
        if (parameter.value < needed.range.least || parameter.value > needed.range.most) {
            reader.wrong("value", reader.what() + " must be from " + std::to_string(needed.range.least) +
                                      " to " + std::to_string(needed.range.most));
        }
    }
    draft.policy.parameters.push_back(std::move(parameter));
}

auto values_of(const Policy& policy, std::string_view id) {
    std::vector<std::int64_t> values;
    for (const Parameter& parameter : policy.parameters) {
        if (parameter.id == id) values.push_back(parameter.value);
    }
    return values;
}

bool endless(const Policy& policy, std::string_view id) {
    return std::ranges::any_of(policy.parameters,
                               [&](const Parameter& p) { return p.id == id && !p.in_force_to.has_value(); });
}

}  // namespace

std::optional<std::int64_t> least(const Policy& policy, std::string_view id) {
    const auto values = values_of(policy, id);
    return values.empty() ? std::nullopt : std::optional(std::ranges::min(values));
}
std::optional<std::int64_t> greatest(const Policy& policy, std::string_view id) {
    const auto values = values_of(policy, id);
    return values.empty() ? std::nullopt : std::optional(std::ranges::max(values));
}

// source, cites, certainty and note belong together: what claims to rest on a text must name it.
Basis read_basis(Reader& reader, const Draft& draft) {
    Basis basis;
    basis.source = reader.text("source");
    basis.cites = reader.text_if("cites");
    basis.certainty = reader.choice<Certainty>("certainty");
    basis.note = reader.bilingual("note");
    const bool claims = basis.certainty == Certainty::text || basis.certainty == Certainty::press;
    const std::string certainty = "'" + std::string(name(basis.certainty)) + "'";
    if (basis.cites.empty()) {
        if (claims) reader.wrong("certainty", reader.what() + " is " + certainty + ", but cites no source");
        return basis;
    }
    const Source* source = draft.policy.source(basis.cites);
    if (!draft.sources.has(basis.cites)) {
        reader.wrong("cites", "unknown source " + in_quotes(basis.cites) + " in " + reader.what());
    } else if (source && basis.certainty == Certainty::text && source->read != Certainty::text) {
        reader.wrong("certainty", reader.what() + " is 'text', but its source was not read in full");
    }
    return basis;
}

void read_parameters(Reader& file, Draft& draft) {
    std::map<std::string, std::size_t, std::less<>> lines;  // of the last entry of each
    file.each("parameter", [&](Reader& reader) {
        read_parameter(reader, draft);
        lines.insert_or_assign(draft.policy.parameters.back().id, reader.line());
    });
    const Policy& policy = draft.policy;
    for (const Needed& needed : kNeeded) {
        const auto line = lines.find(needed.id);
        if (line == lines.end()) {
            file.wrong("parameter", "missing parameter '" + std::string(needed.id) + "'");
        } else if (!endless(policy, needed.id)) {
            file.wrong_at(line->second,
                          "parameter '" + std::string(needed.id) + "' ends without a successor");
        }
    }
    for (const auto& [more, less] : kAtLeast) {
        const auto low = least(policy, more), high = greatest(policy, less);
        if (low && high && *low < *high) {
            file.wrong_at(
                lines[std::string(more)],
                "parameter '" + std::string(more) + "' must not be less than '" + std::string(less) + "'");
        }
    }
    draft.parameters_whole = true;
}

}  // namespace huoqi::policy

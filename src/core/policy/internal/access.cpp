// SPDX-License-Identifier: Apache-2.0
// roles.toml and purposes.toml: who may do what on which data, and what for (art. 31, 34).
#include <algorithm>

#include "core/policy/internal/schema.h"

namespace huoqi::policy {
namespace {

constexpr std::int64_t kMostTokens = 100;
constexpr std::int64_t kMostRecords = 1'000'000;

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

ClassSet classes_of(Reader& reader, std::string_view key) {
    ClassSet classes;
    for (const std::string& word : reader.texts(key)) {
        if (const auto one = waybill::class_named(word)) {
            classes.add(*one);
        } else {
            reader.wrong(key, "unknown class " + in_quotes(word) + " in " + reader.what());
        }
    }
    return classes;
}

// Reports at `key` where a rule does not hold.
void hold(Reader& reader, std::string_view key, bool holds, std::string_view otherwise) {
    if (!holds) reader.wrong(key, reader.what() + " " + std::string(otherwise));
}

RoleGrant read_grant(Reader& reader, const Role& role) {
    reader.called("grant of role " + in_quotes(role.name));
    RoleGrant grant;
    grant.action = reader.choice<Action>("action");
    grant.scope = reader.choice<Scope>("scope");
    grant.classes = classes_of(reader, "classes");
    grant.form = reader.choice<Form>("form");
    const bool personal = grant.form != Form::none;
    hold(reader, "classes", grant.classes.empty() == !personal,
         "must have no class exactly when its form is 'none'");
    hold(reader, "form", personal == shows(grant.action),
         "must show something exactly when its action is 'search', 'read' or 'reveal'");
    hold(reader, "form", grant.form != Form::clear || grant.action == Action::reveal,
         "shows clear text, which only 'reveal' may");
    hold(reader, "form", grant.action != Action::reveal || grant.form == Form::clear,
         "is for 'reveal' and does not show clear text");
    hold(reader, "scope", grant.form != Form::clear || grant.scope != Scope::enterprise,
         "shows clear text of the whole enterprise; that does not exist");
    hold(reader, "form", !personal || role.kind != RoleKind::administration,
         "shows personal information to an administrator");
    return grant;
}

void read_role(Reader& reader, Draft& draft) {
    Role role;
    role.name = reader.new_name("name", "role", draft.roles);
    role.title = reader.bilingual("title");
    role.kind = reader.choice<RoleKind>("kind");
    role.excludes = reader.texts("excludes");
    role.second_factor = reader.boolean("second_factor");
    role.device = reader.boolean("device");
    hold(reader, "excludes", !role.excluded_by(role.name), "excludes itself");
    bool clear = false;
    reader.each("grant", [&](Reader& inner) {
        role.grants.push_back(read_grant(inner, role));
        clear = clear || role.grants.back().form == Form::clear;
    });
    hold(reader, "second_factor", role.second_factor || role.kind != RoleKind::administration,
         "is an administrator's and needs a second factor");
    hold(reader, "second_factor", role.second_factor || !clear || role.kind == RoleKind::program,
         "shows clear text to people and needs a second factor");
    draft.policy.roles.push_back(std::move(role));
}

// Who is excluded excludes back, whether the file says so or not; a name may stand before its role.
void complete_exclusions(Reader& file, Draft& draft, const std::vector<std::size_t>& lines) {
    auto& roles = draft.policy.roles;
    for (std::size_t at = 0; at < roles.size(); ++at) {
        const auto excludes = roles[at].excludes;
        for (const std::string& name : excludes) {
            const auto other = std::ranges::find(roles, name, &Role::name);
            if (other == roles.end()) {
                file.wrong_at(lines[at], "role " + in_quotes(roles[at].name) + " excludes unknown role " +
                                             in_quotes(name));
            } else if (!other->excluded_by(roles[at].name)) {
                other->excludes.push_back(roles[at].name);
            }
        }
    }
}

void check_purpose_roles(Reader& reader, const Draft& draft, const Purpose& purpose) {
    if (purpose.fields.empty()) return;
    for (const std::string& role : purpose.roles) {
        const Role* known = draft.policy.role(role);
        if (known && !known->may(Action::reveal)) {
            reader.wrong("roles",
                         reader.what() + " is open to role " + in_quotes(role) + ", which may not reveal");
        }
    }
}

void read_quota(Reader& reader, Purpose& purpose) {
    purpose.max_tokens = reader.integer("max_tokens", {0, kMostTokens});
    purpose.per_day = reader.integer("per_day", {0, kMostRecords});
    purpose.per_month = reader.integer("per_month", {0, kMostRecords});
    for (const auto& [key, figure] : {std::pair("max_tokens", purpose.max_tokens),
                                      {"per_day", purpose.per_day},
                                      {"per_month", purpose.per_month}}) {
        hold(reader, key, (figure == 0) == purpose.fields.empty(),
             "must have " + std::string(key) + " = 0 exactly when it justifies no field");
    }
    hold(reader, "per_day", purpose.per_day >= purpose.max_tokens, "has a per_day below max_tokens");
    hold(reader, "per_month", purpose.per_month >= purpose.per_day, "has a per_month below per_day");
}

void read_purpose(Reader& reader, Draft& draft) {
    Purpose purpose;
    purpose.code = reader.new_name("code", "purpose", draft.purposes);
    purpose.title = reader.bilingual("title");
    purpose.fields = fields_of(reader, "fields");
    purpose.evidence = reader.choice<Evidence>("evidence");
    purpose.roles = reader.names("roles", "role", draft.roles);
    purpose.articles = reader.integers("articles", article_range(draft));
    read_quota(reader, purpose);
    purpose.note = reader.bilingual("note");
    const auto most = least(draft.policy, "reveal.tokens_max");
    if (draft.parameters_whole && most && purpose.max_tokens > *most) {
        reader.wrong("max_tokens", "max_tokens of " + reader.what() +
                                       " is above parameter 'reveal.tokens_max', which is " +
                                       std::to_string(*most));
    }
    check_purpose_roles(reader, draft, purpose);
    draft.policy.purposes.push_back(std::move(purpose));
}

}  // namespace

void read_roles(Reader& file, Draft& draft) {
    std::vector<std::size_t> lines;
    file.each("role", [&](Reader& reader) {
        lines.push_back(reader.line());
        read_role(reader, draft);
    });
    draft.roles.whole = true;
    complete_exclusions(file, draft, lines);
}

void read_purposes(Reader& file, Draft& draft) {
    file.each("purpose", [&](Reader& reader) { read_purpose(reader, draft); });
    draft.purposes.whole = true;
}

}  // namespace huoqi::policy

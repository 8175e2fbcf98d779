// SPDX-License-Identifier: Apache-2.0
#include "core/policy/policy.h"

#include <algorithm>

#include "core/policy/internal/words.h"

namespace huoqi::policy {
namespace {

constexpr std::chrono::hours kChinaAhead{8};

template <class T>
const T* found(const std::vector<T>& all, std::string_view name, std::string T::* key) {
    const auto at = std::ranges::find(all, name, key);
    return at == all.end() ? nullptr : &*at;
}

Date china_date(Time time) {
    const std::chrono::sys_time<std::chrono::nanoseconds> utc{std::chrono::nanoseconds(time.nanoseconds)};
    return Date(std::chrono::floor<std::chrono::days>(utc + kChinaAhead));
}

}  // namespace

std::string_view name(Status status) { return word(status); }
std::string_view name(Binds binds) { return word(binds); }
std::string_view name(Certainty certainty) { return word(certainty); }
std::string_view name(Unit unit) { return word(unit); }
std::string_view name(Evidence evidence) { return word(evidence); }
std::string_view name(Action action) { return word(action); }
std::string_view name(RoleKind kind) { return word(kind); }
std::string_view name(Scope scope) { return word(scope); }
std::string_view name(Form form) { return word(form); }
std::optional<Action> action_named(std::string_view name) { return value_of<Action>(name); }
std::optional<Scope> scope_named(std::string_view name) { return value_of<Scope>(name); }
bool shows(Action action) {
    return action == Action::search || action == Action::read || action == Action::reveal;
}

bool Role::may(Action action) const {
    return std::ranges::any_of(grants, [&](const RoleGrant& grant) { return grant.action == action; });
}
bool Role::excluded_by(std::string_view role) const { return std::ranges::count(excludes, role) > 0; }
bool Purpose::justifies(waybill::Field field) const { return std::ranges::count(fields, field) > 0; }
bool Purpose::open_to(std::string_view role) const { return std::ranges::count(roles, role) > 0; }

const Article* Policy::article(int number) const {
    const auto at = std::ranges::find(articles, number, &Article::number);
    return at == articles.end() ? nullptr : &*at;
}
const Part* Policy::part(std::string_view name) const { return found(parts, name, &Part::name); }
const Source* Policy::source(std::string_view id) const { return found(sources, id, &Source::id); }
const Role* Policy::role(std::string_view name) const { return found(roles, name, &Role::name); }
const Purpose* Policy::purpose(std::string_view code) const { return found(purposes, code, &Purpose::code); }

const Parameter* Policy::parameter(std::string_view id, Date on) const {
    const auto at = std::ranges::find_if(parameters, [&](const Parameter& parameter) {
        return parameter.id == id && parameter.in_force_from <= on &&
               (!parameter.in_force_to || on <= *parameter.in_force_to);
    });
    return at == parameters.end() ? nullptr : &*at;
}

Result<std::int64_t> Policy::figure(std::string_view id, Unit unit, Time at) const {
    const Parameter* parameter = this->parameter(id, china_date(at));
    if (!parameter)
        return fail(Code::not_found, "no parameter '" + std::string(id) + "' in force at that time");
    if (parameter->unit != unit) {
        return fail(Code::bad_input, "parameter '" + std::string(id) + "' is counted in '" +
                                         std::string(name(parameter->unit)) + "', not in '" +
                                         std::string(name(unit)) + "'");
    }
    return parameter->value;
}

std::string text(const Problem& problem) {
    return problem.file + (problem.line > 0 ? ":" + std::to_string(problem.line) : "") + ": " +
           problem.reason;
}

}  // namespace huoqi::policy

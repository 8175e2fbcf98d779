// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "core/powers/internal/standing.h"

namespace huoqi::powers {
namespace {

using people::Grant;
using people::GrantRequest;

constexpr std::string_view kThree[] = {"network_administrator", "security_administrator", "security_auditor"};

// The moment so many calendar months before: on the last day of a shorter month if it must be.
Time months_before(Time time, std::int64_t months) {
    using namespace std::chrono;
    const sys_time<nanoseconds> at{nanoseconds(time.nanoseconds)};
    const auto day = floor<days>(at);
    year_month_day date = year_month_day(day) - std::chrono::months(months);
    if (!date.ok()) date = date.year() / date.month() / last;
    return {(sys_days(date) + (at - day)).time_since_epoch().count()};
}

bool shows_personal(const policy::Role& role) {
    return std::ranges::any_of(role.grants,
                               [](const auto& grant) { return grant.form != policy::Form::none; });
}

std::string_view excluded_by_one(const Standing& standing, const policy::Role& role, const Grant& grant) {
    const auto* other = standing.policy.role(grant.role);
    const bool holds = !grant.until || standing.now < *grant.until;
    if (role.excluded_by(grant.role)) {
        if (holds) return "exclusion.role";
        const auto months = standing.policy.figure("powers.exclusion", policy::Unit::month, standing.now);
        // Without the figure the time never ends.
        const bool recent = !months || *grant.until > months_before(standing.now, *months);
        if (recent && role.kind == policy::RoleKind::administration) return "exclusion.recent";
        return {};
    }
    if (!holds) return {};
    // A role that policy no longer knows may have been anything.
    const bool one =
        role.kind == policy::RoleKind::administration && (other == nullptr || shows_personal(*other));
    const bool two =
        shows_personal(role) && other != nullptr && other->kind == policy::RoleKind::administration;
    return one || two ? "exclusion.personal" : std::string_view{};
}

Status may_get(const Standing& standing, std::string_view person, std::string_view role) {
    if (active_person(standing, person) == nullptr) return refuse("person.inactive");
    const auto* known = standing.policy.role(role);
    if (known == nullptr) return refuse("role.unknown");
    if (known->kind == policy::RoleKind::program) return refuse("role.program");
    const auto rule = excluded(standing, person, *known);
    if (!rule.empty()) return refuse(rule);
    return {};
}

const Grant* grant_to_take(const Standing& standing, std::string_view id, std::string_view person) {
    const auto* grant = by_id(standing.held.contents.grants, id);
    const bool fits =
        grant != nullptr && grant->person == person && (!grant->until || standing.now < *grant->until);
    return fits ? grant : nullptr;
}

std::int64_t confirmed_within(const Standing& standing) {
    const auto days = standing.policy.figure("powers.recertification", policy::Unit::day, standing.now);
    return days ? *days * kDayNs : 0;
}

std::map<std::string, std::string> detail_of(const GrantRequest& request) {
    return {{"person", request.person},
            {"organisation", request.organisation},
            {"kind", std::string(people::name(request.kind))},
            {"state", std::string(people::name(request.state))}};
}

Deed deed_of(const Standing& standing, std::string_view action, GrantRequest request) {
    Deed deed;
    deed.entries.push_back(entry(standing, action, request.id, request.role, detail_of(request)));
    deed.changes.affairs.requests.push_back(std::move(request));
    return deed;
}

void give(const Standing& standing, const GrantRequest& request, Deed& deed) {
    deed.changes.contents.grants.push_back({std::string(standing.enterprise), request.grant, request.person,
                                            request.role, request.organisation, standing.now, request.until,
                                            standing.now});
}

}  // namespace

std::string_view excluded(const Standing& standing, std::string_view person, const policy::Role& role) {
    for (const auto& grant : standing.held.contents.grants) {
        if (grant.person != person) continue;
        const auto rule = excluded_by_one(standing, role, grant);
        if (!rule.empty()) return rule;
    }
    return {};
}

Result<Deed> ask(const Standing& standing, const Ask& ask) {
    if (active_person(standing, standing.by) == nullptr) return refuse("by.inactive");
    if (standing.by == ask.person) return refuse("self");
    GrantRequest request{std::string(standing.enterprise),
                         ask.id,
                         ask.kind,
                         ask.person,
                         ask.role,
                         ask.organisation,
                         {},
                         ask.until,
                         std::string(standing.by),
                         standing.now,
                         {},
                         {},
                         {}};
    if (by_id(standing.held.affairs.requests, ask.id) != nullptr)
        return fail(Code::conflict, "powers: the request is there already");
    if (ask.kind == GrantRequest::Kind::take) {
        const auto* grant = grant_to_take(standing, ask.grant, ask.person);
        if (grant == nullptr) return refuse("grant.none");
        request.grant = grant->id;
        request.role = grant->role;
        request.organisation = grant->organisation;
        request.until.reset();
    } else {
        if (auto may = may_get(standing, ask.person, ask.role); !may) return pass(may);
        if (!organisation_there(standing, ask.organisation))
            return fail(Code::not_found, "powers: there is no such organisation");
        if (ask.until && *ask.until <= standing.now) return refuse("grant.period");
    }
    if (auto shape = people::check(request); !shape) return pass(shape);
    return deed_of(standing, "grant.ask", std::move(request));
}

Result<Deed> decide(const Standing& standing, std::string_view id, bool agree, std::string_view grant_id) {
    if (active_person(standing, standing.by) == nullptr) return refuse("by.inactive");
    const auto* found = by_id(standing.held.affairs.requests, id);
    if (found == nullptr) return fail(Code::not_found, "powers: there is no such request");
    if (found->state != GrantRequest::State::asked) return refuse("decided");
    if (standing.by == found->asked_by || standing.by == found->person) return refuse("self");
    auto request = *found;
    request.decided_by = standing.by;
    request.decided = standing.now;
    request.state = agree ? GrantRequest::State::agreed : GrantRequest::State::refused;
    if (!agree) return deed_of(standing, "grant.decide", std::move(request));
    // What was true when it was asked must be true now.
    if (active_person(standing, request.asked_by) == nullptr) return refuse("person.inactive");
    if (request.kind == GrantRequest::Kind::take) {
        const auto* grant = grant_to_take(standing, request.grant, request.person);
        if (grant == nullptr) return refuse("grant.none");
        auto deed = deed_of(standing, "grant.decide", request);
        deed.changes.contents.grants.push_back(*grant);
        deed.changes.contents.grants.back().until = std::max(standing.now, grant->from);
        return deed;
    }
    if (auto may = may_get(standing, request.person, request.role); !may) return pass(may);
    if (request.until && *request.until <= standing.now) return refuse("grant.period");
    if (by_id(standing.held.contents.grants, grant_id) != nullptr)
        return fail(Code::conflict, "powers: the grant is there already");
    request.grant = grant_id;
    auto deed = deed_of(standing, "grant.decide", request);
    give(standing, request, deed);
    return deed;
}

Result<Deed> withdraw(const Standing& standing, std::string_view id) {
    const auto* found = by_id(standing.held.affairs.requests, id);
    if (found == nullptr) return fail(Code::not_found, "powers: there is no such request");
    if (found->asked_by != standing.by) return refuse("not_asker");
    if (found->state != GrantRequest::State::asked) return refuse("decided");
    auto request = *found;
    request.state = GrantRequest::State::withdrawn;
    return deed_of(standing, "grant.withdraw", std::move(request));
}

bool administered(const Standing& standing) {
    const auto within = confirmed_within(standing);
    return std::ranges::any_of(standing.held.contents.grants, [&](const auto& grant) {
        const auto* role = standing.policy.role(grant.role);
        const bool administrator = role == nullptr || role->kind == policy::RoleKind::administration;
        return administrator && people::holds(grant, standing.now, within) &&
               active_person(standing, grant.person) != nullptr;
    });
}

Result<Deed> appoint_first(const Standing& standing, const First& first) {
    if (administered(standing)) return refuse("administrators.there");
    if (first.network == first.security || first.network == first.auditor || first.security == first.auditor)
        return refuse("self");
    if (!organisation_there(standing, first.organisation))
        return fail(Code::not_found, "powers: there is no such organisation");
    Deed deed;
    const std::string_view who[] = {first.network, first.security, first.auditor};
    for (std::size_t i = 0; i < std::size(kThree); ++i) {
        if (auto may = may_get(standing, who[i], kThree[i]); !may) return pass(may);
        deed.changes.contents.grants.push_back({std::string(standing.enterprise),
                                                std::string(first.grant_ids[i]), std::string(who[i]),
                                                std::string(kThree[i]), std::string(first.organisation),
                                                standing.now, std::nullopt, standing.now});
        deed.entries.push_back(
            entry(standing, "grant.first", first.grant_ids[i], kThree[i], {{"person", std::string(who[i])}}));
    }
    return deed;
}

// ---- Recertification ----

Result<Deed> confirm(const Standing& standing, std::string_view id) {
    if (active_person(standing, standing.by) == nullptr) return refuse("by.inactive");
    const auto* grant = by_id(standing.held.contents.grants, id);
    if (grant == nullptr) return fail(Code::not_found, "powers: there is no such grant");
    if (grant->person == standing.by) return refuse("self");
    if (!people::holds(*grant, standing.now, confirmed_within(standing))) return refuse("grant.lapsed");
    Deed deed;
    deed.changes.contents.grants.push_back(*grant);
    deed.changes.contents.grants.back().confirmed = standing.now;
    deed.entries.push_back(entry(standing, "grant.confirm", id, grant->role, {{"person", grant->person}}));
    return deed;
}

std::vector<const Grant*> unconfirmed(const Standing& standing, Time by_then) {
    std::vector<const Grant*> out;
    for (const auto& grant : standing.held.contents.grants) {
        if (people::holds(grant, standing.now) &&
            !people::holds(grant, Time{std::max(by_then, standing.now)}, confirmed_within(standing)))
            out.push_back(&grant);
    }
    return out;
}

Deed lapse(const Standing& standing) {
    Deed deed;
    for (const auto* grant : unconfirmed(standing, standing.now)) {
        deed.changes.contents.grants.push_back(*grant);
        deed.changes.contents.grants.back().until = standing.now;
        deed.entries.push_back(
            entry(standing, "grant.lapse", grant->id, grant->role, {{"person", grant->person}}));
    }
    return deed;
}

}  // namespace huoqi::powers

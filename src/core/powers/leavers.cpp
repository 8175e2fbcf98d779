// SPDX-License-Identifier: Apache-2.0
#include "core/powers/internal/standing.h"

namespace huoqi::powers {

Result<Deed> leave(const Standing& standing, std::string_view id, Time when) {
    if (standing.by == id) return refuse("self");
    const auto* person = by_id(standing.held.contents.people, id);
    if (person == nullptr) return fail(Code::not_found, "powers: there is no such person");
    if (person->left && *person->left <= standing.now) return refuse("person.left");
    const auto days = standing.policy.figure("leaver.audit_window", policy::Unit::day, standing.now);
    if (!days) return fail(days.error().code, days.error().message);
    const Time left = std::max(when, person->entered);
    Deed deed;
    deed.changes.contents.people.push_back(*person);
    deed.changes.contents.people.back().left = left;
    // A date that is moved forward again does not bring a grant back.
    for (const auto& grant : standing.held.contents.grants) {
        if (grant.person != id || (grant.until && *grant.until <= left)) continue;
        deed.changes.contents.grants.push_back(grant);
        deed.changes.contents.grants.back().until = std::max(left, grant.from);
    }
    deed.changes.affairs.leavings.push_back({std::string(standing.enterprise),
                                             std::string(id),
                                             left,
                                             plus(left, -*days * kDayNs),
                                             std::string(standing.by),
                                             {},
                                             {},
                                             {}});
    deed.entries.push_back(entry(standing, "person.leave", id, {}, {{"left", rfc3339(left)}}));
    return deed;
}

Result<Deed> sign_leaving(const Standing& standing, std::string_view id, std::string_view finding) {
    if (active_person(standing, standing.by) == nullptr) return refuse("by.inactive");
    const auto& all = standing.held.affairs.leavings;
    const auto at = std::ranges::find(all, id, &people::Leaving::person);
    if (at == all.end()) return fail(Code::not_found, "powers: nobody of that number has left");
    if (at->signed_at) return refuse("decided");
    if (standing.by == id || standing.by == at->recorded_by) return refuse("self");
    if (standing.now < at->left) return refuse("person.still_there");
    if (!people::valid_text(finding)) return fail(Code::bad_input, "powers: finding.shape");
    Deed deed;
    deed.changes.affairs.leavings.push_back(*at);
    auto& signed_one = deed.changes.affairs.leavings.back();
    signed_one.signed_by = standing.by;
    signed_one.signed_at = standing.now;
    signed_one.finding = finding;
    deed.entries.push_back(entry(standing, "leaver.sign", id, {}, {}));
    return deed;
}

}  // namespace huoqi::powers

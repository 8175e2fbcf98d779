// SPDX-License-Identifier: Apache-2.0
#include "core/access/facts.h"

namespace huoqi::access {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;

std::string_view subject_of(const Question& question) {
    return question.bill ? question.bill->outlet : question.subject;
}

void add_grant(Request& out, const people::Snapshot& snapshot, std::span<const people::Grant> grants,
               const Terms& terms, const Question& question, Time now) {
    for (const auto& grant : grants) {
        if (grant.role != question.role || !holds(grant, now, terms.confirmed_within_ns)) continue;
        const bool reaches = snapshot.within(question.enterprise, subject_of(question), grant.organisation);
        if (out.actor.granted && !reaches) continue;
        out.actor.granted = true;
        out.actor.organisation = grant.organisation;
        out.relation.subtree = reaches;
        // The own outlet is nearer than what is above it.
        if (reaches && subject_of(question) == grant.organisation) return;
    }
}

bool assigned(const people::Directory& directory, const Question& question, Time now) {
    if (!question.waybill) return false;
    const auto has = [&](people::AssignmentKind kind) {
        return directory.assigned(question.enterprise, question.person, *question.waybill, kind, now);
    };
    if (const auto work = work_of(question.purpose)) return has(*work);
    if (!question.purpose.empty()) return false;
    return has(people::AssignmentKind::deliver) || has(people::AssignmentKind::collect) ||
           has(people::AssignmentKind::hand_over);
}

}  // namespace

Terms terms(const policy::Policy& policy, Time at) {
    Terms out;
    if (auto days = policy.figure("powers.recertification", policy::Unit::day, at))
        out.confirmed_within_ns = *days * kDayNs;
    if (auto days = policy.figure("access.outlet_window", policy::Unit::day, at))
        out.outlet_window_ns = *days * kDayNs;
    return out;
}

std::optional<people::AssignmentKind> work_of(std::string_view purpose) {
    return people::assignment_kind_named(purpose);
}

Request facts(const people::Directory& directory, const people::Snapshot& snapshot, const Terms& terms,
              const Question& question, Time now) {
    Request out;
    out.actor.enterprise = question.enterprise;
    out.actor.role = question.role;
    out.actor.second_factor = question.second_factor;
    out.action = question.action;
    out.fields = question.fields;
    out.bill = question.bill;
    out.purpose = question.purpose;
    out.tokens = question.tokens;
    out.used = question.used;
    out.outlet_window_ns = terms.outlet_window_ns;
    out.now = now;
    out.closed = question.closed;
    const auto [person, grants, device] =
        snapshot.find(question.enterprise, question.person, question.device);
    if (person == nullptr) return out;
    out.actor.person = person->id;
    out.actor.active = active(*person, now);
    add_grant(out, snapshot, grants, terms, question, now);
    out.actor.device = device != nullptr && active(*device, now);
    out.relation.assigned = assigned(directory, question, now);
    if (question.waybill && !question.ticket.empty()) {
        const bool covered =
            directory.covered(snapshot, {question.enterprise, question.ticket, question.purpose, person->id,
                                         person->organisation, *question.waybill, now});
        out.relation.ticket = out.relation.case_file = covered;
    }
    return out;
}

}  // namespace huoqi::access

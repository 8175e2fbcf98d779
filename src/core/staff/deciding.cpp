// SPDX-License-Identifier: Apache-2.0
// One person's question, put to core/access with what the directory knows.
#include <algorithm>

#include "base/log.h"
#include "core/staff/staff.h"

namespace huoqi::staff {
namespace {

using policy::Action;
using waybill::Field;

std::vector<Field> fields_of(const policy::RoleGrant& grant) {
    std::vector<Field> out;
    for (std::size_t i = 0; i < waybill::kFields; ++i) {
        const auto field = static_cast<Field>(i);
        if (grant.classes.has(waybill::class_of(field))) out.push_back(field);
    }
    return out;
}

access::Question question(const Asker& asker, std::string_view role, Action action) {
    access::Question out;
    out.enterprise = asker.enterprise;
    out.person = asker.person;
    out.role = role;
    out.device = asker.device;
    out.second_factor = asker.second_factor;
    out.action = action;
    return out;
}

}  // namespace

std::vector<std::string> Staff::roles(std::string_view enterprise, std::string_view person) const {
    const Time now = parts_.clock.now();
    const auto terms = access::terms(*parts_.policy.now(), now);
    std::vector<std::string> out;
    const auto snapshot = directory_.now();
    if (!snapshot) return out;
    for (const auto& grant : snapshot->grants(enterprise, person)) {
        if (people::holds(grant, now, terms.confirmed_within_ns) &&
            std::ranges::find(out, grant.role) == out.end())
            out.push_back(grant.role);
    }
    return out;
}

bool Staff::needs_second_factor(std::string_view account) const {
    const auto who = named(account);
    if (!who) return true;
    const auto policy = parts_.policy.now();
    return std::ranges::any_of(roles(who->enterprise, who->person), [&](const auto& name) {
        const auto* role = policy->role(name);
        return role != nullptr && role->second_factor;
    });
}

Staff::Leave Staff::may_at_all(const Asker& asker, Action action) const {
    const auto policy = parts_.policy.now();
    Leave out{{false, "role.granted"}, {}};
    for (auto& role : roles(asker.enterprise, asker.person)) {
        const auto decision = access::may(*policy, role, action);
        if (decision.allowed) return {decision, std::move(role)};
        out = {decision, std::move(role)};
    }
    return out;
}

Staff::Leave Staff::first_role(const Asker& asker, access::Question asked) const {
    const auto policy = parts_.policy.now();
    const auto snapshot = directory_.now();
    const Time now = parts_.clock.now();
    const auto terms = access::terms(*policy, now);
    Leave out{{false, "role.granted"}, {}};
    for (auto& role : roles(asker.enterprise, asker.person)) {
        asked.role = role;
        const auto decision =
            access::evaluate(*policy, access::facts(directory_, *snapshot, terms, asked, now));
        if (decision.allowed) return {decision, std::move(role)};
        // A role that has the action says more about why not.
        if (out.role.empty() || decision.rule != "role.action") out = {decision, std::move(role)};
    }
    return out;
}

Staff::Leave Staff::may(const Asker& asker, Action action, std::string_view subject) const {
    const auto snapshot = directory_.now();
    auto asked = question(asker, {}, action);
    asked.subject = subject;
    if (const auto* person = snapshot->person(asker.enterprise, asker.person);
        subject.empty() && person != nullptr)
        asked.subject = person->organisation;
    return first_role(asker, asked);
}

Staff::Leave Staff::may_seal(const Asker& asker, std::string_view outlet) const {
    auto asked = question(asker, {}, Action::seal);
    asked.bill = access::Bill{asker.enterprise, outlet, parts_.clock.now()};
    return first_role(asker, asked);
}

vault::Sight Staff::sight(Asker asker, Action action, Work work) const {
    const auto policy = parts_.policy.now();
    const auto snapshot = directory_.now();
    const Time now = parts_.clock.now();
    auto held = roles(asker.enterprise, asker.person);
    return [this, policy, snapshot, now, terms = access::terms(*policy, now), asker = std::move(asker),
            held = std::move(held), action, work = std::move(work)](const vault::Candidate& candidate) {
        vault::View view{{}, "role.granted"};
        for (const auto& name : held) {
            const auto* role = policy->role(name);
            if (role == nullptr) continue;
            for (const auto& grant : role->grants) {
                if (grant.action != action) continue;
                const auto fields = fields_of(grant);
                auto asked = question(asker, name, action);
                asked.fields = fields;
                asked.bill = access::Bill{asker.enterprise, candidate.outlet, candidate.sealed};
                asked.waybill = candidate.place;
                asked.ticket = work.ticket;
                asked.purpose = work.purpose;
                const auto decision =
                    access::evaluate(*policy, access::facts(directory_, *snapshot, terms, asked, now));
                if (!decision.allowed) {
                    if (view.fields.none()) view.rule = decision.rule;
                    continue;
                }
                view.rule = decision.rule;
                for (auto field : fields) view.fields.set(static_cast<std::size_t>(field));
            }
        }
        return view;
    };
}

vault::Judge Staff::judge(Asker asker, Look look) {
    return [this, asker = std::move(asker), look = std::move(look)](
               const policy::Policy& policy, std::span<const vault::Candidate> known) -> vault::Judgement {
        const auto snapshot = directory_.now();
        const Time now = parts_.clock.now();
        const auto terms = access::terms(policy, now);
        vault::Judgement out{{false, "role.granted"}, {}, {}};
        for (auto& role : roles(asker.enterprise, asker.person)) {
            access::Decision decision{true, "allowed"};
            for (const auto& candidate : known) {
                auto asked = question(asker, role, Action::reveal);
                asked.fields = look.fields;
                asked.bill = access::Bill{asker.enterprise, candidate.outlet, candidate.sealed};
                asked.waybill = candidate.place;
                asked.purpose = look.purpose;
                asked.ticket = look.ticket;
                asked.tokens = look.tokens;
                asked.used = quota_.used(asker.enterprise, asker.person, look.purpose, now);
                decision = access::evaluate(policy, access::facts(directory_, *snapshot, terms, asked, now));
                if (!decision.allowed) break;
            }
            if (known.empty()) decision = access::may(policy, role, Action::reveal);
            if (decision.allowed && !known.empty()) {
                decision = quota_.take(*policy.purpose(look.purpose), asker.enterprise, asker.person,
                                       static_cast<std::int64_t>(known.size()), now);
            }
            if (decision.rule.starts_with("quota.")) {
                log::warning("quota.reached", {{"person", asker.person}, {"rule", decision.rule}});
            }
            if (decision.allowed) {
                auto undo = [this, asker, purpose = look.purpose, now,
                             records = static_cast<std::int64_t>(known.size())] {
                    quota_.give_back(asker.enterprise, asker.person, purpose, records, now);
                };
                return {decision, std::move(role), std::move(undo)};
            }
            if (out.role.empty() || decision.rule != "role.action") out = {decision, std::move(role), {}};
        }
        return out;
    };
}

std::vector<Staff::Explained> Staff::explain(const Asker& asker, Action action, const Look& look,
                                             const vault::Candidate* candidate, std::string_view as) const {
    const auto policy = parts_.policy.now();
    const auto snapshot = directory_.now();
    const Time now = parts_.clock.now();
    const auto terms = access::terms(*policy, now);
    auto asked_roles =
        as.empty() ? roles(asker.enterprise, asker.person) : std::vector<std::string>{std::string(as)};
    std::vector<Explained> out;
    for (auto& role : asked_roles) {
        auto asked = question(asker, role, action);
        auto fields = look.fields;
        if (const auto* known = policy->role(role); fields.empty() && known != nullptr) {
            for (const auto& grant : known->grants) {
                if (grant.action == action) std::ranges::copy(fields_of(grant), std::back_inserter(fields));
            }
        }
        // When no field is named, those that role and purpose have in common.
        if (const auto* purpose = policy->purpose(look.purpose); look.fields.empty() && purpose != nullptr)
            std::erase_if(fields, [&](Field field) { return !purpose->justifies(field); });
        asked.fields = fields;
        asked.purpose = look.purpose;
        asked.ticket = look.ticket;
        asked.tokens = look.tokens;
        asked.used = quota_.used(asker.enterprise, asker.person, look.purpose, now);
        if (const auto* person = snapshot->person(asker.enterprise, asker.person))
            asked.subject = person->organisation;
        if (candidate != nullptr) {
            asked.bill = access::Bill{asker.enterprise, candidate->outlet, candidate->sealed};
            asked.waybill = candidate->place;
        }
        auto request = access::facts(directory_, *snapshot, terms, asked, now);
        if (!as.empty()) {
            request.actor.granted = true;
            request.actor.second_factor = true;
            request.actor.device = true;
            if (const auto* person = snapshot->person(asker.enterprise, asker.person)) {
                request.actor.organisation = person->organisation;
                request.relation.subtree = snapshot->within(
                    asker.enterprise, candidate != nullptr ? candidate->outlet : asked.subject,
                    person->organisation);
            }
        }
        auto explanation = access::explain(*policy, request);  // refers to the role's text until here
        out.push_back({std::move(role), std::move(explanation)});
    }
    return out;
}

}  // namespace huoqi::staff

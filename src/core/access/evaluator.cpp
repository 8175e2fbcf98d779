// SPDX-License-Identifier: Apache-2.0
// The rules in their order. Each looks at the request alone and says which rule is broken, or nothing; the
// first that says something decides. A rule may not loosen what an earlier one said.
#include <algorithm>

#include "core/access/access.h"

namespace huoqi::access {
namespace {

using policy::Action;
using policy::Form;
using policy::RoleKind;
using policy::Scope;

constexpr std::string_view kPassed;
constexpr std::string_view kNotAsked = "-";

// What the rules look at: the request and what policy says about it.
struct View {
    const Request& request;
    const policy::Role* role = nullptr;
    const policy::Purpose* purpose = nullptr;
    policy::ClassSet classes;
};

bool on_waybill(Action action) {
    return policy::shows(action) || action == Action::seal || action == Action::route_read;
}

std::string_view failed_unless(bool holds, std::string_view rule) { return holds ? kPassed : rule; }

bool reaches(const View& view, Scope scope) {
    const auto& request = view.request;
    switch (scope) {
        case Scope::assigned:
            return request.relation.assigned;
        case Scope::outlet: {
            if (!request.bill || request.actor.organisation.empty() || !request.outlet_window_ns)
                return false;
            const auto age = request.now.nanoseconds - request.bill->sealed.nanoseconds;
            return request.bill->outlet == request.actor.organisation && age < *request.outlet_window_ns;
        }
        case Scope::subtree:
            return request.relation.subtree;
        case Scope::ticket:
            return request.relation.ticket;
        case Scope::case_file:
            return request.relation.case_file;
        case Scope::enterprise:
            return true;  // the tenant has been compared
    }
    return false;
}

std::string_view rule_of(Scope scope) {
    switch (scope) {
        case Scope::assigned:
            return "scope.assigned";
        case Scope::outlet:
            return "scope.outlet";
        case Scope::subtree:
            return "scope.subtree";
        case Scope::ticket:
            return "scope.ticket";
        case Scope::case_file:
            return "scope.case";
        case Scope::enterprise:
            break;
    }
    return "scope.enterprise";
}

// ---- The rules ----
std::string_view person(const View& view) {
    const auto& actor = view.request.actor;
    return failed_unless(!actor.person.empty() && !actor.enterprise.empty(), "person.unknown");
}
std::string_view service(const View& view) {
    return failed_unless(view.request.actor.active, "person.inactive");
}
std::string_view role(const View& view) { return failed_unless(view.role != nullptr, "role.unknown"); }
std::string_view action(const View& view) {
    return failed_unless(view.role != nullptr && view.role->may(view.request.action), "role.action");
}
std::string_view granted(const View& view) {
    return failed_unless(view.request.actor.granted, "role.granted");
}
std::string_view device(const View& view) {
    if (view.role != nullptr && !view.role->device) return kNotAsked;
    return failed_unless(view.request.actor.device, "device.registered");
}
std::string_view second_factor(const View& view) {
    if (view.role != nullptr && !view.role->second_factor) return kNotAsked;
    return failed_unless(view.request.actor.second_factor, "second_factor");
}
std::string_view gate(const View& view) {
    if (!on_waybill(view.request.action)) return kNotAsked;
    return failed_unless(view.request.closed.empty(), "gate.closed");
}
std::string_view tenant(const View& view) {
    const auto& request = view.request;
    if (!on_waybill(request.action)) return kNotAsked;
    if (!request.bill) return "waybill.unknown";
    return failed_unless(request.bill->enterprise == request.actor.enterprise, "tenant");
}
std::string_view purpose(const View& view) {
    if (view.request.action != Action::reveal) return kNotAsked;
    if (view.purpose == nullptr) return "purpose.unknown";
    return failed_unless(view.purpose->open_to(view.request.actor.role), "purpose.role");
}
std::string_view fields(const View& view) {
    if (!policy::shows(view.request.action)) return kNotAsked;
    if (view.request.fields.empty()) return "fields.none";
    if (view.request.action != Action::reveal) return kPassed;
    const bool justified =
        view.purpose != nullptr && std::ranges::all_of(view.request.fields, [&](waybill::Field field) {
            return view.purpose->justifies(field);
        });
    return failed_unless(justified, "purpose.field");
}
std::string_view tokens(const View& view) {
    if (view.request.action != Action::reveal) return kNotAsked;
    if (view.request.tokens == 0) return "tokens.none";
    const bool few =
        view.purpose != nullptr && view.request.tokens <= static_cast<std::size_t>(view.purpose->max_tokens);
    return failed_unless(few, "tokens.too_many");
}
// Work that was given to a person shows itself by the assignment, or by the counter of his own outlet; a
// program shows it by a number.
std::string_view evidence(const View& view) {
    if (view.request.action != Action::reveal) return kNotAsked;
    if (view.purpose == nullptr || view.role == nullptr) return "evidence.purpose";
    const auto& relation = view.request.relation;
    const bool number = view.role->kind == RoleKind::program && (relation.ticket || relation.case_file);
    switch (view.purpose->evidence) {
        case policy::Evidence::assigned:
            return failed_unless(number || relation.assigned || reaches(view, Scope::outlet),
                                 "evidence.assigned");
        case policy::Evidence::ticket:
            return failed_unless(number || relation.ticket, "evidence.ticket");
        case policy::Evidence::case_file:
            return failed_unless(relation.case_file, "evidence.case");
    }
    return "evidence.purpose";
}
bool covers(const policy::RoleGrant& grant, const View& view) {
    return grant.action == view.request.action && grant.classes.covers(view.classes);
}
std::string_view classes(const View& view) {
    if (!policy::shows(view.request.action)) return kNotAsked;
    const bool any = view.role != nullptr && std::ranges::any_of(view.role->grants, [&](const auto& one) {
                         return covers(one, view);
                     });
    return failed_unless(any, "role.class");
}
const policy::RoleGrant* grant_of(const View& view) {
    const policy::RoleGrant* best = nullptr;
    if (view.role == nullptr) return best;
    for (const auto& one : view.role->grants) {
        if (covers(one, view) && reaches(view, one.scope) && (best == nullptr || best->form < one.form))
            best = &one;
    }
    return best;
}
std::string_view scope(const View& view) {
    if (grant_of(view) != nullptr) return kPassed;
    if (view.role != nullptr) {
        for (const auto& one : view.role->grants) {
            if (covers(one, view)) return rule_of(one.scope);
        }
    }
    return "scope.none";
}
std::string_view quota(const View& view) {
    if (view.request.action != Action::reveal) return kNotAsked;
    const auto& used = view.request.used;
    if (!used || view.purpose == nullptr || used->today < 0 || used->month < 0) return "quota.unknown";
    if (view.request.tokens > static_cast<std::size_t>(view.purpose->max_tokens)) return "quota.day";
    const auto more = static_cast<std::int64_t>(view.request.tokens);
    if (used->today > view.purpose->per_day - more) return "quota.day";
    return failed_unless(used->month <= view.purpose->per_month - more, "quota.month");
}

struct Step {
    std::string_view name;
    std::string_view (*judge)(const View& view);
};
constexpr Step kSteps[] = {
    {"person", person},
    {"service", service},
    {"role", role},
    {"action", action},
    {"granted", granted},
    {"device", device},
    {"second_factor", second_factor},
    {"gate", gate},
    {"tenant", tenant},
    {"purpose", purpose},
    {"fields", fields},
    {"tokens", tokens},
    {"evidence", evidence},
    {"classes", classes},
    {"scope", scope},
    {"quota", quota},
};

View view_of(const policy::Policy& policy, const Request& request) {
    View view{request, policy.role(request.actor.role), nullptr, {}};
    if (request.action == Action::reveal) view.purpose = policy.purpose(request.purpose);
    if (policy::shows(request.action)) {
        for (const auto field : request.fields) view.classes.add(waybill::class_of(field));
    }
    return view;
}

Decision granted_by(const View& view) {
    const auto* grant = grant_of(view);
    if (grant == nullptr) return {false, "scope.none", Form::none};
    return {true, "allowed", grant->form};
}

}  // namespace

Decision evaluate(const policy::Policy& policy, const Request& request) {
    const View view = view_of(policy, request);
    for (const auto& step : kSteps) {
        const auto said = step.judge(view);
        if (said != kPassed && said != kNotAsked) return {false, said, Form::none};
    }
    return granted_by(view);
}

Explanation explain(const policy::Policy& policy, const Request& request) {
    const View view = view_of(policy, request);
    Explanation out;
    for (const auto& step : kSteps) {
        const auto said = step.judge(view);
        if (said == kNotAsked) {
            out.lines.push_back({step.name, Verdict::not_asked, {}});
        } else {
            out.lines.push_back({step.name, said == kPassed ? Verdict::passed : Verdict::failed, said});
            if (said != kPassed && out.decision.rule.empty()) out.decision = {false, said, Form::none};
        }
    }
    if (out.decision.rule.empty()) out.decision = granted_by(view);
    return out;
}

}  // namespace huoqi::access

// SPDX-License-Identifier: Apache-2.0
// Why something is allowed or not, rule by rule, for oneself, for somebody else, or as another role would see
// it. Nothing is opened and nothing is taken from a quota.
#include "edge/api/internal/answers.h"
#include "edge/api/internal/page.h"

namespace huoqi::api {
namespace {

using policy::Action;
using Need = JsonObject::Need;

constexpr std::size_t kMaxText = 64;

struct Wanted {
    std::optional<Action> action;
    std::string waybill;
    std::string role;
    std::string person;
    std::string device;
    staff::Staff::Look look;
};

std::optional<BodyProblem> read_wanted(JsonValue& json, const policy::Policy& policy, Wanted& out) {
    JsonObject body(json, "");
    const auto action = body.text("action", Need::required, kMaxText);
    out.action = policy::action_named(action.reading());
    if (!action.empty() && !out.action) body.object_to("action", "action.unknown");
    out.waybill = body.text("waybill", Need::optional, kMaxText).reading();
    out.look.purpose = body.text("purpose", Need::optional, kMaxText).reading();
    out.look.ticket = body.text("ticket", Need::optional, kMaxText).reading();
    if (!out.look.ticket.empty() && !access::valid_ticket(out.look.ticket))
        body.object_to("ticket", "ticket.shape");
    if (body.member("fields") != nullptr) {
        const auto names = body.texts("fields", waybill::kFields, kMaxText);
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto field = waybill::field_named(names[i]);
            if (!field) body.object_to({"/fields/" + std::to_string(i), "field.unknown"});
            if (field) out.look.fields.push_back(*field);
        }
    }
    out.look.tokens = 1;
    out.role = body.text("role", Need::optional, kMaxText).reading();
    if (!out.role.empty() && policy.role(out.role) == nullptr) body.object_to("role", "role.unknown");
    out.person = body.text("person", Need::optional, kMaxText).reading();
    out.device = body.text("device", Need::optional, kMaxText).reading();
    return body.finish();
}

std::string explained_json(const std::vector<staff::Staff::Explained>& all) {
    constexpr std::string_view kVerdicts[] = {"passed", "failed", "not_asked"};
    std::string out = "{\"roles\":[";
    for (const auto& [role, explanation] : all) {
        if (out.back() != '[') out += ',';
        const auto& decision = explanation.decision;
        out += "{\"role\":";
        append_json(out, role);
        out += decision.allowed ? ",\"decision\":{\"allowed\":true" : ",\"decision\":{\"allowed\":false";
        append_member(out, "rule", decision.rule);
        append_member(out, "form", policy::name(decision.form));
        out += "},\"lines\":[";
        for (const auto& line : explanation.lines) {
            if (out.back() != '[') out += ',';
            out += "{\"step\":";
            append_json(out, line.step);
            append_member(out, "verdict", kVerdicts[static_cast<std::size_t>(line.verdict)]);
            append_member(out, "rule", line.rule);
            out += '}';
        }
        out += "]}";
    }
    return out + "]}";
}

// Whom the question is about. Of somebody else it is not known what his session showed: the second factor is
// taken as shown, the device as named.
std::expected<staff::Asker, http::Response> subject_of(Desk& desk, Caller& caller, const Wanted& wanted) {
    const bool himself = wanted.person.empty() || wanted.person == caller.asker->person;
    if (himself && wanted.role.empty()) {
        // Asking again and again about waybills is a look of a kind, so it is on record.
        if (auto failed = desk.unseen(caller, "access.explain", {{"subject", caller.asker->person}}, 0))
            return std::unexpected(std::move(*failed));
        return *caller.asker;
    }
    const auto snapshot = desk.services.staff.directory().now();
    const auto& id = himself ? caller.asker->person : wanted.person;
    const auto* person = snapshot->person(caller.enterprise, id);
    const auto place = person != nullptr ? std::string_view(person->organisation) : kNowhere;
    if (auto refused = desk.refuse_about(caller, Action::people_read, place))
        return std::unexpected(std::move(*refused));
    if (person == nullptr) return std::unexpected(not_found());
    if (auto failed =
            desk.unseen(caller, "access.explain", {{"subject", person->id}, {"role", wanted.role}}, 0))
        return std::unexpected(std::move(*failed));
    return himself ? *caller.asker : staff::Asker{caller.enterprise, person->id, wanted.device, true};
}

http::Response explain(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_anybody(request, Action::people_read);
    if (!caller) return std::move(caller.error());
    auto json = json_body(request);
    if (!json) return std::move(json.error());
    Wanted wanted;
    if (auto problem = read_wanted(*json, *desk.services.policy.now(), wanted)) return bad_request(*problem);
    auto subject = subject_of(desk, *caller, wanted);
    if (!subject) return std::move(subject.error());
    std::optional<vault::Vault::Known> known;
    if (!wanted.waybill.empty()) {
        auto found = desk.services.vault.known(wanted.waybill, caller->enterprise);
        if (!found) return failure(found.error());
        known = std::move(*found);
    }
    std::optional<vault::Candidate> candidate;
    if (known) candidate = vault::Candidate{known->place, known->outlet, known->sealed};
    return json_answer(
        200, explained_json(desk.services.staff.explain(*subject, *wanted.action, wanted.look,
                                                        candidate ? &*candidate : nullptr, wanted.role)));
}

}  // namespace

void add_explain_route(const std::shared_ptr<Desk>& desk, http::Router& router) {
    router.add("POST", "/v1/access:explain", desk->on_pool(explain), {kMaxSmallBody, {}, kNoQuery});
}

}  // namespace huoqi::api

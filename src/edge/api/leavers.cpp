// SPDX-License-Identifier: Apache-2.0
// Who leaves (art. 38): the day of leaving, what the person saw and did in the time before, and the finding
// of the auditor who looked at it.
#include "edge/api/internal/answers.h"
#include "edge/api/internal/deed.h"
#include "edge/api/internal/page.h"

namespace huoqi::api {
namespace {

using people::Leaving;
using policy::Action;
using Need = JsonObject::Need;

constexpr std::size_t kMaxText = 512;

std::string place_of(const Desk& desk, std::string_view enterprise, std::string_view person) {
    const auto snapshot = desk.services.staff.directory().now();
    const auto* found = snapshot->person(enterprise, person);
    return std::string(found != nullptr ? std::string_view(found->organisation) : kNowhere);
}

// A finding is for those who sign.
void append_row(std::string& out, const Leaving& leaving, bool with_finding) {
    out += "{\"person\":";
    append_json(out, leaving.person);
    append_member(out, "left", leaving.left);
    append_member(out, "audit_from", leaving.audit_from);
    append_member(out, "recorded_by", leaving.recorded_by);
    append_member(out, "signed_by", leaving.signed_by);
    append_member(out, "signed", leaving.signed_at);
    if (with_finding) append_member(out, "finding", leaving.finding);
    out += '}';
}

http::Response leaving_after(Desk& desk, const Caller& caller, Action action,
                             const staff::Staff::Rule& rule) {
    auto shown = affair_after(desk, caller, action, &people::Affairs::leavings, rule);
    if (!shown) return std::move(shown.error());
    std::string out;
    append_row(out, *shown, action == Action::leaver_sign);
    return json_answer(200, std::move(out));
}

bool administrates(const Desk& desk, std::string_view enterprise, std::string_view person) {
    const auto policy = desk.services.policy.now();
    return std::ranges::any_of(desk.services.staff.roles(enterprise, person), [&](const auto& name) {
        const auto* role = policy->role(name);
        return role != nullptr && role->kind == policy::RoleKind::administration;
    });
}

http::Response leave(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_somewhere(request, {Action::people_write});
    if (!caller) return std::move(caller.error());
    auto json = json_body(request);
    if (!json) return std::move(json.error());
    JsonObject body(*json, "");
    const auto text = body.text("when", Need::optional, kMaxText);
    const auto when = read_moment(text.reading());
    if (!text.empty() && !when) body.object_to("when", "time.shape");
    if (auto problem = body.finish()) return bad_request(*problem);
    const auto id = request.parameter("id");
    if (auto refused =
            desk.refuse_about(*caller, Action::people_write, place_of(desk, caller->enterprise, id)))
        return std::move(*refused);
    // A program does not decide that an administrator goes.
    if (!caller->asker && administrates(desk, caller->enterprise, id))
        return desk.refuse(*caller, Action::people_write, "administrator");
    const Time now = desk.services.clock.now();
    return leaving_after(desk, *caller, Action::people_write, [&](const powers::Standing& standing) {
        return powers::leave(standing, id, when.value_or(now));
    });
}

http::Response leavers(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_somewhere(request, {Action::leaver_sign, Action::people_read});
    if (!caller) return std::move(caller.error());
    auto page = read_page(request);
    if (!page) return std::move(page.error());
    const auto held = desk.services.staff.held(caller->enterprise);
    if (!held) return failure(held.error());
    Reach signs(desk, *caller, Action::leaver_sign);
    Reach reads(desk, *caller, Action::people_read);
    const auto rows = rows_of(
        held->affairs.leavings, *page, [](const Leaving& one) -> const std::string& { return one.person; },
        [&](const Leaving& one) {
            const auto place = place_of(desk, caller->enterprise, one.person);
            return signs.has(place) || reads.has(place);
        });
    if (auto failed = desk.unseen(*caller, "people.read", {{"list", "leavers"}}, rows.shown.size()))
        return std::move(*failed);
    std::string out = "{\"leavers\":[";
    for (const auto* one : rows.shown) {
        if (out.back() != '[') out += ',';
        append_row(out, *one, signs.has(place_of(desk, caller->enterprise, one->person)));
    }
    out += ']';
    if (rows.more) append_next(out, rows.shown.back()->person);
    return json_answer(200, out + "}");
}

void append_counts(std::string& out, std::string_view name,
                   const std::map<std::string, std::uint64_t>& counts) {
    out.append(",\"").append(name).append("\":{");
    for (const auto& [what, count] : counts) {
        if (out.back() != '{') out += ',';
        append_json(out, what);
        out += ":" + std::to_string(count);
    }
    out += '}';
}

std::string audit_json(const Leaving& leaving, const staff::Conduct& conduct) {
    std::string out = "{\"person\":";
    append_json(out, leaving.person);
    append_member(out, "from", leaving.audit_from);
    append_member(out, "left", leaving.left);
    for (const auto& [name, count] : {std::pair{"entries", conduct.entries},
                                      {"refused", conduct.refused},
                                      {"shown", conduct.shown},
                                      {"odd_hours", conduct.odd_hours}})
        out += std::string(",\"") + name + "\":" + std::to_string(count);
    append_counts(out, "actions", conduct.actions);
    append_counts(out, "purposes", conduct.purposes);
    out += ",\"addresses\":[";
    for (const auto& address : conduct.addresses) {
        if (out.back() != '[') out += ',';
        append_json(out, address);
    }
    return out + (conduct.cut ? "],\"cut\":true}" : "],\"cut\":false}");
}

http::Response audit(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_person_somewhere(request, {Action::leaver_sign});
    if (!caller) return std::move(caller.error());
    const std::string id(request.parameter("id"));
    if (auto refused =
            desk.refuse_about(*caller, Action::leaver_sign, place_of(desk, caller->enterprise, id)))
        return std::move(*refused);
    const auto held = desk.services.staff.held(caller->enterprise);
    if (!held) return failure(held.error());
    const auto at = std::ranges::find(held->affairs.leavings, id, &Leaving::person);
    if (at == held->affairs.leavings.end()) return not_found();
    const auto conduct = desk.services.staff.conduct(caller->enterprise, id, at->audit_from);
    if (!conduct) return failure(conduct.error());
    if (auto failed = desk.unseen(*caller, "leaver.audit", {{"subject", id}}, conduct->entries))
        return std::move(*failed);
    return json_answer(200, audit_json(*at, *conduct));
}

http::Response sign(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_person_somewhere(request, {Action::leaver_sign});
    if (!caller) return std::move(caller.error());
    auto json = json_body(request);
    if (!json) return std::move(json.error());
    JsonObject body(*json, "");
    const std::string finding(body.text("finding", Need::required, kMaxText).reading());
    if (!finding.empty() && !people::valid_text(finding)) body.object_to("finding", "text.shape");
    if (auto problem = body.finish()) return bad_request(*problem);
    const auto id = request.parameter("id");
    if (auto refused =
            desk.refuse_about(*caller, Action::leaver_sign, place_of(desk, caller->enterprise, id)))
        return std::move(*refused);
    return leaving_after(desk, *caller, Action::leaver_sign, [&](const powers::Standing& standing) {
        return powers::sign_leaving(standing, id, finding);
    });
}

}  // namespace

void add_leaver_routes(const std::shared_ptr<Desk>& desk, http::Router& router) {
    router.add("POST", "/v1/people/{id}:leave", desk->on_pool(leave), {kMaxSmallBody, {}, kNoQuery});
    router.add("GET", "/v1/leavers", desk->on_pool(leavers), {kMaxSmallBody, {}, kPageFields});
    router.add("GET", "/v1/leavers/{id}/audit", desk->on_pool(audit), {kMaxSmallBody, {}, kNoQuery});
    router.add("POST", "/v1/leavers/{id}:sign", desk->on_pool(sign), {kMaxSmallBody, {}, kNoQuery});
}

}  // namespace huoqi::api

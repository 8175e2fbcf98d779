// SPDX-License-Identifier: Apache-2.0
// Rights: asked for by one, decided by another, confirmed by their owner (art. 7, 34). Who does it is the
// person of the session; core/powers says what nobody may do for himself.
#include "edge/api/internal/answers.h"
#include "edge/api/internal/deed.h"
#include "edge/api/internal/page.h"

namespace huoqi::api {
namespace {

using people::Grant;
using people::GrantRequest;
using policy::Action;
using Need = JsonObject::Need;

constexpr std::size_t kMaxText = 64;
constexpr std::uint64_t kMostDays = 366;
constexpr std::int64_t kDayNs = 86'400'000'000'000;

void append_row(std::string& out, const Grant& grant) {
    out += "{\"id\":";
    append_json(out, grant.id);
    append_member(out, "person", grant.person);
    append_member(out, "role", grant.role);
    append_member(out, "organisation", grant.organisation);
    append_member(out, "from", grant.from);
    append_member(out, "until", grant.until);
    append_member(out, "confirmed", grant.confirmed);
    out += '}';
}

void append_row(std::string& out, const GrantRequest& request) {
    out += "{\"id\":";
    append_json(out, request.id);
    append_member(out, "kind", people::name(request.kind));
    append_member(out, "person", request.person);
    append_member(out, "role", request.role);
    append_member(out, "organisation", request.organisation);
    append_member(out, "grant", request.grant);
    append_member(out, "until", request.until);
    append_member(out, "asked_by", request.asked_by);
    append_member(out, "asked", request.asked);
    append_member(out, "state", people::name(request.state));
    append_member(out, "decided_by", request.decided_by);
    append_member(out, "decided", request.decided);
    out += '}';
}

template <class T>
void append_rows(std::string& out, std::string_view name, const Rows<T>& rows) {
    out.append("\"").append(name).append("\":[");
    for (const auto* one : rows.shown) {
        if (out.back() != '[') out += ',';
        append_row(out, *one);
    }
    out += ']';
}

template <class T>
const T* by_id(const std::vector<T>& all, std::string_view id) {
    const auto at = std::ranges::find(all, id, &T::id);
    return at == all.end() ? nullptr : &*at;
}

// Runs a rule and shows the request that comes of it.
http::Response request_after(Desk& desk, const Caller& caller, Action action, int status,
                             const staff::Staff::Rule& rule) {
    auto shown = affair_after(desk, caller, action, &people::Affairs::requests, rule);
    if (!shown) return std::move(shown.error());
    std::string out;
    append_row(out, *shown);
    return json_answer(status, std::move(out));
}

std::optional<BodyProblem> read_ask(JsonValue& json, powers::Ask& out) {
    JsonObject body(json, "");
    const auto kind = body.text("kind", Need::required, kMaxText);
    const bool take = kind.reading() == people::name(GrantRequest::Kind::take);
    if (!kind.empty() && !take && kind.reading() != people::name(GrantRequest::Kind::give))
        body.object_to("kind", "kind.unknown");
    out.kind = take ? GrantRequest::Kind::take : GrantRequest::Kind::give;
    out.person = body.text("person", Need::required, kMaxText).reading();
    if (take) {
        out.grant = body.text("grant", Need::required, kMaxText).reading();
        return body.finish();
    }
    out.role = body.text("role", Need::required, kMaxText).reading();
    out.organisation = body.text("organisation", Need::required, kMaxText).reading();
    const auto until = body.text("until", Need::optional, kMaxText);
    out.until = read_moment(until.reading());
    if (!until.empty() && !out.until) body.object_to("until", "time.shape");
    return body.finish();
}

// Both the organisation that the right is for and the one that the person belongs to must be within reach:
// otherwise the answer would tell who works elsewhere.
std::optional<http::Response> refuse_ask(Desk& desk, Caller& caller, const powers::Ask& ask) {
    const auto snapshot = desk.services.staff.directory().now();
    const auto* person = snapshot->person(caller.enterprise, ask.person);
    const auto place = person != nullptr ? std::string_view(person->organisation) : kNowhere;
    if (auto refused = desk.refuse_about(caller, Action::grant_ask, place)) return refused;
    std::string_view about = ask.organisation;
    if (ask.kind == GrantRequest::Kind::take) {
        const auto grants = snapshot->grants(caller.enterprise, ask.person);
        const auto at = std::ranges::find(grants, ask.grant, &Grant::id);
        about = at != grants.end() ? std::string_view(at->organisation) : kNowhere;
    }
    return desk.refuse_about(caller, Action::grant_ask, about);
}

http::Response ask(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_person_somewhere(request, {Action::grant_ask});
    if (!caller) return std::move(caller.error());
    auto json = json_body(request);
    if (!json) return std::move(json.error());
    powers::Ask asked;
    if (auto problem = read_ask(*json, asked)) return bad_request(*problem);
    asked.id = staff::fresh_id("gq_");
    if (auto refused = refuse_ask(desk, *caller, asked)) return std::move(*refused);
    return request_after(desk, *caller, Action::grant_ask, 201,
                         [&](const powers::Standing& standing) { return powers::ask(standing, asked); });
}

http::Response decide(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_person_somewhere(request, {Action::grant_decide});
    if (!caller) return std::move(caller.error());
    auto json = json_body(request);
    if (!json) return std::move(json.error());
    JsonObject body(*json, "");
    const auto agree = body.truth("agree", Need::required);
    if (auto problem = body.finish()) return bad_request(*problem);
    const auto held = desk.services.staff.held(caller->enterprise);
    if (!held) return failure(held.error());
    const auto id = request.parameter("id");
    const auto* found = by_id(held->affairs.requests, id);
    if (auto refused = desk.refuse_about(*caller, Action::grant_decide,
                                         found != nullptr ? std::string_view(found->organisation) : kNowhere))
        return std::move(*refused);
    const auto grant = staff::fresh_id("gr_");
    return request_after(desk, *caller, Action::grant_decide, 200, [&](const powers::Standing& standing) {
        return powers::decide(standing, id, *agree, grant);
    });
}

http::Response withdraw(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_person_somewhere(request, {Action::grant_ask});
    if (!caller) return std::move(caller.error());
    const auto id = request.parameter("id");
    return request_after(desk, *caller, Action::grant_ask, 200,
                         [&](const powers::Standing& standing) { return powers::withdraw(standing, id); });
}

http::Response confirm(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_person_somewhere(request, {Action::grant_confirm});
    if (!caller) return std::move(caller.error());
    const auto held = desk.services.staff.held(caller->enterprise);
    if (!held) return failure(held.error());
    const auto id = request.parameter("id");
    const auto* found = by_id(held->contents.grants, id);
    if (auto refused = desk.refuse_about(*caller, Action::grant_confirm,
                                         found != nullptr ? std::string_view(found->organisation) : kNowhere))
        return std::move(*refused);
    Grant shown;
    const auto done = desk.services.staff.act(caller->enterprise, caller->actor.person,
                                              [&](const powers::Standing& standing) -> Result<powers::Deed> {
                                                  auto deed = powers::confirm(standing, id);
                                                  if (deed) shown = deed->changes.contents.grants[0];
                                                  return deed;
                                              });
    if (auto answer = desk.undone(*caller, Action::grant_confirm, done)) return std::move(*answer);
    std::string out;
    append_row(out, shown);
    return json_answer(200, std::move(out));
}

// One list of two kinds: the ids of requests ("gq_") and grants ("gr_") sort one behind the other.
http::Response grants(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_somewhere(request, {Action::people_read});
    if (!caller) return std::move(caller.error());
    auto page = read_page(request);
    if (!page) return std::move(page.error());
    const auto held = desk.services.staff.held(caller->enterprise);
    if (!held) return failure(held.error());
    Reach reach(desk, *caller, Action::people_read);
    const auto id = [](const auto& one) -> const std::string& { return one.id; };
    const auto visible = [&](const auto& one) { return reach.has(one.organisation); };
    auto asked = rows_of(held->affairs.requests, *page, id, visible);
    auto given = rows_of(held->contents.grants, *page, id, visible);
    // The page is the first of both together.
    std::vector<std::string_view> ids;
    for (const auto* one : asked.shown) ids.push_back(one->id);
    for (const auto* one : given.shown) ids.push_back(one->id);
    std::ranges::sort(ids);
    const bool more = asked.more || given.more || ids.size() > page->limit;
    ids.resize(std::min(ids.size(), page->limit));
    const auto behind = [&](const auto* one) { return ids.empty() || one->id > ids.back(); };
    std::erase_if(asked.shown, behind);
    std::erase_if(given.shown, behind);
    if (auto failed = desk.unseen(*caller, "people.read", {{"list", "grants"}}, ids.size()))
        return std::move(*failed);
    std::string out = "{";
    append_rows(out, "requests", asked);
    out += ',';
    append_rows(out, "grants", given);
    if (more) append_next(out, ids.back());
    return json_answer(200, out + "}");
}

http::Response unconfirmed(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_somewhere(request, {Action::people_read});
    if (!caller) return std::move(caller.error());
    auto page = read_page(request);
    if (!page) return std::move(page.error());
    auto days = request.query_value("days");
    const auto count = !days || !*days ? std::optional<std::uint64_t>(0) : whole_number(**days);
    if (!days || !count || *count > kMostDays) return bad_query("days", "query.range");
    const auto& services = desk.services;
    const auto held = services.staff.held(caller->enterprise);
    if (!held) return failure(held.error());
    const auto policy = services.policy.now();
    const Time now = services.clock.now();
    std::vector<Grant> due;
    for (const auto* grant :
         powers::unconfirmed({*policy, *held, caller->enterprise, now, caller->actor.person},
                             {now.nanoseconds + static_cast<std::int64_t>(*count) * kDayNs}))
        due.push_back(*grant);
    Reach reach(desk, *caller, Action::people_read);
    const auto rows = rows_of(
        due, *page, [](const Grant& one) -> const std::string& { return one.id; },
        [&](const Grant& one) { return reach.has(one.organisation); });
    if (auto failed = desk.unseen(*caller, "people.read", {{"list", "unconfirmed"}}, rows.shown.size()))
        return std::move(*failed);
    std::string out = "{";
    append_rows(out, "grants", rows);
    if (rows.more) append_next(out, rows.shown.back()->id);
    return json_answer(200, out + "}");
}

}  // namespace

void add_rights_routes(const std::shared_ptr<Desk>& desk, http::Router& router) {
    router.add("POST", "/v1/grants", desk->on_pool(ask), {kMaxSmallBody, {}, kNoQuery});
    router.add("GET", "/v1/grants", desk->on_pool(grants), {kMaxSmallBody, {}, kPageFields});
    router.add("GET", "/v1/grants:unconfirmed", desk->on_pool(unconfirmed),
               {kMaxSmallBody, {}, Fields{"cursor", "limit", "days"}});
    router.add("POST", "/v1/grants/{id}:decide", desk->on_pool(decide), {kMaxSmallBody, {}, kNoQuery});
    router.add("POST", "/v1/grants/{id}:withdraw", desk->on_pool(withdraw), {kMaxSmallBody, {}, kNoQuery});
    router.add("POST", "/v1/grants/{id}:confirm", desk->on_pool(confirm), {kMaxSmallBody, {}, kNoQuery});
}

}  // namespace huoqi::api

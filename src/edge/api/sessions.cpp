// SPDX-License-Identifier: Apache-2.0
// Logging in and out (art. 35). A log-in that is refused looks the same whatever was wrong; why, the ledger
// is told.
#include "base/log.h"
#include "edge/api/internal/answers.h"
#include "edge/api/internal/desk.h"

namespace huoqi::api {
namespace {

using Need = JsonObject::Need;

// Above every limit that a login, password or code has; what is longer is no request.
constexpr std::size_t kMaxLogin = 256;
constexpr std::size_t kMaxPassword = 1024;
constexpr std::size_t kMaxCode = 128;
constexpr std::size_t kMaxDevice = 64;
constexpr std::size_t kSessionJsonBytes = 2048;

struct LogIn {
    Personal login, password, code;
    std::string device;
};

std::optional<BodyProblem> read_log_in(JsonValue& json, LogIn& out) {
    JsonObject body(json, "");
    out.login = body.text("login", Need::required, kMaxLogin);
    out.password = body.text("password", Need::required, kMaxPassword);
    out.code = body.text("code", Need::optional, kMaxCode);
    out.device = body.text("device", Need::optional, kMaxDevice).reading();
    return body.finish();
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
    if (out.back() != '{') out += ',';
    append_json(out, name);
    out += ':';
    append_json(out, value);
}

// Who is logged in and what the session is good for. It holds the CSRF token, so it is made in one block.
Result<std::string> session_json(const Services& services, const accounts::Session& session,
                                 std::string_view token) {
    auto rules = accounts::rules_at(*services.policy.now(), services.clock.now());
    if (!rules) return pass(rules);
    const auto who = staff::named(session.person);
    if (!who) return fail(Code::corrupt, "api: a session is of nobody");
    std::string out = "{";
    out.reserve(kSessionJsonBytes);
    append_member(out, "id", session.id);
    append_member(out, "person", who->person);
    append_member(out, "enterprise", who->enterprise);
    const auto snapshot = services.staff.directory().now();
    if (const auto* person = snapshot->person(who->enterprise, who->person))
        append_member(out, "organisation", person->organisation);
    out += ",\"roles\":[";
    for (const auto& role : services.staff.roles(who->enterprise, who->person)) {
        if (out.back() != '[') out += ',';
        append_json(out, role);
    }
    out += ']';
    append_member(out, "standing", accounts::name(session.standing));
    out += session.second_factor ? ",\"second_factor\":true" : ",\"second_factor\":false";
    if (!session.device.empty()) append_member(out, "device", session.device);
    append_member(out, "created", rfc3339(session.created));
    append_member(out, "expires", rfc3339({session.created.nanoseconds + rules->absolute.count()}));
    out += ",\"idle_seconds\":";
    out += std::to_string(std::chrono::duration_cast<std::chrono::seconds>(rules->idle).count());
    std::string csrf = services.accounts.csrf_of(token);
    append_member(out, "csrf", csrf);
    wipe(csrf.data(), csrf.size());
    return out += '}';
}

// A refusal that the accounts could not tell the ledger themselves, because it cost them nothing.
void note_uncounted(Desk& desk, const http::Request& request, const std::string& rule) {
    ledger::Entry entry;
    entry.action = "login.refuse";
    entry.outcome = "refused";
    entry.rule = rule;
    entry.actor.address = request.peer_address;
    desk.turned_away.note(rule + " " + network_of(request.peer_address), std::move(entry));
}

http::Response turn_away(Desk& desk, const http::Request& request, const accounts::Refusal& refusal) {
    if (refusal.rule == "login.address" || refusal.rule == "login.busy") {
        note_uncounted(desk, request, refusal.rule);
    } else if (auto told = desk.services.drain(); !told) {
        return failure(told.error());
    }
    // Somebody guesses, or somebody who has left tries the old account.
    if (refusal.locked)
        log::warning("login.locked_out", {{"rule", refusal.rule}, {"account", refusal.account}});
    if (refusal.rule == "login.disabled")
        log::warning("login.disabled", {{"rule", refusal.rule}, {"account", refusal.account}});
    return refusal.outward.code == Code::refused ? login_refused() : failure(refusal.outward);
}

http::Response log_in(Desk& desk, const http::Request& request) {
    if (request.headers.find("authorization") && request.headers.find("cookie")) return unauthorized();
    auto json = json_body(request);
    if (!json) return std::move(json.error());
    LogIn typed;
    if (auto problem = read_log_in(*json, typed)) return bad_request(*problem);
    const auto& services = desk.services;
    const Time now = services.clock.now();
    const std::string address = network_of(request.peer_address);
    accounts::Attempt attempt{typed.login.reading(), typed.password.reading(), typed.code.reading(),
                              typed.device, address};
    attempt.closed_to = [&](std::string_view person) {
        const auto who = staff::named(person);
        if (!who) return std::string("login.person");
        return closed_to(*services.staff.directory().now(), *who, typed.device, now);
    };
    auto entered = services.accounts.enter(attempt, now);
    if (!entered) return turn_away(desk, request, entered.error());
    if (auto told = desk.changed(); !told) return failure(told.error());
    const auto token = text_of(entered->token.view());
    auto text = session_json(services, entered->session, token);
    if (!text) return failure(text.error());
    auto response = json_answer(200, std::move(*text));
    std::string cookie = session_cookie(token);
    response.headers.add("set-cookie", cookie);
    wipe(cookie.data(), cookie.size());
    return response;
}

http::Response who_am_i(Desk& desk, const http::Request& request) {
    auto caller = desk.own(request);
    if (!caller) return std::move(caller.error());
    auto text = session_json(desk.services, *caller->session, session_token(request));
    return text ? json_answer(200, std::move(*text)) : failure(text.error());
}

// Ends one session of the caller's account; the cookie too, when it is the one that asked.
http::Response end(Desk& desk, const accounts::Session& own, std::string_view id) {
    auto ended = desk.services.accounts.end(own, id);
    if (!ended) return failure(ended.error());
    if (auto told = desk.changed(); !told) return failure(told.error());
    return id == own.id ? session_ended() : http::Response(204);
}

http::Response log_out(Desk& desk, const http::Request& request) {
    auto caller = desk.own(request);
    if (!caller) return std::move(caller.error());
    return end(desk, *caller->session, caller->session->id);
}

http::Response list(Desk& desk, const http::Request& request) {
    auto caller = desk.own_in_full(request);
    if (!caller) return std::move(caller.error());
    const auto& services = desk.services;
    const Time now = services.clock.now();
    auto rules = accounts::rules_at(*services.policy.now(), now);
    if (!rules) return failure(rules.error());
    auto all = services.accounts.own_sessions(*caller->session);
    if (!all) return failure(all.error());
    std::string out = "{\"sessions\":[";
    for (const auto& one : *all) {
        // What is too old is ended when it is used next.
        if (now.nanoseconds - one.seen.nanoseconds > rules->idle.count() ||
            now.nanoseconds - one.created.nanoseconds > rules->absolute.count())
            continue;
        if (out.back() != '[') out += ',';
        out += '{';
        append_member(out, "id", one.id);
        append_member(out, "created", rfc3339(one.created));
        append_member(out, "seen", rfc3339(one.seen));
        append_member(out, "address", one.address);
        if (!one.device.empty()) append_member(out, "device", one.device);
        out += one.id == caller->session->id ? ",\"current\":true}" : ",\"current\":false}";
    }
    return json_answer(200, out + "]}");
}

http::Response end_one(Desk& desk, const http::Request& request) {
    auto caller = desk.own_in_full(request);
    if (!caller) return std::move(caller.error());
    return end(desk, *caller->session, request.parameter("id"));
}

}  // namespace

void add_session_routes(const std::shared_ptr<Desk>& desk, http::Router& router) {
    const http::RouteLimits limits{kMaxSmallBody, {}, kNoQuery};
    router.add("POST", "/v1/session", desk->on_pool(log_in), limits);
    router.add("GET", "/v1/session", desk->on_pool(who_am_i), limits);
    router.add("DELETE", "/v1/session", desk->on_pool(log_out), limits);
    router.add("GET", "/v1/sessions", desk->on_pool(list), limits);
    router.add("DELETE", "/v1/sessions/{id}", desk->on_pool(end_one), limits);
}

}  // namespace huoqi::api

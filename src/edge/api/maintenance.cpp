// SPDX-License-Identifier: Apache-2.0
// Maintenance windows (art. 31): the network administrator asks, the security administrator opens, the
// auditor closes; and what is done within one. Reasons and findings are texts of people: they stay in the
// office, the ledger is told codes.
#include "base/log.h"
#include "edge/api/internal/answers.h"
#include "edge/api/internal/deed.h"
#include "edge/api/internal/page.h"

namespace huoqi::api {
namespace {

using people::Window;
using policy::Action;
using Need = JsonObject::Need;

constexpr std::size_t kMaxText = 512;
constexpr std::size_t kMaxTask = 40;
constexpr std::uint64_t kMostMinutes = 100'000;  // the policy says how many
constexpr std::chrono::milliseconds kRunTimeout{600'000};

// A code such as "db.migrate": it stands in the ledger.
bool is_task(std::string_view text) {
    return !text.empty() && text.size() <= kMaxTask && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '-';
    });
}

void append_row(std::string& out, const Window& window) {
    out += "{\"id\":";
    append_json(out, window.id);
    append_member(out, "task", window.task);
    append_member(out, "why", window.why);
    out += ",\"minutes\":" + std::to_string(window.minutes);
    out += window.break_glass ? ",\"break_glass\":true" : ",\"break_glass\":false";
    append_member(out, "state", people::name(window.state));
    append_member(out, "asked_by", window.asked_by);
    append_member(out, "asked", window.asked);
    append_member(out, "decided_by", window.decided_by);
    append_member(out, "opened", window.opened);
    append_member(out, "ends", window.ends);
    append_member(out, "closed_by", window.closed_by);
    append_member(out, "closed", window.closed);
    append_member(out, "finding", window.finding);
    out += '}';
}

std::expected<Window, http::Response> window_after(Desk& desk, const Caller& caller, Action action,
                                                   const staff::Staff::Rule& rule) {
    return affair_after(desk, caller, action, &people::Affairs::windows, rule);
}

http::Response told(int status, std::expected<Window, http::Response> window) {
    if (!window) return std::move(window.error());
    std::string out;
    append_row(out, *window);
    return json_answer(status, std::move(out));
}

std::optional<BodyProblem> read_ask(JsonValue& json, powers::AskWindow& out) {
    JsonObject body(json, "");
    out.task = body.text("task", Need::required, kMaxText).reading();
    if (!out.task.empty() && !is_task(out.task)) body.object_to("task", "task.shape");
    out.why = body.text("why", Need::required, kMaxText).reading();
    if (!out.why.empty() && !people::valid_text(out.why)) body.object_to("why", "text.shape");
    const auto minutes = body.whole("minutes", 1, kMostMinutes);
    if (!minutes) body.object_to("minutes", "json.missing");
    out.minutes = static_cast<std::int64_t>(minutes.value_or(0));
    return body.finish();
}

using AskRule = Result<powers::Deed> (*)(const powers::Standing&, const powers::AskWindow&);

std::expected<Window, http::Response> asked(Desk& desk, const http::Request& request, AskRule rule) {
    auto caller = desk.admit_person(request, Action::maintenance_ask);
    if (!caller) return std::unexpected(std::move(caller.error()));
    auto json = json_body(request);
    if (!json) return std::unexpected(std::move(json.error()));
    powers::AskWindow ask;
    if (auto problem = read_ask(*json, ask)) return std::unexpected(bad_request(*problem));
    ask.id = staff::fresh_id("mw_");
    return window_after(desk, *caller, Action::maintenance_ask,
                        [&](const powers::Standing& standing) { return rule(standing, ask); });
}

http::Response ask(Desk& desk, const http::Request& request) {
    return told(201, asked(desk, request, powers::ask_window));
}

http::Response break_glass(Desk& desk, const http::Request& request) {
    auto window = asked(desk, request, powers::break_glass);
    if (!window) return std::move(window.error());
    log::warning("maintenance.break_glass", {{"window", window->id},
                                             {"person", window->asked_by},
                                             {"task", window->task},
                                             {"minutes", window->minutes}});
    return told(201, std::move(window));
}

http::Response decide(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_person(request, Action::maintenance_decide);
    if (!caller) return std::move(caller.error());
    auto json = json_body(request);
    if (!json) return std::move(json.error());
    JsonObject body(*json, "");
    const auto agree = body.truth("agree", Need::required);
    if (auto problem = body.finish()) return bad_request(*problem);
    const auto id = request.parameter("id");
    auto window = window_after(
        desk, *caller, Action::maintenance_decide,
        [&](const powers::Standing& standing) { return powers::decide_window(standing, id, *agree); });
    return told(200, std::move(window));
}

http::Response end(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_person(request, Action::maintenance_ask);
    if (!caller) return std::move(caller.error());
    const auto id = request.parameter("id");
    auto window = window_after(desk, *caller, Action::maintenance_ask, [&](const powers::Standing& standing) {
        return powers::end_window(standing, id);
    });
    return told(200, std::move(window));
}

http::Response close(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_person(request, Action::maintenance_close);
    if (!caller) return std::move(caller.error());
    auto json = json_body(request);
    if (!json) return std::move(json.error());
    JsonObject body(*json, "");
    const std::string finding(body.text("finding", Need::required, kMaxText).reading());
    if (!finding.empty() && !people::valid_text(finding)) body.object_to("finding", "text.shape");
    if (auto problem = body.finish()) return bad_request(*problem);
    const auto id = request.parameter("id");
    auto window = window_after(
        desk, *caller, Action::maintenance_close,
        [&](const powers::Standing& standing) { return powers::close_window(standing, id, finding); });
    return told(200, std::move(window));
}

http::Response windows(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_somewhere(request, {Action::maintenance_ask, Action::maintenance_decide,
                                                 Action::maintenance_close, Action::ledger_read});
    if (!caller) return std::move(caller.error());
    auto page = read_page(request);
    if (!page) return std::move(page.error());
    const auto held = desk.services.staff.held(caller->enterprise);
    if (!held) return failure(held.error());
    const auto rows = rows_of(
        held->affairs.windows, *page, [](const Window& one) -> const std::string& { return one.id; },
        [](const Window&) { return true; });
    if (auto failed = desk.unseen(*caller, "maintenance.read", {}, rows.shown.size()))
        return std::move(*failed);
    std::string out = "{\"windows\":[";
    for (const auto* one : rows.shown) {
        if (out.back() != '[') out += ',';
        append_row(out, *one);
    }
    out += ']';
    if (rows.more) append_next(out, rows.shown.back()->id);
    return json_answer(200, out + "}");
}

// ---- Within a window ----

ledger::Entry run_entry(const Caller& caller, std::string_view window, const std::string& task,
                        const char* phase) {
    ledger::Entry entry;
    entry.actor = caller.actor;
    entry.action = "maintenance.run";
    entry.detail = {{"window", std::string(window)}, {"task", task}, {"phase", phase}};
    return entry;
}

http::Response run(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_person(request, Action::maintenance_ask);
    if (!caller) return std::move(caller.error());
    auto json = json_body(request);
    if (!json) return std::move(json.error());
    JsonObject body(*json, "");
    const std::string task(body.text("task", Need::required, kMaxText).reading());
    if (auto problem = body.finish()) return bad_request(*problem);
    const auto& services = desk.services;
    const auto held = services.staff.held(caller->enterprise);
    if (!held) return failure(held.error());
    const auto id = request.parameter("id");
    const auto at = std::ranges::find(held->affairs.windows, id, &Window::id);
    if (at == held->affairs.windows.end() ||
        !powers::open(*at, caller->actor.person, task, services.clock.now()))
        return desk.refuse(*caller, Action::maintenance_ask, "maintenance.closed");
    const auto found = services.tasks.find(task);
    if (found == services.tasks.end()) return not_found();
    // Nothing is begun that is not on record.
    if (auto begun = services.ledger.append(run_entry(*caller, id, task, "begin")); !begun)
        return failure(begun.error());
    const auto done = found->second();
    services.activity.count(metrics::Deed::administer,
                            done ? metrics::Ending::done : metrics::Ending::failed);
    auto entry = run_entry(*caller, id, task, "end");
    if (!done) {
        entry.outcome = "failed";
        entry.rule = name(done.error().code);
    }
    if (auto ended = services.ledger.append(std::move(entry)); !ended) return failure(ended.error());
    if (!done) return failure(done.error());
    std::string out = "{\"task\":";
    append_json(out, task);
    out += ",\"output\":";
    append_json(out, *done);
    return json_answer(200, out + "}");
}

}  // namespace

void add_maintenance_routes(const std::shared_ptr<Desk>& desk, http::Router& router) {
    router.add("POST", "/v1/maintenance", desk->on_pool(ask), {kMaxSmallBody, {}, kNoQuery});
    router.add("GET", "/v1/maintenance", desk->on_pool(windows), {kMaxSmallBody, {}, kPageFields});
    router.add("POST", "/v1/maintenance:break-glass", desk->on_pool(break_glass),
               {kMaxSmallBody, {}, kNoQuery});
    router.add("POST", "/v1/maintenance/{id}:decide", desk->on_pool(decide), {kMaxSmallBody, {}, kNoQuery});
    router.add("POST", "/v1/maintenance/{id}:end", desk->on_pool(end), {kMaxSmallBody, {}, kNoQuery});
    router.add("POST", "/v1/maintenance/{id}:close", desk->on_pool(close), {kMaxSmallBody, {}, kNoQuery});
}

void add_maintenance_run_route(const std::shared_ptr<Desk>& desk, http::Router& router) {
    router.add("POST", "/v1/maintenance/{id}:run", desk->on_pool(run),
               {kMaxSmallBody, kRunTimeout, kNoQuery});
}

}  // namespace huoqi::api

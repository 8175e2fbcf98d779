// SPDX-License-Identifier: Apache-2.0
#include "edge/api/internal/desk.h"

#include <algorithm>
#include <array>

#include "core/access/access.h"
#include "edge/api/internal/answers.h"

namespace huoqi::api {
namespace {

// A request under way between two threads.
struct Errand {
    http::Request request;
    http::Reply reply;
};

}  // namespace

std::string_view rule_of(accounts::Standing standing) {
    switch (standing) {
        case accounts::Standing::password_due:
            return "session.password_due";
        case accounts::Standing::factor_due:
            return "session.factor_due";
        case accounts::Standing::full:
            break;
    }
    return "allowed";
}

http::Handler Desk::on_pool_long(LongWork work) {
    return [desk = shared_from_this(), work = std::move(work)](http::Request request, http::Reply reply) {
        auto errand = std::make_shared<Errand>(std::move(request), std::move(reply));
        bool taken = desk->services.pool.try_post(
            [desk, work, errand] { work(*desk, errand->request, std::move(errand->reply)); });
        if (taken) return;
        desk->services.activity.count_overload();
        errand->reply.send(busy());
    };
}

http::Handler Desk::on_pool(Work work) {
    return on_pool_long([work = std::move(work)](Desk& desk, const http::Request& request,
                                                 http::Reply reply) { reply.send(work(desk, request)); });
}

std::expected<Caller, http::Response> Desk::caller(const http::Request& request) {
    if (session_token(request).empty()) return keys.caller(request);
    if (request.headers.find("authorization")) return std::unexpected(unauthorized());
    return sessions.caller(request);
}

std::expected<Caller, http::Response> Desk::admit(const http::Request& request, policy::Action action,
                                                  std::string_view subject) {
    auto found = caller(request);
    if (!found) return found;
    if (found->asker) {
        if (found->session->standing != accounts::Standing::full)
            return std::unexpected(refuse(*found, action, rule_of(found->session->standing)));
        const bool later = policy::shows(action) || action == policy::Action::seal;
        auto may = later ? services.staff.may_at_all(*found->asker, action)
                         : services.staff.may(*found->asker, action, subject);
        found->actor.role = std::move(may.role);
        if (!may.decision.allowed) return std::unexpected(refuse(*found, action, may.decision.rule));
        return found;
    }
    const auto policy = services.policy.now();
    auto decision = access::may(*policy, found->actor.role, action);
    // A role of people has scopes that a key cannot show; it is no use to a program.
    if (const auto* role = policy->role(found->actor.role);
        decision.allowed && role->kind != policy::RoleKind::program)
        decision = {false, "role.not_program", policy::Form::none};
    if (!decision.allowed) return std::unexpected(refuse(*found, action, decision.rule));
    return found;
}

std::expected<Caller, http::Response> Desk::admit_person(const http::Request& request, policy::Action action,
                                                         std::string_view subject) {
    auto found = admit(request, action, subject);
    if (found && !found->asker) return std::unexpected(refuse(*found, action, "person.needed"));
    return found;
}

std::expected<Caller, http::Response> Desk::own(const http::Request& request) {
    if (request.headers.find("authorization")) return std::unexpected(unauthorized());
    return sessions.caller(request);
}

std::expected<Caller, http::Response> Desk::own_in_full(const http::Request& request) {
    auto found = own(request);
    if (found && found->session->standing != accounts::Standing::full)
        return std::unexpected(forbidden(rule_of(found->session->standing)));
    return found;
}

std::expected<Caller, http::Response> Desk::admit_somewhere(const http::Request& request,
                                                            std::initializer_list<policy::Action> actions) {
    auto found = caller(request);
    if (!found) return found;
    const auto policy = services.policy.now();
    const auto snapshot = services.staff.directory().now();
    for (const auto action : actions) {
        if (!found->asker) {
            if (access::may(*policy, found->actor.role, action).allowed) return admit(request, action);
            continue;
        }
        for (const auto& grant : snapshot->grants(found->asker->enterprise, found->asker->person)) {
            if (services.staff.may(*found->asker, action, grant.organisation).decision.allowed)
                return admit(request, action, grant.organisation);
        }
    }
    return admit(request, *actions.begin());
}

std::expected<Caller, http::Response> Desk::admit_person_somewhere(
    const http::Request& request, std::initializer_list<policy::Action> actions) {
    auto found = admit_somewhere(request, actions);
    if (found && !found->asker) return std::unexpected(refuse(*found, *actions.begin(), "person.needed"));
    return found;
}

std::expected<Caller, http::Response> Desk::admit_anybody(const http::Request& request,
                                                          policy::Action action) {
    auto found = caller(request);
    if (!found) return found;
    if (!found->asker) return std::unexpected(refuse(*found, action, "person.needed"));
    if (found->session->standing != accounts::Standing::full)
        return std::unexpected(refuse(*found, action, rule_of(found->session->standing)));
    const auto snapshot = services.staff.directory().now();
    const auto* person = snapshot->person(found->asker->enterprise, found->asker->person);
    if (person == nullptr || !people::active(*person, services.clock.now()))
        return std::unexpected(refuse(*found, action, "person.inactive"));
    return found;
}

std::optional<http::Response> Desk::refuse_about(Caller& caller, policy::Action action,
                                                 std::string_view subject) {
    if (!caller.asker) return std::nullopt;
    auto may = services.staff.may(*caller.asker, action, subject.empty() ? kNowhere : subject);
    caller.actor.role = std::move(may.role);
    if (may.decision.allowed) return std::nullopt;
    return refuse(caller, action, may.decision.rule);
}

std::optional<http::Response> Desk::undone(const Caller& caller, policy::Action action, const Status& done) {
    if (!done && done.error().code == Code::refused) return refuse(caller, action, done.error().message);
    if (!done) {
        services.activity.count(deed_of(action), metrics::Ending::failed);
        return failure(done.error());
    }
    services.activity.count(deed_of(action), metrics::Ending::done);
    if (auto told = changed(); !told) return failure(told.error());
    return std::nullopt;
}

std::optional<http::Response> Desk::unseen(const Caller& caller, std::string_view action,
                                           std::map<std::string, std::string> detail, std::size_t shown) {
    ledger::Entry entry;
    entry.actor = caller.actor;
    entry.action = action;
    entry.detail = std::move(detail);
    entry.counts["shown"] = shown;
    services.activity.count(metrics::Deed::administer, metrics::Ending::done);
    auto recorded = services.ledger.append(std::move(entry));
    if (!recorded) return failure(recorded.error());
    return std::nullopt;
}

Status Desk::changed() {
    auto drained = services.drain();
    ++*services.news;
    return drained;
}

http::Response Desk::refuse(const Caller& caller, policy::Action action, std::string_view rule) {
    if (action != policy::Action::metrics_read)
        services.activity.count(deed_of(action), metrics::Ending::refused);
    ledger::Entry entry;
    entry.actor = caller.actor;
    entry.action = policy::name(action);
    entry.outcome = "refused";
    entry.rule = rule;
    auto recorded = services.ledger.append(std::move(entry));
    return recorded ? forbidden(rule) : failure(recorded.error());
}

std::optional<http::Response> Desk::refuse_seal(Caller& caller, std::string_view outlet) {
    if (!caller.asker) return std::nullopt;
    auto may = services.staff.may_seal(*caller.asker, outlet);
    caller.actor.role = std::move(may.role);
    if (may.decision.allowed) return std::nullopt;
    return refuse(caller, policy::Action::seal, may.decision.rule);
}

std::expected<std::string, http::Response> Desk::outlet(const Caller& caller, policy::Action action,
                                                        std::optional<std::string_view> asked) {
    if (!asked || *asked == caller.outlet) return caller.outlet;
    if (!caller.outlet.empty()) return std::unexpected(refuse(caller, action, "scope.outlet"));
    return std::string(*asked);
}

Result<std::size_t> Desk::figure(std::string_view id, policy::Unit unit) const {
    auto value = services.policy.now()->figure(id, unit, services.clock.now());
    if (!value) return pass(value);
    return static_cast<std::size_t>(std::max<std::int64_t>(*value, 0));
}

std::string media_type(const http::Request& request) {
    auto header = request.headers.find("content-type").value_or("");
    header = header.substr(0, std::min(header.find(';'), header.size()));
    while (!header.empty() && (header.back() == ' ' || header.back() == '\t')) header.remove_suffix(1);
    std::string out(header);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
}

std::expected<JsonValue, http::Response> json_body(const http::Request& request) {
    if (media_type(request) != "application/json") {
        return std::unexpected(http::problem(415, "unsupported_media_type",
                                             "请以 application/json 提交 / send application/json"));
    }
    auto value = parse_json(request.body);
    if (!value) return std::unexpected(bad_request(value.error()));
    return std::move(*value);
}

metrics::Deed deed_of(policy::Action action) {
    switch (action) {
        case policy::Action::seal:
            return metrics::Deed::seal;
        case policy::Action::search:
            return metrics::Deed::search;
        case policy::Action::read:
            return metrics::Deed::read;
        case policy::Action::reveal:
            return metrics::Deed::reveal;
        case policy::Action::ledger_read:
        case policy::Action::metrics_read:
            return metrics::Deed::ledger_read;
        case policy::Action::route_read:
        case policy::Action::people_read:
        case policy::Action::people_write:
        case policy::Action::assignment_write:
        case policy::Action::ticket_write:
        case policy::Action::account_reset:
        case policy::Action::grant_ask:
        case policy::Action::grant_decide:
        case policy::Action::grant_confirm:
        case policy::Action::maintenance_ask:
        case policy::Action::maintenance_decide:
        case policy::Action::maintenance_close:
        case policy::Action::leaver_sign:
            break;
    }
    return metrics::Deed::administer;
}

}  // namespace huoqi::api

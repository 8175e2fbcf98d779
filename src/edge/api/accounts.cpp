// SPDX-License-Identifier: Apache-2.0
// Accounts for the security administrator (art. 31, 35): made, reset, unlocked, never one's own, and without
// ever seeing a code. Accounts of other enterprises are not there.
#include <algorithm>
#include <charconv>

#include "edge/api/internal/answers.h"
#include "edge/api/internal/desk.h"
#include "edge/api/internal/slip_file.h"

namespace huoqi::api {
namespace {

using accounts::Account;
using metrics::Deed;
using metrics::Ending;
using policy::Action;
using Need = JsonObject::Need;

constexpr Action kAction = Action::account_reset;
constexpr std::size_t kMaxWord = 64;

std::string by(const Caller& caller) { return staff::account_person(caller.enterprise, caller.actor.person); }

bool active(const Desk& desk, std::string_view enterprise, std::string_view person) {
    const auto snapshot = desk.services.staff.directory().now();
    const auto* found = snapshot->person(enterprise, person);
    return found != nullptr && people::active(*found, desk.services.clock.now());
}

// Hands codes to the post room, and remembers for the answer what the administrator may know.
class PostRoom {
  public:
    explicit PostRoom(const Desk& desk) : folder_(desk.services.slips_folder) {}
    std::optional<http::Response> closed() const {
        if (!folder_.empty()) return std::nullopt;
        return failure({Code::unsupported, "there is no folder for slips"});
    }
    accounts::Deliver deliver() {
        return [this](const Account& account, const SecretBytes& code, Time expires) {
            answer_ = "{\"account\":";
            append_json(answer_, account.id);
            answer_ += ",\"slip\":";
            append_json(answer_, slip_name(account));
            answer_ += ",\"expires\":";
            append_json(answer_, rfc3339(expires));
            answer_ += '}';
            return write_slip(folder_, account, code, expires);
        };
    }
    std::string answer() { return std::move(answer_); }

  private:
    std::filesystem::path folder_;
    std::string answer_;
};

// The answer after a change, which is told to all also when only the delivery failed.
http::Response done(Desk& desk, const Status& status, http::Response answer) {
    auto told = desk.changed();
    const auto& failed = status ? told : status;
    desk.services.activity.count(Deed::administer, failed ? Ending::done : Ending::failed);
    return failed ? std::move(answer) : failure(failed.error());
}
template <class Value>
Status status_of(Result<Value>& result) {
    return result ? Status() : pass(result);
}

http::Response invite(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_person(request, kAction);
    if (!caller) return std::move(caller.error());
    auto json = json_body(request);
    if (!json) return std::move(json.error());
    JsonObject body(*json, "");
    const std::string person(body.text("person", Need::required, kMaxWord).reading());
    const std::string login(body.text("login", Need::required, kMaxWord).reading());
    if (!login.empty() && !accounts::login_of(login)) body.object_to("login", "login.shape");
    if (!person.empty() && !active(desk, caller->enterprise, person))
        body.object_to("person", "person.unknown");
    if (auto problem = body.finish()) return bad_request(*problem);
    if (person == caller->actor.person) return desk.refuse(*caller, kAction, "account.self");
    PostRoom post(desk);
    if (auto closed = post.closed()) return std::move(*closed);
    const auto& services = desk.services;
    auto invited = services.accounts.invite(staff::account_person(caller->enterprise, person), login,
                                            by(*caller), services.clock.now(), post.deliver());
    return done(desk, status_of(invited), json_answer(201, post.answer()));
}

struct Target {
    Caller caller;
    Account account;
    std::string person;  // staff number
};
// The account of the path, when the caller may do something to it.
std::expected<Target, http::Response> target(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_person(request, kAction);
    if (!caller) return std::unexpected(std::move(caller.error()));
    auto account = desk.services.account_rows.account(accounts::By::id, request.parameter("id"));
    if (!account) {
        const bool absent = account.error().code == Code::not_found;
        return std::unexpected(absent ? not_found() : failure(account.error()));
    }
    auto who = staff::named(account->person);
    if (!who || who->enterprise != caller->enterprise) return std::unexpected(not_found());
    if (who->person == caller->actor.person)
        return std::unexpected(desk.refuse(*caller, kAction, "account.self"));
    return Target{std::move(*caller), std::move(*account), std::move(who->person)};
}

http::Response reset(Desk& desk, const http::Request& request) {
    auto found = target(desk, request);
    if (!found) return std::move(found.error());
    auto json = json_body(request);
    if (!json) return std::move(json.error());
    JsonObject body(*json, "");
    const auto what = body.truth("factor", Need::optional).value_or(false)
                          ? accounts::Reset::password_and_factor
                          : accounts::Reset::password;
    if (auto problem = body.finish()) return bad_request(*problem);
    if (found->account.state == accounts::State::disabled)
        return desk.refuse(found->caller, kAction, "account.disabled");
    PostRoom post(desk);
    if (auto closed = post.closed()) return std::move(*closed);
    const auto& services = desk.services;
    auto slip = services.accounts.reset(found->account.id, what, by(found->caller), services.clock.now(),
                                        post.deliver());
    return done(desk, status_of(slip), json_answer(200, post.answer()));
}

http::Response unlock(Desk& desk, const http::Request& request) {
    auto found = target(desk, request);
    if (!found) return std::move(found.error());
    return done(desk, desk.services.accounts.unlock(found->account.id, by(found->caller)),
                http::Response(204));
}

http::Response enable(Desk& desk, const http::Request& request) {
    auto found = target(desk, request);
    if (!found) return std::move(found.error());
    // A leaver's account was ended once and is not looked at again; it must not come back.
    if (!active(desk, found->caller.enterprise, found->person))
        return desk.refuse(found->caller, kAction, "person.inactive");
    PostRoom post(desk);
    if (auto closed = post.closed()) return std::move(*closed);
    const auto& services = desk.services;
    auto slip =
        services.accounts.enable(found->account.id, by(found->caller), services.clock.now(), post.deliver());
    return done(desk, status_of(slip), json_answer(200, post.answer()));
}

struct Page {
    std::string after;  // id
    std::size_t limit = kDefaultPage;
};
std::expected<Page, http::Response> read_page(const http::Request& request) {
    Page out;
    auto cursor = request.query_value("cursor");
    if (!cursor || (*cursor && (!(*cursor)->starts_with("ac_") || (*cursor)->size() > kMaxWord)))
        return std::unexpected(bad_query("cursor", "cursor.shape"));
    out.after = cursor->value_or("");
    auto limit = request.query_value("limit");
    if (!limit) return std::unexpected(bad_query("limit", "query.range"));
    if (*limit) {
        const auto& text = **limit;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out.limit);
        if (error != std::errc() || end != text.data() + text.size() || out.limit == 0 ||
            out.limit > kMaxAccountPage)
            return std::unexpected(bad_query("limit", "query.range"));
    }
    return out;
}

void append_account(std::string& out, const Account& account, std::string_view person) {
    out += "{\"id\":";
    append_json(out, account.id);
    out += ",\"person\":";
    append_json(out, person);
    out += ",\"login\":";
    append_json(out, account.login);
    out += ",\"state\":";
    append_json(out, accounts::name(account.state));
    out += account.totp.empty() ? ",\"second_factor\":false}" : ",\"second_factor\":true}";
}

http::Response list(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_person(request, kAction);
    if (!caller) return std::move(caller.error());
    auto page = read_page(request);
    if (!page) return std::move(page.error());
    auto all = desk.services.account_rows.accounts();
    if (!all) return failure(all.error());
    std::erase_if(*all, [&](const auto& account) {
        const auto who = staff::named(account.person);
        return !who || who->enterprise != caller->enterprise;
    });
    if (auto failed =
            desk.unseen(*caller, "people.read", {{"list", "accounts"}}, std::min(all->size(), page->limit)))
        return std::move(*failed);
    std::ranges::sort(*all, {}, &Account::id);
    std::string out = "{\"accounts\":[";
    std::string_view last;
    std::size_t told = 0;
    for (const auto& account : *all) {
        if (account.id <= page->after) continue;
        if (told == page->limit) {
            out += "],\"next\":";
            append_json(out, last);
            return json_answer(200, out + "}");
        }
        if (told > 0) out += ',';
        append_account(out, account, staff::named(account.person)->person);
        last = account.id;
        ++told;
    }
    return json_answer(200, out + "]}");
}

}  // namespace

void add_account_routes(const std::shared_ptr<Desk>& desk, http::Router& router) {
    const http::RouteLimits limits{kMaxSmallBody, {}, kNoQuery};
    router.add("POST", "/v1/accounts", desk->on_pool(invite), limits);
    router.add("GET", "/v1/accounts", desk->on_pool(list), {kMaxSmallBody, {}, Fields{"cursor", "limit"}});
    router.add("POST", "/v1/accounts/{id}:reset", desk->on_pool(reset), limits);
    router.add("POST", "/v1/accounts/{id}:unlock", desk->on_pool(unlock), limits);
    router.add("POST", "/v1/accounts/{id}:enable", desk->on_pool(enable), limits);
}

}  // namespace huoqi::api

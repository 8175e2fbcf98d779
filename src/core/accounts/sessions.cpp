// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/accounts/accounts.h"
#include "core/accounts/internal/place.h"

namespace huoqi::accounts {
namespace {

// A session is marked as seen at most this often in an idle limit; each mark is a write.
constexpr std::int64_t kMarksInIdle = 10;

std::unexpected<Error> no_session() { return fail(Code::refused, "accounts: there is no such session"); }

office::Outgoing ended(const Session& session, std::string_view by, std::string_view why) {
    return {0,
            "session.end",
            std::string(by),
            session.account,
            "",
            {{"person", session.person}, {"session", session.id}, {"why", std::string(why)}}};
}

}  // namespace

Result<Session> Accounts::session(std::string_view token, std::string_view device, Time now) {
    auto bytes = token.size() == 2 * kTokenBytes ? unhex(token) : std::nullopt;
    if (!bytes) return no_session();
    const SecretBytes secret(std::move(*bytes));
    auto rules = this->rules(now);
    if (!rules) return pass(rules);
    auto session = store_.session(keyed(tokens_, secret.view()));
    if (!session) return session.error().code == Code::not_found ? no_session() : pass(session);
    const std::int64_t idle = now.nanoseconds - session->seen.nanoseconds;
    const bool old = now.nanoseconds - session->created.nanoseconds > rules->absolute.count();
    if (old || idle > rules->idle.count()) {
        Change change;
        change.end_sessions.push_back(session->id);
        change.tell.push_back(ended(*session, session->person, old ? "absolute" : "idle"));
        auto done = store_.apply(change);
        if (!done && done.error().code != Code::not_found) return pass(done);
        return no_session();
    }
    if (!session->device.empty() && session->device != device) return no_session();
    if (idle >= rules->idle.count() / kMarksInIdle) {
        if (auto marked = store_.seen(*session, now); !marked) return pass(marked);
        session->seen = now;
    }
    return session;
}

std::string Accounts::csrf_of(std::string_view token) const { return hex(keyed(csrf_, bytes_of(token))); }

bool Accounts::csrf_fits(std::string_view token, std::string_view given) const {
    return equal_constant_time(bytes_of(csrf_of(token)), bytes_of(given));
}

Result<std::vector<Session>> Accounts::own_sessions(const Session& session) {
    return store_.sessions(session.account);
}

Status Accounts::end(const Session& own, std::string_view id) {
    auto all = store_.sessions(own.account);
    if (!all) return pass(all);
    const auto at = std::ranges::find(*all, id, &Session::id);
    if (at == all->end()) return fail(Code::not_found, "accounts: there is no such session");
    Change change;
    change.end_sessions.push_back(at->id);
    change.tell.push_back(ended(*at, own.person, "asked"));
    if (auto done = store_.apply(change); !done) return pass(done);
    return {};
}

Status Accounts::end_all(std::string_view person, std::string_view by) {
    auto account = store_.account(By::person, person);
    if (!account) return pass(account);
    Change change;
    change.end_sessions_of = account->id;
    change.tell.push_back(told("session.end_all", by, *account));
    if (auto done = store_.apply(change); !done) return pass(done);
    return {};
}

Status Accounts::disable(std::string_view person, std::string_view by) {
    auto account = store_.account(By::person, person);
    if (!account) return pass(account);
    if (account->state == State::disabled) return {};
    retire_password(*account, static_cast<std::int64_t>(account->history.size()) + 1);
    account->state = State::disabled;
    forget_failures(*account);
    account->totp.clear();
    account->totp_proposed.clear();
    account->recovery.clear();
    Change change;
    change.end_slips_of = account->id;
    change.end_sessions_of = account->id;
    change.tell.push_back(told("account.disable", by, *account));
    change.update = std::move(*account);
    if (auto done = store_.apply(change); !done) return pass(done);
    return {};
}

Status Accounts::unlock(std::string_view id, std::string_view by) {
    auto account = store_.account(By::id, id);
    if (!account) return pass(account);
    if (account->person == by) return fail(Code::refused, "accounts: nobody unlocks his own account");
    if (account->state != State::locked) return fail(Code::conflict, "accounts: the account is not locked");
    account->state = State::active;
    forget_failures(*account);
    Change change;
    change.tell.push_back(told("account.unlock", by, *account));
    change.update = std::move(*account);
    if (auto done = store_.apply(change); !done) return pass(done);
    return {};
}

}  // namespace huoqi::accounts

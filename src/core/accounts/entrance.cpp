// SPDX-License-Identifier: Apache-2.0
// Logging in. An attempt is counted before it is judged: neither a restart nor many attempts at once get past
// the count. Whatever is wrong, the work is the same: a transaction, a hash computation, a transaction.
#include <algorithm>

#include "core/accounts/accounts.h"
#include "core/accounts/internal/place.h"

namespace huoqi::accounts {
namespace {

constexpr std::int64_t kMostDoublings = 20;

// Why an attempt on this account cannot succeed now; empty when it can.
std::string_view obstacle(const Account& account, Time now) {
    if (account.state == State::disabled) return "login.disabled";
    if (account.state == State::invited || !account.password) return "login.invited";
    if (account.held_until && now < *account.held_until)
        return account.state == State::locked ? "login.locked" : "login.delay";
    return "";
}

void count_failure(Account& account, Time now, const Rules& rules) {
    // A lock-out that is over is over: else one wrong attempt now and then would keep anybody out for ever.
    if (account.state == State::locked) {
        account.state = State::active;
        account.failures = 0;
    }
    ++account.failures;
    if (account.failures >= rules.failures_max) {
        account.state = State::locked;
        account.held_until = after(now, rules.lockout_max);
        return;
    }
    const auto doublings = std::min(account.failures - 1, kMostDoublings);
    account.held_until =
        after(now, std::min(rules.delay_base * (std::int64_t{1} << doublings), rules.lockout_max));
}

Refusal refusal(Error outward, std::string_view rule) {
    return {std::move(outward), std::string(rule), "", false};
}
Error generic() { return {Code::refused, "accounts: the log-in is refused"}; }

}  // namespace

Result<Accounts::Place> Accounts::count(std::string_view login, std::string_view address, Time now,
                                        const Rules& rules) {
    Place place;
    place.address = address_of(address);
    if (const auto stored = login_of(login)) {
        auto account = store_.account(By::login, *stored);
        if (!account && account.error().code != Code::not_found) return pass(account);
        if (account) place.account = std::move(*account);
    }
    place.rule = place.account ? obstacle(*place.account, now) : "login.unknown";
    Change change;
    change.attempt = attempt_of(place.address, now, rules);
    if (place.rule.empty()) {
        change.update = place.account;
        count_failure(*change.update, now, rules);
    }
    auto counted = store_.apply(change);
    if (!counted && counted.error().code == Code::conflict && change.update) {
        // Another attempt on this account came between. This one fails, at the usual cost.
        place.rule = "login.overtaken";
        change.update.reset();
        counted = store_.apply(change);
    }
    if (!counted) return pass(counted);
    if (change.update) {
        place.account = std::move(change.update);
        ++place.account->version;
    }
    return place;
}

// The rule that the attempt breaks, empty when none; uses up the code in `place`.
Result<std::string> Accounts::judge(Place& place, const Attempt& attempt, Time now,
                                    const Rules& rules) const {
    auto fits = password_fits(place, attempt.password);
    if (!fits) return pass(fits);
    if (!place.rule.empty()) return place.rule;
    if (!*fits) return "login.password";
    if (attempt.closed_to) {
        if (auto rule = attempt.closed_to(place.account->person); !rule.empty()) return rule;
    }
    if (place.account->totp.empty()) return "";
    if (attempt.code.empty()) return "login.code_missing";
    auto taken = take_code(*place.account, attempt.code, now, rules);
    if (!taken) return pass(taken);
    return *taken ? "" : "login.code";
}

std::expected<Entered, Refusal> Accounts::let_in(Place& place, const Attempt& attempt, Time now,
                                                 const Rules& rules) {
    Account& account = *place.account;
    const bool has_factor = !account.totp.empty();
    SecretBytes token = random_secret(kTokenBytes);
    Session session{new_id("se_"),
                    keyed(tokens_, token.view()),
                    account.id,
                    account.person,
                    std::string(attempt.device),
                    std::string(attempt.address),
                    now,
                    now,
                    Standing::full,
                    has_factor};
    if (now.nanoseconds - account.password_changed.nanoseconds > rules.max_age.count())
        session.standing = Standing::password_due;
    else if (!has_factor && options_.needs_second_factor(account.person))
        session.standing = Standing::factor_due;
    forget_failures(account);
    account.state = State::active;
    Change change;
    change.forgive = place.address;
    change.update = account;
    if (options_.one_session) change.end_sessions_of = account.id;
    change.add_session = session;
    change.tell.push_back(told("login", account.person, account,
                               {{"session", session.id},
                                {"address", session.address},
                                {"device", session.device},
                                {"standing", std::string(name(session.standing))}}));
    if (auto done = store_.apply(change); !done) {
        // A code or password that was being used twice at once is used once.
        if (done.error().code == Code::conflict)
            return std::unexpected(turn_away(place, "login.overtaken", attempt.address));
        return std::unexpected(refusal(done.error(), "login.storage"));
    }
    const std::string text = hex(token.view());
    auto digits = bytes_of(text);
    return Entered{std::move(session), SecretBytes(Bytes(digits.begin(), digits.end()))};
}

// Unknown logins are told to the ledger as known ones are, but never what was typed: people type passwords
// there.
Refusal Accounts::turn_away(const Place& place, std::string_view rule, std::string_view address) {
    Refusal out = refusal(generic(), rule);
    out.locked = place.rule.empty() && place.account && place.account->state == State::locked;
    Change change;
    std::map<std::string, std::string> detail{{"rule", out.rule}, {"address", std::string(address)}};
    if (out.locked) detail.emplace("locked", "yes");
    if (place.account) {
        out.account = place.account->id;
        change.tell.push_back(told("login.refuse", place.account->person, *place.account, std::move(detail)));
    } else {
        change.tell.push_back({0, "login.refuse", "unknown", "unknown", "", std::move(detail)});
    }
    if (auto done = store_.apply(change); !done) out.outward = done.error();
    return out;
}

std::expected<Entered, Refusal> Accounts::enter(const Attempt& attempt, Time now) {
    const HashPermit permit(hashing_, options_.hashes_at_once);
    if (!permit) return std::unexpected(refusal(too_busy().error(), "login.busy"));
    auto rules = this->rules(now);
    if (!rules) return std::unexpected(refusal(rules.error(), "login.storage"));
    auto place = count(attempt.login, attempt.address, now, *rules);
    if (!place) {
        const bool flood = place.error().code == Code::refused;
        return std::unexpected(flood ? refusal(generic(), "login.address")
                                     : refusal(place.error(), "login.storage"));
    }
    auto broken = judge(*place, attempt, now, *rules);
    if (!broken) return std::unexpected(refusal(broken.error(), "login.storage"));
    if (!broken->empty()) return std::unexpected(turn_away(*place, *broken, attempt.address));
    return let_in(*place, attempt, now, *rules);
}

Status Accounts::change_password(const Session& session, std::string_view old_password,
                                 std::string_view password, Time now) {
    const HashPermit permit(hashing_, options_.hashes_at_once);
    if (!permit) return too_busy();
    auto rules = this->rules(now);
    if (!rules) return pass(rules);
    auto account = store_.account(By::id, session.account);
    if (!account) return pass(account);
    auto good = checked_password(password, account->login, account->person, *rules, *policy_.now());
    if (!good) return pass(good);
    auto place = count(account->login, session.address, now, *rules);
    if (!place) return pass(place);
    auto fits = password_fits(*place, old_password);
    if (!fits) return pass(fits);
    if (!*fits) {
        const std::string_view rule = place->rule.empty() ? std::string_view("login.password") : place->rule;
        return std::unexpected(turn_away(*place, rule, session.address).outward);
    }
    Account& own = *place->account;
    Change change;
    change.forgive = place->address;
    auto used = was_used(own, *good, *rules);
    if (!used) return pass(used);
    if (*used) {
        forget_failures(own);
        own.state = State::active;
        change.update = own;
        if (auto done = store_.apply(change); !done) return pass(done);
        return fail(Code::bad_input, "password.history");
    }
    change.tell.push_back(told("password.change", session.person, own));
    return set_password(own, *good, std::move(change), now, *rules);
}

}  // namespace huoqi::accounts

// SPDX-License-Identifier: Apache-2.0
// One-time codes: a security administrator starts them, the person alone sees them.
#include "core/accounts/accounts.h"
#include "core/accounts/internal/place.h"
#include "lib/otp/otp.h"

namespace huoqi::accounts {
namespace {

constexpr std::size_t kSlipBytes = 20;  // 160 bits
constexpr std::size_t kMaxPersonBytes = 128;

std::unexpected<Error> no_such_code() {
    return fail(Code::refused, "accounts: the code is wrong, was used or is too old");
}

}  // namespace

Result<std::string> Accounts::issue(const Account& account, Change change, std::string_view action,
                                    std::string_view by, Time now, const Deliver& deliver) {
    auto rules = this->rules(now);
    if (!rules) return pass(rules);
    const SecretBytes code = otp::readable(random_secret(kSlipBytes).view());
    const auto meant = otp::as_meant(text_of(code.view()));
    Slip slip{new_id("sl_"), account.id, keyed(slips_, meant->view()), after(now, rules->enrolment),
              std::string(by)};
    change.end_slips_of = account.id;
    change.add_slip = slip;
    change.tell.push_back(told(action, by, account, {{"slip", slip.id}}));
    if (auto done = store_.apply(change); !done) return pass(done);
    if (auto handed = deliver(account, code, slip.expires); !handed) return pass(handed);
    return slip.id;
}

Result<Account> Accounts::invite(std::string_view person, std::string_view login, std::string_view by,
                                 Time now, const Deliver& deliver) {
    if (person == by) return fail(Code::refused, "accounts: nobody invites himself");
    if (person.empty() || person.size() > kMaxPersonBytes)
        return fail(Code::bad_input, "accounts: a person has 1 to 128 bytes");
    const auto stored = login_of(login);
    if (!stored) return fail(Code::bad_input, "accounts: a login has 3 to 64 of a-z, 0-9, '.', '-' and '_'");
    Account account;
    account.id = new_id("ac_");
    account.person = person;
    account.login = *stored;
    Change change;
    change.add = account;
    auto issued = issue(account, std::move(change), "account.invite", by, now, deliver);
    if (!issued) return pass(issued);
    return account;
}

Result<std::string> Accounts::reset(std::string_view id, Reset what, std::string_view by, Time now,
                                    const Deliver& deliver) {
    auto rules = this->rules(now);
    if (!rules) return pass(rules);
    auto account = store_.account(By::id, id);
    if (!account) return pass(account);
    if (account->person == by) return fail(Code::refused, "accounts: nobody resets his own account");
    if (account->state == State::disabled) return fail(Code::refused, "accounts: the account is disabled");
    retire_password(*account, rules->history);
    account->state = State::invited;
    forget_failures(*account);
    account->totp_proposed.clear();
    if (what == Reset::password_and_factor) {
        account->totp.clear();
        account->recovery.clear();
    }
    Change change;
    change.update = *account;
    change.end_sessions_of = account->id;
    return issue(*account, std::move(change),
                 what == Reset::password ? "account.reset" : "account.reset_factor", by, now, deliver);
}

Result<std::string> Accounts::enable(std::string_view id, std::string_view by, Time now,
                                     const Deliver& deliver) {
    auto account = store_.account(By::id, id);
    if (!account) return pass(account);
    if (account->person == by) return fail(Code::refused, "accounts: nobody enables his own account");
    if (account->state != State::disabled)
        return fail(Code::conflict, "accounts: the account is not disabled");
    account->state = State::invited;
    Change change;
    change.update = *account;
    return issue(*account, std::move(change), "account.enable", by, now, deliver);
}

Status Accounts::redeem(std::string_view code, std::string_view password, std::string_view address,
                        Time now) {
    const HashPermit permit(hashing_, options_.hashes_at_once);
    if (!permit) return too_busy();
    auto rules = this->rules(now);
    if (!rules) return pass(rules);
    const crypto::Mac place = address_of(address);
    Change counting;
    counting.attempt = attempt_of(place, now, *rules);
    if (auto counted = store_.apply(counting); !counted) return pass(counted);

    const auto meant = otp::as_meant(code);
    if (!meant) return no_such_code();
    auto slip = store_.slip(keyed(slips_, meant->view()));
    if (!slip) return slip.error().code == Code::not_found ? no_such_code() : pass(slip);
    if (now >= slip->expires) return no_such_code();
    auto account = store_.account(By::id, slip->account);
    if (!account) return pass(account);
    if (account->state == State::disabled) return no_such_code();

    // The code is right: from here on nothing is guessed.
    Change change;
    change.forgive = place;
    auto good = checked_password(password, account->login, account->person, *rules, *policy_.now());
    auto used = good ? was_used(*account, *good, *rules) : Result<bool>(false);
    if (!used) return pass(used);
    if (!good || *used) {
        if (auto done = store_.apply(change); !done) return pass(done);
        return good ? fail(Code::bad_input, "password.history") : pass(good);
    }
    change.use_slip = slip->hash;
    change.tell.push_back(told("account.enrol", account->person, *account, {{"slip", slip->id}}));
    auto set = set_password(std::move(*account), *good, std::move(change), now, *rules);
    // Somebody used the code, or started a new one, at the same time.
    if (!set && set.error().code == Code::not_found) return no_such_code();
    return set;
}

}  // namespace huoqi::accounts

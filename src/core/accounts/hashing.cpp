// SPDX-License-Identifier: Apache-2.0
// Passwords at rest: Argon2id, then a keyed hash of what it gives.
#include "core/accounts/accounts.h"
#include "core/accounts/internal/place.h"
#include "lib/text/normal_form.h"

namespace huoqi::accounts {

Result<PasswordHash> Accounts::hash(const SecretBytes& password) const {
    PasswordHash out;
    out.cost = options_.cost;
    crypto::random_fill(out.salt);
    auto key = options_.argon2(password, out.salt, out.cost);
    if (!key) return pass(key);
    out.hash = keyed(passwords_, key->view());
    return out;
}

Result<bool> Accounts::matches(const SecretBytes& password, const PasswordHash& hash) const {
    auto key = options_.argon2(password, hash.salt, hash.cost);
    if (!key) return pass(key);
    return equal_constant_time(keyed(passwords_, key->view()), hash.hash);
}

// What cannot be a password is judged as the empty one: it costs the same and fits nothing.
Result<bool> Accounts::password_fits(const Place& place, std::string_view password) const {
    auto normal = text::nfc(password, kMaxPasswordCharacters);
    const bool can_fit = place.rule.empty() && place.account && place.account->password && normal.has_value();
    if (!normal) normal.emplace();
    auto fits = matches(*normal, can_fit ? *place.account->password : nobody_);
    if (!fits) return pass(fits);
    return *fits && can_fit;
}

Result<bool> Accounts::was_used(const Account& account, const SecretBytes& password,
                                const Rules& rules) const {
    std::vector<const PasswordHash*> earlier;
    if (account.password) earlier.push_back(&*account.password);
    for (const auto& hash : account.history) earlier.push_back(&hash);
    if (earlier.size() > static_cast<std::size_t>(rules.history))
        earlier.resize(static_cast<std::size_t>(rules.history));
    for (const auto* hash : earlier) {
        auto same = matches(password, *hash);
        if (!same || *same) return same;
    }
    return false;
}

Status Accounts::set_password(Account account, const SecretBytes& password, Change change, Time now,
                              const Rules& rules) {
    auto made = hash(password);
    if (!made) return pass(made);
    retire_password(account, rules.history);
    account.password = *made;
    account.password_changed = now;
    account.state = State::active;
    forget_failures(account);
    change.end_sessions_of = account.id;
    change.update = std::move(account);
    auto done = store_.apply(change);
    if (!done) return pass(done);
    return {};
}

}  // namespace huoqi::accounts

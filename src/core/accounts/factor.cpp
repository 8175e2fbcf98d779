// SPDX-License-Identifier: Apache-2.0
// The second factor: TOTP, and recovery codes for a lost phone.
#include <algorithm>

#include "core/accounts/accounts.h"
#include "core/accounts/internal/place.h"
#include "core/keys/keys.h"
#include "lib/otp/otp.h"

namespace huoqi::accounts {

Bytes Accounts::wrap_factor(const Account& account, ByteView key) const {
    return keys::wrap(suite_, factors_, "totp/" + account.id, key);
}

Result<SecretBytes> Accounts::unwrap_factor(const Account& account, ByteView wrapped) const {
    return keys::unwrap(suite_, factors_, "totp/" + account.id, wrapped);
}

Result<bool> Accounts::take_code(Account& account, std::string_view code, Time now,
                                 const Rules& rules) const {
    auto key = unwrap_factor(account, account.totp);
    if (!key) return pass(key);
    const auto step =
        otp::verify(key->view(), code, now, static_cast<int>(rules.totp_window), account.totp_step);
    if (step) {
        account.totp_step = *step;
        return true;
    }
    const auto meant = otp::as_meant(code);
    if (!meant) return false;
    const crypto::Mac hash = keyed(recovery_, meant->view());
    const auto left = std::ranges::remove_if(
        account.recovery, [&](const crypto::Mac& kept) { return equal_constant_time(kept, hash); });
    const bool found = !left.empty();
    account.recovery.erase(left.begin(), left.end());
    return found;
}

Result<Proposal> Accounts::propose_factor(const Session& session) {
    auto account = store_.account(By::id, session.account);
    if (!account) return pass(account);
    if (!account->totp.empty()) return fail(Code::conflict, "accounts: there is a second factor already");
    const SecretBytes key = random_secret(otp::kKeyBytes);
    account->totp_proposed = wrap_factor(*account, key.view());
    Change change;
    change.update = *account;
    if (auto done = store_.apply(change); !done) return pass(done);
    std::string text = otp::base32(key.view());
    auto characters = bytes_of(text);
    Proposal out{SecretBytes(Bytes(characters.begin(), characters.end())),
                 otp::uri(options_.issuer, account->login, key.view())};
    wipe(text.data(), text.size());
    return out;
}

Result<std::vector<SecretBytes>> Accounts::confirm_factor(const Session& session, std::string_view code,
                                                          Time now) {
    auto rules = this->rules(now);
    if (!rules) return pass(rules);
    auto account = store_.account(By::id, session.account);
    if (!account) return pass(account);
    if (account->totp_proposed.empty() || !account->totp.empty())
        return fail(Code::conflict, "accounts: no second factor is being set up");
    auto key = unwrap_factor(*account, account->totp_proposed);
    if (!key) return pass(key);
    // -1: the steps of an earlier key say nothing about this one.
    const auto step = otp::verify(key->view(), code, now, static_cast<int>(rules->totp_window), -1);
    if (!step) return fail(Code::refused, "accounts: the code does not fit");
    const SecretBytes randomness =
        random_secret(static_cast<std::size_t>(rules->recovery_codes) * otp::kRecoveryBytes);
    auto codes = otp::recovery_codes(randomness.view());
    account->recovery.clear();
    for (const auto& one : codes)
        account->recovery.push_back(keyed(recovery_, otp::as_meant(text_of(one.view()))->view()));
    account->totp = std::move(account->totp_proposed);
    account->totp_proposed.clear();
    account->totp_step = *step;
    Change change;
    change.end_sessions_of = account->id;
    change.tell.push_back(told("factor.enrol", session.person, *account));
    change.update = std::move(*account);
    if (auto done = store_.apply(change); !done) return pass(done);
    return codes;
}

}  // namespace huoqi::accounts

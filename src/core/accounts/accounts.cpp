// SPDX-License-Identifier: Apache-2.0
#include "core/accounts/accounts.h"

#include <algorithm>
#include <array>

#include "core/accounts/internal/place.h"

namespace huoqi::accounts {
namespace {

constexpr std::array<std::string_view, 4> kStates{"invited", "active", "locked", "disabled"};
constexpr std::array<std::string_view, 3> kStandings{"full", "password_due", "factor_due"};

template <class E, std::size_t N>
std::optional<E> value_of(const std::array<std::string_view, N>& words, std::string_view word) {
    const auto at = std::ranges::find(words, word);
    if (at == words.end()) return std::nullopt;
    return static_cast<E>(at - words.begin());
}

}  // namespace

std::string_view name(State state) { return kStates.at(static_cast<std::size_t>(state)); }
std::optional<State> state_named(std::string_view name) { return value_of<State>(kStates, name); }
std::string_view name(Standing standing) { return kStandings.at(static_cast<std::size_t>(standing)); }
std::optional<Standing> standing_named(std::string_view name) { return value_of<Standing>(kStandings, name); }

Accounts::Accounts(Store& store, const policy::InForce& policy, crypto::Suite suite, const crypto::Key& key,
                   Options options)
    : store_(store),
      policy_(policy),
      suite_(suite),
      passwords_(crypto::derive(suite, key, "huoqi/accounts/password")),
      tokens_(crypto::derive(suite, key, "huoqi/accounts/token")),
      csrf_(crypto::derive(suite, key, "huoqi/accounts/csrf")),
      slips_(crypto::derive(suite, key, "huoqi/accounts/slip")),
      recovery_(crypto::derive(suite, key, "huoqi/accounts/recovery")),
      addresses_(crypto::derive(suite, key, "huoqi/accounts/address")),
      factors_(crypto::derive(suite, key, "huoqi/accounts/factor")),
      options_(std::move(options)) {
    nobody_.cost = options_.cost;
    crypto::random_fill(nobody_.salt);
    crypto::random_fill(nobody_.hash);
}

crypto::Mac Accounts::keyed(const crypto::Key& key, ByteView message) const {
    return crypto::make_hmac(suite_, key)->mac(message);
}

crypto::Mac Accounts::address_of(std::string_view address) const {
    return keyed(addresses_, bytes_of(address));
}

Result<Rules> Accounts::rules(Time now) const { return rules_at(*policy_.now(), now); }

AddressAttempt Accounts::attempt_of(const crypto::Mac& address, Time now, const Rules& rules) const {
    return {address, now, after(now, -rules.address_window), rules.address_max};
}

std::string new_id(std::string_view prefix) {
    std::array<std::uint8_t, kIdBytes> bytes{};
    crypto::random_fill(bytes);
    return std::string(prefix) + hex(bytes);
}

SecretBytes random_secret(std::size_t bytes) {
    Bytes out(bytes);
    crypto::random_fill(out);
    return SecretBytes(std::move(out));
}

Time after(Time time, std::chrono::nanoseconds later) { return {time.nanoseconds + later.count()}; }

std::unexpected<Error> too_busy() {
    return fail(Code::unavailable, "accounts: too many passwords are being checked; try again");
}

office::Outgoing told(std::string_view action, std::string_view by, const Account& account,
                      std::map<std::string, std::string> detail) {
    detail.emplace("person", account.person);
    return {0, std::string(action), std::string(by), account.id, "", std::move(detail)};
}

void retire_password(Account& account, std::int64_t keep) {
    if (account.password) account.history.insert(account.history.begin(), *account.password);
    account.password.reset();
    if (account.history.size() > static_cast<std::size_t>(keep))
        account.history.resize(static_cast<std::size_t>(keep));
}

void forget_failures(Account& account) {
    account.failures = 0;
    account.held_until.reset();
}

}  // namespace huoqi::accounts

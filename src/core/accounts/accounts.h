// SPDX-License-Identifier: Apache-2.0
// Getting in (art. 35): accounts, each of one person; passwords, second factors, one-time codes for enrolment
// and reset, log-in and sessions. Figures come from the policy. The bytes are in docs/spec/accounts.md.
//
// Errors: Code::bad_input with a rule of password_rules(), Code::refused, Code::not_found, Code::conflict
// (another was first, or there is one already), Code::unavailable (too many hash computations at once: try
// again), and what the store gives. Nothing is changed on failure but the counts of attempts. Threads: all
// calls from any thread. Calls that hash a password take about 0.1 s of a core and 64 MiB.
#pragma once

#include <atomic>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "core/office/office.h"
#include "core/policy/policy.h"
#include "lib/crypto/crypto.h"

namespace huoqi::accounts {

enum class State : std::uint8_t {
    invited,   // has no password; waits for its one-time code
    active,    //
    locked,    // too many failures; until held_until
    disabled,  // its person left
};
std::string_view name(State state);
std::optional<State> state_named(std::string_view name);

// Argon2id under a salt of its own, then a keyed hash: a stolen database alone is no list to guess against.
struct PasswordHash {
    static constexpr std::size_t kSaltBytes = 16;
    std::array<std::uint8_t, kSaltBytes> salt{};
    crypto::PassphraseCost cost;
    crypto::Mac hash{};
};

struct Account {
    std::string id;      // "ac_…"
    std::string person;  // one account a person
    std::string login;   // see login_of()
    State state = State::invited;
    std::optional<PasswordHash> password;
    std::vector<PasswordHash> history;  // before `password`, newest first
    Time password_changed;
    std::int64_t failures = 0;       // in a row
    std::optional<Time> held_until;  // no attempt counts before
    Bytes totp;                      // key, wrapped; empty when there is no second factor
    Bytes totp_proposed;             // the same, until a first code confirms it
    std::int64_t totp_step = -1;     // of the last code that was used
    std::vector<crypto::Mac> recovery;
    std::int64_t version = 0;  // rises with each change
};

// A one-time code that waits to be used. The code itself is stored nowhere.
struct Slip {
    std::string id;  // "sl_…"
    std::string account;
    crypto::Mac hash{};
    Time expires;
    std::string by;
};

// What a session is good for.
enum class Standing : std::uint8_t {
    full,
    password_due,  // only to change the password: it is too old
    factor_due,    // only to set up the second factor that the person's role asks for
};
std::string_view name(Standing standing);
std::optional<Standing> standing_named(std::string_view name);

struct Session {
    std::string id;  // "se_…", shown to its person; the token is another
    crypto::Mac token_hash{};
    std::string account;
    std::string person;
    std::string device;   // empty: bound to none
    std::string address;  // network address at log-in
    Time created;
    Time seen;
    Standing standing = Standing::full;
    bool second_factor = false;  // one was given
};

// ---- Port ----

// One attempt of a network address; `address` is a keyed hash.
struct AddressAttempt {
    crypto::Mac address{};
    Time at;
    Time window_start;      // counts that began before it begin anew
    std::int64_t most = 0;  // apply() fails with Code::refused, changing nothing, when it would be exceeded
};

// Everything in it happens, or nothing does. In this order:
struct Change {
    std::optional<AddressAttempt> attempt;
    std::optional<crypto::Mac> forgive;  // takes one attempt of this address back
    std::optional<Account> add;          // Code::conflict: its id, person or login exists
    std::optional<Account> update;  // Code::conflict: its version is not the stored one; stored with the next
    std::string end_slips_of;       // account
    std::optional<crypto::Mac> use_slip;  // by hash; Code::not_found: not there
    std::optional<Slip> add_slip;
    std::string end_sessions_of;            // account
    std::vector<std::string> end_sessions;  // ids; Code::not_found: not there
    std::optional<Session> add_session;
    std::vector<office::Outgoing> tell;  // to the ledger
};

enum class By : std::uint8_t { id, person, login };

class Store {
  public:
    virtual ~Store() = default;
    // The number of the last entry that waits for the ledger, as of office::Office.
    virtual Result<std::int64_t> apply(const Change& change) = 0;
    // Code::not_found; Code::corrupt when a row was altered outside the program.
    virtual Result<Account> account(By by, std::string_view value) = 0;
    virtual Result<std::vector<Account>> accounts() = 0;
    virtual Result<Slip> slip(const crypto::Mac& hash) = 0;
    virtual Result<Session> session(const crypto::Mac& token_hash) = 0;
    virtual Result<std::vector<Session>> sessions(std::string_view account) = 0;
    // No error when it was ended meanwhile.
    virtual Status seen(const Session& session, Time when) = 0;
    virtual Status check() = 0;
};

// ---- Passwords ----

// Figures of the policy that hold at a moment.
struct Rules {
    std::int64_t length_min, classes_min, history, failures_max, address_max, totp_window, recovery_codes;
    std::chrono::nanoseconds max_age, delay_base, lockout_max, address_window, enrolment, idle, absolute;
};
Result<Rules> rules_at(const policy::Policy& policy, Time at);

inline constexpr std::size_t kMaxPasswordCharacters = 128;

// The password in NFC, or Code::bad_input with the rule it breaks as message: "password.text" (no text of 1
// to 128 characters), "password.length", "password.classes", "password.name" (holds the login or the person),
// "password.common" (is a common one, or little more than one).
Result<SecretBytes> checked_password(std::string_view password, std::string_view login,
                                     std::string_view person, const Rules& rules,
                                     const policy::Policy& policy);

// A login as it is stored: 3 to 64 of a-z, 0-9, '.', '-' and '_', capitals made small; nothing otherwise.
std::optional<std::string> login_of(std::string_view typed);

// ---- The service ----

using Argon2 = std::function<Result<crypto::Key>(const SecretBytes& password, ByteView salt,
                                                 const crypto::PassphraseCost& cost)>;
// Hands the code of a slip to its person. Whoever asked for the slip never sees the code.
using Deliver = std::function<Status(const Account& account, const SecretBytes& code, Time expires)>;

struct Options {
    std::size_t hashes_at_once =
        2;                        // further ones are Code::unavailable, so that log-ins cannot starve others
    crypto::PassphraseCost cost;  // of new hashes
    Argon2 argon2 = crypto::key_from_passphrase;
    std::string issuer = "Huoqi";  // shown by authenticator programs
    bool one_session = true;       // a new session ends the account's others
    // Whether this person's roles ask for a second factor.
    std::function<bool(std::string_view person)> needs_second_factor = [](std::string_view) { return false; };
};

struct Attempt {
    std::string_view login;
    std::string_view password;
    std::string_view code;     // TOTP or recovery code; may be empty
    std::string_view device;   // may be empty
    std::string_view address;  // network address; of IPv6 its /64, else one peer has many budgets
    // The rule that keeps the account's person out now (he left, the device is not his enterprise's); empty
    // when none does. Asked only when the password fits.
    std::function<std::string(std::string_view person)> closed_to{};
};
struct Entered {
    Session session;
    SecretBytes token;  // 64 hexadecimal digits, for the cookie
};
// `outward` is the same for every wrong log-in and may be shown; the rest is for the ledger alone.
struct Refusal {
    Error outward;
    std::string rule;  // "login.unknown", "login.disabled", "login.invited", "login.locked", "login.delay",
                       // "login.password", "login.code", "login.code_missing", "login.address", "login.busy",
                       // "login.overtaken", "login.storage", or what Attempt::closed_to said
    std::string account;  // empty when there is none
    bool locked = false;  // this attempt locked the account
};

enum class Reset : std::uint8_t { password, password_and_factor };

// A second factor to be confirmed.
struct Proposal {
    SecretBytes key;  // base 32, to be typed
    SecretBytes uri;  // otpauth://, for a QR code
};

class Accounts {
  public:
    // `key` is the node's office key; subkeys are derived from it.
    Accounts(Store& store, const policy::InForce& policy, crypto::Suite suite, const crypto::Key& key,
             Options options = {});

    // ---- Enrolment and reset ---- `by` is the security administrator and never the account's own person
    // (Code::refused). Older codes of the account end.
    Result<Account> invite(std::string_view person, std::string_view login, std::string_view by, Time now,
                           const Deliver& deliver);
    // Takes the password away, ends all sessions; gives the slip's id. Code::refused: the account is
    // disabled.
    Result<std::string> reset(std::string_view account, Reset what, std::string_view by, Time now,
                              const Deliver& deliver);
    // The person sets a password with the code. Wrong, used and expired codes are one Code::refused; they
    // count as attempts of the address. A password that breaks a rule leaves the code good.
    Status redeem(std::string_view code, std::string_view password, std::string_view address, Time now);

    // ---- Log-in ---- One hash computation whatever is wrong, one transaction before it and one after it.
    std::expected<Entered, Refusal> enter(const Attempt& attempt, Time now);
    // A log-in's check again, for the session's own person. All sessions of the account end. Failures count.
    Status change_password(const Session& session, std::string_view old_password, std::string_view password,
                           Time now);

    // ---- Second factor ----
    // Code::conflict: there is one; a reset takes it away.
    Result<Proposal> propose_factor(const Session& session);
    // Gives the recovery codes, once. All sessions of the account end. Code::refused: a wrong code.
    Result<std::vector<SecretBytes>> confirm_factor(const Session& session, std::string_view code, Time now);

    // ---- Sessions ----
    // The live session of a token, marked as seen. Code::refused for every other token, and for a session of
    // another device.
    Result<Session> session(std::string_view token, std::string_view device, Time now);
    // What a form or a header must repeat: derived from the token, so it is stored nowhere.
    std::string csrf_of(std::string_view token) const;
    bool csrf_fits(std::string_view token, std::string_view given) const;
    Result<std::vector<Session>> own_sessions(const Session& session);
    // Code::not_found: the session has no other of this id.
    Status end(const Session& own, std::string_view id);
    Status end_all(std::string_view person, std::string_view by);

    // ---- Administration ----
    // Ends everything of a leaver's account at once. No error when it is disabled already.
    Status disable(std::string_view person, std::string_view by);
    // A disabled account becomes an invited one, with neither password nor factor.
    Result<std::string> enable(std::string_view account, std::string_view by, Time now,
                               const Deliver& deliver);
    // Ends a lock-out before its time. Code::refused: one's own.
    Status unlock(std::string_view account, std::string_view by);

  private:
    struct Place;
    crypto::Mac keyed(const crypto::Key& key, ByteView message) const;
    crypto::Mac address_of(std::string_view address) const;
    Result<Rules> rules(Time now) const;
    AddressAttempt attempt_of(const crypto::Mac& address, Time now, const Rules& rules) const;
    Result<PasswordHash> hash(const SecretBytes& password) const;
    Result<bool> matches(const SecretBytes& password, const PasswordHash& hash) const;
    Result<bool> was_used(const Account& account, const SecretBytes& password, const Rules& rules) const;
    Status set_password(Account account, const SecretBytes& password, Change change, Time now,
                        const Rules& rules);
    Result<Place> count(std::string_view login, std::string_view address, Time now, const Rules& rules);
    Result<bool> password_fits(const Place& place, std::string_view password) const;
    Result<bool> take_code(Account& account, std::string_view code, Time now, const Rules& rules) const;
    Result<std::string> judge(Place& place, const Attempt& attempt, Time now, const Rules& rules) const;
    std::expected<Entered, Refusal> let_in(Place& place, const Attempt& attempt, Time now,
                                           const Rules& rules);
    Refusal turn_away(const Place& place, std::string_view rule, std::string_view address);
    Bytes wrap_factor(const Account& account, ByteView key) const;
    Result<SecretBytes> unwrap_factor(const Account& account, ByteView wrapped) const;
    Result<std::string> issue(const Account& account, Change change, std::string_view action,
                              std::string_view by, Time now, const Deliver& deliver);

    Store& store_;
    const policy::InForce& policy_;
    crypto::Suite suite_;
    crypto::Key passwords_, tokens_, csrf_, slips_, recovery_, addresses_, factors_;
    Options options_;
    PasswordHash nobody_;  // what an unknown login is judged by
    mutable std::atomic<std::size_t> hashing_ = 0;
};

}  // namespace huoqi::accounts

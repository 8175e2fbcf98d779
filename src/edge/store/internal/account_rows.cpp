// SPDX-License-Identifier: Apache-2.0
#include "edge/store/internal/account_rows.h"

#include <algorithm>

#include "edge/store/internal/outbox.h"

namespace huoqi::store {
namespace {

using accounts::Account;
using accounts::PasswordHash;
using accounts::Session;
using accounts::Slip;

const std::vector<std::string_view> kMigrations{
    // 1
    "CREATE TABLE accounts (id TEXT PRIMARY KEY, person TEXT NOT NULL UNIQUE, login TEXT NOT NULL UNIQUE, "
    "state TEXT NOT NULL, password {bytes} NOT NULL, history {bytes} NOT NULL, password_changed BIGINT NOT "
    "NULL, failures BIGINT NOT NULL, held_until BIGINT, totp {bytes} NOT NULL, totp_proposed {bytes} NOT "
    "NULL, "
    "totp_step BIGINT NOT NULL, recovery {bytes} NOT NULL, version BIGINT NOT NULL, seal {bytes} NOT NULL)",
    // 2
    "CREATE TABLE login_slips (id TEXT PRIMARY KEY, account TEXT NOT NULL, hash {bytes} NOT NULL UNIQUE, "
    "expires BIGINT NOT NULL, made_by TEXT NOT NULL, seal {bytes} NOT NULL)",
    // 3
    "CREATE TABLE login_sessions (id TEXT PRIMARY KEY, token_hash {bytes} NOT NULL UNIQUE, account TEXT NOT "
    "NULL, person TEXT NOT NULL, device TEXT NOT NULL, address TEXT NOT NULL, created BIGINT NOT NULL, seen "
    "BIGINT NOT NULL, standing TEXT NOT NULL, second_factor BIGINT NOT NULL, seal {bytes} NOT NULL)",
    // 4
    "CREATE INDEX login_sessions_by_account ON login_sessions (account)",
    // 5
    "CREATE TABLE login_addresses (address {bytes} PRIMARY KEY, since BIGINT NOT NULL, attempts BIGINT NOT "
    "NULL)",
};

constexpr std::size_t kHashBytes = 3 * 4 + PasswordHash::kSaltBytes + crypto::kMacBytes;

// memory (4), passes (4), lanes (4), salt, hash; integers big-endian.
void put(Bytes& out, const PasswordHash& hash) {
    put_be(out, hash.cost.memory_kib);
    put_be(out, hash.cost.passes);
    put_be(out, hash.cost.lanes);
    append(out, hash.salt);
    append(out, hash.hash);
}

std::optional<std::vector<PasswordHash>> hashes_of(ByteView bytes) {
    if (bytes.size() % kHashBytes != 0) return std::nullopt;
    std::vector<PasswordHash> out;
    for (; !bytes.empty(); bytes = bytes.subspan(kHashBytes)) {
        PasswordHash hash;
        hash.cost = {get_be<std::uint32_t>(bytes.data()), get_be<std::uint32_t>(bytes.data() + 4),
                     get_be<std::uint32_t>(bytes.data() + 8)};
        std::ranges::copy(bytes.subspan(12, hash.salt.size()), hash.salt.begin());
        std::ranges::copy(bytes.subspan(12 + hash.salt.size(), hash.hash.size()), hash.hash.begin());
        out.push_back(hash);
    }
    return out;
}

Bytes bytes_from(const crypto::Mac& mac) { return {mac.begin(), mac.end()}; }

std::optional<crypto::Mac> mac_of(const Bytes& bytes) {
    crypto::Mac out{};
    if (bytes.size() != out.size()) return std::nullopt;
    std::ranges::copy(bytes, out.begin());
    return out;
}

// All columns but the last are under the seal, each with its kind.
Bytes seal_of(std::string_view table, std::span<const sql::Value> columns, crypto::Hmac& key) {
    RowSeal seal(table);
    for (const auto& value : columns) {
        if (const auto* text = std::get_if<std::string>(&value))
            seal.text(*text);
        else if (const auto* bytes = std::get_if<Bytes>(&value))
            seal.bytes(*bytes);
        else if (const auto* number = std::get_if<std::int64_t>(&value))
            seal.maybe(*number);
        else
            seal.maybe(std::nullopt);
    }
    return seal.mac(key);
}

std::vector<sql::Value> sealed(std::string_view table, std::vector<sql::Value> columns, crypto::Hmac& key) {
    columns.emplace_back(seal_of(table, columns, key));
    return columns;
}

bool intact(std::string_view table, const sql::Row& row, std::size_t columns, crypto::Hmac& key) {
    if (row.size() != columns) return false;
    const auto* seal = std::get_if<Bytes>(&row.back());
    return seal != nullptr &&
           equal_constant_time(*seal, seal_of(table, std::span(row).first(columns - 1), key));
}

std::unexpected<Error> altered(std::string_view table) {
    return fail(Code::corrupt,
                "accounts: a row of " + std::string(table) + " was altered outside the program");
}

// Takes the columns of a row one after the other. The seal has told that they are as they were written.
class Columns {
  public:
    explicit Columns(const sql::Row& row) : row_(row) {}
    std::string text() { return next<std::string>(); }
    Bytes bytes() { return next<Bytes>(); }
    std::int64_t number() { return next<std::int64_t>(); }
    std::optional<std::int64_t> maybe() {
        const auto* value = std::get_if<std::int64_t>(&row_[at_++]);
        return value ? std::optional(*value) : std::nullopt;
    }

  private:
    template <class T>
    T next() {
        const auto* value = std::get_if<T>(&row_[at_++]);
        return value ? *value : T{};
    }
    const sql::Row& row_;
    std::size_t at_ = 0;
};

}  // namespace

const std::vector<std::string_view>& account_migrations() { return kMigrations; }

std::vector<sql::Value> values_of(const Account& account, crypto::Hmac& key) {
    Bytes password, history, recovery;
    if (account.password) put(password, *account.password);
    for (const auto& hash : account.history) put(history, hash);
    for (const auto& hash : account.recovery) append(recovery, hash);
    sql::Value held;
    if (account.held_until) held = account.held_until->nanoseconds;
    return sealed("accounts",
                  {account.id, account.person, account.login, std::string(name(account.state)), password,
                   history, account.password_changed.nanoseconds, account.failures, held, account.totp,
                   account.totp_proposed, account.totp_step, recovery, account.version},
                  key);
}

Status read_row(const sql::Row& row, crypto::Hmac& key, Account& into) {
    if (!intact("accounts", row, 15, key)) return altered("accounts");
    Columns columns(row);
    into.id = columns.text();
    into.person = columns.text();
    into.login = columns.text();
    const auto state = accounts::state_named(columns.text());
    const auto password = hashes_of(columns.bytes());
    const auto history = hashes_of(columns.bytes());
    into.password_changed = {columns.number()};
    into.failures = columns.number();
    if (const auto held = columns.maybe()) into.held_until = Time{*held};
    into.totp = columns.bytes();
    into.totp_proposed = columns.bytes();
    into.totp_step = columns.number();
    const Bytes recovery = columns.bytes();
    into.version = columns.number();
    if (!state || !password || !history || recovery.size() % crypto::kMacBytes != 0)
        return altered("accounts");
    into.state = *state;
    if (!password->empty()) into.password = password->front();
    into.history = *history;
    for (std::size_t at = 0; at < recovery.size(); at += crypto::kMacBytes) {
        std::ranges::copy(ByteView(recovery).subspan(at, crypto::kMacBytes),
                          into.recovery.emplace_back().begin());
    }
    return {};
}

std::vector<sql::Value> values_of(const Slip& slip, crypto::Hmac& key) {
    return sealed("login_slips",
                  {slip.id, slip.account, bytes_from(slip.hash), slip.expires.nanoseconds, slip.by}, key);
}

Status read_row(const sql::Row& row, crypto::Hmac& key, Slip& into) {
    if (!intact("login_slips", row, 6, key)) return altered("login_slips");
    Columns columns(row);
    into.id = columns.text();
    into.account = columns.text();
    const auto hash = mac_of(columns.bytes());
    into.expires = {columns.number()};
    into.by = columns.text();
    if (!hash) return altered("login_slips");
    into.hash = *hash;
    return {};
}

std::vector<sql::Value> values_of(const Session& session, crypto::Hmac& key) {
    return sealed("login_sessions",
                  {session.id, bytes_from(session.token_hash), session.account, session.person,
                   session.device, session.address, session.created.nanoseconds, session.seen.nanoseconds,
                   std::string(name(session.standing)), std::int64_t{session.second_factor ? 1 : 0}},
                  key);
}

Status read_row(const sql::Row& row, crypto::Hmac& key, Session& into) {
    if (!intact("login_sessions", row, 11, key)) return altered("login_sessions");
    Columns columns(row);
    into.id = columns.text();
    const auto hash = mac_of(columns.bytes());
    into.account = columns.text();
    into.person = columns.text();
    into.device = columns.text();
    into.address = columns.text();
    into.created = {columns.number()};
    into.seen = {columns.number()};
    const auto standing = accounts::standing_named(columns.text());
    into.second_factor = columns.number() != 0;
    if (!hash || !standing) return altered("login_sessions");
    into.token_hash = *hash;
    into.standing = *standing;
    return {};
}

}  // namespace huoqi::store

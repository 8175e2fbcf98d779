// SPDX-License-Identifier: Apache-2.0
// Rows of accounts, slips and sessions: columns, seals, and the bytes of hashes (docs/spec/accounts.md).
#pragma once

#include <string_view>
#include <vector>

#include "core/accounts/accounts.h"
#include "lib/crypto/crypto.h"
#include "lib/sql/sql.h"

namespace huoqi::store {

const std::vector<std::string_view>& account_migrations();

// Columns in the order of the values below, the seal last.
inline constexpr std::string_view kAccountColumns =
    "id, person, login, state, password, history, password_changed, failures, held_until, totp, "
    "totp_proposed, "
    "totp_step, recovery, version, seal";
inline constexpr std::string_view kSlipColumns = "id, account, hash, expires, made_by, seal";
inline constexpr std::string_view kSessionColumns =
    "id, token_hash, account, person, device, address, created, seen, standing, second_factor, seal";

std::vector<sql::Value> values_of(const accounts::Account& account, crypto::Hmac& key);
std::vector<sql::Value> values_of(const accounts::Slip& slip, crypto::Hmac& key);
std::vector<sql::Value> values_of(const accounts::Session& session, crypto::Hmac& key);

// Code::corrupt when the row was altered outside the program.
Status read_row(const sql::Row& row, crypto::Hmac& key, accounts::Account& into);
Status read_row(const sql::Row& row, crypto::Hmac& key, accounts::Slip& into);
Status read_row(const sql::Row& row, crypto::Hmac& key, accounts::Session& into);

}  // namespace huoqi::store

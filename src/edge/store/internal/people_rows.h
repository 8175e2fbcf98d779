// SPDX-License-Identifier: Apache-2.0
// The tables of people and powers: columns, and the way from a value to a row and back. The first two columns
// of each are its key, the first of them the enterprise. The last column of the database's row is the seal.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/people/store.h"
#include "lib/crypto/crypto.h"
#include "lib/sql/sql.h"

namespace huoqi::store {

// The migrations of the set "people".
std::span<const std::string_view> people_migrations();

template <class T>
struct Rows;  // kTable, kColumns (comma-separated, key first), values(), from()

#define HUOQI_ROWS(type, table, columns)                          \
    template <>                                                   \
    struct Rows<type> {                                           \
        static constexpr std::string_view kTable = table;         \
        static constexpr std::string_view kColumns = columns;     \
        static std::vector<sql::Value> values(const type& value); \
        /* nullopt: not what values() gives. */                   \
        static std::optional<type> from(const sql::Row& row);     \
    }
HUOQI_ROWS(people::Organisation, "organisations", "enterprise, code, name, kind, parent, areas");
HUOQI_ROWS(people::Person, "people", "enterprise, id, organisation, post, department, entered, left_at");
HUOQI_ROWS(people::Grant, "role_grants",
           "enterprise, id, person, role, organisation, from_at, until_at, confirmed");
HUOQI_ROWS(people::Device, "devices", "enterprise, id, kind, outlet, registered, revoked");
HUOQI_ROWS(people::GrantRequest, "grant_requests",
           "enterprise, id, kind, person, role, organisation, grant_id, until_at, asked_by, asked, state, "
           "decided_by, decided");
HUOQI_ROWS(
    people::Window, "maintenance_windows",
    "enterprise, id, task, why, minutes, break_glass, asked_by, asked, state, decided_by, opened, ends, "
    "closed_by, closed, finding");
HUOQI_ROWS(people::Leaving, "leavings",
           "enterprise, person, left_at, audit_from, recorded_by, signed_by, signed_at, finding");
#undef HUOQI_ROWS

// "INSERT … ON CONFLICT … DO UPDATE" for a table whose columns are these and `seal`.
std::string upsert_statement(std::string_view table, std::string_view columns);
// "SELECT columns, seal FROM table WHERE enterprise = $1 ORDER BY the key".
std::string select_statement(std::string_view table, std::string_view columns);
// Authenticates a row under the table's name.
Bytes row_seal(std::string_view table, std::span<const sql::Value> values, crypto::Hmac& key);

}  // namespace huoqi::store

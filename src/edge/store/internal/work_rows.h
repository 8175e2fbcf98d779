// SPDX-License-Identifier: Apache-2.0
// The tables of assignments and tickets: rows, their seals, and the statements, each of which names one
// enterprise (docs/spec/postgresql.md).
//
// A row in which from_at and until_at are both 0 is an assignment that was taken; a ticket without waybills
// was closed. They stay, so that others learn of it, until the latest end they ever had (kept_until). That
// column is not sealed: it only says when the row may go, and who can write it can delete the row as well.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/people/work.h"
#include "lib/crypto/crypto.h"
#include "lib/sql/sql.h"

namespace huoqi::store {

// The migrations of the set "work".
const std::vector<std::string_view>& work_migrations();

inline constexpr std::string_view kAssignments = "assignments";
inline constexpr std::string_view kTickets = "tickets";
inline constexpr std::string_view kNumbers = "work_numbers";
// The "enterprise" under which the last number of all is kept; no enterprise has this name.
inline constexpr std::string_view kAll;

struct AssignmentRow {
    people::Unassigned key;
    Time from;
    Time until;
    std::int64_t number = 0;  // of the change
    Time kept;
    Bytes seal;

    bool taken() const { return from == Time{} && until == Time{}; }
    people::WorkChange change() const;
    Bytes sealed(crypto::Hmac& key) const;
};
struct TicketRow {
    people::Ticket ticket;
    std::int64_t number = 0;
    Time kept;
    Bytes seal;

    bool closed() const { return ticket.waybills.empty(); }
    people::WorkChange change() const;
    Bytes sealed(crypto::Hmac& key) const;
    // In the order of the columns.
    std::vector<sql::Value> values() const;
};

inline constexpr std::string_view kAssignmentColumns =
    "enterprise, volume, record, person, kind, from_at, until_at, number, kept_until, seal";
inline constexpr std::string_view kTicketColumns =
    "enterprise, ticket, purpose, organisation, person, waybills, until_at, number, kept_until, seal";
// nullopt: not what was written. The seal is not looked at.
std::optional<AssignmentRow> assignment_row(const sql::Row& row);
std::optional<TicketRow> ticket_row(const sql::Row& row);

Bytes seal_number(std::string_view enterprise, std::int64_t number, crypto::Hmac& key);

// ---- Writing, inside a transaction ----
// Rows of one enterprise, no two with the same key. One statement on PostgreSQL.
Status put_rows(sql::Connection& connection, const std::vector<AssignmentRow>& rows);
// Puts a mark that they were taken on those of the rows that are there.
Status take_rows(sql::Connection& connection, const std::vector<AssignmentRow>& rows);
Status put_row(sql::Connection& connection, const TicketRow& row);

}  // namespace huoqi::store

// SPDX-License-Identifier: Apache-2.0
// People and work from one database to another: rows as they are, under the seals they have.
#include "edge/store/internal/people_rows.h"
#include "edge/store/internal/work_rows.h"
#include "edge/store/store.h"

namespace huoqi::store {
namespace {

constexpr std::size_t kRowsAtOnce = 10'000;

Status copy_table(sql::Connection& from, sql::Connection& to, std::string_view table,
                  std::string_view columns) {
    const std::string name(table);
    if (auto emptied = to.run("DELETE FROM " + name); !emptied) return emptied;
    std::string insert;
    Status done;
    auto read = from.run("SELECT " + std::string(columns) + " FROM " + name, {}, [&](const sql::Row& row) {
        if (!done) return;
        if (insert.empty()) {
            insert = "INSERT INTO " + name + " (" + std::string(columns) + ") VALUES ($1";
            for (std::size_t at = 2; at <= row.size(); ++at) insert += ", $" + std::to_string(at);
            insert += ")";
        }
        done = to.run(insert, row);
    });
    return read ? done : read;
}

template <class T>
Status copy_rows(sql::Connection& from, sql::Connection& to) {
    return copy_table(from, to, Rows<T>::kTable, std::string(Rows<T>::kColumns) + ", seal");
}
template <class... T>
Status copy_all(sql::Connection& from, sql::Connection& to) {
    Status done;
    ((done = done ? copy_rows<T>(from, to) : done), ...);
    return done;
}

// There may be as many as there are parcels: in batches, of one enterprise each.
Status copy_assignments(sql::Connection& from, sql::Connection& to) {
    if (auto emptied = to.run("DELETE FROM assignments"); !emptied) return emptied;
    std::vector<AssignmentRow> rows;
    Status done;
    const auto flush = [&] {
        done = put_rows(to, rows);
        rows.clear();
    };
    auto read = from.run(
        "SELECT " + std::string(kAssignmentColumns) + " FROM assignments ORDER BY enterprise, number", {},
        [&](const sql::Row& row) {
            if (!done) return;
            auto one = assignment_row(row);
            if (!one) {
                done = fail(Code::corrupt, "work: a row of assignments was altered outside the program");
                return;
            }
            if (rows.size() == kRowsAtOnce ||
                (!rows.empty() && rows.back().key.enterprise != one->key.enterprise))
                flush();
            if (done) rows.push_back(std::move(*one));
        });
    if (!read) return read;
    if (done) flush();
    return done;
}

}  // namespace

Status copy_people(sql::Connection& from, sql::Connection& to) {
    return to.transaction([&]() -> Status {
        if (auto done = copy_table(from, to, "people_revisions", "enterprise, revision, seal"); !done)
            return done;
        return copy_all<people::Organisation, people::Person, people::Grant, people::Device,
                        people::GrantRequest, people::Window, people::Leaving>(from, to);
    });
}

Status copy_work(sql::Connection& from, sql::Connection& to) {
    return to.transaction([&]() -> Status {
        if (auto done = copy_table(from, to, kNumbers, "enterprise, number, seal"); !done) return done;
        if (auto done = copy_assignments(from, to); !done) return done;
        return copy_table(from, to, kTickets, kTicketColumns);
    });
}

}  // namespace huoqi::store

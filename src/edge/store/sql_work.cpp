// SPDX-License-Identifier: Apache-2.0
// Assignments and tickets over lib/sql. Whoever writes first takes its numbers from one row, whose lock it
// holds to the end of the transaction: numbers rise in the order of commits. A second row names the last
// number of each enterprise, so that who follows asks only the tables of those that have something new.
#include <algorithm>
#include <map>
#include <tuple>

#include "base/guarded.h"
#include "edge/store/internal/outbox.h"
#include "edge/store/internal/work_rows.h"
#include "edge/store/store.h"

namespace huoqi::store {
namespace {

using people::Assignment;
using people::Ticket;
using people::Unassigned;
using people::WorkChange;
using Entries = std::vector<office::Outgoing>;
using Numbers = std::map<std::string, std::int64_t, std::less<>>;

// Rows read at once, with the lock held.
constexpr std::int64_t kAssignmentsAtOnce = 10'000;
constexpr std::int64_t kTicketsAtOnce = 200;
// Rows deleted by one statement.
constexpr std::int64_t kForgottenAtOnce = 20'000;

std::unexpected<Error> altered_row(std::string_view table) {
    return fail(Code::corrupt, "work: a row of " + std::string(table) + " was altered outside the program");
}

// SQLite holds whatever was put into a column: a value of another type is an altered row.
struct NumberRow {
    std::string enterprise;
    std::int64_t number = 0;
    bool good = false;

    // Columns enterprise, number, seal; `less` is what was added after the seal was made.
    NumberRow(const sql::Row& row, crypto::Hmac& key, std::int64_t less = 0) {
        const auto* name = std::get_if<std::string>(&row[0]);
        const auto* value = std::get_if<std::int64_t>(&row[1]);
        const auto* seal = std::get_if<Bytes>(&row[2]);
        if (name == nullptr || value == nullptr || seal == nullptr) return;
        enterprise = *name;
        number = *value;
        good = equal_constant_time(*seal, seal_number(enterprise, number - less, key));
    }
};

// What a batch comes to: no key twice, the last one counts, and what is given is not taken.
struct Batch {
    std::vector<AssignmentRow> give, take;

    Batch(std::span<const Assignment> add, std::span<const Unassigned> remove) {
        using Key = std::tuple<RecordPlace, std::string_view, people::AssignmentKind>;
        std::map<Key, const Assignment*> given;
        for (const auto& one : add) given[{one.waybill, one.person, one.kind}] = &one;
        std::map<Key, const Unassigned*> taken;
        for (const auto& one : remove) {
            const Key key{one.waybill, one.person, one.kind};
            if (!given.contains(key)) taken[key] = &one;
        }
        // In the order of the key, by which the table lies.
        give.reserve(given.size());
        for (const auto& [key, one] : given) {
            const Unassigned of{one->enterprise, one->waybill, one->person, one->kind};
            give.push_back({of, one->from, one->until, 0, one->until, {}});
        }
        take.reserve(taken.size());
        for (const auto& [key, one] : taken) take.push_back({*one, {}, {}, 0, {}, {}});
    }
    std::int64_t size() const { return static_cast<std::int64_t>(give.size() + take.size()); }
    void number_from(std::int64_t first, crypto::Hmac& key) {
        for (auto* rows : {&take, &give}) {
            for (auto& row : *rows) {
                row.number = first++;
                row.seal = row.sealed(key);
            }
        }
    }
};

class SqlWork final : public people::WorkStore {
  public:
    SqlWork(std::unique_ptr<sql::Connection> connection, crypto::Suite suite, const crypto::Key& key,
            std::int64_t writer)
        : inside_(Inside{std::move(connection), writer,
                         crypto::make_hmac(suite, crypto::derive(suite, key, "huoqi/work/row"))}) {}

    // The row from which numbers are taken.
    Status begin() {
        return inside_.with([](Inside& in) {
            return in.connection->run(
                "INSERT INTO work_numbers (enterprise, number, seal) VALUES ($1, $2, $3) ON CONFLICT "
                "(enterprise) DO NOTHING",
                {std::string(kAll), std::int64_t{0}, seal_number(kAll, 0, *in.rows)});
        });
    }

    Result<std::int64_t> put(std::string_view enterprise, std::span<const Assignment> add,
                             std::span<const Unassigned> remove, const Entries& entries) override {
        if (auto shape = people::check(enterprise, add, remove, entries); !shape) return pass(shape);
        Batch batch(add, remove);
        return inside_.with([&](Inside& in) {
            return in.change(enterprise, batch.size(), entries, [&](std::int64_t first) -> Status {
                batch.number_from(first, *in.rows);
                if (auto taken = take_rows(*in.connection, batch.take); !taken) return taken;
                return put_rows(*in.connection, batch.give);
            });
        });
    }

    Result<std::int64_t> put_ticket(const Ticket& ticket, const Entries& entries) override {
        if (auto shape = people::check(ticket, entries); !shape) return pass(shape);
        return inside_.with([&](Inside& in) {
            return in.change(ticket.enterprise, 1, entries, [&](std::int64_t number) {
                TicketRow row{ticket, number, ticket.until, {}};
                row.seal = row.sealed(*in.rows);
                return put_row(*in.connection, row);
            });
        });
    }

    Result<std::int64_t> close_ticket(std::string_view enterprise, std::string_view number,
                                      const Entries& entries) override {
        if (entries.empty()) return fail(Code::bad_input, "work: a change that the ledger is not told of");
        return inside_.with([&](Inside& in) {
            return in.change(enterprise, 1, entries, [&](std::int64_t change) -> Status {
                TicketRow row;
                row.ticket.enterprise = enterprise;
                row.ticket.number = number;
                row.number = change;
                bool found = false;
                auto done = in.connection->run(
                    "UPDATE tickets SET purpose = '', organisation = '', person = NULL, waybills = $3, "
                    "until_at = 0, number = $4, seal = $5 WHERE enterprise = $1 AND ticket = $2 AND purpose "
                    "<> '' RETURNING ticket",
                    {row.ticket.enterprise, row.ticket.number, Bytes(), change, row.sealed(*in.rows)},
                    [&](const sql::Row&) { found = true; });
                if (done && !found) return fail(Code::not_found, "work: there is no such ticket");
                return done;
            });
        });
    }

    Result<std::int64_t> since(std::int64_t number,
                               const std::function<Status(const WorkChange&)>& visit) override {
        auto numbers = inside_.with([](Inside& in) { return in.numbers(); });
        if (!numbers) return pass(numbers);
        const auto last = numbers->at(std::string(kAll));
        if (number > last) return fail(Code::conflict, "work: a number that was never given");
        for (const auto& [enterprise, mark] : *numbers) {
            if (enterprise == kAll || mark <= number) continue;
            const auto unless_over = [&](const auto& row, bool over) -> Status {
                if (number == 0 && over) return {};
                return visit(row.change());
            };
            auto done = assignments(enterprise, number, last,
                                    [&](const AssignmentRow& row) { return unless_over(row, row.taken()); });
            if (!done) return pass(done);
            done = tickets(enterprise, number, last,
                           [&](const TicketRow& row) { return unless_over(row, row.closed()); });
            if (!done) return pass(done);
        }
        return last;
    }

    Status forget_before(Time moment) override {
        auto numbers = inside_.with([](Inside& in) { return in.numbers(); });
        if (!numbers) return pass(numbers);
        for (const auto& [enterprise, mark] : *numbers) {
            for (auto table : {kAssignments, kTickets}) {
                if (auto done = forget(table, enterprise, moment); !done) return done;
            }
        }
        return {};
    }

    Status check() override {
        auto enterprises = inside_.with([](Inside& in) { return in.enterprises(); });
        if (!enterprises) return pass(enterprises);
        std::map<std::string, std::int64_t> highest;
        for (const auto& enterprise : *enterprises) {
            auto& high = highest[enterprise];
            const auto note = [&](const auto& row) -> Status {
                high = std::max(high, row.number);
                return {};
            };
            if (auto done = assignments(enterprise, 0, INT64_MAX, note); !done) return done;
            if (auto done = tickets(enterprise, 0, INT64_MAX, note); !done) return done;
        }
        // Read afterwards: others may have written meanwhile.
        auto numbers = inside_.with([](Inside& in) { return in.numbers(); });
        if (!numbers) return pass(numbers);
        for (const auto& [enterprise, high] : highest) {
            const auto mark = numbers->find(enterprise);
            if (mark == numbers->end() || mark->second < high) return altered_row(kNumbers);
        }
        return {};
    }

  private:
    struct Inside {
        std::unique_ptr<sql::Connection> connection;
        std::int64_t writer;
        std::unique_ptr<crypto::Hmac> rows;

        // `write` gets the first of `count` numbers.
        Result<std::int64_t> change(std::string_view enterprise, std::int64_t count, const Entries& entries,
                                    const std::function<Status(std::int64_t first)>& write) {
            return changing(*connection, writer, [&]() -> Status {
                auto last = take_numbers(enterprise, count);
                if (!last) return pass(last);
                if (auto written = write(*last - count + 1); !written) return written;
                for (const auto& entry : entries) {
                    if (auto posted = post(*connection, writer, entry); !posted) return posted;
                }
                return {};
            });
        }

        // Gives the last of them. The update waits for whoever took numbers and has not committed.
        Result<std::int64_t> take_numbers(std::string_view enterprise, std::int64_t count) {
            std::int64_t last = 0;
            bool good = false;
            auto taken = connection->run(
                "UPDATE work_numbers SET number = number + $2 WHERE enterprise = $1 RETURNING enterprise, "
                "number, seal",
                {std::string(kAll), count}, [&](const sql::Row& row) {
                    const NumberRow all(row, *rows, count);
                    last = all.number;
                    good = all.good;
                });
            if (!taken) return pass(taken);
            if (!good) return altered_row(kNumbers);
            for (const auto of : {kAll, enterprise}) {
                auto marked = connection->run(
                    "INSERT INTO work_numbers (enterprise, number, seal) VALUES ($1, $2, $3) ON CONFLICT "
                    "(enterprise) DO UPDATE SET number = excluded.number, seal = excluded.seal",
                    {std::string(of), last, seal_number(of, last, *rows)});
                if (!marked) return pass(marked);
            }
            return last;
        }

        // The last number of each enterprise and of all, at one moment.
        Result<Numbers> numbers() {
            Numbers out;
            bool good = true;
            auto read = connection->run("SELECT enterprise, number, seal FROM work_numbers", {},
                                        [&](const sql::Row& row) {
                                            const NumberRow one(row, *rows);
                                            good = good && one.good;
                                            out.emplace(one.enterprise, one.number);
                                        });
            if (!read) return pass(read);
            const auto all = out.find(kAll);
            if (!good || all == out.end() ||
                std::ranges::any_of(out, [&](const auto& one) { return one.second > all->second; }))
                return altered_row(kNumbers);
            return out;
        }

        Result<std::vector<std::string>> enterprises() {
            std::vector<std::string> out;
            bool good = true;
            auto read =
                connection->run("SELECT enterprise FROM assignments UNION SELECT enterprise FROM tickets", {},
                                [&](const sql::Row& row) {
                                    const auto* name = std::get_if<std::string>(&row[0]);
                                    good = good && name != nullptr;
                                    if (good) out.push_back(*name);
                                });
            if (!read) return pass(read);
            if (!good) return altered_row(kAssignments);
            return out;
        }

        // Up to `count` rows of one enterprise with numbers in (after, last], each authenticated.
        template <class T>
        Result<std::vector<T>> page(const std::string& select, std::string_view enterprise,
                                    std::int64_t after, std::int64_t last, std::int64_t count,
                                    std::optional<T> (*parse)(const sql::Row&), std::string_view table) {
            std::vector<T> out;
            bool good = true;
            auto read = connection->run(
                select, {std::string(enterprise), after, last, count}, [&](const sql::Row& row) {
                    auto parsed = parse(row);
                    good = good && parsed && equal_constant_time(parsed->seal, parsed->sealed(*rows));
                    if (good) out.push_back(std::move(*parsed));
                });
            if (!read) return pass(read);
            if (!good) return altered_row(table);
            return out;
        }
    };

    template <class T>
    Status pages(std::string_view table, std::string_view columns, std::int64_t at_once,
                 std::string_view enterprise, std::int64_t after, std::int64_t last,
                 std::optional<T> (*parse)(const sql::Row&), const std::function<Status(const T&)>& visit) {
        const auto select =
            "SELECT " + std::string(columns) + " FROM " + std::string(table) +
            " WHERE enterprise = $1 AND number > $2 AND number <= $3 ORDER BY number LIMIT $4";
        for (;;) {
            auto rows = inside_.with([&](Inside& in) {
                return in.page<T>(select, enterprise, after, last, at_once, parse, table);
            });
            if (!rows) return pass(rows);
            for (const auto& row : *rows) {
                if (auto visited = visit(row); !visited) return visited;
            }
            if (static_cast<std::int64_t>(rows->size()) < at_once) return {};
            after = rows->back().number;
        }
    }
    Status assignments(std::string_view enterprise, std::int64_t after, std::int64_t last,
                       const std::function<Status(const AssignmentRow&)>& visit) {
        return pages<AssignmentRow>(kAssignments, kAssignmentColumns, kAssignmentsAtOnce, enterprise, after,
                                    last, assignment_row, visit);
    }
    Status tickets(std::string_view enterprise, std::int64_t after, std::int64_t last,
                   const std::function<Status(const TicketRow&)>& visit) {
        return pages<TicketRow>(kTickets, kTicketColumns, kTicketsAtOnce, enterprise, after, last, ticket_row,
                                visit);
    }

    // In pieces, so that nobody waits long; each goes on behind the one before.
    Status forget(std::string_view table, const std::string& enterprise, Time moment) {
        const std::string name(table);
        const auto piece = "DELETE FROM " + name +
                           " WHERE enterprise = $1 AND kept_until <= $2 AND number IN (SELECT number FROM " +
                           name +
                           " WHERE enterprise = $1 AND number > $3 AND kept_until <= $2 ORDER BY number "
                           "LIMIT $4) RETURNING number";
        std::int64_t after = 0;
        for (;;) {
            std::int64_t gone = 0;
            auto done = inside_.with([&](Inside& in) {
                return in.connection->run(piece, {enterprise, moment.nanoseconds, after, kForgottenAtOnce},
                                          [&](const sql::Row& row) {
                                              const auto* number = std::get_if<std::int64_t>(&row[0]);
                                              if (number != nullptr) after = std::max(after, *number);
                                              ++gone;
                                          });
            });
            // Fewer: the rest, or some were changed meanwhile, which the next call looks at.
            if (!done || gone < kForgottenAtOnce) return done;
        }
    }

    Guarded<Inside> inside_;
};

}  // namespace

Status migrate_work(sql::Connection& connection) {
    // The outbox is the office's.
    if (auto office = migrate_office(connection); !office) return office;
    return sql::migrate(connection, "work", work_migrations());
}

Result<std::unique_ptr<people::WorkStore>> open_work(std::unique_ptr<sql::Connection> connection,
                                                     crypto::Suite suite, const crypto::Key& key,
                                                     archive::WriterId writer) {
    if (auto migrated = migrate_work(*connection); !migrated) return pass(migrated);
    auto work = std::make_unique<SqlWork>(std::move(connection), suite, key, writer);
    if (auto begun = work->begin(); !begun) return pass(begun);
    return work;
}

Result<std::unique_ptr<people::WorkStore>> open_work(const std::filesystem::path& file, crypto::Suite suite,
                                                     const crypto::Key& key) {
    auto connection = sql::open_sqlite(file);
    if (!connection) return pass(connection);
    return open_work(std::move(*connection), suite, key, /*writer=*/0);
}

}  // namespace huoqi::store

// SPDX-License-Identifier: Apache-2.0
// Accounts over lib/sql, beside the office and with its outbox: portable statements, rows authenticated under
// a key that the database does not hold.
#include "base/guarded.h"
#include "edge/store/internal/account_rows.h"
#include "edge/store/internal/outbox.h"
#include "edge/store/store.h"

namespace huoqi::store {
namespace {

using accounts::Account;
using accounts::By;
using accounts::Change;
using accounts::Session;
using accounts::Slip;

Bytes bytes_from(const crypto::Mac& mac) { return {mac.begin(), mac.end()}; }

// "$1, $2, …"
std::string places(std::size_t count) {
    std::string out;
    for (std::size_t i = 1; i <= count; ++i) out += (i > 1 ? ", $" : "$") + std::to_string(i);
    return out;
}

std::string insert(std::string_view table, std::string_view columns, std::size_t count) {
    return "INSERT INTO " + std::string(table) + " (" + std::string(columns) + ") VALUES (" + places(count) +
           ")";
}

// A row that began before the window begins anew.
constexpr std::string_view kCount =
    "INSERT INTO login_addresses (address, since, attempts) VALUES ($1, $2, 1) ON CONFLICT (address) DO "
    "UPDATE SET "
    "attempts = CASE WHEN login_addresses.since < $3 THEN 1 ELSE login_addresses.attempts + 1 END, "
    "since = CASE WHEN login_addresses.since < $3 THEN $2 ELSE login_addresses.since END RETURNING attempts";
constexpr std::string_view kForgive =
    "UPDATE login_addresses SET attempts = attempts - 1 WHERE address = $1 AND attempts > 0";
constexpr std::string_view kForget = "DELETE FROM login_addresses WHERE since < $1";
constexpr std::string_view kUpdate =
    "UPDATE accounts SET person = $2, login = $3, state = $4, password = $5, history = $6, password_changed "
    "= $7, "
    "failures = $8, held_until = $9, totp = $10, totp_proposed = $11, totp_step = $12, recovery = $13, "
    "version = $14, seal = $15 WHERE id = $1 AND version = $16 RETURNING id";

class SqlAccounts final : public accounts::Store {
  public:
    SqlAccounts(std::unique_ptr<sql::Connection> connection, crypto::Suite suite, const crypto::Key& key,
                std::int64_t writer)
        : inside_(Inside{std::move(connection), writer,
                         crypto::make_hmac(suite, crypto::derive(suite, key, "huoqi/accounts/row"))}) {}

    Result<std::int64_t> apply(const Change& change) override {
        return inside_.with([&](Inside& in) {
            return store::changing(*in.connection, in.writer, [&] { return in.carry_out(change); });
        });
    }

    Result<Account> account(By by, std::string_view value) override {
        const std::string_view column = by == By::id ? "id" : by == By::person ? "person" : "login";
        return one<Account>(" WHERE " + std::string(column) + " = $1", {std::string(value)});
    }
    Result<std::vector<Account>> accounts() override { return all<Account>(" ORDER BY login", {}); }

    Result<Slip> slip(const crypto::Mac& hash) override {
        return one<Slip>(" WHERE hash = $1", {bytes_from(hash)});
    }

    Result<Session> session(const crypto::Mac& token_hash) override {
        return one<Session>(" WHERE token_hash = $1", {bytes_from(token_hash)});
    }
    Result<std::vector<Session>> sessions(std::string_view account) override {
        return all<Session>(" WHERE account = $1 ORDER BY created, id", {std::string(account)});
    }

    Status seen(const Session& session, Time when) override {
        return inside_.with([&](Inside& in) {
            Session marked = session;
            marked.seen = when;
            auto values = values_of(marked, *in.rows);
            return in.connection->run("UPDATE login_sessions SET seen = $2, seal = $3 WHERE id = $1",
                                      {values[0], when.nanoseconds, values.back()});
        });
    }

    Status check() override {
        return inside_.with([&](Inside& in) -> Status {
            if (auto engine = in.connection->check(); !engine) return engine;
            if (auto read = in.all<Account>("", {}); !read) return pass(read);
            if (auto read = in.all<Slip>("", {}); !read) return pass(read);
            if (auto read = in.all<Session>("", {}); !read) return pass(read);
            return {};
        });
    }

  private:
    template <class T>
    static std::string select() {
        if constexpr (std::is_same_v<T, Account>)
            return "SELECT " + std::string(kAccountColumns) + " FROM accounts";
        else if constexpr (std::is_same_v<T, Slip>)
            return "SELECT " + std::string(kSlipColumns) + " FROM login_slips";
        else
            return "SELECT " + std::string(kSessionColumns) + " FROM login_sessions";
    }

    struct Inside {
        std::unique_ptr<sql::Connection> connection;
        std::int64_t writer;  // whose ledger must tell of the changes made here
        std::unique_ptr<crypto::Hmac> rows;

        template <class T>
        Result<std::vector<T>> all(std::string_view where, const std::vector<sql::Value>& parameters) {
            std::vector<T> out;
            Status good;
            auto read =
                connection->run(select<T>() + std::string(where), parameters, [&](const sql::Row& row) {
                    if (good) good = read_row(row, *rows, out.emplace_back());
                });
            if (!read) return pass(read);
            if (!good) return pass(good);
            return out;
        }

        // Runs a statement that gives a row for each it changed; how many.
        Result<std::size_t> changed(std::string_view statement, const std::vector<sql::Value>& parameters) {
            std::size_t count = 0;
            auto run = connection->run(statement, parameters, [&](const sql::Row&) { ++count; });
            if (!run) return pass(run);
            return count;
        }

        Status carry_out(const Change& change) {
            if (auto done = count(change); !done) return done;
            if (auto done = put_account(change); !done) return done;
            if (auto done = put_slips(change); !done) return done;
            if (auto done = put_sessions(change); !done) return done;
            for (const auto& entry : change.tell) {
                if (auto posted = post(*connection, writer, entry); !posted) return posted;
            }
            return {};
        }

        Status count(const Change& change) {
            if (change.attempt) {
                const auto& attempt = *change.attempt;
                std::int64_t attempts = 0;
                auto run = connection->run(
                    kCount,
                    {bytes_from(attempt.address), attempt.at.nanoseconds, attempt.window_start.nanoseconds},
                    [&](const sql::Row& row) {
                        if (const auto* number = std::get_if<std::int64_t>(&row[0])) attempts = *number;
                    });
                if (!run) return run;
                if (attempts > attempt.most)
                    return fail(Code::refused, "accounts: too many attempts of one address");
                if (auto run_out = connection->run(kForget, {attempt.window_start.nanoseconds}); !run_out)
                    return run_out;
            }
            if (!change.forgive) return {};
            return connection->run(kForgive, {bytes_from(*change.forgive)});
        }

        Status put_account(const Change& change) {
            if (change.add) {
                auto values = values_of(*change.add, *rows);
                auto added = connection->run(insert("accounts", kAccountColumns, values.size()), values);
                if (!added) return added;
            }
            if (!change.update) return {};
            Account next = *change.update;
            ++next.version;
            auto values = values_of(next, *rows);
            values.emplace_back(change.update->version);
            auto updated = changed(kUpdate, values);
            if (!updated) return pass(updated);
            if (*updated == 0) return fail(Code::conflict, "accounts: another change was first");
            return {};
        }

        Status put_slips(const Change& change) {
            if (!change.end_slips_of.empty()) {
                auto ended =
                    connection->run("DELETE FROM login_slips WHERE account = $1", {change.end_slips_of});
                if (!ended) return ended;
            }
            if (change.use_slip) {
                auto used = changed("DELETE FROM login_slips WHERE hash = $1 RETURNING id",
                                    {bytes_from(*change.use_slip)});
                if (!used) return pass(used);
                if (*used == 0) return fail(Code::not_found, "accounts: there is no such slip");
            }
            if (!change.add_slip) return {};
            auto values = values_of(*change.add_slip, *rows);
            return connection->run(insert("login_slips", kSlipColumns, values.size()), values);
        }

        Status put_sessions(const Change& change) {
            if (!change.end_sessions_of.empty()) {
                auto ended = connection->run("DELETE FROM login_sessions WHERE account = $1",
                                             {change.end_sessions_of});
                if (!ended) return ended;
            }
            for (const auto& id : change.end_sessions) {
                auto ended = changed("DELETE FROM login_sessions WHERE id = $1 RETURNING id", {id});
                if (!ended) return pass(ended);
                if (*ended == 0) return fail(Code::not_found, "accounts: there is no such session");
            }
            if (!change.add_session) return {};
            auto values = values_of(*change.add_session, *rows);
            return connection->run(insert("login_sessions", kSessionColumns, values.size()), values);
        }
    };

    template <class T>
    Result<std::vector<T>> all(std::string_view where, const std::vector<sql::Value>& parameters) {
        return inside_.with([&](Inside& in) { return in.all<T>(where, parameters); });
    }
    template <class T>
    Result<T> one(std::string_view where, const std::vector<sql::Value>& parameters) {
        auto found = all<T>(where, parameters);
        if (!found) return pass(found);
        if (found->empty()) return fail(Code::not_found, "accounts: there is none");
        return std::move(found->front());
    }

    Guarded<Inside> inside_;
};

}  // namespace

Status migrate_accounts(sql::Connection& connection) {
    // The outbox is the office's.
    if (auto office = migrate_office(connection); !office) return office;
    return sql::migrate(connection, "accounts", account_migrations());
}

Status copy_accounts(sql::Connection& from, sql::Connection& to) {
    return to.transaction([&]() -> Status {
        for (const auto& [table, columns, count] : {std::tuple("accounts", kAccountColumns, std::size_t{15}),
                                                    {"login_slips", kSlipColumns, std::size_t{6}}}) {
            if (auto emptied = to.run("DELETE FROM " + std::string(table)); !emptied) return emptied;
            Status done;
            auto read =
                from.run("SELECT " + std::string(columns) + " FROM " + table, {}, [&](const sql::Row& row) {
                    if (done) done = to.run(insert(table, columns, count), row);
                });
            if (!read) return read;
            if (!done) return done;
        }
        return {};
    });
}

Result<std::unique_ptr<accounts::Store>> open_accounts(std::unique_ptr<sql::Connection> connection,
                                                       crypto::Suite suite, const crypto::Key& key,
                                                       archive::WriterId writer) {
    if (auto migrated = migrate_accounts(*connection); !migrated) return pass(migrated);
    return std::make_unique<SqlAccounts>(std::move(connection), suite, key, writer);
}

Result<std::unique_ptr<accounts::Store>> open_accounts(const std::filesystem::path& file, crypto::Suite suite,
                                                       const crypto::Key& key) {
    auto connection = sql::open_sqlite(file);
    if (!connection) return pass(connection);
    return open_accounts(std::move(*connection), suite, key, /*writer=*/0);
}

}  // namespace huoqi::store

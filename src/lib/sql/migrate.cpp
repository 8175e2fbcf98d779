// SPDX-License-Identifier: Apache-2.0
#include "lib/sql/sql.h"

namespace huoqi::sql {
namespace {

// Advisory lock of PostgreSQL under which migrations run: "huoqi" as a number.
constexpr std::int64_t kMigrationLock = 0x68756f7169;

void replace(std::string& text, std::string_view what, std::string_view by) {
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

std::string expanded(std::string_view text, Dialect dialect) {
    std::string out(text);
    bool sqlite = dialect == Dialect::sqlite;
    replace(out, "{bytes}", sqlite ? "BLOB" : "BYTEA");
    replace(out, "{rising}",
            sqlite ? "INTEGER PRIMARY KEY AUTOINCREMENT" : "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY");
    return out;
}

Status run_all(Connection& connection, std::string_view migration) {
    std::string text = expanded(migration, connection.dialect());
    for (std::size_t at = 0; at < text.size();) {
        auto end = std::min(text.find(";\n", at), text.size());
        auto statement = std::string_view(text).substr(at, end - at);
        if (statement.find_first_not_of(" \n") != statement.npos) {
            if (auto done = connection.run(statement); !done) return done;
        }
        at = end + 2;
    }
    return {};
}

Status lock(Connection& connection) {
    if (connection.dialect() == Dialect::sqlite) return {};  // its transactions begin as the only writer
    return connection.run("SELECT pg_advisory_xact_lock($1)", {kMigrationLock});
}

Status make_table(Connection& connection) {
    return connection.transaction([&]() -> Status {
        if (auto locked = lock(connection); !locked) return locked;
        return connection.run(
            "CREATE TABLE IF NOT EXISTS migrations (name TEXT NOT NULL, number BIGINT NOT NULL, PRIMARY KEY "
            "(name, "
            "number))");
    });
}

Result<std::int64_t> applied_of(Connection& connection, std::string_view set) {
    std::int64_t applied = 0;
    auto read =
        connection.run("SELECT COALESCE(MAX(number), 0) FROM migrations WHERE name = $1", {std::string(set)},
                       [&](const Row& row) { applied = std::get<std::int64_t>(row[0]); });
    if (!read) return pass(read);
    return applied;
}

}  // namespace

Result<std::int64_t> migrated(Connection& connection, std::string_view set) {
    if (auto made = make_table(connection); !made) return pass(made);
    return applied_of(connection, set);
}

Status migrate(Connection& connection, std::string_view set,
               const std::vector<std::string_view>& migrations) {
    auto known = static_cast<std::int64_t>(migrations.size());
    auto applied = migrated(connection, set);
    if (!applied) return pass(applied);
    while (*applied < known) {
        // Under the lock another process may turn out to have done it.
        auto done = connection.transaction([&]() -> Status {
            if (auto locked = lock(connection); !locked) return locked;
            applied = applied_of(connection, set);
            if (!applied) return pass(applied);
            if (*applied >= known) return {};
            std::int64_t next = *applied + 1;
            if (auto changed = run_all(connection, migrations[static_cast<std::size_t>(next - 1)]); !changed)
                return pass(changed, std::string(set) + ": migration " + std::to_string(next));
            applied = next;
            return connection.run("INSERT INTO migrations (name, number) VALUES ($1, $2)",
                                  {std::string(set), next});
        });
        if (!done) return done;
    }
    if (*applied <= known) return {};
    return fail(Code::unsupported, std::string(set) + ": the database is of version " +
                                       std::to_string(*applied) + ", this program knows " +
                                       std::to_string(known) + "; use the newer program");
}

}  // namespace huoqi::sql

// SPDX-License-Identifier: Apache-2.0
#include "lib/sql/sql.h"

namespace huoqi::sql {

Status migrate(Connection& connection, const std::vector<std::string_view>& migrations) {
    auto made = connection.run("CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY)");
    if (!made) return made;
    std::int64_t applied = 0;
    auto read = connection.run("SELECT COALESCE(MAX(number), 0) FROM migrations", {},
                               [&](const Row& row) { applied = std::get<std::int64_t>(row[0]); });
    if (!read) return read;
    if (applied > static_cast<std::int64_t>(migrations.size())) {
        return fail(Code::unsupported, "office: the database is of version " + std::to_string(applied) +
                                           ", newer than this program knows; use the newer program");
    }
    for (auto number = static_cast<std::size_t>(applied); number < migrations.size(); ++number) {
        auto done = connection.transaction([&]() -> Status {
            if (auto changed = connection.run(migrations[number]); !changed) return changed;
            return connection.run("INSERT INTO migrations (number) VALUES ($1)",
                                  {static_cast<std::int64_t>(number) + 1});
        });
        if (!done) return pass(done, "office: migration " + std::to_string(number + 1));
    }
    return {};
}

}  // namespace huoqi::sql

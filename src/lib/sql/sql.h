// SPDX-License-Identifier: Apache-2.0
// A small portable layer over SQL databases: connection, statement, transaction, row. Statements are written
// once, with parameters as $1, $2, …, and values are typed: integers, texts, blobs, null. The engines are
// SQLite (WAL, full sync) and PostgreSQL (postgres.h).
//
// Threads: a Connection belongs to one thread at a time.
// Errors: Code::no_space, Code::corrupt, Code::conflict (a unique key exists), Code::unavailable (busy past
// the limit, the server is away), Code::storage. Messages never hold values.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace huoqi::sql {

// The lists are parameters of PostgreSQL alone, for `= ANY ($1)` and unnest().
using Value = std::variant<std::monostate, std::int64_t, std::string, Bytes, std::vector<Bytes>,
                           std::vector<std::int64_t>>;
using Row = std::vector<Value>;

// How long a statement waits for another writer.
inline constexpr std::chrono::milliseconds kBusyLimit{5000};

enum class Dialect { sqlite, postgresql };

class Connection {
  public:
    virtual ~Connection() = default;
    virtual Dialect dialect() const = 0;
    // Runs one statement; `visit` gets each row and may be empty.
    virtual Status run(std::string_view statement, const std::vector<Value>& parameters = {},
                       const std::function<void(const Row&)>& visit = {}) = 0;
    // Runs `body` in a transaction: committed when it succeeds and durable then, rolled back when it fails.
    // Within another one of this connection it is refused (Code::storage) and `body` is not run.
    virtual Status transaction(const std::function<Status()>& body) = 0;
    // The engine's own check of everything stored.
    virtual Status check() = 0;
};

// A consistent copy of an open SQLite database into a file that does not exist, while others read and write;
// durable.
Status copy_sqlite(Connection& connection, const std::filesystem::path& file);

Result<std::unique_ptr<Connection>> open_sqlite(const std::filesystem::path& file);

// Applies those of the numbered migrations (1, 2, …) of a set that are not applied yet, each in a
// transaction, one process at a time. A migration is one or more statements with ';' at line ends, in
// portable SQL; {bytes} and {rising} stand for the engine's types of a blob and of a number that rises by
// itself and is not used again. Code::unsupported when the database is newer than the list: an older program
// must not write to it.
Status migrate(Connection& connection, std::string_view set, const std::vector<std::string_view>& migrations);
// The number of the last one applied; 0 where there is none.
Result<std::int64_t> migrated(Connection& connection, std::string_view set);

}  // namespace huoqi::sql

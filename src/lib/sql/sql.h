// SPDX-License-Identifier: Apache-2.0
// A small portable layer over SQL databases: connection, statement, transaction, row. Statements are written
// once, with parameters as $1, $2, …, and values are typed: integers, texts, blobs, null. The engine here is
// SQLite (WAL, full sync).
//
// Threads: a Connection belongs to one thread at a time.
// Errors: Code::no_space, Code::corrupt, Code::conflict (a unique key exists), Code::unavailable (busy past
// the limit), Code::storage. Messages never hold values.
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

using Value = std::variant<std::monostate, std::int64_t, std::string, Bytes>;
using Row = std::vector<Value>;

// How long a statement waits for another writer.
inline constexpr std::chrono::milliseconds kBusyLimit{5000};

class Connection {
  public:
    virtual ~Connection() = default;
    // Runs one statement; `visit` gets each row and may be empty.
    virtual Status run(std::string_view statement, const std::vector<Value>& parameters = {},
                       const std::function<void(const Row&)>& visit = {}) = 0;
    // Runs `body` in a transaction: committed when it succeeds and durable then, rolled back when it fails.
    virtual Status transaction(const std::function<Status()>& body) = 0;
    // The engine's own check of everything stored.
    virtual Status check() = 0;
};

Result<std::unique_ptr<Connection>> open_sqlite(const std::filesystem::path& file);

// Applies numbered migrations (1, 2, …) that are not applied yet, each in a transaction. Code::unsupported
// when the database is newer than the list: an older program must not write to it.
Status migrate(Connection& connection, const std::vector<std::string_view>& migrations);

}  // namespace huoqi::sql

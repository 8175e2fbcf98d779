// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <unordered_map>

#include "lib/sql/sql.h"

namespace huoqi::sql {
namespace {

constexpr std::size_t kMaxPrepared = 256;  // statements kept ready; texts are our own, so there are few

struct CloseDatabase {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinishStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Prepared = std::unique_ptr<sqlite3_stmt, FinishStatement>;

std::unexpected<Error> failed(int status) {
    std::string message = std::string("office: ") + sqlite3_errstr(status);
    switch (status & 0xff) {
        case SQLITE_FULL:
            return fail(Code::no_space, message);
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return fail(Code::corrupt, message);
        case SQLITE_CONSTRAINT:
            return fail(Code::conflict, message);
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return fail(Code::unavailable, message);
        default:
            return fail(Code::storage, message);
    }
}

int bind(sqlite3_stmt* statement, int at, const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value))
        return sqlite3_bind_int64(statement, at, *number);
    if (const auto* text = std::get_if<std::string>(&value)) {
        return sqlite3_bind_text64(statement, at, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    if (const auto* blob = std::get_if<Bytes>(&value)) {
        if (blob->empty()) return sqlite3_bind_zeroblob(statement, at, 0);  // no address would mean null
        return sqlite3_bind_blob64(statement, at, blob->data(), blob->size(), SQLITE_TRANSIENT);
    }
    if (std::holds_alternative<std::monostate>(value)) return sqlite3_bind_null(statement, at);
    return SQLITE_MISUSE;  // a list
}

Value column(sqlite3_stmt* statement, int at) {
    auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, at));
    switch (sqlite3_column_type(statement, at)) {
        case SQLITE_INTEGER:
            return static_cast<std::int64_t>(sqlite3_column_int64(statement, at));
        case SQLITE_TEXT:
            return std::string(reinterpret_cast<const char*>(sqlite3_column_text(statement, at)), size);
        case SQLITE_BLOB: {
            const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, at));
            return Bytes(bytes, bytes + size);
        }
        default:
            return std::monostate{};
    }
}

class SqliteConnection final : public Connection {
  public:
    explicit SqliteConnection(Database database) : database_(std::move(database)) {}

    Dialect dialect() const override { return Dialect::sqlite; }

    Status run(std::string_view text, const std::vector<Value>& parameters,
               const std::function<void(const Row&)>& visit) override {
        int status = SQLITE_OK;
        sqlite3_stmt* raw = prepared(text, status);
        if (status != SQLITE_OK) return failed(status);
        Reset reset{raw};
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            // SQLite numbers "$n" by first appearance, not by n.
            int at = sqlite3_bind_parameter_index(raw, ("$" + std::to_string(i + 1)).c_str());
            if (at == 0) return fail(Code::storage, "office: a statement does not use all its parameters");
            if (status = bind(raw, at, parameters[i]); status != SQLITE_OK) return failed(status);
        }
        while ((status = sqlite3_step(raw)) == SQLITE_ROW) {
            if (!visit) continue;
            Row row;
            for (int i = 0; i < sqlite3_column_count(raw); ++i) row.push_back(column(raw, i));
            visit(row);
        }
        if (status != SQLITE_DONE) return failed(status);
        return {};
    }

    Status transaction(const std::function<Status()>& body) override {
        if (sqlite3_get_autocommit(database_.get()) == 0)
            return fail(Code::storage, "office: a transaction within a transaction");
        if (auto begun = run("BEGIN IMMEDIATE", {}, {}); !begun) return begun;
        auto done = body();
        if (done) done = run("COMMIT", {}, {});
        if (!done && sqlite3_get_autocommit(database_.get()) == 0) {
            if (auto undone = run("ROLLBACK", {}, {}); !undone) return undone;
        }
        return done;
    }

    Status check() override {
        std::string verdict;
        auto done = run("PRAGMA integrity_check(1)", {},
                        [&](const Row& row) { verdict = std::get<std::string>(row[0]); });
        if (!done) return done;
        if (verdict != "ok") return fail(Code::corrupt, "office: the database is damaged");
        return {};
    }

  private:
    // A statement that has run is ready for the next time, and holds no lock and no value meanwhile.
    struct Reset {
        sqlite3_stmt* statement;
        explicit Reset(sqlite3_stmt* of) : statement(of) {}
        Reset(const Reset&) = delete;
        Reset& operator=(const Reset&) = delete;
        ~Reset() {
            sqlite3_reset(statement);
            sqlite3_clear_bindings(statement);
        }
    };

    sqlite3_stmt* prepared(std::string_view text, int& status) {
        auto at = statements_.find(std::string(text));
        if (at != statements_.end()) return at->second.get();
        sqlite3_stmt* raw = nullptr;
        status = sqlite3_prepare_v3(database_.get(), text.data(), static_cast<int>(text.size()),
                                    SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
        Prepared statement(raw);
        if (status != SQLITE_OK) return nullptr;
        if (statements_.size() >= kMaxPrepared) statements_.clear();
        statements_.emplace(text, std::move(statement));
        return raw;
    }

    Database database_;
    std::unordered_map<std::string, Prepared> statements_;
};

}  // namespace

Status copy_sqlite(Connection& connection, const std::filesystem::path& file) {
    if (connection.dialect() != Dialect::sqlite) return fail(Code::unsupported, "office: this is not SQLite");
    if (auto copied = connection.run("VACUUM INTO $1", {file.string()}); !copied) return copied;
    // SQLite leaves the new file to the system.
    int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    bool synced = fd >= 0 && ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    if (!synced) return fail(Code::storage, "office: the copy cannot be made durable");
    return {};
}

Result<std::unique_ptr<Connection>> open_sqlite(const std::filesystem::path& file) {
    sqlite3* raw = nullptr;
    int status = sqlite3_open_v2(file.c_str(), &raw,
                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    Database database(raw);
    if (status != SQLITE_OK) return failed(status);
    sqlite3_busy_timeout(raw, static_cast<int>(kBusyLimit.count()));
    auto connection = std::make_unique<SqliteConnection>(std::move(database));
    for (auto setting : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON",
                         "PRAGMA cell_size_check=ON", "PRAGMA secure_delete=ON"}) {
        if (auto set = connection->run(setting, {}, {}); !set) return pass(set);
    }
    return std::unique_ptr<Connection>(std::move(connection));
}

}  // namespace huoqi::sql

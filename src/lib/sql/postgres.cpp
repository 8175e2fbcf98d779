// SPDX-License-Identifier: Apache-2.0
#include "lib/sql/postgres.h"

#include <libpq-fe.h>
#include <poll.h>

#include <cerrno>
#include <unordered_map>

#include "lib/sql/internal/postgres_values.h"

namespace huoqi::sql {
namespace {

using Deadline = std::chrono::steady_clock::time_point;
Deadline after(std::chrono::milliseconds limit) { return std::chrono::steady_clock::now() + limit; }

struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, ClearResult>;

constexpr std::size_t kMaxPrepared = 256;  // statement texts are our own, so there are few

std::string_view state_of(const PGresult* result) {
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return state == nullptr ? std::string_view("08000") : std::string_view(state);
}

Result<Row> row_of(const PGresult* result, int at) {
    Row row;
    for (int column = 0; column < PQnfields(result); ++column) {
        auto type = PQftype(result, column);
        if (!decodes(type))
            return fail(Code::storage, "database: a result column is of the type with oid " +
                                           std::to_string(type) + ", which this program does not read");
        if (PQgetisnull(result, at, column) == 1) {
            row.emplace_back(std::monostate{});
            continue;
        }
        auto size = static_cast<std::size_t>(PQgetlength(result, at, column));
        auto value = decode(type, bytes_of({PQgetvalue(result, at, column), size}));
        if (!value) return pass(value);
        row.push_back(std::move(*value));
    }
    return row;
}

// Why no connection was made. What the server said may quote the URL, so it is asked once more, for its codes
// alone.
Error why_not(PGconn* connection, bool quick) {
    if (connection == nullptr) return {Code::unavailable, "database: out of memory"};
    if (PQconnectionNeedsPassword(connection) != 0)
        return {Code::storage, "database: it wants a password and the URL and ~/.pgpass give none"};
    if (quick) {
        PQsetErrorVerbosity(connection, PQERRORS_SQLSTATE);
        PQreset(connection);
        auto state = state_in(PQerrorMessage(connection));
        if (PQstatus(connection) != CONNECTION_OK && !state.empty()) return connect_error_of(state);
    }
    return {Code::unavailable, "database: it cannot be reached"};
}

// libpq takes a text without '=' and "://" for the name of a database.
bool readable(const std::string& url) {
    if (url.find('=') == url.npos && url.find("://") == url.npos) return true;
    char* problem = nullptr;  // quotes the URL
    auto* options = PQconninfoParse(url.c_str(), &problem);
    PQfreemem(problem);
    PQconninfoFree(options);
    return options != nullptr;
}

}  // namespace

struct PostgresConnection::Prepared {
    std::string name;
    std::vector<Oid> types;
};
struct PostgresConnection::Awaited {
    Answer result;  // null: the statement has ended
};
struct PostgresConnection::Statements {
    std::unordered_map<std::string, Prepared> known;
    std::uint64_t next = 0;
};

PostgresConnection::PostgresConnection(pg_conn* connection, const PostgresLimits& limits)
    : connection_(connection), limits_(limits), statements_(std::make_unique<Statements>()) {}

PostgresConnection::~PostgresConnection() { forget(); }

void PostgresConnection::forget() {
    if (connection_ != nullptr) PQfinish(connection_);
    connection_ = nullptr;
}

std::unexpected<Error> PostgresConnection::lost(std::string_view why) {
    forget();
    return fail(Code::unavailable, "database: " + std::string(why));
}

// Until the socket can be read, or written when asked for.
Status PostgresConnection::wait(bool writing, Deadline until) {
    for (;;) {
        auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0) return lost("no answer in time");
        pollfd at{PQsocket(connection_), static_cast<short>(writing ? POLLIN | POLLOUT : POLLIN), 0};
        int ready = ::poll(&at, 1, static_cast<int>(left.count()));
        if (ready < 0 && errno != EINTR) return lost("the connection broke");
        if (ready > 0) return {};
    }
}

Result<PostgresConnection::Awaited> PostgresConnection::next_result(Deadline until) {
    for (;;) {
        int unsent = PQflush(connection_);
        if (unsent < 0) return lost("the connection broke");
        if (unsent == 0 && PQisBusy(connection_) == 0) return Awaited{Answer(PQgetResult(connection_))};
        if (auto ready = wait(unsent > 0, until); !ready) return pass(ready);
        if (PQconsumeInput(connection_) == 0) return lost("the connection broke");
    }
}

Status PostgresConnection::answer(const std::function<void(const Row&)>& visit) {
    auto until = after(limits_.answer);
    Status done;
    for (;;) {
        auto awaited = next_result(until);
        if (!awaited) return pass(awaited);
        const PGresult* result = awaited->result.get();
        if (result == nullptr) break;
        auto status = PQresultStatus(result);
        if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
            if (done) done = std::unexpected(error_of(state_of(result)));
            // A primary that became a standby takes no writes: the next connection finds the new one.
            if (state_of(result) == "25006") forget();
            if (connection_ == nullptr || PQstatus(connection_) == CONNECTION_BAD)
                return lost("the connection broke");
        }
        if (status == PGRES_COPY_IN) return done;
        if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) return lost("a statement that copies out");
        for (int at = 0; done && visit && at < PQntuples(result); ++at) {
            auto row = row_of(result, at);
            row ? visit(*row) : void(done = pass(row));
        }
    }
    return done;
}

Result<const PostgresConnection::Prepared*> PostgresConnection::prepare(std::string_view text) {
    auto at = statements_->known.find(std::string(text));
    if (at != statements_->known.end()) return &at->second;
    if (statements_->known.size() >= kMaxPrepared) {
        if (PQsendQuery(connection_, "DEALLOCATE ALL") == 0) return lost("the connection broke");
        if (auto freed = answer({}); !freed) return pass(freed);
        statements_->known.clear();
    }
    Prepared prepared{"s" + std::to_string(statements_->next++), {}};
    if (PQsendPrepare(connection_, prepared.name.c_str(), std::string(text).c_str(), 0, nullptr) == 0)
        return lost("the connection broke");
    if (auto done = answer({}); !done) return pass(done);
    if (PQsendDescribePrepared(connection_, prepared.name.c_str()) == 0) return lost("the connection broke");
    auto until = after(limits_.answer);
    for (;;) {
        auto awaited = next_result(until);
        if (!awaited) return pass(awaited);
        if (!awaited->result) break;
        for (int i = 0; i < PQnparams(awaited->result.get()); ++i)
            prepared.types.push_back(PQparamtype(awaited->result.get(), i));
    }
    return &statements_->known.emplace(text, std::move(prepared)).first->second;
}

Status PostgresConnection::run(std::string_view statement, const std::vector<Value>& parameters,
                               const std::function<void(const Row&)>& visit) {
    if (!connected()) return fail(Code::unavailable, "database: the connection broke before");
    auto prepared = prepare(statement);
    if (!prepared) return pass(prepared);
    if ((*prepared)->types.size() != parameters.size())
        return fail(Code::storage, "database: a statement has another number of parameters");
    std::vector<std::optional<Bytes>> encoded;
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats(parameters.size(), 1);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        auto bytes = encode(parameters[i], (*prepared)->types[i]);
        if (!bytes) return pass(bytes);
        encoded.push_back(std::move(*bytes));
    }
    for (const auto& one : encoded) {
        // An empty value is not null: libpq tells them apart by the pointer.
        values.push_back(!one ? nullptr : one->empty() ? "" : reinterpret_cast<const char*>(one->data()));
        lengths.push_back(one ? static_cast<int>(one->size()) : 0);
    }
    int sent =
        PQsendQueryPrepared(connection_, (*prepared)->name.c_str(), static_cast<int>(parameters.size()),
                            values.data(), lengths.data(), formats.data(), /*resultFormat=*/1);
    if (sent == 0) return lost("the connection broke");
    return answer(visit);
}

Status PostgresConnection::transaction(const std::function<Status()>& body) {
    // The server would take a second BEGIN with a notice, and the inner COMMIT would end both.
    if (connected() && PQtransactionStatus(connection_) != PQTRANS_IDLE)
        return fail(Code::storage, "database: a transaction within a transaction");
    if (auto begun = run("BEGIN"); !begun) return begun;
    auto done = body();
    // The server would answer COMMIT of a transaction in which a statement failed by rolling it back.
    if (done && connected() && PQtransactionStatus(connection_) == PQTRANS_INERROR)
        done = fail(Code::storage, "database: a statement of the transaction failed");
    if (done) return run("COMMIT");
    if (connected()) {
        if (auto undone = run("ROLLBACK"); !undone) forget();
    }
    return done;
}

Status PostgresConnection::check() { return run("SELECT 1"); }

bool PostgresConnection::stale() const {
    if (!connected()) return true;
    // A server that ends says why before it closes, so its words are as good a sign as the end itself.
    pollfd at{PQsocket(connection_), POLLIN, 0};
    return ::poll(&at, 1, 0) > 0;
}

Result<bool> PostgresConnection::notified(std::chrono::milliseconds limit) {
    if (!connected()) return fail(Code::unavailable, "database: the connection broke before");
    auto until = after(limit);
    for (;;) {
        if (PQconsumeInput(connection_) == 0) return lost("the connection broke");
        bool any = false;
        while (auto* note = PQnotifies(connection_)) {
            PQfreemem(note);
            any = true;
        }
        if (any) return true;
        auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0) return false;
        pollfd at{PQsocket(connection_), POLLIN, 0};
        if (::poll(&at, 1, static_cast<int>(left.count())) < 0 && errno != EINTR)
            return lost("the connection broke");
    }
}

Result<std::unique_ptr<PostgresConnection>> open_postgres(const std::string& url,
                                                          const PostgresLimits& limits) {
    if (!readable(url)) return fail(Code::bad_input, "database: its URL is not of the form postgresql://…");
    auto began = std::chrono::steady_clock::now();
    auto connect = std::to_string(limits.connect.count());
    auto stall = std::to_string(limits.stall.count());
    const char* keys[] = {"dbname",           "connect_timeout", "target_session_attrs",
                          "application_name", "client_encoding", "keepalives_idle",
                          "tcp_user_timeout", "options",         nullptr};
    // A commit is durable when it is answered, whatever the server's configuration says of others.
    const char* values[] = {url.c_str(),   connect.c_str(),
                            "read-write",  "huoqi",
                            "UTF8",        "10",
                            stall.c_str(), "-c synchronous_commit=on -c standard_conforming_strings=on",
                            nullptr};
    // The wait for each host is libpq's; it ends by connect_timeout.
    PGconn* raw = PQconnectdbParams(keys, values, /*expand_dbname=*/1);
    std::unique_ptr<PostgresConnection> connection(new PostgresConnection(raw, limits));
    if (raw == nullptr || PQstatus(raw) != CONNECTION_OK)
        return std::unexpected(why_not(raw, std::chrono::steady_clock::now() - began < limits.connect));
    PQsetNoticeProcessor(raw, [](void*, const char*) {}, nullptr);  // they may quote values
    if (PQsetnonblocking(raw, 1) != 0) return connection->lost("the connection broke");
    return connection;
}

}  // namespace huoqi::sql

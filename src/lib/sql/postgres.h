// SPDX-License-Identifier: Apache-2.0
// PostgreSQL behind lib/sql: statements are prepared on the server, parameters and results are binary, rows
// go in by binary COPY. Every wait has a limit of the client's own: a server that hangs, or a primary that
// waits for a lost standby and ignores statement_timeout, costs a deadline, not a thread.
//
// Threads: a connection or lease belongs to one thread at a time; a Pool to all.
// Errors: those of sql.h. A limit that passes and a connection that breaks are Code::unavailable, and the
// connection is closed: what it was committing then may be there or not. Messages hold SQLSTATE and our own
// words, never what the server says, because that can quote values, and never the URL, because that can hold
// a password.
#pragma once

#include <mutex>

#include "lib/sql/sql.h"

struct pg_conn;
struct pg_result;

namespace huoqi::sql {

struct PostgresLimits {
    std::chrono::seconds connect{5};           // for each host of the URL; libpq counts at least 2
    std::chrono::milliseconds answer{30'000};  // from sending to the last row
    std::chrono::milliseconds stall{15'000};   // of a COPY, without a byte taken
};

class PostgresConnection;

// Rows of one COPY … FROM STDIN BINARY. Each row() is followed by as many values as it said. Given up without
// finish(), nothing of it is there.
class CopyWriter {
  public:
    CopyWriter(CopyWriter&& other) noexcept;
    CopyWriter(const CopyWriter&) = delete;
    CopyWriter& operator=(const CopyWriter&) = delete;
    ~CopyWriter();

    CopyWriter& row(std::int16_t columns);
    CopyWriter& int4(std::int32_t value);
    CopyWriter& int8(std::int64_t value);
    CopyWriter& bytes(ByteView value);  // bytea, and text
    Status finish();

  private:
    friend class PostgresConnection;
    explicit CopyWriter(PostgresConnection& connection);
    void flush();

    PostgresConnection* connection_;
    Bytes buffer_;
    Status failure_;  // the first; told by finish()
};

class PostgresConnection final : public Connection {
  public:
    ~PostgresConnection() override;

    Dialect dialect() const override { return Dialect::postgresql; }
    Status run(std::string_view statement, const std::vector<Value>& parameters = {},
               const std::function<void(const Row&)>& visit = {}) override;
    Status transaction(const std::function<Status()>& body) override;
    Status check() override;

    Result<CopyWriter> copy_in(std::string_view statement);
    // False once it broke or a limit passed; it is of no more use then.
    bool connected() const { return connection_ != nullptr; }
    // Between statements, and without waiting: whether the server has said something or gone, neither of
    // which it does to a connection that listens to no channel and is still good.
    bool stale() const;
    // Waits for a notification on a channel that `LISTEN` named; false when none came in time.
    Result<bool> notified(std::chrono::milliseconds limit);

  private:
    friend class CopyWriter;
    friend Result<std::unique_ptr<PostgresConnection>> open_postgres(const std::string& url,
                                                                     const PostgresLimits& limits);
    struct Prepared;
    struct Awaited;
    explicit PostgresConnection(pg_conn* connection, const PostgresLimits& limits);
    Result<const Prepared*> prepare(std::string_view statement);
    // Sends what libpq holds and gives the last result of the statement; each row goes to `visit`.
    Status answer(const std::function<void(const Row&)>& visit);
    Result<Awaited> next_result(std::chrono::steady_clock::time_point until);
    Status wait(bool writing, std::chrono::steady_clock::time_point until);
    Status put_copy_data(ByteView bytes);
    Status end_copy(const char* reason);
    void forget();
    std::unexpected<Error> lost(std::string_view why);

    pg_conn* connection_;
    PostgresLimits limits_;
    struct Statements;
    std::unique_ptr<Statements> statements_;
};

// The URL may name several hosts; the one that takes writes is used.
Result<std::unique_ptr<PostgresConnection>> open_postgres(const std::string& url,
                                                          const PostgresLimits& limits);

// Connects when it is first used and again after the connection broke. A break while nothing was under way
// is not felt; a call that meets one fails, the next one works.
std::unique_ptr<Connection> reconnecting_postgres(const std::string& url, const PostgresLimits& limits);

struct PoolOptions {
    std::size_t size = 8;                   // connections at most
    std::chrono::milliseconds wait{5'000};  // for one of them to be free
    PostgresLimits limits;
};

// Connections that many threads take turns with.
class Pool {
  public:
    Pool(std::string url, const PoolOptions& options);
    ~Pool();

    class Lease {
      public:
        Lease(Pool& pool, std::unique_ptr<PostgresConnection> connection)
            : pool_(&pool), connection_(std::move(connection)) {}
        Lease(Lease&&) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        ~Lease() {
            if (connection_) pool_->give_back(std::move(connection_));
        }
        PostgresConnection* operator->() const { return connection_.get(); }
        PostgresConnection& operator*() const { return *connection_; }

      private:
        Pool* pool_;
        std::unique_ptr<PostgresConnection> connection_;
    };

    // Not one that the server ended while it lay idle: a new one takes its place. Code::unavailable when the
    // server cannot be reached, or none is free in time.
    Result<Lease> lease();

  private:
    Result<std::unique_ptr<PostgresConnection>> take_idle();
    void give_back(std::unique_ptr<PostgresConnection> connection);

    std::string url_;
    PoolOptions options_;
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace huoqi::sql

// SPDX-License-Identifier: Apache-2.0
#include <condition_variable>

#include "lib/sql/postgres.h"

namespace huoqi::sql {
namespace {

// After a connection could not be made, others are not even tried for so long.
constexpr std::chrono::milliseconds kPauseAfterFailure{200};

class Reconnecting final : public Connection {
  public:
    Reconnecting(std::string url, const PostgresLimits& limits) : url_(std::move(url)), limits_(limits) {}

    Dialect dialect() const override { return Dialect::postgresql; }
    Status run(std::string_view statement, const std::vector<Value>& parameters,
               const std::function<void(const Row&)>& visit) override {
        return with([&](Connection& connection) { return connection.run(statement, parameters, visit); });
    }
    Status transaction(const std::function<Status()>& body) override {
        return with([&](Connection& connection) { return connection.transaction(body); });
    }
    Status check() override {
        return with([](Connection& connection) { return connection.check(); });
    }

  private:
    // Calls inside a transaction meet the connection that the transaction began on, or none.
    Status with(const std::function<Status(Connection&)>& what) {
        if (!connection_ && depth_ > 0) return fail(Code::unavailable, "database: the connection broke");
        if (depth_ == 0 && connection_ && connection_->stale()) connection_.reset();
        if (!connection_) {
            auto opened = open_postgres(url_, limits_);
            if (!opened) return pass(opened);
            connection_ = std::move(*opened);
        }
        ++depth_;
        auto done = what(*connection_);
        --depth_;
        if (depth_ == 0 && !connection_->connected()) connection_.reset();
        return done;
    }

    std::string url_;
    PostgresLimits limits_;
    std::unique_ptr<PostgresConnection> connection_;
    int depth_ = 0;
};

}  // namespace

std::unique_ptr<Connection> reconnecting_postgres(const std::string& url, const PostgresLimits& limits) {
    return std::make_unique<Reconnecting>(url, limits);
}

struct Pool::State {
    std::mutex mutex;
    std::condition_variable freed;
    std::vector<std::unique_ptr<PostgresConnection>> idle;
    std::size_t lent = 0;
    std::chrono::steady_clock::time_point not_before;
};

Pool::Pool(std::string url, const PoolOptions& options)
    : url_(std::move(url)), options_(options), state_(std::make_unique<State>()) {}
Pool::~Pool() = default;

// Counts one as lent: an idle one, or null for one that is to be opened.
Result<std::unique_ptr<PostgresConnection>> Pool::take_idle() {
    std::vector<std::unique_ptr<PostgresConnection>> dropped;  // closed after the lock is let go
    std::unique_lock lock(state_->mutex);
    bool free = state_->freed.wait_for(lock, options_.wait, [&] { return state_->lent < options_.size; });
    if (!free) return fail(Code::unavailable, "database: all its connections are busy");
    while (!state_->idle.empty()) {
        auto connection = std::move(state_->idle.back());
        state_->idle.pop_back();
        if (!connection->stale()) {
            ++state_->lent;
            return connection;
        }
        dropped.push_back(std::move(connection));
    }
    if (std::chrono::steady_clock::now() < state_->not_before)
        return fail(Code::unavailable, "database: it cannot be reached");
    ++state_->lent;
    return nullptr;
}

Result<Pool::Lease> Pool::lease() {
    auto idle = take_idle();
    if (!idle) return pass(idle);
    if (*idle) return Lease(*this, std::move(*idle));
    auto opened = open_postgres(url_, options_.limits);
    if (opened) return Lease(*this, std::move(*opened));
    {
        std::lock_guard lock(state_->mutex);
        --state_->lent;
        state_->not_before = std::chrono::steady_clock::now() + kPauseAfterFailure;
    }
    state_->freed.notify_one();
    return pass(opened);
}

void Pool::give_back(std::unique_ptr<PostgresConnection> connection) {
    std::vector<std::unique_ptr<PostgresConnection>> dropped;
    {
        std::lock_guard lock(state_->mutex);
        --state_->lent;
        // Where one broke the others did too, most likely: the server was restarted.
        if (connection->connected()) {
            state_->idle.push_back(std::move(connection));
        } else {
            dropped.swap(state_->idle);
        }
    }
    state_->freed.notify_one();
}

}  // namespace huoqi::sql

// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "lib/sql/postgres.h"
#include "lib/sql/testing/postgres_server.h"

namespace huoqi::sql {
namespace {

class Postgres : public testing::Test {
  protected:
    std::unique_ptr<PostgresConnection> open(const PostgresLimits& limits = {}) {
        auto opened = open_postgres(server_.url(), limits);
        EXPECT_TRUE(opened) << opened.error().message;
        return opened ? std::move(*opened) : nullptr;
    }
    static std::int64_t number(Connection& connection, std::string_view statement) {
        std::int64_t out = -1;
        auto done =
            connection.run(statement, {}, [&](const Row& row) { out = std::get<std::int64_t>(row[0]); });
        EXPECT_TRUE(done) << done.error().message;
        return out;
    }
    PostgresServer server_;
};

TEST_F(Postgres, CopyPutsRowsAndOneGivenUpPutsNone) {
    auto connection = open();
    ASSERT_TRUE(connection->run("CREATE TABLE t (a INTEGER PRIMARY KEY, b BIGINT, c BYTEA)"));
    {
        auto out = connection->copy_in("COPY t (a, b, c) FROM STDIN BINARY");
        ASSERT_TRUE(out) << out.error().message;
        for (int i = 0; i < 10'000; ++i) out->row(3).int4(i).int8(-i).bytes(Bytes(100, 7));
        ASSERT_TRUE(out->finish());
    }
    EXPECT_EQ(number(*connection, "SELECT COUNT(*) FROM t WHERE b = -a AND length(c) = 100"), 10'000);
    {
        auto out = connection->copy_in("COPY t (a, b, c) FROM STDIN BINARY");
        ASSERT_TRUE(out);
        for (int i = 20'000; i < 40'000; ++i) out->row(3).int4(i).int8(-i).bytes(Bytes(100, 7));
    }
    EXPECT_EQ(number(*connection, "SELECT COUNT(*) FROM t"), 10'000);
    auto doubled = connection->copy_in("COPY t (a, b, c) FROM STDIN BINARY");
    doubled->row(3).int4(5).int8(0).bytes({});
    EXPECT_EQ(doubled->finish().error().code, Code::conflict);
    EXPECT_EQ(connection->copy_in("COPY nothing FROM STDIN BINARY").error().code, Code::storage);
    EXPECT_EQ(number(*connection, "SELECT COUNT(*) FROM t"), 10'000);
}

TEST_F(Postgres, ListsAreParameters) {
    auto connection = open();
    std::vector<std::int64_t> found;
    auto done = connection->run(
        "SELECT n FROM unnest($1::BYTEA[], $2::BIGINT[]) AS t (b, n) WHERE b = ANY ($3::BYTEA[])",
        {std::vector<Bytes>{{1}, {2}, {}}, std::vector<std::int64_t>{10, 20, 30},
         std::vector<Bytes>{{}, {1}}},
        [&](const Row& row) { found.push_back(std::get<std::int64_t>(row[0])); });
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(found, (std::vector<std::int64_t>{10, 30}));
    EXPECT_TRUE(connection->run("SELECT 1 WHERE '\\x01'::BYTEA = ANY ($1)", {std::vector<Bytes>{}}));
}

TEST_F(Postgres, AnAnswerThatDoesNotComeCostsTheLimitAndTheConnection) {
    PostgresLimits limits;
    limits.answer = std::chrono::milliseconds(300);
    auto connection = open(limits);
    auto began = std::chrono::steady_clock::now();
    auto slept = connection->run("SELECT pg_sleep(30)");
    ASSERT_FALSE(slept);
    EXPECT_EQ(slept.error().code, Code::unavailable);
    EXPECT_FALSE(connection->connected());
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
    EXPECT_EQ(connection->run("SELECT 1").error().code, Code::unavailable);
}

TEST_F(Postgres, AKilledServerIsUnavailableAndThePoolComesBackWithIt) {
    Pool pool(server_.url(), {.size = 3, .wait = std::chrono::milliseconds(200), .limits = {}});
    auto reconnecting = reconnecting_postgres(server_.url(), {});
    ASSERT_TRUE(reconnecting->run("CREATE TABLE t (a BIGINT)"));
    {
        auto one = pool.lease();
        auto two = pool.lease();
        auto three = pool.lease();
        ASSERT_TRUE(one && two && three);
        EXPECT_EQ(pool.lease().error().code, Code::unavailable);
        ASSERT_TRUE((*one)->run("INSERT INTO t VALUES (1)"));
        server_.kill9();
        EXPECT_EQ((*one)->run("INSERT INTO t VALUES (2)").error().code, Code::unavailable);
    }
    EXPECT_EQ(pool.lease().error().code, Code::unavailable);
    EXPECT_EQ(reconnecting->run("SELECT 1").error().code, Code::unavailable);
    server_.start();
    auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    for (;;) {
        auto lease = pool.lease();
        if (lease && (*lease)->run("SELECT 1")) break;
        ASSERT_LT(std::chrono::steady_clock::now(), until);
    }
    EXPECT_EQ(number(*reconnecting, "SELECT COUNT(*) FROM t"), 1);
}

TEST_F(Postgres, ARestartWhileConnectionsLieIdleFailsNoCall) {
    Pool pool(server_.url(), {.size = 3, .wait = std::chrono::milliseconds(200), .limits = {}});
    auto reconnecting = reconnecting_postgres(server_.url(), {});
    for (bool killed : {true, false}) {
        {
            auto one = pool.lease();
            auto two = pool.lease();
            auto three = pool.lease();
            ASSERT_TRUE(one && two && three);
            for (auto* lease : {&one, &two, &three}) ASSERT_TRUE((**lease)->run("SELECT 1"));
        }
        ASSERT_TRUE(reconnecting->run("SELECT 1"));
        killed ? server_.kill9() : server_.stop("fast");
        server_.start();
        std::vector<Pool::Lease> leases;
        for (int i = 0; i < 3; ++i) {
            auto lease = pool.lease();
            ASSERT_TRUE(lease) << lease.error().message;
            auto done = (*lease)->run("SELECT 1");
            EXPECT_TRUE(done) << i << ": " << done.error().message;
            leases.push_back(std::move(*lease));
        }
        auto done = reconnecting->transaction([&] { return reconnecting->run("SELECT 1"); });
        EXPECT_TRUE(done) << done.error().message;
    }
}

TEST_F(Postgres, ATransactionOnABrokenConnectionDoesNotGoOnOnAnother) {
    auto connection = reconnecting_postgres(server_.url(), {});
    ASSERT_TRUE(connection->run("CREATE TABLE t (a BIGINT)"));
    auto done = connection->transaction([&]() -> Status {
        if (auto put = connection->run("INSERT INTO t VALUES (1)"); !put) return put;
        server_.kill9();
        server_.start();
        EXPECT_FALSE(connection->run("INSERT INTO t VALUES (2)"));
        return connection->run("INSERT INTO t VALUES (3)");
    });
    EXPECT_EQ(done.error().code, Code::unavailable);
    EXPECT_EQ(number(*connection, "SELECT COUNT(*) FROM t"), 0);
}

TEST_F(Postgres, ATransactionWhoseFailureWasOverlookedIsNoSuccess) {
    auto connection = open();
    ASSERT_TRUE(connection->run("CREATE TABLE t (a BIGINT UNIQUE)"));
    auto done = connection->transaction([&]() -> Status {
        EXPECT_TRUE(connection->run("INSERT INTO t VALUES (1)"));
        EXPECT_FALSE(connection->run("INSERT INTO t VALUES (1)"));
        return {};
    });
    EXPECT_FALSE(done);
    EXPECT_EQ(number(*connection, "SELECT COUNT(*) FROM t"), 0);
}

TEST_F(Postgres, AValueOfAnotherKindIsRefusedNotMisread) {
    auto connection = open();
    ASSERT_TRUE(connection->run("CREATE TABLE t (a BIGINT, b BYTEA)"));
    EXPECT_FALSE(connection->run("INSERT INTO t (a) VALUES ($1)", {std::string("12345678")}));
    EXPECT_FALSE(connection->run("INSERT INTO t (a) VALUES ($1)", {Bytes(8, 1)}));
    EXPECT_FALSE(connection->run("INSERT INTO t (b) VALUES ($1)", {std::string("text")}));
    EXPECT_EQ(number(*connection, "SELECT COUNT(*) FROM t"), 0);
}

TEST_F(Postgres, NewsArrive) {
    auto listener = open();
    ASSERT_TRUE(listener->run("LISTEN huoqi"));
    EXPECT_EQ(*listener->notified(std::chrono::milliseconds(10)), false);
    ASSERT_TRUE(open()->run("NOTIFY huoqi"));
    EXPECT_EQ(*listener->notified(std::chrono::seconds(10)), true);
}

TEST_F(Postgres, NeitherAValueNorThePasswordIsInAMessage) {
    auto connection = open();
    ASSERT_TRUE(connection->run("CREATE TABLE t (a TEXT CHECK (length(a) < 3), b INTEGER)"));
    for (const auto& parameters : {std::vector<Value>{std::string("planted-4711"), std::int64_t{1}},
                                   std::vector<Value>{std::string("x"), std::int64_t{47'114'711'4711}}}) {
        auto done = connection->run("INSERT INTO t VALUES ($1, $2)", parameters);
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().message.find("4711"), std::string::npos) << done.error().message;
    }
    auto refused = open_postgres("postgresql://huoqi:planted-4711@/nothing?host=/nowhere", {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::unavailable);
    EXPECT_EQ(refused.error().message.find("4711"), std::string::npos) << refused.error().message;
}

TEST_F(Postgres, AWrongPartOfTheUrlIsToldWithoutRepeatingIt) {
    server_.sql("ALTER ROLE huoqi PASSWORD 'right-4711'");
    {
        std::ofstream rules(server_.data_directory() / "pg_hba.conf", std::ios::trunc);
        rules << "local all huoqi scram-sha-256\nlocal all all trust\n";
    }
    server_.sql("SELECT pg_reload_conf()");
    auto url = [&](const std::string& who, const std::string& name) {
        return "postgresql://" + who + "@/" + name +
               "?host=" + server_.data_directory().parent_path().string();
    };
    auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    auto told = open_postgres(url("huoqi", "huoqi"), {});
    while (told && std::chrono::steady_clock::now() < until) told = open_postgres(url("huoqi", "huoqi"), {});
    auto expect = [](const Result<std::unique_ptr<PostgresConnection>>& opened, Code code,
                     const char* words) {
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, code);
        EXPECT_NE(opened.error().message.find(words), std::string::npos) << opened.error().message;
        for (const char* hidden : {"4711", "host=", "stranger"})
            EXPECT_EQ(opened.error().message.find(hidden), std::string::npos) << opened.error().message;
    };
    expect(told, Code::storage, "wants a password");
    EXPECT_TRUE(open_postgres(url("huoqi:right-4711", "huoqi"), {}));
    expect(open_postgres(url("huoqi:wrong-4711", "huoqi"), {}), Code::storage, "28P01");
    expect(open_postgres(url("stranger:a-4711", "huoqi"), {}), Code::storage, "no such user");
    expect(open_postgres(url("huoqi:right-4711", "nothing4711"), {}), Code::storage,
           "no database of this name");
    expect(open_postgres("postgresql://huoqi:%zz-4711@/huoqi?host=/nowhere", {}), Code::bad_input, "URL");
    expect(open_postgres("postgresql://huoqi:a-4711@/huoqi?host=/nowhere", {}), Code::unavailable, "reached");
}

TEST_F(Postgres, AColumnOfAnUnknownTypeIsAnErrorThatNamesTheType) {
    auto connection = open();
    bool visited = false;
    for (const char* statement :
         {"SELECT 1.5", "SELECT 1, NULL::NUMERIC", "SELECT SUM(n) FROM (SELECT 1::BIGINT AS n) AS t"}) {
        auto done = connection->run(statement, {}, [&](const Row&) { visited = true; });
        ASSERT_FALSE(done) << statement;
        EXPECT_NE(done.error().message.find("oid 1700"), std::string::npos) << done.error().message;
    }
    EXPECT_FALSE(visited);
    EXPECT_EQ(number(*connection, "SELECT 7"), 7) << "the connection is good for more";
}

// In a test run that is cut off by a time limit there are no destructors.
TEST(PostgresServerItself, EndsWithTheTestThatIsKilled) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    pid_t test = ::fork();
    ASSERT_GE(test, 0);
    if (test == 0) {
        PostgresServer server;
        auto folder = server.data_directory().string() + "\n";
        if (::write(ends[1], folder.data(), folder.size()) < 0) ::_exit(1);
        for (;;) ::pause();
    }
    std::string folder;
    for (char c = 0; ::read(ends[0], &c, 1) == 1 && c != '\n';) folder += c;
    pid_t postmaster = 0;
    std::ifstream(folder + "/postmaster.pid") >> postmaster;
    EXPECT_GT(postmaster, 0);
    ::kill(test, SIGKILL);
    ::waitpid(test, nullptr, 0);
    auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    auto there = [&] { return ::kill(postmaster, 0) == 0 || std::filesystem::exists(folder); };
    while (there() && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_NE(::kill(postmaster, 0), 0) << "PostgreSQL outlived its test";
    EXPECT_FALSE(std::filesystem::exists(folder));
}

}  // namespace
}  // namespace huoqi::sql

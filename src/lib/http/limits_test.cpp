// SPDX-License-Identifier: Apache-2.0
// Every named limit, met by a client that goes beyond it.
#include <atomic>
#include <chrono>

#include "lib/http/internal/test_server.h"

namespace huoqi::http {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

Router echo_router() {
    Router router;
    router.add("GET", "/", [](Request, Reply reply) { reply.send(text("root")); });
    router.add("POST", "/echo", [](Request request, Reply reply) { reply.send(text(request.body)); });
    RouteLimits small;
    small.max_body_bytes = 10;
    router.add("POST", "/small", [](Request request, Reply reply) { reply.send(text(request.body)); }, small);
    return router;
}

TEST(Limits, HeaderBytes) {
    Limits limits;
    limits.max_header_bytes = 1000;
    TestServer server(echo_router(), limits);
    const auto of_size = [](std::size_t size) {
        std::string head = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
        return head + std::string(size - head.size() - 4, 'a') + "\r\n\r\n";
    };
    EXPECT_EQ(server.status_for(of_size(1000)), 200);
    EXPECT_EQ(server.status_for(of_size(1001)), 431);
    EXPECT_EQ(server.status_for(of_size(60'000)), 431);
    EXPECT_EQ(server.status_for("GET /" + std::string(2000, 'a')), 431);
}

TEST(Limits, HeaderFields) {
    Limits limits;
    limits.max_header_fields = 3;
    TestServer server(echo_router(), limits);
    EXPECT_EQ(server.status_for("GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 2\r\n\r\n"), 200);
    EXPECT_EQ(server.status_for("GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n"), 431);
}

TEST(Limits, SmuggledRequestsAreRefusedAndTheConnectionCloses) {
    TestServer server(echo_router());
    for (const char* head :
         {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
          "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
          "GET / HTTP/1.1\nHost: h\n\n", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n",
          "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n"}) {
        Client client = server.client();
        ASSERT_TRUE(client.write(head));
        ASSERT_TRUE(client.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
        const auto response = client.read_response();
        ASSERT_TRUE(response);
        EXPECT_EQ(response->status, 400) << head;
        EXPECT_TRUE(client.closed_cleanly()) << head;
    }
}

TEST(Limits, BodyBytes) {
    Limits limits;
    limits.max_body_bytes = 1000;
    TestServer server(echo_router(), limits);
    EXPECT_EQ(server.client().post("/echo", std::string(1000, 'a'))->status, 200);
    EXPECT_EQ(server.client().post("/small", std::string(10, 'a'))->status, 200);
    EXPECT_EQ(server.client().post("/small", std::string(11, 'a'))->status, 413);
    Client client = server.client();
    const auto large = client.post("/echo", std::string(1001, 'a'));
    ASSERT_TRUE(large);
    EXPECT_EQ(large->status, 413);
    EXPECT_EQ(large->headers.find("connection"), "close");
    EXPECT_TRUE(client.closed_cleanly());
}

TEST(Limits, BodyBytesOfAClientThatIsStillSending) {
    Limits limits;
    limits.max_body_bytes = 1000;
    TestServer server(echo_router(), limits);
    const auto announced = server.client().post("/echo", std::string(8'000'000, 'a'));
    ASSERT_TRUE(announced);
    EXPECT_EQ(announced->status, 413);
    int parts = 0;
    const auto chunked = server.client().upload(
        "/echo", [&]() -> Result<std::string> { return parts++ < 100 ? std::string(50'000, 'a') : ""; });
    ASSERT_TRUE(chunked);
    EXPECT_EQ(chunked->status, 413);
}

TEST(Limits, HeaderTimeoutIsNotRenewedByBytes) {
    Limits limits;
    limits.header_timeout = milliseconds(200);
    TestServer server(echo_router(), limits);
    Client client = server.client();
    const auto start = Steady::now();
    std::atomic<bool> answered{false};
    ASSERT_TRUE(client.write("GET / HTTP/1.1\r\nX: "));
    std::thread drip([&] {  // a byte every 20 ms for as long as it takes
        Gate never;
        std::mutex mutex;
        std::condition_variable timer;
        std::unique_lock lock(mutex);
        while (!answered && Steady::now() - start < std::chrono::seconds(5)) {
            if (server->counters().timeouts > 0) break;
            timer.wait_for(lock, milliseconds(20));
            if (!client.write("a")) break;
        }
    });
    drip.join();
    const auto response = client.read_response();
    answered = true;
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 408);
    EXPECT_LT(Steady::now() - start, std::chrono::seconds(5));
    EXPECT_TRUE(client.closed_cleanly());
}

TEST(Limits, SilentConnectionsAreClosed) {
    Limits limits;
    limits.header_timeout = milliseconds(100);
    limits.idle_timeout = milliseconds(100);
    TestServer server(echo_router(), limits);
    ClientOptions plain = server.options();
    plain.authority_pem.clear();
    Client no_handshake = Client::connect(plain).value();
    EXPECT_TRUE(no_handshake.closed_cleanly());
    Client idle = server.client();
    EXPECT_EQ(idle.get("/")->status, 200);
    EXPECT_TRUE(idle.closed_cleanly());
    EXPECT_EQ(server->counters().connections_accepted, 2U);
}

TEST(Limits, BodyTimeoutWithoutAByte) {
    Limits limits;
    limits.body_timeout = milliseconds(100);
    TestServer server(echo_router(), limits);
    EXPECT_EQ(server.status_for("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab"), 408);
    EXPECT_EQ(
        server.status_for("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
        408);
}

TEST(Limits, BodyBelowTheMinimalRate) {
    Limits limits;
    limits.body_timeout = milliseconds(200);
    limits.min_bytes_per_second = 1'000'000;
    TestServer server(echo_router(), limits);
    Client client = server.client();
    ASSERT_TRUE(client.write("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n"));
    std::mutex mutex;
    std::condition_variable timer;
    std::unique_lock lock(mutex);
    const auto start = Steady::now();
    while (server->counters().timeouts == 0 && Steady::now() - start < std::chrono::seconds(5)) {
        timer.wait_for(lock, milliseconds(20));
        if (!client.write("a")) break;
    }
    EXPECT_EQ(client.read_response()->status, 408);
}

TEST(Limits, ClientThatDoesNotReadItsAnswerIsCut) {
    Limits limits;
    limits.body_timeout = milliseconds(100);
    Router router;
    router.add("GET", "/large", [](Request, Reply reply) { reply.send(text(std::string(64'000'000, 'a'))); });
    TestServer server(std::move(router), limits);
    Client client = server.client();
    ASSERT_TRUE(client.write("GET /large HTTP/1.1\r\nHost: h\r\n\r\n"));
    while (server->counters().timeouts == 0) std::this_thread::yield();
    EXPECT_FALSE(client.read_response());
}

TEST(Limits, Connections) {
    Limits limits;
    limits.max_connections = 2;
    TestServer server(echo_router(), limits);
    Client one = server.client();
    {
        Client two = server.client();
        EXPECT_FALSE(Client::connect(server.options()));
        EXPECT_EQ(server->counters().connections_refused, 1U);
        EXPECT_EQ(one.get("/")->status, 200);
        EXPECT_EQ(two.get("/", {{"connection", "close"}})->status, 200);
    }
    while (server->counters().connections_open > 1) std::this_thread::yield();
    EXPECT_EQ(server.client().get("/")->status, 200);
}

TEST(Limits, RequestTimeoutDropsTheLateAnswer) {
    Limits limits;
    limits.request_timeout = milliseconds(100);
    limits.retry_after_seconds = 7;
    Router router = echo_router();
    std::optional<Reply> held;
    router.add("GET", "/slow", [&](Request, Reply reply) { held.emplace(std::move(reply)); });
    TestServer server(std::move(router), limits);
    Client client = server.client();
    const auto response = client.get("/slow");
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 503);
    EXPECT_EQ(response->headers.find("retry-after"), "7");
    held->send(text("too late"));
    EXPECT_TRUE(client.closed_cleanly());
    EXPECT_EQ(server->counters().timeouts, 1U);
}

TEST(Limits, RequestTimeoutOfARoute) {
    RouteLimits quick;
    quick.request_timeout = milliseconds(50);
    Router router;
    std::optional<Reply> held;
    router.add("GET", "/slow", [&](Request, Reply reply) { held.emplace(std::move(reply)); }, quick);
    TestServer server(std::move(router));
    EXPECT_EQ(server.client().get("/slow")->status, 503);
}

TEST(Limits, PipelinedAnswersAreGatheredUpToTheLimit) {
    for (const unsigned limit : {1U, 4U}) {
        Limits limits;
        limits.max_pipelined = limit;
        TestServer server(echo_router(), limits, 1);
        Client client = server.client();
        std::string requests;
        for (int i = 0; i < 32; ++i) requests += "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
        ASSERT_TRUE(client.write(requests));
        for (int i = 0; i < 32; ++i) ASSERT_EQ(client.read_response()->body, "root");
    }
}

TEST(Limits, LingeringEnds) {
    Limits limits;
    limits.max_body_bytes = 10;
    limits.linger_timeout = milliseconds(50);
    TestServer server(echo_router(), limits);
    Client client = server.client();
    ASSERT_TRUE(client.write("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n"));
    EXPECT_EQ(client.read_response()->status, 413);
    while (server->counters().connections_open > 0) std::this_thread::yield();
}

}  // namespace
}  // namespace huoqi::http

// SPDX-License-Identifier: Apache-2.0
// The server as clients meet it. More than 400 lines, because every case needs the one set of routes above
// them.
#include "lib/http/http.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <stdexcept>
#include <thread>

#include "lib/http/internal/test_server.h"

namespace huoqi::http {
namespace {

using std::chrono::milliseconds;

Router echo_router() {
    Router router;
    router.add("GET", "/hello/{name}", [](Request request, Reply reply) {
        reply.send(text("hello " + std::string(request.parameter("name"))));
    });
    router.add("POST", "/echo", [](Request request, Reply reply) { reply.send(text(request.body)); });
    return router;
}

TEST(Http, AnswersOverTlsAndKeepsTheConnection) {
    TestServer server(echo_router());
    Client client = server.client();
    for (int i = 0; i < 20; ++i) {
        const auto response = client.get("/hello/" + std::to_string(i));
        ASSERT_TRUE(response);
        EXPECT_EQ(response->status, 200);
        EXPECT_EQ(response->body, "hello " + std::to_string(i));
    }
    const Counters counters = server->counters();
    EXPECT_EQ(counters.connections_accepted, 1U);
    EXPECT_EQ(counters.requests, 20U);
    EXPECT_EQ(counters.responses[1], 20U);
    std::uint64_t timed = 0;
    for (const auto count : counters.latencies) timed += count;
    EXPECT_EQ(timed, 20U);
}

TEST(Http, BodiesOfAllSizesComeBack) {
    TestServer server(echo_router());
    Client client = server.client();
    for (const std::size_t size : {0UL, 1UL, 1000UL, 16'384UL, 40'000UL, 1'048'576UL}) {
        const std::string body(size, 'x');
        const auto response = client.post("/echo", body);
        ASSERT_TRUE(response) << size;
        EXPECT_EQ(response->status, 200);
        EXPECT_TRUE(response->body == body) << size;
    }
}

TEST(Http, ChunkedBodyIsJoined) {
    TestServer server(echo_router());
    Client client = server.client();
    int part = 0;
    const auto response = client.upload(
        "/echo", [&]() -> Result<std::string> { return part++ < 3 ? std::to_string(part) : ""; });
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "123");
    EXPECT_EQ(client.get("/hello/again")->body, "hello again");
}

TEST(Http, SecurityHeadersAreOnEveryAnswer) {
    TestServer server(echo_router());
    Client client = server.client();
    for (const char* target : {"/hello/a", "/nothing", "/echo", "/%"}) {
        const auto response = client.get(target);
        ASSERT_TRUE(response) << target;
        EXPECT_EQ(response->headers.find("x-content-type-options"), "nosniff");
        EXPECT_EQ(response->headers.find("cache-control"), "no-store");
        EXPECT_EQ(response->headers.find("referrer-policy"), "no-referrer");
        EXPECT_TRUE(response->headers.find("strict-transport-security"));
        EXPECT_NE(response->headers.find("content-security-policy")->find("frame-ancestors 'none'"),
                  std::string::npos);
        EXPECT_TRUE(response->headers.find("date"));
        EXPECT_EQ(response->headers.find("x-request-id")->size(), 32U);
        EXPECT_FALSE(response->headers.find("server"));
    }
}

TEST(Http, HandlerMayCacheAndCannotBreakOutOfAField) {
    Router router;
    router.add("GET", "/tile", [](Request, Reply reply) {
        Response response = text("tile");
        response.headers.add("Cache-Control", "public, immutable");
        reply.send(std::move(response));
    });
    router.add("GET", "/split", [](Request, Reply reply) {
        Response response = text("x");
        response.headers.add("location", "/a\r\nset-cookie: b");
        reply.send(std::move(response));
    });
    TestServer server(std::move(router));
    Client client = server.client();
    const auto tile = client.get("/tile");
    EXPECT_EQ(tile->headers.find("cache-control"), "public, immutable");
    EXPECT_EQ(tile->headers.count("cache-control"), 1U);
    const auto split = client.get("/split");
    EXPECT_EQ(split->status, 500);
    EXPECT_FALSE(split->headers.find("set-cookie"));
}

TEST(Http, ErrorsAreProblemsAndRepeatNothing) {
    TestServer server(echo_router());
    Client client = server.client();
    const auto missing = client.get("/13800138000?name=secret");
    ASSERT_TRUE(missing);
    EXPECT_EQ(missing->status, 404);
    EXPECT_EQ(missing->headers.find("content-type"), "application/problem+json");
    EXPECT_NE(missing->body.find("\"code\":\"not_found\""), std::string::npos);
    EXPECT_EQ(missing->body.find("13800138000"), std::string::npos);
    EXPECT_EQ(missing->body.find("secret"), std::string::npos);
    const auto wrong = client.send("PUT", "/hello/a", {});
    EXPECT_EQ(wrong->status, 405);
    EXPECT_EQ(wrong->headers.find("allow"), "GET, HEAD");
    EXPECT_EQ(client.get("/hello/a")->status, 200);
}

TEST(Http, HeadHasLengthAndNoBody) {
    TestServer server(echo_router());
    Client client = server.client();
    const auto head = client.send("HEAD", "/hello/a", {});
    ASSERT_TRUE(head);
    EXPECT_EQ(head->status, 200);
    EXPECT_EQ(head->headers.find("content-length"), "7");
    EXPECT_EQ(client.get("/hello/b")->body, "hello b");
}

TEST(Http, PipelinedRequestsAreAnsweredInOrder) {
    TestServer server(echo_router());
    Client client = server.client();
    std::string requests = "\r\n";  // one empty line before a request is forgiven
    for (int i = 0; i < 100; ++i) {
        const std::string body = std::to_string(i);
        requests += "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
                    "\r\n\r\n" + body;
    }
    ASSERT_TRUE(client.write(requests));
    for (int i = 0; i < 100; ++i) {
        const auto response = client.read_response();
        ASSERT_TRUE(response) << i;
        ASSERT_EQ(response->body, std::to_string(i));
    }
}

TEST(Http, EarlierAnswersDoNotWaitForASlowHandler) {
    Router router = echo_router();
    Gate gate;
    std::thread worker;
    router.add("GET", "/slow", [&](Request, Reply reply) {
        worker = std::thread([&gate, held = std::move(reply)]() mutable {
            gate.wait();
            held.send(text("slow"));
        });
    });
    TestServer server(std::move(router));
    Client client = server.client();
    ASSERT_TRUE(
        client.write("GET /hello/a HTTP/1.1\r\nHost: h\r\n\r\nGET /slow HTTP/1.1\r\nHost: h\r\n\r\n"));
    EXPECT_EQ(client.read_response()->body, "hello a");
    gate.open();
    EXPECT_EQ(client.read_response()->body, "slow");
    worker.join();
}

TEST(Http, OldVersionAndCloseAreHonoured) {
    TestServer server(echo_router());
    Client old = server.client();
    ASSERT_TRUE(old.write("GET /hello/a HTTP/1.0\r\n\r\n"));
    EXPECT_EQ(old.read_response()->headers.find("connection"), "close");
    EXPECT_TRUE(old.closed_cleanly());
    Client closing = server.client();
    EXPECT_EQ(closing.get("/hello/a", {{"connection", "close"}})->body, "hello a");
    EXPECT_TRUE(closing.closed_cleanly());
}

TEST(Http, ExpectedContinueIsSaidBeforeTheBody) {
    TestServer server(echo_router());
    Client client = server.client();
    ASSERT_TRUE(
        client.write("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
    while (server->counters().bytes_out == 0) std::this_thread::yield();  // only the 100 can be that
    ASSERT_TRUE(client.write("ok"));
    EXPECT_EQ(client.read_response()->body, "ok");
}

TEST(Http, AnswersMayComeFromOtherThreads) {
    Router router;
    std::mutex mutex;
    std::vector<std::thread> workers;
    router.add("POST", "/later", [&](Request request, Reply reply) {
        std::lock_guard lock(mutex);
        workers.emplace_back(
            [held = std::move(reply), body = request.body]() mutable { held.send(text(body)); });
    });
    TestServer server(std::move(router));
    Client client = server.client();
    for (int i = 0; i < 200; ++i)
        ASSERT_EQ(client.post("/later", std::to_string(i))->body, std::to_string(i));
    for (std::thread& worker : workers) worker.join();
}

TEST(Http, DroppedReplyAndThrowingHandlerAnswer500) {
    Router router = echo_router();
    router.add("GET", "/drop", [](Request, Reply) {});
    router.add("GET", "/throw", [](Request, Reply) { throw std::runtime_error("13800138000"); });
    TestServer server(std::move(router));
    Client client = server.client();
    EXPECT_EQ(client.get("/drop")->status, 500);
    const auto thrown = client.get("/throw");
    EXPECT_EQ(thrown->status, 500);
    EXPECT_EQ(thrown->body.find("138"), std::string::npos);
    EXPECT_EQ(client.get("/hello/a")->status, 200);
}

TEST(Http, RepliesMayOutliveTheServer) {
    Router router;
    Gate called;
    std::optional<Reply> held;
    router.add("GET", "/keep", [&](Request, Reply reply) {
        held.emplace(std::move(reply));
        called.open();
    });
    {
        TestServer server(std::move(router));
        Client client = server.client();
        ASSERT_TRUE(client.write("GET /keep HTTP/1.1\r\nHost: h\r\n\r\n"));
        called.wait();
        server->shutdown(milliseconds(0));
    }
    held->send(text("nobody is there"));
}

TEST(Http, SixtyFourConnectionsAtOnce) {
    TestServer server(echo_router());
    constexpr int kConnections = 64;
    std::atomic<int> right{0};
    Gate all_connected;
    std::atomic<int> connected{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < kConnections; ++i) {
        threads.emplace_back([&, i] {
            Client client = server.client();
            if (++connected == kConnections) all_connected.open();
            all_connected.wait();
            for (int n = 0; n < 10; ++n) {
                const std::string body = std::to_string(i * 1000 + n);
                const auto response = client.post("/echo", body);
                if (response && response->body == body) ++right;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(right, kConnections * 10);
}

TEST(Http, ListenersHaveTheirOwnRoutes) {
    const auto listener = [](const char* said) {
        Router router;
        router.add("GET", "/who", [said](Request, Reply reply) { reply.send(text(said)); });
        Listener made;
        made.address = "127.0.0.1:0";
        made.router = std::make_shared<Router>(std::move(router));
        made.allow_plain_loopback = true;
        return made;
    };
    std::vector<Listener> listeners;
    listeners.push_back(listener("business"));
    listeners.push_back(listener("public"));
    const auto server = Server::start(std::move(listeners), 2);
    ASSERT_TRUE(server);
    ASSERT_EQ((*server)->addresses().size(), 2U);
    EXPECT_NE((*server)->addresses()[0], (*server)->addresses()[1]);
    for (const std::size_t i : {0U, 1U}) {
        ClientOptions options;
        options.address = (*server)->addresses()[i];
        Client client = Client::connect(options).value();
        const auto response = client.get("/who");
        EXPECT_EQ(response->body, i == 0 ? "business" : "public");
        EXPECT_FALSE(response->headers.find("strict-transport-security"));
    }
}

TEST(Http, UnixSocketIsServedAndRemoved) {
    const std::string path = testing::TempDir() + "huoqi-http-test-" + std::to_string(::getpid()) + ".sock";
    std::vector<Listener> listeners(1);
    listeners[0].address = "unix:" + path;
    listeners[0].router = std::make_shared<Router>(echo_router());
    auto server = Server::start(std::move(listeners), 2);
    ASSERT_TRUE(server) << server.error().message;
    struct stat info{};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    ClientOptions options;
    options.address = "unix:" + path;
    EXPECT_EQ(Client::connect(options)->get("/hello/a")->body, "hello a");
    server->reset();
    EXPECT_NE(::access(path.c_str(), F_OK), 0);
    EXPECT_FALSE(Client::connect(options));
}

Result<std::unique_ptr<Server>> start_plain(const std::string& address, bool allowed) {
    std::vector<Listener> listeners(1);
    listeners[0].address = address;
    listeners[0].router = std::make_shared<Router>();
    listeners[0].allow_plain_loopback = allowed;
    return Server::start(std::move(listeners), 2);
}

TEST(Server, PlainIsRefusedWhereItMayNotBe) {
    EXPECT_EQ(start_plain("127.0.0.1:0", false).error().code, Code::refused);
    EXPECT_EQ(start_plain("0.0.0.0:0", true).error().code, Code::refused);
    EXPECT_TRUE(start_plain("127.0.0.1:0", true));
    EXPECT_EQ(start_plain("localhost:0", true).error().code, Code::bad_input);
    EXPECT_EQ(start_plain("127.0.0.1", true).error().code, Code::bad_input);
    EXPECT_EQ(start_plain("127.0.0.1:70000", true).error().code, Code::bad_input);
}

TEST(Server, AddressInUseIsRefused) {
    const auto first = start_plain("127.0.0.1:0", true);
    ASSERT_TRUE(first);
    const auto second = start_plain((*first)->addresses()[0], true);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::unavailable);
}

TEST(Server, KeyThatDoesNotFitIsRefused) {
    const TestIdentity one = make_test_identity();
    const TestIdentity two = make_test_identity();
    for (const std::string& certificate : {two.server.certificate_pem, std::string("none")}) {
        std::vector<Listener> listeners(1);
        listeners[0].address = "127.0.0.1:0";
        listeners[0].router = std::make_shared<Router>();
        listeners[0].tls = TlsIdentity{certificate, one.server.private_key_pem.clone()};
        const auto server = Server::start(std::move(listeners), 1);
        ASSERT_FALSE(server);
        EXPECT_EQ(server.error().code, Code::bad_input);
    }
}

TEST(Server, OldTlsVersionsAreRefused) {
    TestServer server(echo_router());
    for (const int version : {0x0301, 0x0302, 0x0303, 0x0304}) {
        ClientOptions options = server.options();
        options.max_tls_version = version;
        EXPECT_EQ(Client::connect(options).has_value(), version >= 0x0303) << version;
    }
}

TEST(Server, PlainHttpToATlsPortIsClosedCleanly) {
    TestServer server(echo_router());
    ClientOptions options = server.options();
    options.authority_pem.clear();
    Client client = Client::connect(options).value();
    ASSERT_TRUE(client.write("GET /hello/a HTTP/1.1\r\nHost: h\r\n\r\n"));
    EXPECT_TRUE(client.closed_cleanly());
    EXPECT_EQ(server->counters().handshakes_failed, 1U);
}

TEST(Server, ShutdownAnswersWhatHasBegunAndClosesTheRest) {
    Router router = echo_router();
    Gate called;
    Gate gate;
    std::thread worker;
    router.add("GET", "/slow", [&](Request, Reply reply) {
        worker = std::thread([&gate, held = std::move(reply)]() mutable {
            gate.wait();
            held.send(text("done"));
        });
        called.open();
    });
    TestServer server(std::move(router));
    Client idle = server.client();
    EXPECT_EQ(idle.get("/hello/a")->status, 200);
    Client busy = server.client();
    ASSERT_TRUE(busy.write("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"));
    called.wait();
    std::thread stopping([&] { server->shutdown(milliseconds(20'000)); });
    EXPECT_TRUE(idle.closed_cleanly());
    while (Client::connect(server.options())) std::this_thread::yield();  // the other loop's turn to close
    gate.open();
    const auto response = busy.read_response();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "done");
    stopping.join();
    worker.join();
    EXPECT_TRUE(busy.closed_cleanly());
}

TEST(Server, ShutdownCutsWhatIsNotDoneInTime) {
    Router router;
    Gate called;
    Gate gate;
    std::thread worker;
    router.add("GET", "/never", [&](Request, Reply reply) {
        worker = std::thread([&gate, held = std::move(reply)]() mutable { gate.wait(); });
        called.open();
    });
    TestServer server(std::move(router));
    Client client = server.client();
    ASSERT_TRUE(client.write("GET /never HTTP/1.1\r\nHost: h\r\n\r\n"));
    called.wait();
    server->shutdown(milliseconds(20));
    EXPECT_FALSE(client.read_response());
    gate.open();
    worker.join();
}

}  // namespace
}  // namespace huoqi::http

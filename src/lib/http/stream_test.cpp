// SPDX-License-Identifier: Apache-2.0
// Bodies larger than memory should hold, both ways.
#include <unistd.h>

#include <atomic>
#include <fstream>

#include "lib/http/internal/test_server.h"

namespace huoqi::http {
namespace {

using std::chrono::milliseconds;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

constexpr std::size_t kPart = 100'000;
constexpr int kParts = 500;  // 50 MB

long resident_bytes() {
    std::ifstream file("/proc/self/statm");
    long total = 0;
    long resident = 0;
    file >> total >> resident;
    return resident * ::sysconf(_SC_PAGESIZE);
}

// Counts the bytes and answers with their number, or with the problem.
void count_bytes(BodyReader reader, Reply reply) {
    Bytes buffer(64 * 1024);
    std::uint64_t total = 0;
    for (;;) {
        const Result<std::size_t> n = reader.read(buffer);
        if (!n) return reply.send(problem(n.error()));
        if (*n == 0) break;
        total += *n;
    }
    reply.send(text(std::to_string(total)));
}

Router counting_router() {
    Router router;
    router.add_stream("POST", "/count", [](Request, BodyReader reader, Reply reply) {
        count_bytes(std::move(reader), std::move(reply));
    });
    return router;
}

TEST(Stream, LargeUploadStaysInConstantMemory) {
    TestServer server(counting_router());
    Client client = server.client();
    long largest = 0;
    for (int round = 0; round < 2; ++round) {
        int sent = 0;
        const long before = resident_bytes();
        const auto response = client.upload("/count", [&]() -> Result<std::string> {
            if (sent % 50 == 0) largest = std::max(largest, resident_bytes() - before);
            return sent++ < kParts ? std::string(kPart, 'x') : "";
        });
        ASSERT_TRUE(response) << response.error().message;
        EXPECT_EQ(response->status, 200);
        EXPECT_EQ(response->body, std::to_string(kPart * kParts));
    }
    if (!kSanitized) {  // these keep freed memory
        EXPECT_LT(largest, 10'000'000);
    }
}

TEST(Stream, SlowReaderSlowsTheClientDown) {
    Limits limits;
    limits.stream_buffer_bytes = 20'000;
    Router router;
    Gate gate;
    router.add_stream("POST", "/count", [&](Request, BodyReader reader, Reply reply) {
        gate.wait();
        count_bytes(std::move(reader), std::move(reply));
    });
    TestServer server(std::move(router), limits);
    Client client = server.client();
    std::atomic<int> sent{0};
    std::thread opener([&] {  // opens the gate once the client can send no more
        std::uint64_t last = 0;
        std::mutex mutex;
        std::condition_variable timer;
        std::unique_lock lock(mutex);
        for (int quiet = 0; quiet < 5;) {
            timer.wait_for(lock, milliseconds(10));
            const std::uint64_t now = server->counters().bytes_in;
            quiet = now == last && now > 0 ? quiet + 1 : 0;
            last = now;
        }
        EXPECT_LT(last, 100'000U);
        gate.open();
    });
    const auto response = client.upload(
        "/count", [&]() -> Result<std::string> { return sent++ < 200 ? std::string(kPart, 'x') : ""; });
    opener.join();
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, std::to_string(200 * kPart));
}

TEST(Stream, BodyOfKnownLengthAndEmptyBody) {
    TestServer server(counting_router());
    Client client = server.client();
    EXPECT_EQ(client.post("/count", std::string(300'000, 'x'))->body, "300000");
    EXPECT_EQ(client.post("/count", "")->body, "0");
}

TEST(Stream, TooManyAtOnceAreToldToComeBack) {
    Limits limits;
    limits.max_streams = 1;
    limits.retry_after_seconds = 3;
    Router router;
    Gate gate;
    Gate called;
    router.add_stream("POST", "/count", [&](Request, BodyReader reader, Reply reply) {
        called.open();
        gate.wait();
        count_bytes(std::move(reader), std::move(reply));
    });
    TestServer server(std::move(router), limits);
    Client first = server.client();
    ASSERT_TRUE(first.write("POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"));
    called.wait();
    const auto second = server.client().post("/count", "abc");
    ASSERT_TRUE(second);
    EXPECT_EQ(second->status, 503);
    EXPECT_EQ(second->headers.find("retry-after"), "3");
    gate.open();
    EXPECT_EQ(first.read_response()->body, "3");
}

TEST(Stream, ReaderIsToldWhenTheClientGoes) {
    Router router;
    Gate called;
    Gate done;
    std::atomic<Code> seen{Code::bad_input};
    router.add_stream("POST", "/count", [&](Request, BodyReader reader, Reply) {
        called.open();
        Bytes buffer(10);
        Result<std::size_t> n = std::size_t{0};
        do n = reader.read(buffer);
        while (n && *n > 0);
        if (!n) seen = n.error().code;
        done.open();
    });
    TestServer server(std::move(router));
    {
        Client client = server.client();
        ASSERT_TRUE(client.write("POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 30\r\n\r\nabc"));
        called.wait();
    }
    done.wait();
    EXPECT_EQ(seen, Code::cancelled);
}

TEST(Stream, SlowClientIsCutOff) {
    Limits limits;
    limits.body_timeout = milliseconds(100);
    TestServer server(counting_router(), limits);
    EXPECT_EQ(server.status_for("POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 30\r\n\r\nabc"), 408);
}

TEST(Stream, BodyOverTheLimitIsReportedToTheReader) {
    Limits limits;
    limits.max_stream_bytes = 100'000;
    TestServer server(counting_router(), limits);
    EXPECT_EQ(server.client().post("/count", std::string(100'001, 'x'))->status, 413);
    int parts = 0;
    const auto chunked = server.client().upload(
        "/count", [&]() -> Result<std::string> { return parts++ < 2 ? std::string(60'000, 'x') : ""; });
    ASSERT_TRUE(chunked);
    EXPECT_EQ(chunked->status, 413);
}

TEST(Stream, MalformedChunkIsReportedToTheReader) {
    TestServer server(counting_router());
    EXPECT_EQ(
        server.status_for(
            "POST /count HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX\r\n0\r\n\r\n"),
        400);
}

TEST(Stream, AnswerBeforeTheEndOfTheBodyEndsTheConnection) {
    Router router;
    router.add_stream("POST", "/refuse", [](Request, BodyReader reader, Reply reply) {
        Bytes buffer(10);
        static_cast<void>(reader.read(buffer));
        reply.send(problem(409, "conflict", "line 1"));
    });
    TestServer server(std::move(router));
    Client client = server.client();
    int parts = 0;
    const auto response = client.upload(
        "/refuse", [&]() -> Result<std::string> { return parts++ < 100 ? std::string(kPart, 'x') : ""; });
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 409);
    EXPECT_EQ(response->headers.find("connection"), "close");
}

TEST(Stream, HandlerThatDoesNotReadOnIsTimedOut) {
    Limits limits;
    limits.request_timeout = milliseconds(100);
    limits.stream_buffer_bytes = 1000;
    limits.linger_timeout = milliseconds(100);
    Router router;
    Gate gate;
    router.add_stream("POST", "/stuck", [&](Request, BodyReader, Reply) { gate.wait(); });
    TestServer server(std::move(router), limits);
    EXPECT_EQ(server.client().post("/stuck", std::string(500'000, 'x'))->status, 503);
    gate.open();
}

TEST(Stream, ShutdownCancelsReaders) {
    Router router;
    Gate called;
    router.add_stream("POST", "/count", [&](Request, BodyReader reader, Reply reply) {
        called.open();
        count_bytes(std::move(reader), std::move(reply));
    });
    TestServer server(std::move(router));
    Client client = server.client();
    ASSERT_TRUE(client.write("POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 30\r\n\r\nabc"));
    called.wait();
    server->shutdown(milliseconds(10));
    EXPECT_FALSE(client.read_response());
}

Response parts_of(int count, bool fails) {
    Response response(200);
    response.headers.add("content-type", "text/csv");
    response.source = [left = count, fails]() mutable -> Result<std::string> {
        if (left-- > 0) return std::string(kPart, 'y');
        if (fails) return fail(Code::storage, "lost");
        return std::string();
    };
    return response;
}

TEST(Stream, AnswerIsStreamedInChunks) {
    Router router = counting_router();
    router.add("GET", "/export", [](Request, Reply reply) { reply.send(parts_of(100, false)); });
    TestServer server(std::move(router));
    Client client = server.client();
    for (int round = 0; round < 3; ++round) {
        const auto response = client.get("/export");
        ASSERT_TRUE(response);
        EXPECT_EQ(response->headers.find("transfer-encoding"), "chunked");
        EXPECT_EQ(response->body.size(), 100 * kPart);
    }
    EXPECT_EQ(client.post("/count", "abc")->body, "3");
    Client old = server.client();
    ASSERT_TRUE(old.write("GET /export HTTP/1.0\r\n\r\n"));
    EXPECT_EQ(old.read_response()->body.size(), 100 * kPart);
}

TEST(Stream, FailingSourceCutsTheConnection) {
    Router router;
    router.add("GET", "/export", [](Request, Reply reply) { reply.send(parts_of(3, true)); });
    TestServer server(std::move(router));
    Client client = server.client();
    EXPECT_FALSE(client.get("/export"));
    EXPECT_FALSE(client.closed_cleanly());
    Client old = server.client();
    ASSERT_TRUE(old.write("GET /export HTTP/1.0\r\n\r\n"));
    EXPECT_FALSE(old.read_response());
}

TEST(Stream, SourceIsLetGoWhenTheClientGoes) {
    Router router;
    Gate started;
    auto alive = std::make_shared<int>(0);
    router.add("GET", "/endless", [&](Request, Reply reply) {
        Response response(200);
        response.source = [&started, held = alive]() -> Result<std::string> {
            started.open();
            return std::string(kPart, 'z');
        };
        reply.send(std::move(response));
    });
    TestServer server(std::move(router));
    {
        Client client = server.client();
        ASSERT_TRUE(client.write("GET /endless HTTP/1.1\r\nHost: h\r\n\r\n"));
        started.wait();
    }
    while (alive.use_count() > 1) std::this_thread::yield();
}

}  // namespace
}  // namespace huoqi::http

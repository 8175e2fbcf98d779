// SPDX-License-Identifier: Apache-2.0
// What a handler sees of HTTP (RFC 9110): request, response, the handle that answers, and the routes.
// server.h runs it.
//
// Errors are problem details (RFC 9457) that never repeat a target, header or body: these may hold personal
// data. Handlers run on I/O threads and must not block there: they hand the Reply to another thread, or are
// stream handlers. Requests and responses are wiped when let go. Values belong to one thread at a time; Reply
// may be used from any.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace huoqi::http {

// Header fields in the order received or added; names compare without regard to case.
class Headers {
  public:
    struct Field {
        std::string_view name;
        std::string_view value;
    };
    Headers() = default;
    Headers(Headers&&) = default;
    Headers& operator=(Headers&&) = default;
    Headers(const Headers&) = default;
    Headers& operator=(const Headers&) = default;
    ~Headers();

    void add(std::string_view name, std::string_view value);
    void set(std::string_view name, std::string_view value);  // in place of all of that name
    std::optional<std::string_view> find(std::string_view name) const;
    std::size_t count(std::string_view name) const;
    std::size_t size() const { return places_.size(); }
    Field operator[](std::size_t index) const;

  private:
    struct Place {
        std::uint32_t name, name_size, value, value_size;
    };
    std::string text_;  // one block for all, so that a request costs two allocations and not one a field
    std::vector<Place> places_;
};

struct Request {
    Request() = default;
    Request(Request&&) = default;
    Request& operator=(Request&&) = default;
    ~Request();

    std::string method;
    std::string path;   // as sent: still percent-encoded, without the query
    std::string query;  // as sent, without '?'
    std::vector<std::pair<std::string, std::string>> parameters;  // of the route's pattern, decoded
    Headers headers;
    std::string body;  // empty for stream handlers
    std::string peer_address;
    std::string request_id;  // 32 random hex digits, also sent back as x-request-id

    // The decoded value of {name} in the route's pattern; empty when the pattern has none of that name.
    std::string_view parameter(std::string_view name) const;
    // The first value of a query field, decoded; bad_input when the query is not well-formed.
    Result<std::optional<std::string>> query_value(std::string_view name) const;
    // Whether the query is well-formed and has only fields of these names, each once.
    bool query_has_only(const std::vector<std::string>& names) const;
};

// Gives the next part of a body, empty at its end. Called on a thread of its own, where it may block. After
// an error the connection is cut, so that the client cannot take the part for the whole.
using BodySource = std::move_only_function<Result<std::string>()>;

struct Response {
    explicit Response(int status_code = 200) : status(status_code) {}
    Response(int status_code, std::string_view content_type, std::string content);
    Response(Response&&) = default;
    Response& operator=(Response&&) = default;
    ~Response();

    int status;
    Headers headers;  // content-length, connection, date and the security headers are added by the server
    std::string body;
    BodySource source;  // when set, the body is streamed from it and `body` is not used
};

// {"type":"about:blank","title":…,"status":…,"detail":…,"code":…}. `code` is stable and for programs,
// `detail` is for people: Chinese / English.
Response problem(int status, std::string_view code, std::string_view detail);
// The problem that an expected failure becomes. What concerns only the operator (storage, keys) is not told.
Response problem(const Error& error);
int status_of(Code code);

namespace internal {
class Answer;
class BodyPipe;
}  // namespace internal

// The duty to answer one request. Dropped without an answer it sends status 500. An answer that comes after
// the route's request_timeout, or when the client has gone, is dropped.
class Reply {
  public:
    explicit Reply(std::shared_ptr<internal::Answer> answer);
    Reply(Reply&&) = default;
    Reply& operator=(Reply&& other) noexcept;
    ~Reply();
    void send(Response response);

  private:
    std::shared_ptr<internal::Answer> answer_;  // null once sent
};

// The body of a request, as it arrives. Reading slowly slows the client down; at most stream_buffer_bytes
// (and one network read) wait in memory. For one thread.
class BodyReader {
  public:
    explicit BodyReader(std::shared_ptr<internal::BodyPipe> pipe);
    BodyReader(BodyReader&&) = default;
    ~BodyReader();
    // Waits until there is something and returns how much was written to `into`; 0 at the end of the body.
    // bad_input: body is not well-formed; too_large: over the route's limit; cancelled: client gone, too
    // slow, or shutdown.
    Result<std::size_t> read(ByteSpan into);

  private:
    std::shared_ptr<internal::BodyPipe> pipe_;  // null when moved from
};

// Runs on an I/O thread, with the whole body.
using Handler = std::function<void(Request, Reply)>;
// Runs on a thread of its own, one of at most max_streams. An answer before the end of the body ends the
// connection.
using StreamHandler = std::function<void(Request, BodyReader, Reply)>;

// Where a route differs from the listener's limits.
struct RouteLimits {
    std::optional<std::uint64_t> max_body_bytes;
    std::optional<std::chrono::milliseconds> request_timeout;
    // Query fields that the route knows. Another one, or one twice, is answered with 400 before the handler:
    // a misspelt filter must not read as no filter. Not checked when not given.
    std::optional<std::vector<std::string>> query_fields{};
};

struct Route {
    std::string method;
    std::string pattern;
    RouteLimits limits;
    Handler handler;
    StreamHandler stream;  // set instead of handler
};

// Finds the handler of a request. Patterns: "/v1/waybills/{id}" (one segment that is not empty),
// "/v1/waybills:search" (a colon is an ordinary character), "/v1/waybills/{id}:reveal", "/tile/{path*}" (all
// the rest, at least one segment). A literal goes before a parameter with an action, that before a plain
// parameter, that before the rest. Routes for GET answer HEAD. Routes are added before the server starts;
// then any thread may find.
class Router {
  public:
    Router();
    Router(Router&&) noexcept;
    Router& operator=(Router&&) noexcept;
    ~Router();

    // A pattern that is not well-formed and a route declared twice are mistakes of ours and stop the program.
    void add(std::string_view method, std::string_view pattern, Handler handler, RouteLimits limits = {});
    void add_stream(std::string_view method, std::string_view pattern, StreamHandler handler,
                    RouteLimits limits = {});
    // In the order added.
    const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

    struct Match {
        const Route* route = nullptr;
        std::vector<std::pair<std::string, std::string>> parameters;
        std::string allow;  // "GET, HEAD, POST" when the path is known but not with this method
    };
    // bad_input when the path is not well-formed: not percent-encoded as RFC 3986 says, NUL, dot segments, a
    // '/' inside a segment.
    Result<Match> find(std::string_view method, std::string_view path) const;

  private:
    struct Node;
    struct Search;
    void insert(std::unique_ptr<Route> route);
    std::vector<std::unique_ptr<Route>> routes_;
    std::unique_ptr<Node> root_;
};

}  // namespace huoqi::http

// SPDX-License-Identifier: Apache-2.0
// One event loop a thread, and one coroutine a connection, which handles its requests one after the other.
// Asio waits for sockets and carries wake-ups between threads; the bytes are moved by Transport. Only the
// three sources that include this file compile Asio: connection.cpp (bytes, waiting, heads), exchange.cpp
// (one request and its answer), server.cpp (loops, accepting, shutdown).
//
// Time limits: a connection has one deadline, for what it is doing now. A sweep over all connections of a
// loop, every eighth of the shortest limit, wakes those that are past it. That costs a request nothing, which
// timers do not.
//
// co_await stands only in statements of its own: g++ 12 makes wrong code of it behind && in a loop's
// condition.
#pragma once

#if defined(__SANITIZE_THREAD__)
#define BOOST_ASIO_DISABLE_FENCED_BLOCK  // g++'s thread sanitizer knows no fences; Asio's locks order the
                                         // same memory
#endif
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "lib/http/internal/answer.h"
#include "lib/http/internal/body_pipe.h"
#include "lib/http/internal/meter.h"
#include "lib/http/internal/parser.h"
#include "lib/http/internal/part_feed.h"
#include "lib/http/internal/request_ids.h"
#include "lib/http/internal/serialiser.h"
#include "lib/http/internal/service.h"
#include "lib/http/internal/sockets.h"

namespace huoqi::http::internal {
namespace asio = boost::asio;

using Milliseconds = std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;
using Executor = asio::io_context::executor_type;
template <class T>
using TaskOf = asio::awaitable<T, Executor>;
using Task = TaskOf<void>;
using Watch = asio::posix::basic_stream_descriptor<Executor>;
using Timer = asio::basic_waitable_timer<Steady, asio::wait_traits<Steady>, Executor>;

inline constexpr asio::use_awaitable_t<Executor> kAwait;
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> kAwaitTuple;
inline constexpr std::size_t kReadBytes = 16 * 1024;    // a TLS record
inline constexpr std::size_t kGatherBytes = 32 * 1024;  // answers gathered beyond this are sent
inline constexpr Milliseconds kSweepMin{5};
inline constexpr Milliseconds kSweepMax{250};

class Connection;

struct Loop {
    asio::io_context context{1};
    asio::executor_work_guard<Executor> work{context.get_executor()};
    std::unordered_set<Connection*> connections;
    std::vector<std::unique_ptr<Watch>> acceptors;
    Timer sweeper{context};
    Milliseconds sweep_every = kSweepMax;
    bool sweeping = false;
    bool draining = false;
    Meter meter;
    RequestIds ids;
    std::shared_ptr<OpenCount> open;
};

class Connection final : public Wakeable, public std::enable_shared_from_this<Connection> {
  public:
    Connection(std::shared_ptr<Loop> loop, std::shared_ptr<Service> service, int socket, const Address& peer);
    Task run();
    void wake_from_any_thread() override;
    // The rest on the loop's thread only.
    void wake();
    void drain() {
        if (idle_) wake();
    }
    void abort() {
        aborted_ = true;
        wake();
    }
    bool expire(Steady::time_point now) { return expired_ = expired_ || now >= deadline_; }

  private:
    enum class Read { some, end, interrupted, woken };
    struct Upload {
        std::shared_ptr<BodyPipe> pipe;
        std::shared_ptr<Answer> answer;
        std::uint64_t limit;
        Milliseconds patience;             // with a handler that does not read on
        std::optional<Response> response;  // that came before the end of the body
    };
    bool interrupted() const { return expired_ || aborted_; }
    void allow(Milliseconds time) {
        expired_ = false;
        deadline_ = Steady::now() + time;
    }
    void pace(Steady::time_point start, std::uint64_t bytes);

    Task wait_for(Watch::wait_type what);
    Task sleep();
    TaskOf<bool> handshake();
    TaskOf<Read> read_more(bool likely);
    TaskOf<bool> write_all(std::string_view bytes);
    TaskOf<bool> flush();
    Task close();

    TaskOf<bool> read_head();
    TaskOf<std::optional<HeadScan>> collect_head(std::size_t& from);
    Task exchange();
    Task call(const Route& route);
    Task stream(const Route& route, std::uint64_t limit);
    TaskOf<bool> read_body(std::uint64_t limit);
    TaskOf<bool> pump(Upload& upload);
    RequestParser::Body parse_part(std::string& part, std::size_t& taken);
    TaskOf<bool> wait_for_room(Upload& upload);
    TaskOf<std::optional<Response>> wait_for_answer(Answer& answer, Milliseconds time);
    Task respond(Response response);
    Task send_parts(Response response, Framing framing);
    TaskOf<bool> forward_parts(PartFeed& feed, bool chunked);
    Task refuse(int status, std::string_view code, std::string_view detail);
    Task refuse_busy();
    Task body_interrupted(Read read);
    void must_close() {
        keep_ = false;
        linger_ = true;
    }

    const std::shared_ptr<Loop> loop_;  // first: what follows lives in it
    const std::shared_ptr<Service> service_;
    Watch watch_;
    std::unique_ptr<Transport> transport_;
    const std::string peer_;

    std::move_only_function<void()> sleeper_;  // resumes the coroutine from sleep()
    bool waiting_ = false;                     // inside wait_for()
    bool woken_ = false;
    bool expired_ = false;
    bool aborted_ = false;
    bool idle_ = false;  // no request begun
    Steady::time_point deadline_ = Steady::time_point::max();

    ReadBuffer in_;
    std::string out_;
    unsigned gathered_ = 0;
    RequestParser parser_;
    Head head_;
    Request request_;
    std::string request_id_;
    bool head_only_ = false;
    Steady::time_point began_;  // the header was read
    std::shared_ptr<void> permit_;
    bool keep_ = true;
    bool linger_ = false;
    bool cut_ = false;  // end without any goodbye: the peer must not take what it has for the whole
};

}  // namespace huoqi::http::internal

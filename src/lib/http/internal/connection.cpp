// SPDX-License-Identifier: Apache-2.0
// A connection's life: handshake, one head after the other, farewell; and how it reads, writes and waits.
#include "lib/http/internal/connection.h"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/check.h"

namespace huoqi::http::internal {

Connection::Connection(std::shared_ptr<Loop> loop, std::shared_ptr<Service> service, int socket,
                       const Address& peer)
    : loop_(std::move(loop)),
      service_(std::move(service)),
      watch_(loop_->context.get_executor(), socket),
      peer_(peer.host()),
      in_(std::max(kReadBytes, service_->limits.max_header_bytes + 1)) {
    if (service_->tls) {
        SSL* ssl = SSL_new(service_->tls.get());
        HUOQI_CHECK(ssl != nullptr);
        SSL_set_accept_state(ssl);
        transport_ = make_tls_transport(ssl, socket);
    } else {
        transport_ = make_plain_transport(socket);
    }
}

void Connection::wake_from_any_thread() {
    // A weak pointer, because the loop may never run again, and a strong one would then keep both alive for
    // ever.
    asio::post(loop_->context, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->wake();
    });
}

void Connection::wake() {
    woken_ = true;
    if (sleeper_) {
        auto resume = std::exchange(sleeper_, nullptr);
        resume();
    } else if (waiting_) {
        boost::system::error_code ignored;
        static_cast<void>(watch_.cancel(ignored));
    }
}

// Sets the deadline of a transfer: not long without a byte, and not slow on the whole.
void Connection::pace(Steady::time_point start, std::uint64_t bytes) {
    const Limits& limits = service_->limits;
    const auto rate = std::max<std::uint64_t>(1, limits.min_bytes_per_second);
    const auto earned = std::chrono::seconds(std::min<std::uint64_t>(bytes / rate, 1'000'000));
    expired_ = false;
    deadline_ = std::min(Steady::now() + limits.body_timeout, start + limits.body_timeout + earned);
}

Task Connection::wait_for(Watch::wait_type what) {
    if (interrupted()) co_return;
    waiting_ = true;
    // The outcome does not matter: the next attempt to read or write tells more.
    co_await watch_.async_wait(what, kAwaitTuple);
    waiting_ = false;
}

// Until wake(). Whoever sleeps looks at all its conditions again.
Task Connection::sleep() {
    if (interrupted()) co_return;
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>&, void()>(
        [this](auto handler) { sleeper_ = [resume = std::move(handler)]() mutable { std::move(resume)(); }; },
        kAwait);
}

TaskOf<bool> Connection::handshake() {
    allow(service_->limits.header_timeout);
    for (;;) {
        const Io io = transport_->handshake();
        if (io == Io::done) co_return true;
        if (io == Io::want_read) {
            co_await wait_for(Watch::wait_read);
        } else if (io == Io::want_write) {
            co_await wait_for(Watch::wait_write);
        } else {
            break;
        }
        if (interrupted()) break;
    }
    if (expired_) loop_->meter.timeouts.add();
    loop_->meter.handshakes_failed.add();
    co_return false;
}

// Adds to in_, which has room. `likely` is whether a try before waiting is worth a system call.
TaskOf<Connection::Read> Connection::read_more(bool likely) {
    woken_ = false;
    bool attempt = likely || transport_->buffered();
    for (;;) {
        if (interrupted()) co_return Read::interrupted;
        if (woken_) co_return Read::woken;
        Moved moved{Io::want_read, 0};
        if (attempt) moved = transport_->read(in_.space());
        attempt = true;
        switch (moved.io) {
            case Io::done:
                in_.filled(moved.bytes);
                loop_->meter.bytes_in.add(moved.bytes);
                co_return Read::some;
            case Io::want_read:
                co_await wait_for(Watch::wait_read);
                break;
            case Io::want_write:
                co_await wait_for(Watch::wait_write);
                break;
            case Io::closed:
                co_return Read::end;
            case Io::failed:
                cut_ = true;
                co_return Read::end;
        }
    }
}

TaskOf<bool> Connection::write_all(std::string_view bytes) {
    const auto start = Steady::now();
    std::uint64_t sent = 0;
    pace(start, 0);
    while (sent < bytes.size()) {
        const Moved moved = transport_->write(bytes.substr(sent));
        switch (moved.io) {
            case Io::done:
                sent += moved.bytes;
                loop_->meter.bytes_out.add(moved.bytes);
                pace(start, sent);
                break;
            case Io::want_read:
                co_await wait_for(Watch::wait_read);
                break;
            case Io::want_write:
                co_await wait_for(Watch::wait_write);
                break;
            case Io::closed:
            case Io::failed:
                cut_ = true;
                break;
        }
        if (interrupted()) cut_ = true;
        if (expired_) loop_->meter.timeouts.add();
        if (cut_) co_return keep_ = false;
    }
    co_return true;
}

TaskOf<bool> Connection::flush() {
    gathered_ = 0;
    if (out_.empty()) co_return !cut_;
    const bool sent = co_await write_all(out_);
    wipe(out_.data(), out_.size());
    out_.clear();
    co_return sent;
}

Task Connection::close() {
    const int socket = watch_.native_handle();
    if (cut_) {
        const ::linger reset{1, 0};
        ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    } else {
        transport_->close();
        ::shutdown(socket, SHUT_WR);
        // Closing with unread bytes sends a reset, which can destroy the last answer before the client reads
        // it.
        if (linger_) allow(service_->limits.linger_timeout);
        while (linger_ && !interrupted()) {
            const ssize_t n = ::recv(socket, in_.space().data(), in_.space().size(), 0);
            if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) break;
            if (n < 0) co_await wait_for(Watch::wait_read);
        }
    }
    boost::system::error_code ignored;
    static_cast<void>(watch_.close(ignored));
}

Task Connection::run() {
    const bool shaken = co_await handshake();
    if (!shaken) must_close();
    while (keep_) {
        const bool wanted = co_await read_head();
        if (!wanted) break;
        co_await exchange();
        permit_.reset();
        const bool more = !in_.empty() || transport_->buffered();
        const bool full = ++gathered_ >= service_->limits.max_pipelined || out_.size() >= kGatherBytes;
        if (!keep_ || (more && !full)) continue;
        co_await flush();
        if (more) co_await asio::post(loop_->context, kAwait);
    }
    if (!cut_) co_await flush();
    co_await close();
}

// Collects one head in in_. Nullopt: the connection ends here.
TaskOf<std::optional<HeadScan>> Connection::collect_head(std::size_t& from) {
    const Limits& limits = service_->limits;
    bool begun = false;
    bool skipped_line = false;
    for (;;) {
        // One empty line before a request is to be forgiven (RFC 9112 2.2).
        if (!skipped_line && in_.view().starts_with("\r\n")) {
            in_.consume(2);
            skipped_line = true;
            from = 0;
        }
        if (!in_.empty() && !begun) {
            begun = true;
            allow(limits.header_timeout);  // once, not with every byte
        }
        const HeadScan scan = scan_head(in_.view(), from);
        if (scan.state != HeadScan::incomplete) co_return scan;
        if (in_.view().size() >= limits.max_header_bytes) co_return scan;
        if (!begun && loop_->draining) co_return std::nullopt;
        idle_ = !begun;
        const Read read = co_await read_more(begun);
        idle_ = false;
        if (read == Read::end) co_return std::nullopt;
        if (read != Read::interrupted) continue;
        if (expired_ && begun)
            co_await refuse(408, "header_timeout", "请求头未及时到达 / the header took too long");
        co_return std::nullopt;
    }
}

// False when there is no request to handle; if one was refused, the answer is in out_.
TaskOf<bool> Connection::read_head() {
    const Limits& limits = service_->limits;
    if (in_.empty()) allow(limits.idle_timeout);
    std::size_t from = 0;
    request_id_.clear();
    head_ = {};
    head_only_ = false;
    began_ = Steady::now();
    const std::optional<HeadScan> scan = co_await collect_head(from);
    if (!scan) co_return keep_ = false;
    began_ = Steady::now();
    request_id_ = loop_->ids.next();
    int refused = scan->state == HeadScan::malformed ? 400 : 0;
    if (scan->state == HeadScan::incomplete || scan->size > limits.max_header_bytes) refused = 431;
    if (refused == 0) {
        request_ = Request();
        const auto head =
            parser_.parse_head(in_.view().substr(0, scan->size), limits.max_header_fields, request_);
        if (head) {
            head_ = *head;
        } else {
            refused = head.error();
        }
    }
    if (refused == 0) {
        in_.consume(scan->size);
        request_.peer_address = peer_;
        request_.request_id = request_id_;
        head_only_ = request_.method == "HEAD";
        keep_ = head_.keep_alive && !loop_->draining;
        loop_->meter.requests.add();
        co_return true;
    }
    if (refused == 431) {
        co_await refuse(431, "header_too_large", "请求头过大 / the header is too large");
    } else if (refused == 505) {
        co_await refuse(505, "http_version",
                        "不支持的 HTTP 版本 / only HTTP/1.1 and HTTP/1.0 are spoken here");
    } else {
        co_await refuse(400, "malformed_request", "请求格式错误 / the request is malformed");
    }
    co_return false;
}

}  // namespace huoqi::http::internal

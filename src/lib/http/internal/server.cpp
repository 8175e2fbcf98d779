// SPDX-License-Identifier: Apache-2.0
// Loops and their threads, accepting, shutdown.
#include "lib/http/internal/connection.h"

#include <signal.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <thread>

#include "base/check.h"
#include "base/log.h"

namespace huoqi::http::internal {
namespace {

constexpr int kAcceptsInARow = 16;
constexpr Milliseconds kAcceptPause{50};  // when the process is out of descriptors

void sweep(const std::shared_ptr<Loop>& loop) {
    loop->sweeping = !loop->connections.empty();
    if (!loop->sweeping) return;
    loop->sweeper.expires_after(loop->sweep_every);
    loop->sweeper.async_wait([weak = std::weak_ptr(loop)](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (error || !self) return;
        const auto now = Steady::now();
        std::vector<std::shared_ptr<Connection>> late;  // waking may end a connection and change the set
        for (Connection* connection : self->connections) {
            if (connection->expire(now)) late.push_back(connection->shared_from_this());
        }
        for (const auto& connection : late) connection->wake();
        sweep(self);
    });
}

Task serve(std::shared_ptr<Loop> loop, std::shared_ptr<Service> service,
           std::shared_ptr<Connection> connection) {
    try {
        co_await connection->run();
    } catch (const std::exception&) {  // out of memory; the descriptor closes with the connection
        log::error("http.connection_failed");
    }
    loop->connections.erase(connection.get());
    connection.reset();
    service->open.fetch_sub(1);
    loop->open->remove();
}

void open_connection(const std::shared_ptr<Loop>& loop, const std::shared_ptr<Service>& service,
                     Descriptor socket, const Address& peer) {
    if (service->open.fetch_add(1) >= service->limits.max_connections) {
        service->open.fetch_sub(1);
        loop->meter.refused.add();
        return;
    }
    auto connection = std::make_shared<Connection>(loop, service, socket.get(), peer);
    static_cast<void>(socket.release());
    loop->meter.accepted.add();
    loop->open->add();
    loop->connections.insert(connection.get());
    asio::co_spawn(loop->context, serve(loop, service, std::move(connection)),
                   [](const std::exception_ptr&) {});
    if (!loop->sweeping) sweep(loop);
}

// `acceptor` belongs to the loop and stays open as long as the loop does not drain.
Task accept_all(std::shared_ptr<Loop> loop, std::shared_ptr<Service> service, Watch* acceptor) {
    Timer pause(loop->context);
    while (!loop->draining) {
        co_await acceptor->async_wait(Watch::wait_read, kAwaitTuple);
        for (int i = 0; i < kAcceptsInARow && !loop->draining; ++i) {
            Address peer;
            Descriptor socket(accept_from(acceptor->native_handle(), peer));
            if (socket.get() >= 0) {
                open_connection(loop, service, std::move(socket), peer);
                continue;
            }
            if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR) break;
            log::error("http.accept_failed", {{"errno", errno}});
            pause.expires_after(kAcceptPause);
            co_await pause.async_wait(kAwaitTuple);
        }
    }
}

void run_loop(Loop& loop) {
    sigset_t all;  // signals are for the main thread
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    loop.context.run();
}

struct Bound {
    std::shared_ptr<Service> service;
    Address address;
};

class AsioServer final : public Server {
  public:
    AsioServer() = default;
    ~AsioServer() override { shutdown(Milliseconds(0)); }
    AsioServer(const AsioServer&) = delete;
    AsioServer& operator=(const AsioServer&) = delete;

    Status bind(std::vector<Listener> listeners, unsigned threads);
    void run();
    const std::vector<std::string>& addresses() const override { return addresses_; }
    Counters counters() const override;
    void shutdown(Milliseconds grace) override;

  private:
    Status bind_one(Listener& listener);
    template <class Work>
    void on_each_loop(Work work);

    std::vector<std::shared_ptr<Loop>> loops_;
    std::vector<Bound> bound_;
    std::vector<std::string> addresses_;
    std::vector<std::thread> threads_;
    std::shared_ptr<OpenCount> open_ = std::make_shared<OpenCount>();
    std::shared_ptr<StreamThreads> stream_threads_ = std::make_shared<StreamThreads>();
    bool over_ = false;
};

template <class Work>
void AsioServer::on_each_loop(Work work) {
    for (const auto& loop : loops_) {
        asio::post(loop->context, [self = loop.get(), work] { work(*self); });
    }
}

Milliseconds sweep_interval(const Limits& limits) {
    const Milliseconds shortest = std::min({limits.header_timeout, limits.body_timeout, limits.idle_timeout,
                                            limits.request_timeout, limits.linger_timeout});
    return std::clamp(shortest / 8, kSweepMin, kSweepMax);
}

Result<std::shared_ptr<Service>> make_service(Listener& listener, const Address& address,
                                              const std::shared_ptr<StreamThreads>& threads) {
    HUOQI_CHECK(listener.router != nullptr);
    auto service = std::make_shared<Service>();
    service->router = std::move(listener.router);
    service->limits = listener.limits;
    service->permits = std::make_shared<StreamPermits>(listener.limits.max_streams);
    service->threads = threads;
    if (listener.tls) {
        auto context = server_context(listener.tls->certificate_pem, listener.tls->private_key_pem.view());
        if (!context) return pass(context);
        service->tls = std::move(*context);
    } else if (!address.is_unix() && !(listener.allow_plain_loopback && address.is_loopback())) {
        return fail(Code::refused, "a listener without TLS is only for a unix socket or, in tests, loopback");
    }
    return service;
}

Status AsioServer::bind_one(Listener& listener) {
    Result<Address> address = parse_address(listener.address);
    if (!address) return pass(address, listener.address);
    auto service = make_service(listener, *address, stream_threads_);
    if (!service) return pass(service, listener.address);
    if (Status is_free = check_is_free(*address); !is_free) return pass(is_free, listener.address);
    for (const auto& loop : loops_) {
        Result<Descriptor> socket = listen_on(*address, !address->is_unix());
        if (!socket) return pass(socket, listener.address);
        if (!address->is_unix()) {
            Result<Address> real = bound_address(socket->get());
            if (!real) return pass(real, listener.address);
            *address = *real;  // the others join the port that the first was given
        }
        auto watch = std::make_unique<Watch>(loop->context.get_executor(), socket->release());
        asio::co_spawn(loop->context, accept_all(loop, *service, watch.get()),
                       [](const std::exception_ptr&) {});
        loop->acceptors.push_back(std::move(watch));
        loop->sweep_every = std::min(loop->sweep_every, sweep_interval(listener.limits));
        if (address->is_unix()) break;
    }
    addresses_.push_back(address->text());
    bound_.push_back({std::move(*service), *address});
    return {};
}

Status AsioServer::bind(std::vector<Listener> listeners, unsigned threads) {
    for (unsigned i = 0; i < std::max(1U, threads); ++i) {
        loops_.push_back(std::make_shared<Loop>());
        loops_.back()->open = open_;
    }
    for (Listener& listener : listeners) {
        if (Status one = bind_one(listener); !one) return one;
    }
    return {};
}

void AsioServer::run() {
    for (const auto& loop : loops_) threads_.emplace_back([loop] { run_loop(*loop); });
    for (const std::string& address : addresses_) log::info("http.listening", {{"address", address}});
}

Counters AsioServer::counters() const {
    Counters sum;
    for (const auto& loop : loops_) loop->meter.add_to(sum);
    sum.connections_open = open_->read();
    return sum;
}

void AsioServer::shutdown(Milliseconds grace) {
    if (std::exchange(over_, true)) return;
    on_each_loop([](Loop& loop) {
        loop.draining = true;
        boost::system::error_code ignored;
        for (const auto& acceptor : loop.acceptors) static_cast<void>(acceptor->close(ignored));
        const std::vector<Connection*> all(loop.connections.begin(), loop.connections.end());
        for (Connection* connection : all) {
            if (loop.connections.contains(connection)) connection->drain();
        }
    });
    for (const Bound& bound : bound_) {
        if (bound.address.is_unix()) remove_socket_file(bound.address);
    }
    const bool drained = threads_.empty() || open_->wait_for_none(grace);
    if (!drained) {
        log::warning("http.shutdown_cuts", {{"connections", open_->read()}});
        on_each_loop([](Loop& loop) {
            std::vector<std::shared_ptr<Connection>> all;
            for (Connection* connection : loop.connections) all.push_back(connection->shared_from_this());
            for (const auto& connection : all) connection->abort();
        });
        open_->wait_for_none();
    }
    on_each_loop([](Loop& loop) {
        loop.sweeper.cancel();
        loop.work.reset();
    });
    // Where the server was never run, the loops run here once, so that their coroutines come to an end.
    if (threads_.empty()) {
        for (const auto& loop : loops_) loop->context.run();
    }
    for (std::thread& thread : threads_) thread.join();
    stream_threads_->join_all();
}

}  // namespace
}  // namespace huoqi::http::internal

namespace huoqi::http {

Result<std::unique_ptr<Server>> Server::start(std::vector<Listener> listeners, unsigned threads) {
    auto server = std::make_unique<internal::AsioServer>();
    if (Status bound = server->bind(std::move(listeners), threads); !bound) return pass(bound);
    server->run();
    return server;
}

}  // namespace huoqi::http

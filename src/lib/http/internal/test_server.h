// SPDX-License-Identifier: Apache-2.0
// For the tests of this module: a server on a free port with a certificate of its own, and gates to wait at.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "lib/http/certificate.h"
#include "lib/http/client.h"
#include "lib/http/server.h"

namespace huoqi::http {

inline Validity test_validity() { return {SystemClock().now(), 2}; }

struct TestIdentity {
    Certificate authority;
    Certificate server;
};

inline TestIdentity make_test_identity() {
    TestIdentity identity;
    identity.authority = make_authority("test authority", test_validity()).value();
    identity.server = make_server_certificate(identity.authority, {"localhost", {"localhost"}, {"127.0.0.1"}},
                                              test_validity())
                          .value();
    return identity;
}

// Opens once; whoever waits goes on then. A test that forgets to open it fails by its time limit.
class Gate {
  public:
    void open() {
        std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return open_; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
};

class TestServer {
  public:
    explicit TestServer(Router router, Limits limits = {}, unsigned threads = 2)
        : identity_(make_test_identity()) {
        Listener listener;
        listener.address = "127.0.0.1:0";
        listener.router = std::make_shared<Router>(std::move(router));
        listener.tls =
            TlsIdentity{identity_.server.certificate_pem, identity_.server.private_key_pem.clone()};
        listener.limits = limits;
        std::vector<Listener> listeners;
        listeners.push_back(std::move(listener));
        server_ = Server::start(std::move(listeners), threads).value();
    }

    Server& operator*() { return *server_; }
    Server* operator->() { return server_.get(); }
    ClientOptions options() const {
        ClientOptions options;
        options.address = server_->addresses()[0];
        options.authority_pem = identity_.authority.certificate_pem;
        return options;
    }
    Client client() const { return Client::connect(options()).value(); }
    // Writes `bytes` as they are and returns the status of the answer; 0 when there is none.
    int status_for(std::string_view bytes) const {
        Client raw = client();
        static_cast<void>(raw.write(bytes));
        const auto response = raw.read_response();
        return response ? response->status : 0;
    }

  private:
    TestIdentity identity_;
    std::unique_ptr<Server> server_;
};

inline Response text(std::string body) { return Response(200, "text/plain; charset=utf-8", std::move(body)); }

}  // namespace huoqi::http

// SPDX-License-Identifier: Apache-2.0
// Threads for handlers and sources that block. The number is limited by permits, not here.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "base/result.h"

namespace huoqi::http::internal {

// One of a listener's max_streams, held by everything that belongs to the stream.
class StreamPermits : public std::enable_shared_from_this<StreamPermits> {
  public:
    explicit StreamPermits(unsigned limit) : limit_(limit) {}
    // Null when all are taken. Thread-safe.
    std::shared_ptr<void> take();

  private:
    const unsigned limit_;
    std::atomic<unsigned> taken_{0};
};

class StreamThreads {
  public:
    ~StreamThreads() { join_all(); }
    // unavailable when the system gives no thread. Thread-safe.
    Status run(std::move_only_function<void()> work);
    // Waits for those that run; none may be started after.
    void join_all();

  private:
    struct Worker {
        std::thread thread;
        std::atomic<bool> done{false};
    };
    std::mutex mutex_;
    std::list<Worker> workers_;
};

}  // namespace huoqi::http::internal

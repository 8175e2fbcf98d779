// SPDX-License-Identifier: Apache-2.0
// Worker threads for everything that blocks, so that I/O threads never do. New work is taken only while fewer
// than `max_waiting` tasks wait; the second half of work that was taken (a reveal after its entry is durable)
// is always taken, and goes first, so that nothing that was begun is lost to a crowd at the door.
//
// Threads: all calls from any thread. A task that throws is reported to the log and ends there.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace huoqi::api {

class Pool {
  public:
    using Task = std::function<void()>;

    Pool(unsigned threads, std::size_t max_waiting);
    // Runs what waits, then joins.
    ~Pool();

    // False, with the task dropped, when too many wait or the pool is stopping.
    bool try_post(Task task);
    // For the continuation of a task; fits vault::Post. Dropped after stop().
    void post(Task task);
    // Runs what waits and joins; nothing is taken any more. A second call does nothing.
    void stop();
    std::size_t waiting() const;

  private:
    void run();

    mutable std::mutex mutex_;  // of all below but threads_
    std::condition_variable wake_;
    std::deque<Task> continuations_;
    std::deque<Task> tasks_;
    bool stopping_ = false;
    std::size_t max_waiting_;
    std::vector<std::thread> threads_;
};

}  // namespace huoqi::api

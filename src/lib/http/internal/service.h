// SPDX-License-Identifier: Apache-2.0
// What the connections of one listener share.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <utility>

#include "base/secret.h"
#include "lib/http/internal/stream_threads.h"
#include "lib/http/internal/transport.h"
#include "lib/http/server.h"

namespace huoqi::http::internal {

struct Service {
    std::shared_ptr<const Router> router;
    Limits limits;
    SslContext tls;  // null: plain
    std::shared_ptr<StreamPermits> permits;
    std::shared_ptr<StreamThreads> threads;
    std::atomic<unsigned> open{0};
};

// Counts what is open, so that a shutdown can wait for it.
class OpenCount {
  public:
    void add() {
        std::lock_guard lock(mutex_);
        ++open_;
    }
    void remove() {
        std::lock_guard lock(mutex_);
        if (--open_ == 0) none_.notify_all();
    }
    std::uint64_t read() {
        std::lock_guard lock(mutex_);
        return open_;
    }
    // False when some are open still after `time`.
    bool wait_for_none(std::chrono::milliseconds time) {
        std::unique_lock lock(mutex_);
        return none_.wait_for(lock, time, [&] { return open_ == 0; });
    }
    void wait_for_none() {
        std::unique_lock lock(mutex_);
        none_.wait(lock, [&] { return open_ == 0; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable none_;
    std::uint64_t open_ = 0;
};

// Bytes read and not yet used. What is used is wiped: it may be personal data or a bearer key.
class ReadBuffer {
  public:
    explicit ReadBuffer(std::size_t size) : bytes_(std::make_unique<char[]>(size)), size_(size) {}
    ~ReadBuffer() { wipe(bytes_.get(), size_); }
    std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
    bool empty() const { return begin_ == end_; }
    std::size_t capacity() const { return size_; }
    void consume(std::size_t n) {
        wipe(bytes_.get() + begin_, n);
        begin_ += n;
        if (begin_ == end_) begin_ = end_ = 0;
    }
    // Empty when the buffer is full.
    std::span<char> space() {
        if (begin_ > 0) {
            std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
            wipe(bytes_.get() + end_ - begin_, begin_);
            end_ -= std::exchange(begin_, 0);
        }
        return {bytes_.get() + end_, size_ - end_};
    }
    void filled(std::size_t n) { end_ += n; }

  private:
    std::unique_ptr<char[]> bytes_;
    const std::size_t size_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace huoqi::http::internal

// SPDX-License-Identifier: Apache-2.0
// A bounded pipe from the I/O thread, which never waits, to the thread of a stream handler, which does.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "lib/http/internal/answer.h"

namespace huoqi::http::internal {

class BodyPipe {
  public:
    BodyPipe(std::size_t capacity, std::weak_ptr<Wakeable> writer)
        : capacity_(capacity), writer_(std::move(writer)) {}
    ~BodyPipe();

    // The I/O thread's side. put() takes all it is given; the writer stops when has_room() says no, which
    // also asks for a wake-up when half is free again or the reader is gone.
    void put(std::string_view bytes);
    bool has_room();
    bool reader_gone();
    void end();
    void fail(Error error);  // what is in the pipe is dropped; no effect after end()

    // The handler's side.
    Result<std::size_t> read(ByteSpan into);
    void leave();

  private:
    std::size_t size() const { return buffer_.size() - read_at_; }
    void wake_writer(std::unique_lock<std::mutex>& lock);

    const std::size_t capacity_;
    const std::weak_ptr<Wakeable> writer_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string buffer_;
    std::size_t read_at_ = 0;
    bool ended_ = false;
    bool reader_gone_ = false;
    bool writer_waits_ = false;
    std::optional<Error> failure_;
};

}  // namespace huoqi::http::internal

// SPDX-License-Identifier: Apache-2.0
// A streamed answer on its way from a BodySource, which may block on its own thread, to the connection, which
// may not: one part is made while the one before it is sent.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "lib/http/http.h"
#include "lib/http/internal/answer.h"

namespace huoqi::http::internal {

class PartFeed {
  public:
    explicit PartFeed(std::weak_ptr<Wakeable> taker) : taker_(std::move(taker)) {}

    // On the source's thread: calls it until its end, an error, or cancel().
    void run(BodySource source);

    // On the I/O thread: the next part if it is made, else nullopt and the taker is woken when it is.
    std::optional<Result<std::string>> take();
    void cancel();

  private:
    const std::weak_ptr<Wakeable> taker_;
    std::mutex mutex_;
    std::condition_variable taken_;
    std::optional<Result<std::string>> part_;
    bool taker_waits_ = false;
    bool cancelled_ = false;
};

}  // namespace huoqi::http::internal

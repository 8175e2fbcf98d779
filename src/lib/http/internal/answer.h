// SPDX-License-Identifier: Apache-2.0
// The meeting point of a handler that answers, on any thread, and the connection that waits, on its I/O
// thread.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "lib/http/http.h"

namespace huoqi::http::internal {

// What waits on an I/O thread and can be told from any thread to look again.
class Wakeable {
  public:
    virtual ~Wakeable() = default;
    virtual void wake_from_any_thread() = 0;
};

class Answer {
  public:
    explicit Answer(std::weak_ptr<Wakeable> waiter) : waiter_(std::move(waiter)) {}

    // The handler's side. The first one counts. False when nobody waits any more.
    bool give(Response response);

    // The connection's side: the response if it is there, else nullopt and waiter is woken when it comes.
    std::optional<Response> take();
    // What comes later is dropped.
    void abandon();

  private:
    std::mutex mutex_;
    std::optional<Response> response_;
    bool waiting_ = false;
    bool over_ = false;
    std::weak_ptr<Wakeable> waiter_;
};

}  // namespace huoqi::http::internal

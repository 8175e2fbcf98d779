// SPDX-License-Identifier: Apache-2.0
// Shared state lives inside its mutex: the value is reachable only while the lock is held.
#pragma once

#include <mutex>
#include <utility>

namespace huoqi {

template <class T>
class Guarded {
  public:
    template <class... Args>
    explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}

    // Runs `use` with the value under the lock and returns what it returns.
    template <class Use>
    decltype(auto) with(Use&& use) {
        std::lock_guard lock(mutex_);
        return std::forward<Use>(use)(value_);
    }
    template <class Use>
    decltype(auto) with(Use&& use) const {
        std::lock_guard lock(mutex_);
        return std::forward<Use>(use)(value_);
    }

  private:
    mutable std::mutex mutex_;
    T value_;
};

}  // namespace huoqi

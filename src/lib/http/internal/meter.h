// SPDX-License-Identifier: Apache-2.0
// Counting without locks: each event loop writes its own meter, anybody reads all of them.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "lib/http/server.h"

namespace huoqi::http::internal {

// Written by one thread, so that no locked instruction is needed.
class Count {
  public:
    void add(std::uint64_t n = 1) {
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    std::uint64_t read() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

struct Meter {
    Count accepted, refused, handshakes_failed, requests, timeouts, bytes_in, bytes_out, latency_sum;
    std::array<Count, 5> responses;
    std::array<Count, kLatencyBoundsMicroseconds.size() + 1> latencies;

    void answered(int status, std::chrono::steady_clock::duration took);
    void add_to(Counters& sum) const;
};

}  // namespace huoqi::http::internal

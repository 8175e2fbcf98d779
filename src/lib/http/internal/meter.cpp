// SPDX-License-Identifier: Apache-2.0
#include "lib/http/internal/meter.h"

#include <algorithm>

namespace huoqi::http::internal {

void Meter::answered(int status, std::chrono::steady_clock::duration took) {
    if (status >= 100 && status < 600) responses[static_cast<std::size_t>(status / 100 - 1)].add();
    const auto micros = static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
    const auto bound =
        std::lower_bound(kLatencyBoundsMicroseconds.begin(), kLatencyBoundsMicroseconds.end(), micros);
    latencies[static_cast<std::size_t>(bound - kLatencyBoundsMicroseconds.begin())].add();
    latency_sum.add(micros);
}

void Meter::add_to(Counters& sum) const {
    sum.connections_accepted += accepted.read();
    sum.connections_refused += refused.read();
    sum.handshakes_failed += handshakes_failed.read();
    sum.requests += requests.read();
    sum.timeouts += timeouts.read();
    sum.bytes_in += bytes_in.read();
    sum.bytes_out += bytes_out.read();
    sum.latency_sum_microseconds += latency_sum.read();
    for (std::size_t i = 0; i < responses.size(); ++i) sum.responses[i] += responses[i].read();
    for (std::size_t i = 0; i < latencies.size(); ++i) sum.latencies[i] += latencies[i].read();
}

}  // namespace huoqi::http::internal

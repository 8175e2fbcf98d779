// SPDX-License-Identifier: Apache-2.0
// The HTTPS server: HTTP/1.1 (RFC 9112) over TLS 1.2 and 1.3. Every listener has its own address, routes,
// certificate and limits. One event loop a thread; all listeners are served by all threads.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "lib/http/http.h"

namespace huoqi::http {

// Of one listener. What a client meets at each limit is said beside it.
struct Limits {
    std::size_t max_header_bytes = 16 * 1024;    // request line and fields; 431
    std::size_t max_header_fields = 100;         // 431
    std::uint64_t max_body_bytes = 1024 * 1024;  // plain handlers; 413, connection closed
    std::uint64_t max_stream_bytes = std::uint64_t{1}
                                     << 36;        // stream handlers; 413 if announced, else too_large
    std::size_t stream_buffer_bytes = 256 * 1024;  // waiting for a stream handler; the client is slowed down
    unsigned max_streams = 8;                      // stream handlers and streamed answers; 503, retry-after
    unsigned max_connections = 4096;               // closed at once
    unsigned max_pipelined =
        16;  // answers gathered before they are sent and other connections get their turn
    std::chrono::milliseconds header_timeout{
        10'000};  // from connect or first byte to the end of the header; 408
    std::chrono::milliseconds body_timeout{
        10'000};  // without a byte, and grace before min_bytes_per_second counts; 408
    std::uint64_t min_bytes_per_second = 1024;          // of a body, either way, averaged from its start; 408
    std::chrono::milliseconds idle_timeout{60'000};     // between requests; closed
    std::chrono::milliseconds request_timeout{30'000};  // for the handler to answer or to read on; 503
    std::chrono::milliseconds linger_timeout{
        2'000};                        // for a client to read the last answer while it still sends
    unsigned retry_after_seconds = 1;  // told with 503
};

// PEM: the certificate with its chain, and its private key.
struct TlsIdentity {
    std::string certificate_pem;
    SecretBytes private_key_pem;
};

struct Listener {
    std::string address;  // "127.0.0.1:8443", "[::1]:8443", port 0 for a free one, or "unix:/run/huoqi.sock"
                          // (mode 0600)
    std::shared_ptr<const Router> router;
    std::optional<TlsIdentity> tls;
    // Without TLS a listener is refused, except on a unix socket, or on a loopback address when this is set
    // (tests).
    bool allow_plain_loopback = false;
    Limits limits = {};
};

inline constexpr std::array<std::uint32_t, 14> kLatencyBoundsMicroseconds{
    100,    250,    500,     1'000,   2'500,     5'000,     10'000,
    25'000, 50'000, 100'000, 250'000, 1'000'000, 5'000'000, 30'000'000};

// Since the start. Sums over all listeners and threads, each exact, not all of one instant.
struct Counters {
    std::uint64_t connections_accepted = 0;
    std::uint64_t connections_refused = 0;  // over max_connections
    std::uint64_t connections_open = 0;     // now
    std::uint64_t handshakes_failed = 0;
    std::uint64_t requests = 0;                // whose header was read
    std::array<std::uint64_t, 5> responses{};  // by class: [0] is 1xx … [4] is 5xx
    std::uint64_t timeouts = 0;                // any limit in time met
    std::uint64_t bytes_in = 0;                // plaintext
    std::uint64_t bytes_out = 0;
    std::array<std::uint64_t, kLatencyBoundsMicroseconds.size() + 1>
        latencies{};  // header read to answer at hand
    std::uint64_t latency_sum_microseconds = 0;
};

class Server {
  public:
    // Binds every listener, then serves on `threads` threads. bad_input: address, certificate or key;
    // refused: plain where it may not be; unavailable: address in use. Nothing is left behind on failure.
    static Result<std::unique_ptr<Server>> start(std::vector<Listener> listeners, unsigned threads);
    virtual ~Server() = default;  // as shutdown without grace

    // Where each listener is, with the real port, in the order given.
    virtual const std::vector<std::string>& addresses() const = 0;
    virtual Counters counters() const = 0;
    // Stops accepting, closes idle connections, answers what has begun, cuts off what is not done after
    // `grace`, and waits for stream handlers to return (their BodyReader then says cancelled). A second call
    // does nothing.
    virtual void shutdown(std::chrono::milliseconds grace) = 0;
};

}  // namespace huoqi::http

// SPDX-License-Identifier: Apache-2.0
// Plaintext in and out of a non-blocking socket, through TLS or bare. The caller owns the socket and waits
// for it. No method blocks or raises SIGPIPE. For one thread.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace huoqi::http::internal {

enum class Io { done, want_read, want_write, closed, failed };
struct Moved {
    Io io = Io::failed;
    std::size_t bytes = 0;
};

class Transport {
  public:
    virtual ~Transport() = default;
    virtual Io handshake() = 0;
    virtual Moved read(std::span<char> into) = 0;
    virtual Moved write(std::string_view from) = 0;
    virtual Io close() = 0;             // says so to the peer, once
    virtual bool buffered() const = 0;  // bytes from the socket may wait inside
};

std::unique_ptr<Transport> make_plain_transport(int socket);
// Takes the role (server or client) that `ssl` is set up for.
std::unique_ptr<Transport> make_tls_transport(SSL* ssl, int socket);

struct SslContextFree {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextFree>;

// TLS 1.2 and 1.3, forward secrecy and authenticated encryption only, no renegotiation, ALPN http/1.1.
// bad_input: certificate or key does not parse, or they do not belong together.
Result<SslContext> server_context(std::string_view certificate_pem, ByteView private_key_pem);
// Trusts the given authorities only. max_version 0: no limit.
Result<SslContext> client_context(std::string_view authority_pem, int max_version);

// The reason of the newest OpenSSL error on this thread; empties its queue.
std::string take_ssl_error();

}  // namespace huoqi::http::internal

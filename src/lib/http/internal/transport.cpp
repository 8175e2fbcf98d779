// SPDX-License-Identifier: Apache-2.0
#include "lib/http/internal/transport.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "lib/http/internal/socket_bio.h"

namespace huoqi::http::internal {
namespace {

class PlainTransport final : public Transport {
  public:
    explicit PlainTransport(int socket) : socket_(socket) {}
    Io handshake() override { return Io::done; }
    Moved read(std::span<char> into) override {
        const ssize_t n = ::recv(socket_, into.data(), into.size(), 0);
        if (n > 0) return {Io::done, static_cast<std::size_t>(n)};
        if (n == 0) return {Io::closed, 0};
        return {again() ? Io::want_read : Io::failed, 0};
    }
    Moved write(std::string_view from) override {
        const ssize_t n = ::send(socket_, from.data(), from.size(), MSG_NOSIGNAL);
        if (n >= 0) return {Io::done, static_cast<std::size_t>(n)};
        return {again() ? Io::want_write : Io::failed, 0};
    }
    Io close() override { return Io::done; }
    bool buffered() const override { return false; }

  private:
    static bool again() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }
    int socket_;
};

struct SslFree {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
};

class TlsTransport final : public Transport {
  public:
    TlsTransport(SSL* ssl, int socket) : ssl_(ssl) {
        BIO* bio = make_socket_bio(socket);
        SSL_set_bio(ssl, bio, bio);
    }
    Io handshake() override {
        ERR_clear_error();
        return outcome(SSL_do_handshake(ssl_.get()));
    }
    Moved read(std::span<char> into) override {
        ERR_clear_error();
        const int n = SSL_read(ssl_.get(), into.data(), limited(into.size()));
        if (n > 0) return {Io::done, static_cast<std::size_t>(n)};
        return {outcome(n), 0};
    }
    Moved write(std::string_view from) override {
        ERR_clear_error();
        const int n = SSL_write(ssl_.get(), from.data(), limited(from.size()));
        if (n > 0) return {Io::done, static_cast<std::size_t>(n)};
        return {outcome(n), 0};
    }
    Io close() override {
        if (broken_ || !SSL_is_init_finished(ssl_.get())) return Io::failed;
        ERR_clear_error();
        // 0 means that ours is sent and the peer's has not come, for which nobody waits here.
        const int n = SSL_shutdown(ssl_.get());
        return n >= 0 ? Io::done : outcome(n);
    }
    bool buffered() const override { return SSL_has_pending(ssl_.get()) == 1; }

  private:
    static int limited(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }
    Io outcome(int result) {
        if (result > 0) return Io::done;
        switch (SSL_get_error(ssl_.get(), result)) {
            case SSL_ERROR_WANT_READ:
                return Io::want_read;
            case SSL_ERROR_WANT_WRITE:
                return Io::want_write;
            case SSL_ERROR_ZERO_RETURN:
                return Io::closed;
            default:
                broken_ = true;
                return Io::failed;  // after these OpenSSL forbids SSL_shutdown
        }
    }
    std::unique_ptr<SSL, SslFree> ssl_;
    bool broken_ = false;
};

}  // namespace

std::unique_ptr<Transport> make_plain_transport(int socket) {
    return std::make_unique<PlainTransport>(socket);
}
std::unique_ptr<Transport> make_tls_transport(SSL* ssl, int socket) {
    return std::make_unique<TlsTransport>(ssl, socket);
}

}  // namespace huoqi::http::internal

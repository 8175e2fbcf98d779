// SPDX-License-Identifier: Apache-2.0
#include "lib/http/client.h"

#include <openssl/x509v3.h>
#include <poll.h>

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "lib/http/internal/serialiser.h"
#include "lib/http/internal/sockets.h"
#include "lib/http/internal/transport.h"

namespace huoqi::http {
namespace {

using internal::Io;
constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::size_t kMaxHeadBytes = 64 * 1024;

template <class T>
bool parse_number(std::string_view text, int base, T& out) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out, base);
    return !text.empty() && parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    return text;
}

Status parse_response_head(std::string_view head, ClientResponse& response) {
    const std::size_t line_end = head.find("\r\n");
    if (!head.starts_with("HTTP/1.1 ") || line_end < 12 ||
        !parse_number(head.substr(9, 3), 10, response.status)) {
        return fail(Code::bad_input, "answer: malformed status line");
    }
    head.remove_prefix(line_end + 2);
    while (!head.starts_with("\r\n")) {
        const std::size_t end = head.find("\r\n");
        const std::size_t colon = head.find(':');
        if (end == head.npos || colon == head.npos || colon > end)
            return fail(Code::bad_input, "answer: malformed field");
        response.headers.add(head.substr(0, colon), trimmed(head.substr(colon + 1, end - colon - 1)));
        head.remove_prefix(end + 2);
    }
    return {};
}

Status check_server(SSL* ssl, const internal::Address& address, const std::string& name) {
    // The name that the certificate must carry: an IP address or a DNS name.
    const std::string wanted = name.empty() ? address.host() : name;
    X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl);
    if (X509_VERIFY_PARAM_set1_ip_asc(parameters, wanted.c_str()) == 1) return {};
    static_cast<void>(internal::take_ssl_error());
    if (SSL_set1_host(ssl, wanted.c_str()) != 1 || SSL_set_tlsext_host_name(ssl, wanted.c_str()) != 1) {
        return fail(Code::bad_input, "server name is malformed");
    }
    return {};
}

}  // namespace

struct Client::Connection {
    internal::Descriptor socket;
    internal::SslContext context;
    std::unique_ptr<internal::Transport> transport;
    std::string host;
    std::string in;
    std::chrono::milliseconds timeout{};
    std::size_t max_body = 0;
    bool ended = false;

    Status wait(short events) const {
        pollfd waiting{socket.get(), events, 0};
        if (::poll(&waiting, 1, static_cast<int>(timeout.count())) == 1) return {};
        return fail(Code::unavailable, "server: no answer in time");
    }
    Status handshake();
    Status write(std::string_view bytes);
    Status read_more();
    Status read_until(std::size_t size);
    Result<std::size_t> find(std::string_view mark, std::size_t limit);
    Status read_chunks(std::string& body);
    std::string head_of(std::string_view method, std::string_view target, const ClientHeaders& headers) const;
};

Status Client::Connection::handshake() {
    for (;;) {
        const Io io = transport->handshake();
        if (io == Io::done) return {};
        if (io != Io::want_read && io != Io::want_write) {
            return fail(Code::refused, "TLS: " + internal::take_ssl_error());
        }
        if (Status ready = wait(io == Io::want_read ? POLLIN : POLLOUT); !ready) return ready;
    }
}

Status Client::Connection::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const internal::Moved moved = transport->write(bytes);
        if (moved.io == Io::done) {
            bytes.remove_prefix(moved.bytes);
        } else if (moved.io == Io::want_read || moved.io == Io::want_write) {
            if (Status ready = wait(moved.io == Io::want_read ? POLLIN : POLLOUT); !ready) return ready;
        } else {
            return fail(Code::unavailable, "server: connection lost while sending");
        }
    }
    return {};
}

Status Client::Connection::read_more() {
    const std::size_t before = in.size();
    in.resize(before + kReadBytes);
    for (;;) {
        const internal::Moved moved = transport->read(std::span(in).subspan(before));
        in.resize(before + (moved.io == Io::done ? moved.bytes : 0));
        if (moved.io == Io::done) return {};
        ended = moved.io == Io::closed;
        if (moved.io != Io::want_read && moved.io != Io::want_write) {
            return fail(Code::unavailable, ended ? "server: connection closed" : "server: connection lost");
        }
        if (Status ready = wait(moved.io == Io::want_read ? POLLIN : POLLOUT); !ready) return ready;
        in.resize(before + kReadBytes);
    }
}

Status Client::Connection::read_until(std::size_t size) {
    while (in.size() < size) {
        if (Status more = read_more(); !more) return more;
    }
    return {};
}

// The position behind the first `mark` in what comes.
Result<std::size_t> Client::Connection::find(std::string_view mark, std::size_t limit) {
    for (;;) {
        const std::size_t at = in.find(mark);
        if (at != in.npos) return at + mark.size();
        if (in.size() > limit) return fail(Code::too_large, "answer: line or head is too long");
        if (Status more = read_more(); !more) return pass(more);
    }
}

Status Client::Connection::read_chunks(std::string& body) {
    for (;;) {
        const Result<std::size_t> line = find("\r\n", kMaxHeadBytes);
        if (!line) return std::unexpected(line.error());
        std::size_t size = 0;
        if (!parse_number(std::string_view(in).substr(0, *line - 2), 16, size)) {
            return fail(Code::bad_input, "answer: malformed chunk");
        }
        if (size > max_body - body.size()) return fail(Code::too_large, "answer: body is too large");
        if (Status all = read_until(*line + size + 2); !all) return all;
        if (in.compare(*line + size, 2, "\r\n") != 0) return fail(Code::bad_input, "answer: malformed chunk");
        body.append(in, *line, size);
        in.erase(0, *line + size + 2);
        if (size == 0) return {};
    }
}

std::string Client::Connection::head_of(std::string_view method, std::string_view target,
                                        const ClientHeaders& headers) const {
    std::string head;
    head.append(method).append(" ").append(target).append(" HTTP/1.1\r\nhost: ").append(host).append("\r\n");
    for (const auto& [name, value] : headers) head.append(name).append(": ").append(value).append("\r\n");
    return head;
}

Client::Client(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() {
    if (connection_) connection_->transport->close();
}

Result<Client> Client::connect(const ClientOptions& options) {
    auto address = internal::parse_address(options.address);
    if (!address) return pass(address);
    auto socket = internal::connect_to(*address, options.timeout);
    if (!socket) return pass(socket);
    auto connection = std::make_unique<Connection>();
    connection->socket = std::move(*socket);
    connection->timeout = options.timeout;
    connection->max_body = options.max_body_bytes;
    connection->host = address->is_unix() ? "localhost" : options.address;
    if (options.authority_pem.empty()) {
        connection->transport = internal::make_plain_transport(connection->socket.get());
        return Client(std::move(connection));
    }
    auto context = internal::client_context(options.authority_pem, options.max_tls_version);
    if (!context) return pass(context);
    connection->context = std::move(*context);
    SSL* ssl = SSL_new(connection->context.get());
    HUOQI_CHECK(ssl != nullptr);
    SSL_set_connect_state(ssl);
    connection->transport = internal::make_tls_transport(ssl, connection->socket.get());
    if (Status named = check_server(ssl, *address, options.server_name); !named) return pass(named);
    if (Status shaken = connection->handshake(); !shaken) return pass(shaken);
    return Client(std::move(connection));
}

Status Client::write(std::string_view bytes) { return connection_->write(bytes); }

Result<ClientResponse> Client::get(std::string_view target, const ClientHeaders& headers) {
    return send("GET", target, {}, headers);
}

Result<ClientResponse> Client::post(std::string_view target, std::string_view body,
                                    const ClientHeaders& headers) {
    return send("POST", target, body, headers);
}

Result<ClientResponse> Client::send(std::string_view method, std::string_view target, std::string_view body,
                                    const ClientHeaders& headers) {
    std::string request = connection_->head_of(method, target, headers);
    if (!body.empty() || method == "POST" || method == "PUT") {
        request.append("content-length: ").append(std::to_string(body.size())).append("\r\n");
    }
    request.append("\r\n").append(body);
    // A server may refuse before it has read all, so what it said counts more than that the sending failed.
    Status sent = write(request);
    Result<ClientResponse> response = read_response(method == "HEAD");
    if (!response && !sent) return pass(sent);
    return response;
}

Result<ClientResponse> Client::upload(std::string_view target, BodySource source,
                                      const ClientHeaders& headers) {
    std::string part = connection_->head_of("POST", target, headers);
    part.append("transfer-encoding: chunked\r\n\r\n");
    Status sent = write(part);
    while (sent) {
        Result<std::string> more = source();
        if (!more) return pass(more);
        part.clear();
        if (more->empty()) {
            part.append(internal::kLastChunk);
        } else {
            internal::write_chunk(*more, part);
        }
        sent = write(part);
        if (more->empty()) break;
    }
    Result<ClientResponse> response = read_response();
    if (!response && !sent) return pass(sent);
    return response;
}

Result<ClientResponse> Client::read_response(bool head_request) {
    Connection& connection = *connection_;
    ClientResponse response;
    do {  // interim answers (1xx) are passed over
        const Result<std::size_t> end = connection.find("\r\n\r\n", kMaxHeadBytes);
        if (!end) return std::unexpected(end.error());
        response = {};
        if (Status parsed = parse_response_head(std::string_view(connection.in).substr(0, *end), response);
            !parsed) {
            return pass(parsed);
        }
        connection.in.erase(0, *end);
    } while (response.status < 200);
    if (head_request || response.status == 204 || response.status == 304) return response;
    if (response.headers.find("transfer-encoding")) {
        if (Status chunks = connection.read_chunks(response.body); !chunks) return pass(chunks);
    } else if (const auto length = response.headers.find("content-length")) {
        std::size_t size = 0;
        if (!parse_number(*length, 10, size))
            return fail(Code::bad_input, "answer: malformed content-length");
        if (size > connection.max_body) return fail(Code::too_large, "answer: body is too large");
        if (Status all = connection.read_until(size); !all) return pass(all);
        response.body = connection.in.substr(0, size);
        connection.in.erase(0, size);
    } else {
        while (connection.read_more()) {
            if (connection.in.size() > connection.max_body)
                return fail(Code::too_large, "answer: body is too large");
        }
        if (!connection.ended) return fail(Code::unavailable, "server: connection lost");
        response.body = std::exchange(connection.in, {});
    }
    return response;
}

bool Client::closed_cleanly() {
    if (!connection_->in.empty()) return false;
    while (connection_->read_more()) {
        if (!connection_->in.empty()) return false;
    }
    return connection_->ended;
}

}  // namespace huoqi::http

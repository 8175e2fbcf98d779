// SPDX-License-Identifier: Apache-2.0
#include "lib/http/internal/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>

namespace huoqi::http::internal {
namespace {

constexpr std::string_view kUnix = "unix:";

Result<Address> unix_address(std::string_view path) {
    Address address;
    auto* to = reinterpret_cast<sockaddr_un*>(&address.storage);
    if (path.empty() || path.size() >= sizeof(to->sun_path))
        return fail(Code::bad_input, "address: unix path length");
    to->sun_family = AF_UNIX;
    std::memcpy(to->sun_path, path.data(), path.size());
    address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
    return address;
}

void no_delay(int socket) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Error socket_error(std::string_view doing) {
    const Code code = errno == EADDRNOTAVAIL || errno == EACCES ? Code::bad_input : Code::unavailable;
    return {code, std::string(doing) + ": " + std::strerror(errno)};
}

// A stale socket file of a server that was killed is removed; one that somebody listens on is not.
Status clear_stale(const Address& address) {
    const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0) {
        return fail(Code::unavailable, "address is in use");
    }
    const auto* path = reinterpret_cast<const sockaddr_un*>(&address.storage)->sun_path;
    struct stat info{};
    if (::lstat(path, &info) == 0 && S_ISSOCK(info.st_mode)) ::unlink(path);
    return {};
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        if (number_ >= 0) ::close(number_);
        number_ = other.release();
    }
    return *this;
}
Descriptor::~Descriptor() {
    if (number_ >= 0) ::close(number_);
}

bool Address::is_loopback() const {
    if (storage.ss_family == AF_INET) {
        const auto* v4 = reinterpret_cast<const sockaddr_in*>(&storage);
        return (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
    }
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&storage);
    return storage.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

std::string Address::host() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (storage.ss_family == AF_INET) {
        ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr, text.data(),
                    text.size());
    } else if (storage.ss_family == AF_INET6) {
        ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr, text.data(),
                    text.size());
    } else {
        return "unix";
    }
    return text.data();
}

std::string Address::text() const {
    if (is_unix()) return std::string(kUnix) + reinterpret_cast<const sockaddr_un*>(&storage)->sun_path;
    if (storage.ss_family == AF_INET6) {
        const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&storage);
        return "[" + host() + "]:" + std::to_string(ntohs(v6->sin6_port));
    }
    return host() + ":" + std::to_string(ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port));
}

Result<Address> parse_address(std::string_view text) {
    if (text.starts_with(kUnix)) return unix_address(text.substr(kUnix.size()));
    const std::size_t colon = text.rfind(':');
    if (colon == text.npos) return fail(Code::bad_input, "address: port is missing");
    std::uint16_t port = 0;
    const std::string_view digits = text.substr(colon + 1);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (digits.empty() || parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size()) {
        return fail(Code::bad_input, "address: port is not a number up to 65535");
    }
    std::string host(text.substr(0, colon));
    Address address;
    if (host.starts_with('[') && host.ends_with(']')) {
        auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        address.size = sizeof(sockaddr_in6);
        host = host.substr(1, host.size() - 2);
        if (::inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) return address;
    } else {
        auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        address.size = sizeof(sockaddr_in);
        if (::inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) return address;
    }
    return fail(Code::bad_input, "address: host is not an IP address");
}

Result<Descriptor> listen_on(const Address& address, bool shared) {
    if (address.is_unix()) {
        if (Status cleared = clear_stale(address); !cleared) return pass(cleared);
    }
    Descriptor socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.get() < 0) return std::unexpected(socket_error("socket"));
    const int on = 1;
    if (!address.is_unix()) ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shared) ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (address.storage.ss_family == AF_INET6)
        ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (address.is_unix()) ::fchmod(socket.get(), S_IRUSR | S_IWUSR);  // of the file that bind() makes
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) {
        return std::unexpected(socket_error("bind"));
    }
    if (::listen(socket.get(), SOMAXCONN) != 0) return std::unexpected(socket_error("listen"));
    return socket;
}

Status check_is_free(const Address& address) {
    if (address.is_unix()) return {};
    // Without SO_REUSEPORT a bind fails beside any listening socket; a client's old TIME_WAIT is no
    // hindrance.
    Result<Descriptor> probe = listen_on(address, false);
    if (!probe) return pass(probe);
    return {};
}

Result<Address> bound_address(int socket) {
    Address address;
    address.size = sizeof address.storage;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address.storage), &address.size) != 0) {
        return std::unexpected(socket_error("getsockname"));
    }
    return address;
}

void remove_socket_file(const Address& unix_address) {
    ::unlink(reinterpret_cast<const sockaddr_un*>(&unix_address.storage)->sun_path);
}

int accept_from(int listening, Address& peer) {
    peer.size = sizeof peer.storage;
    const int socket = ::accept4(listening, reinterpret_cast<sockaddr*>(&peer.storage), &peer.size,
                                 SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket >= 0 && !peer.is_unix()) no_delay(socket);
    return socket;
}

Result<Descriptor> connect_to(const Address& address, std::chrono::milliseconds timeout) {
    Descriptor socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.get() < 0) return std::unexpected(socket_error("socket"));
    if (!address.is_unix()) no_delay(socket.get());
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0)
        return socket;
    if (errno != EINPROGRESS) return fail(Code::unavailable, std::string("connect: ") + std::strerror(errno));
    pollfd waiting{socket.get(), POLLOUT, 0};
    if (::poll(&waiting, 1, static_cast<int>(timeout.count())) != 1)
        return fail(Code::unavailable, "connect: no answer");
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return fail(Code::unavailable, std::string("connect: ") + std::strerror(error));
    return socket;
}

}  // namespace huoqi::http::internal

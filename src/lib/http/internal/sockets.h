// SPDX-License-Identifier: Apache-2.0
// Addresses and sockets: "127.0.0.1:8443", "[::1]:8443", "unix:/path". No names are looked up.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace huoqi::http::internal {

// Owns a file descriptor.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();
    int get() const { return number_; }
    int release() { return std::exchange(number_, -1); }

  private:
    int number_ = -1;
};

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;
    bool is_unix() const { return storage.ss_family == AF_UNIX; }
    bool is_loopback() const;
    std::string host() const;  // "127.0.0.1", "::1", "unix"
    std::string text() const;  // as parse_address takes it
};
Result<Address> parse_address(std::string_view text);

// A listening, non-blocking socket; shared: with SO_REUSEPORT, so that every thread has its own.
Result<Descriptor> listen_on(const Address& address, bool shared);
// unavailable when something else listens there, which SO_REUSEPORT alone would not tell.
Status check_is_free(const Address& address);
Result<Address> bound_address(int socket);
void remove_socket_file(const Address& unix_address);

// A connected, non-blocking socket from a listening one. -1 with errno when there is none.
int accept_from(int listening, Address& peer);

Result<Descriptor> connect_to(const Address& address, std::chrono::milliseconds timeout);

}  // namespace huoqi::http::internal

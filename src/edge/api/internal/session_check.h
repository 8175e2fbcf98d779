// SPDX-License-Identifier: Apache-2.0
// Who is calling: the session of a person who is logged in (art. 35). The token comes as a cookie that
// scripts cannot read and other sites cannot send; what changes something must repeat the session's CSRF
// token in a header, which other sites cannot know. A session that was bound to a device at log-in is good on
// it alone.
//
// What the store said is remembered for kKeyCacheNanoseconds, and until there is news of the office. Blocks
// when the store must be asked. Threads: any.
#pragma once

#include <expected>
#include <optional>
#include <unordered_map>

#include "base/guarded.h"
#include "edge/api/api.h"
#include "edge/api/internal/key_check.h"
#include "lib/crypto/crypto.h"

namespace huoqi::api {

inline constexpr std::string_view kSessionCookie = "__Host-huoqi";
inline constexpr std::string_view kCsrfHeader = "x-csrf-token";
inline constexpr std::string_view kDeviceHeader = "x-huoqi-device";

// The session token of a request's cookies; empty when there is none, or more than one.
std::string_view session_token(const http::Request& request);
// Value of a set-cookie header; an empty token ends the cookie.
std::string session_cookie(std::string_view token);

// The rule that keeps a person, or a person on this device (empty: none), out now; empty when none does.
std::string closed_to(const people::Snapshot& snapshot, const staff::Named& who, std::string_view device,
                      Time now);
// The network address that attempts are counted by: of IPv6 the /64 that one peer may have whole.
std::string network_of(std::string_view peer);

class SessionCheck {
  public:
    explicit SessionCheck(const Services& services) : services_(services) {}

    // The answer to give when nobody is to be let in. A session in another standing than full comes through:
    // what it is good for the route must ask.
    std::expected<Caller, http::Response> caller(const http::Request& request);

  private:
    struct Known {
        accounts::Session session;
        Time asked;
        std::uint64_t news;  // Services::news when it was asked
    };
    struct DigestHash {
        std::size_t operator()(const crypto::Digest& digest) const {
            return static_cast<std::size_t>(get_be<std::uint64_t>(digest.data()));
        }
    };
    Result<accounts::Session> session_of(std::string_view token, std::string_view device);

    const Services& services_;
    Guarded<std::unordered_map<crypto::Digest, Known, DigestHash>> cache_;
};

}  // namespace huoqi::api

// SPDX-License-Identifier: Apache-2.0
// Who is calling: the bearer key of a request (RFC 6750) and the person it is bound to (art. 34, 35). The
// office is one database behind one lock, so what it said is remembered for kKeyCacheNanoseconds, under a
// hash of the secret, and until there is news of the office.
//
// Unknown, malformed and revoked keys are one and the same to the caller; the ledger keeps them apart, and
// counts them. Blocks when the office must be asked. Threads: any.
#pragma once

#include <expected>
#include <optional>
#include <unordered_map>

#include "base/guarded.h"
#include "core/office/office.h"
#include "edge/api/api.h"
#include "edge/api/internal/tally.h"
#include "lib/crypto/crypto.h"

namespace huoqi::api {

struct Caller {
    std::string enterprise;
    std::string outlet;  // empty: not bound to one
    ledger::Actor actor;
    // Of a person who is logged in; programs have a key and none of these.
    std::optional<staff::Asker> asker{};
    std::optional<accounts::Session> session{};
};

class KeyCheck {
  public:
    explicit KeyCheck(const Services& services)
        : services_(services), failures_(services.ledger, services.clock) {}

    // The answer to give when nobody is to be let in.
    std::expected<Caller, http::Response> caller(const http::Request& request);

  private:
    struct Known {
        std::optional<office::AccessKey> key;  // none: the office does not know the secret
        Time asked;
        std::uint64_t news;  // Services::news when it was asked
    };
    struct DigestHash {
        std::size_t operator()(const crypto::Digest& digest) const {
            return static_cast<std::size_t>(get_be<std::uint64_t>(digest.data()));
        }
    };
    using Cache = std::unordered_map<crypto::Digest, Known, DigestHash>;

    Result<std::optional<office::AccessKey>> key_of(std::string_view secret);
    // Takes one request from what the key may ask a second; at most a second's worth is saved up.
    bool within_rate(const office::AccessKey& key);
    void note_failure(const http::Request& request, const office::AccessKey* revoked);

    const Services& services_;
    Tally failures_;
    struct Bucket {
        double left = 0;
        Time at;
    };
    Guarded<Cache> cache_;
    Guarded<std::unordered_map<std::string, Bucket>> buckets_;  // by key id, of keys that have a rate
};

}  // namespace huoqi::api

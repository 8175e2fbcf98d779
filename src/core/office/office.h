// SPDX-License-Identifier: Apache-2.0
// The office port: small relational data of people and programs. For now the bearer keys, each bound to one
// person (art. 34, 35). A change and its ledger entry commit in one office transaction (outbox); the entry is
// in the ledger before the caller is answered, and after a crash the outbox is drained before the doors open.
//
// Rows are authenticated under a key that the database does not hold: a row altered outside the program is
// reported, not used. Threads: all calls from any thread.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace huoqi::office {

struct AccessKey {
    std::string id;  // "ak_…", shown in lists and in the ledger; not secret
    std::string person;
    std::string role;
    std::string enterprise;
    std::string outlet;
    Time created;
    std::optional<Time> revoked;
    std::optional<Time> expires{};  // of no use from then on
    std::int64_t rate = 0;          // requests a second; 0: not limited
};

// The policy that all processes of an installation go by: its files, packed.
struct PublishedPolicy {
    std::int64_t number = 0;  // rises with each
    std::string version;
    Bytes files;
};

// What must reach the ledger because of a change.
struct Outgoing {
    std::int64_t number = 0;                    // given by the office, rising
    std::string action;                         // "key.add", "key.revoke"
    std::string person;                         // who did it
    std::string subject;                        // what it was done to: a key's id, a policy's version
    std::string role;                           // of the key
    std::map<std::string, std::string> detail;  // further names and codes; nothing personal of users
};

class Office {
  public:
    virtual ~Office() = default;
    // `secret` is hashed; it is stored nowhere. Code::conflict when the id or the secret exists.
    virtual Result<std::int64_t> add_key(const AccessKey& key, const SecretBytes& secret,
                                         const std::string& by) = 0;
    // Code::not_found.
    virtual Result<std::int64_t> revoke_key(std::string_view id, Time when, const std::string& by) = 0;
    // The key of a secret, revoked or not; Code::not_found; Code::corrupt when its row was altered.
    virtual Result<AccessKey> key_of(const SecretBytes& secret) = 0;
    virtual Result<std::vector<AccessKey>> keys() = 0;

    // Entries that wait for the ledger, oldest first.
    virtual Result<std::vector<Outgoing>> outbox() = 0;
    virtual Status drained(std::int64_t number) = 0;

    virtual Result<std::int64_t> publish_policy(const std::string& version, const Bytes& files,
                                                const std::string& by) = 0;
    // The newest; nothing when none was published. Code::corrupt when its row was altered.
    virtual Result<std::optional<PublishedPolicy>> policy() = 0;
    // Its number alone; 0 when there is none.
    virtual Result<std::int64_t> policy_number() = 0;

    // A consistent copy for a backup into a file that does not exist. Code::unsupported: the engine is a
    // server.
    virtual Status copy_to(const std::filesystem::path& file) = 0;

    // The engine's check, and every row's authentication.
    virtual Status check() = 0;
};

}  // namespace huoqi::office

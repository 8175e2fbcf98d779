// SPDX-License-Identifier: Apache-2.0
// The ledger of a node: a Merkle log in public formats (lib/tlog) over the archive, and the one committer
// through which everything is written. Whatever waits is written together and synced once, then every caller
// is answered: an entry that was acknowledged is durable, and nothing is written without an entry (promises
// 3, 4 and 10).
//
// Threads: all calls from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/archive/archive.h"
#include "core/ledger/entry.h"
#include "lib/tlog/tlog.h"

namespace huoqi::ledger {

// Signs checkpoints: Ed25519 always, an SM2 line as well under the sm suite.
class Signer {
  public:
    Signer(std::string origin, crypto::Ed25519Seed ed25519, const crypto::Sm2Private* sm2);
    const std::string& origin() const { return origin_; }
    std::vector<tlog::VerifierKey> keys() const;
    std::string sign(TreeSize size, const tlog::Hash& root) const;

  private:
    std::string origin_;
    crypto::Ed25519Seed ed25519_;
    std::optional<crypto::Sm2Private> sm2_;
};

// Tokens are random-looking, so their first bytes are a good hash.
struct TokenHash {
    std::size_t operator()(const archive::NumberToken& token) const {
        return static_cast<std::size_t>(get_be<std::uint64_t>(token.data()));
    }
};

// What one group of works writes together, and what its works have claimed: works of one group do not yet see
// each other in the archive.
struct Group {
    archive::WriteSet set;
    std::unordered_map<archive::NumberToken, RecordPlace, TokenHash> numbers;
    std::set<RecordPlace> changed;
};

struct Work {
    Entry entry;
    // Rows that fill() will add, about; keeps groups from growing too large.
    std::size_t weight = 1;
    // Runs on the committer's thread just before the write; adds rows to the group and completes the entry.
    // An error drops this work alone. Runs again when another writer of the archive was first. Optional.
    std::function<Status(Group&, Entry&)> fill;
    // Called once, on the committer's thread, after the sync or the failure. Must not block.
    std::function<void(Result<EntryIndex>)> done;
};

struct Filter {
    std::optional<RecordPlace> waybill;
    std::string person;
    std::string action;
    std::optional<Time> from;
    std::optional<Time> until;
};

struct Found {
    EntryIndex index;
    std::string json;
};

// What verify() found. `problem` is empty when everything fits.
struct Verification {
    TreeSize size;
    tlog::Hash root{};
    std::uint64_t entries = 0;
    std::string problem;
};

// The version of the policy that is in force; asked for each entry.
using PolicyVersion = std::function<std::string()>;

inline constexpr std::size_t kMaxQueuedWorks = 16384;
inline constexpr std::size_t kMaxWorksInGroup = 1024;
inline constexpr std::size_t kMaxRowsInGroup = 20'000;

class Ledger {
  public:
    // `last_checkpoint`: the newest one kept outside the archive (a file), empty when there is none;
    // Code::corrupt when the archive's ledger is shorter or another than it says.
    static Result<std::unique_ptr<Ledger>> open(archive::Archive& archive, Signer signer, TokenOf token_of,
                                                const Clock& clock, PolicyVersion policy_version,
                                                std::string_view last_checkpoint);
    ~Ledger();

    // Queues a work. When the queue is full done() gets Code::unavailable at once.
    void submit(Work work);
    // Submits and waits.
    Result<EntryIndex> commit(Work work);
    Result<EntryIndex> append(Entry entry);
    // Answers what is queued, then refuses further works.
    void stop();

    TreeSize size() const;
    // Signed note over all that is durable now.
    std::string checkpoint() const;
    std::vector<tlog::VerifierKey> keys() const { return signer_.keys(); }
    const std::string& origin() const { return signer_.origin(); }

    // A hash tile or an entry bundle at a C2SP path; partial ones as they were at any size up to now.
    Result<Bytes> tile(const tlog::TilePath& path) const;
    Result<std::string> entry(EntryIndex index) const;
    // Newest first, below `before`.
    Result<std::vector<Found>> find(const Filter& filter, EntryIndex before, std::size_t limit) const;
    // Self-contained proof (C2SP tlog-proof) that the entry is in the tree of the current checkpoint.
    Result<std::string> prove(EntryIndex index) const;
    // Hashes every entry again and compares with all stored tiles and with the checkpoint. `progress` gets
    // entries done.
    Result<Verification> verify(const std::function<void(std::uint64_t)>& progress) const;

  private:
    struct State;
    Ledger(archive::Archive& archive, Signer signer, TokenOf token_of, const Clock& clock,
           PolicyVersion policy_version);
    Status restore(std::string_view last_checkpoint);
    void run();
    void write_group(std::vector<Work> works);
    struct Prepared;
    Prepared prepare(std::vector<Work>& works);
    Status restore_if_doubtful();
    Result<bool> matches(const Filter& filter, EntryIndex index, std::string_view json) const;
    Result<std::vector<EntryIndex>> candidates(const Filter& filter, EntryIndex before,
                                               std::size_t limit) const;

    archive::Archive& archive_;
    Signer signer_;
    TokenOf token_of_;
    const Clock& clock_;
    PolicyVersion policy_version_;
    std::unique_ptr<State> state_;
};

}  // namespace huoqi::ledger

// SPDX-License-Identifier: Apache-2.0
// One server process of an installation, opened: the wiring of all parts over one folder ("home"). What lies
// there: node.json (identity), keys/ (wrapped keys), archive/ and office.db (sealed data), ledger.checkpoint,
// tls/. With process.json the data are in PostgreSQL, and several folders are processes of one installation
// (place.h). docs/operations.md has the map.
//
// Threads: a Node is opened and closed by one thread; its parts say for themselves.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "app/node/place.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "core/accounts/accounts.h"
#include "core/archive/archive.h"
#include "core/formats/formats.h"
#include "core/keys/keys.h"
#include "core/ledger/ledger.h"
#include "core/office/office.h"
#include "core/people/store.h"
#include "core/policy/policy.h"
#include "core/staff/staff.h"
#include "core/vault/vault.h"
#include "lib/http/server.h"
#include "lib/sql/sql.h"

namespace huoqi::node {

// In clear in node.json and bound to the root key.
struct Identity {
    crypto::Suite suite = crypto::Suite::sm;
    std::string origin;      // name of the ledger, e.g. "huoqi.example/node-1"
    std::string enterprise;  // the one meant when none is named
    std::string created;
};

struct InitOptions {
    std::filesystem::path home;
    std::filesystem::path policy;
    Identity identity;
    SecretBytes passphrase;
    crypto::PassphraseCost cost;
    std::vector<std::string> tls_names;  // DNS names and addresses of the server certificate
    std::string database;                // postgresql://…; empty: embedded
};
// Makes a node. Code::conflict when the folder holds one already; nothing is left behind on failure.
Status init(const InitOptions& options);

struct JoinOptions {
    std::filesystem::path home;      // to be made
    std::filesystem::path existing;  // a process of the installation, in PostgreSQL
    std::filesystem::path policy;
    std::string origin;  // of the new process's ledger; empty: the installation's with a number
    SecretBytes passphrase;
};
// Makes another process of an installation: the same keys and database, a ledger of its own.
// Code::unsupported when the existing one is embedded.
Status join(const JoinOptions& options);

// Passphrases shorter than this are refused at init.
inline constexpr std::size_t kMinPassphraseBytes = 8;

// What the ledger must agree with. The last checkpoint is kept outside the archive; a node without it, or
// with one that cannot be read, does not open, because nobody could tell whether entries are missing.
enum class Trust : std::uint8_t {
    kept_checkpoint,
    whatever_is_there,  // the operator's word replaces a lost checkpoint; one that can be read still counts
};

class Node {
  public:
    // Code::corrupt when the ledger is shorter than its last checkpoint says, or that is lost.
    static Result<std::unique_ptr<Node>> open(const std::filesystem::path& home,
                                              const std::filesystem::path& policy, SecretBytes passphrase,
                                              Trust trust = Trust::kept_checkpoint);
    // Stops the committer and keeps the last checkpoint outside the archive.
    ~Node();

    const Identity& identity() const { return identity_; }
    const Place& where() const { return place_; }
    const std::filesystem::path& home() const { return home_; }
    const policy::InForce& policy() const { return *policy_; }
    const formats::FormatSet& formats() const { return *formats_; }
    const Clock& clock() const { return clock_; }
    keys::KeyRing& keys() { return *keys_; }
    archive::Archive& archive() { return *archive_; }
    ledger::Ledger& ledger() { return *ledger_; }
    vault::Vault& vault() { return *vault_; }
    office::Office& office() { return *office_; }
    accounts::Accounts& accounts() { return *accounts_; }
    accounts::Store& account_rows() { return *account_rows_; }
    staff::Staff& staff() { return *staff_; }

    // Opened on trust alone, because the kept checkpoint was lost.
    bool head_was_lost() const { return head_was_lost_; }
    // Whether a passphrase opens this node; costs what Argon2id costs.
    bool accepts(SecretBytes passphrase) const;
    // Certificate and key of the doors.
    Result<http::TlsIdentity> tls() const;
    // Brings what the office has done into the ledger; called after each change and at start. From any
    // thread.
    Status drain_outbox();
    // Writes the signed head of the ledger beside the archive, so that a shortened archive is noticed.
    Status keep_checkpoint();
    // Where processes share a database: writes into the ledger which ledgers there are when the list is not
    // the one it told of last. Code::corrupt when one that it told of is no longer on the list.
    Status record_writers();
    // Processes that share a database go by the policy that was published last. Checks a folder's policy and
    // publishes it; Code::unsupported when embedded: such a node reads its folder.
    Result<std::string> publish_policy(const std::filesystem::path& folder, const std::string& by);
    // Takes over what other processes have done: a published policy, a new process. Blocks.
    Status follow();
    // The database's own connection for an operator's work; null when embedded.
    Result<std::unique_ptr<sql::Connection>> database() const;
    // Reads everything again: every stored block, every row opened, every office row, every ledger entry, the
    // TLS files.
    struct Report {
        std::uint64_t records = 0;
        std::uint64_t entries = 0;
    };
    Result<Report> check();

  private:
    Node(std::filesystem::path home, Identity identity)
        : home_(std::move(home)), identity_(std::move(identity)) {}
    Status open_parts(const std::filesystem::path& policy, SecretBytes passphrase, Trust trust);
    Status open_stores();
    Status open_archive();
    Result<std::unique_ptr<sql::Connection>> office_connection() const;
    Status open_staff();
    Status take_policy();
    Status open_ledger(Trust trust);
    // The text of the kept checkpoint; empty when the operator's trust takes its place.
    Result<std::string> last_head(const ledger::Signer& signer, Trust trust);

    std::filesystem::path home_;
    Identity identity_;
    Place place_;
    bool head_was_lost_ = false;
    SystemClock clock_;
    std::unique_ptr<policy::InForce> policy_;
    std::atomic<std::int64_t> policy_number_ = 0;  // of the published one that is in force
    std::unique_ptr<formats::FormatSet> formats_;
    std::unique_ptr<keys::KeyStore> key_files_;
    std::unique_ptr<keys::KeyRing> keys_;
    std::unique_ptr<archive::Archive> archive_;
    std::unique_ptr<office::Office> office_;
    std::unique_ptr<accounts::Store> account_rows_;
    std::unique_ptr<people::Store> people_rows_;
    std::unique_ptr<people::WorkStore> work_rows_;
    std::unique_ptr<vault::Vault> vault_;
    std::unique_ptr<ledger::Ledger> ledger_;
    std::unique_ptr<accounts::Accounts> accounts_;
    std::unique_ptr<staff::Staff> staff_;
    std::mutex draining_;
};

}  // namespace huoqi::node

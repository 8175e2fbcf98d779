// SPDX-License-Identifier: Apache-2.0
// Backup and restore of an embedded node (docs/backup.md; bytes in docs/spec/backup.md). The data go into a
// folder, the wrapped keys into one file for another place. A bulk copy in the sense of art. 37: it stands in
// the ledger.
#pragma once

#include <filesystem>
#include <string>

#include "app/node/node.h"

namespace huoqi::node {

struct BackupReport {
    std::uint64_t bytes = 0;  // of the folder
    std::uint64_t files = 0;
    TreeSize ledger;  // size of the ledger that the copy has at least
};
// Copies while the node works. `folder` must not exist or be empty, `keys` not exist and not lie in it
// (bad_input); Code::unsupported when the data are in PostgreSQL. A failed backup leaves nothing behind.
Result<BackupReport> backup(Node& node, const std::filesystem::path& folder,
                            const std::filesystem::path& keys, const ledger::Actor& actor);

struct RestoreOptions {
    std::filesystem::path folder, keys;
    std::filesystem::path home;  // to be made
    std::filesystem::path policy;
    SecretBytes passphrase;
    std::string newer_checkpoint;  // a checkpoint that was kept elsewhere; empty: none
    bool accept_loss = false;      // restore although that checkpoint has more entries
    ledger::Actor actor;
};
struct RestoreReport {
    Node::Report checked;
    std::uint64_t missing = 0;  // entries that the newer checkpoint has and the backup does not
};
// Checks every file against the backup's list and the list against its MAC, puts all together, opens the node
// and checks everything in it. Code::corrupt names what does not fit; Code::refused: entries would be
// missing; Code::wrong_key also when the keys file lacks the keys of volumes, and then says of how many. A
// failed restore leaves nothing behind; one that was killed leaves a folder that is no node, which the next
// one clears.
Result<RestoreReport> restore(RestoreOptions options);

}  // namespace huoqi::node

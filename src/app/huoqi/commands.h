// SPDX-License-Identifier: Apache-2.0
// The commands, one function each. They get an opened node and a shell, and give an exit code (shell.h). JSON
// goes to standard output, one object a line; words for people go there too when --json is not given.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "app/huoqi/shell.h"
#include "app/node/administrators.h"
#include "app/node/node.h"
#include "core/vault/vault.h"

namespace huoqi::cli {

// A name or staff number.

struct InitCommand {
    std::string suite = "sm";
    std::string enterprise = "main";
    std::string origin;
    std::vector<std::string> names;
    std::string database;
    std::string join;
    node::Administrators administrators;
    bool without_administrators = false;
};
struct ImportCommand {
    std::vector<std::string> files;
    std::string format = "auto";
    std::string encoding = "auto";
    std::string enterprise;
    std::string outlet;
    std::string on_error = "skip";
    std::string report;
    bool json = false;
};
struct AccessCommand {
    std::string person;
    std::string role;  // as if the person had it; empty: each of his own
    std::string enterprise;
    std::string action = "reveal";
    std::string purpose;
    std::string ticket;
    std::string waybill;
    std::string device;
    std::vector<std::string> fields;
    bool json = false;
};
struct FindCommand {
    vault::SearchBy by = vault::SearchBy::number;
    std::string enterprise;
    std::string outlet;
    std::size_t limit = 20;
    bool json = false;
};
struct RevealCommand {
    std::vector<std::string> tokens;
    std::vector<std::string> fields;
    std::string purpose;
    std::string ticket;
    std::string person;
    std::string enterprise;
    bool json = false;
};
struct LedgerCommand {
    std::string waybill, person, action, from, until;
    std::size_t limit = 0;
    std::uint64_t index = 0;
    std::string out;
    bool all = false;
    bool json = false;
};
struct KeyCommand {
    std::string role, person, enterprise, outlet, id;
    std::int64_t days = 0;  // 0: as long as a key may live
    std::int64_t rate = 0;
    bool json = false;
};
struct BackupCommand {
    std::string folder, keys, checkpoint;
    bool accept_loss = false;
    bool json = false;
};
struct DatabaseCommand {
    std::string from, to;
    bool print = false;
    bool json = false;
};
struct ServeCommand {
    std::string business = "127.0.0.1:8443";
    std::string open = "127.0.0.1:8444";
    std::string operations = "127.0.0.1:8445";
};

// Who acts when a command is typed: the account of the operating system.
ledger::Actor operator_here(const node::Node& node, const std::string& role);

int run_init(const std::filesystem::path& home, const std::filesystem::path& policy,
             const InitCommand& command, SecretBytes passphrase, Shell& shell);
int run_import(node::Node& node, const ImportCommand& command, Shell& shell);
int run_access_explain(node::Node& node, const AccessCommand& command, Shell& shell);
int run_find(node::Node& node, const FindCommand& command, Shell& shell);
int run_reveal(node::Node& node, const RevealCommand& command, Shell& shell);
int run_ledger_show(node::Node& node, const LedgerCommand& command, Shell& shell);
int run_ledger_verify(node::Node& node, const LedgerCommand& command, Shell& shell);
int run_ledger_prove(node::Node& node, const LedgerCommand& command, Shell& shell);
int run_ledger_checkpoint(node::Node& node, Shell& shell);
int run_ledger_key(node::Node& node, const LedgerCommand& command, Shell& shell);
int run_ledger_accept(node::Node& node, Shell& shell);
int run_ledger_export(node::Node& node, const LedgerCommand& command, Shell& shell);
int run_key_add(node::Node& node, const KeyCommand& command, Shell& shell);
int run_key_list(node::Node& node, const KeyCommand& command, Shell& shell);
int run_key_revoke(node::Node& node, const KeyCommand& command, Shell& shell);
int run_administrators(node::Node& node, const node::Administrators& who, Shell& shell);
int run_check(node::Node& node, bool json, Shell& shell);
int run_tls_renew(node::Node& node, bool json, Shell& shell);
// `file` holds the new passphrase; empty or "-": it is typed.
int run_passphrase_change(node::Node& node, const std::string& file, Shell& shell);
int run_backup(node::Node& node, const BackupCommand& command, Shell& shell);
int run_restore(const std::filesystem::path& home, const std::filesystem::path& policy,
                const BackupCommand& command, SecretBytes passphrase, Shell& shell);
// Of a node's database, without its keys.
int run_db_migrate(const std::filesystem::path& home, Shell& shell);
int run_db_status(const std::filesystem::path& home, const DatabaseCommand& command, Shell& shell);
int run_db_distribute(const std::filesystem::path& home, const DatabaseCommand& command, Shell& shell);
// Moves the embedded node `command.from` to the database `command.to`; `home` is the new process's folder.
int run_db_copy(const std::filesystem::path& home, const std::filesystem::path& policy,
                const DatabaseCommand& command, SecretBytes passphrase, Shell& shell);
int run_db_check(node::Node& node, const DatabaseCommand& command, Shell& shell);
int run_policy_publish(node::Node& node, const std::filesystem::path& folder, Shell& shell);
int run_policy_check(const std::filesystem::path& folder, Shell& shell);
// Serves until a signal arrives. `run_forwarded` runs the commands of other processes.
int run_serve(std::unique_ptr<node::Node> node, const std::filesystem::path& policy,
              const ServeCommand& command, Shell& shell);

}  // namespace huoqi::cli

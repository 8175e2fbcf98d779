// SPDX-License-Identifier: Apache-2.0
// backup, restore.
#include <pwd.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "app/huoqi/commands.h"
#include "app/node/backup.h"
#include "edge/store/store.h"

namespace huoqi::cli {

int run_backup(node::Node& node, const BackupCommand& command, Shell& shell) {
    auto done = node::backup(node, shell.path(command.folder), shell.path(command.keys),
                             operator_here(node, "operations"));
    if (!done) return report(shell, done.error());
    if (command.json) {
        nlohmann::json json{
            {"ok", true}, {"bytes", done->bytes}, {"files", done->files}, {"entries", done->ledger.value}};
        shell.print(json.dump() + "\n");
        return kDone;
    }
    shell.print(
        "backed up / 已备份: " + std::to_string(done->files) + " files, " + std::to_string(done->bytes) +
        " bytes, ledger of at least " + std::to_string(done->ledger.value) +
        " entries\nKeep the keys file in another place than the folder. 密钥文件须与数据分开存放。\n");
    return kDone;
}

int run_restore(const std::filesystem::path& home, const std::filesystem::path& policy,
                const BackupCommand& command, SecretBytes passphrase, Shell& shell) {
    node::RestoreOptions options;
    options.folder = shell.path(command.folder);
    options.keys = shell.path(command.keys);
    options.home = home;
    options.policy = policy;
    options.passphrase = std::move(passphrase);
    options.accept_loss = command.accept_loss;
    if (!command.checkpoint.empty()) {
        auto text = store::read_file(shell.path(command.checkpoint), tlog::kMaxNoteBytes);
        if (!text) return report(shell, text.error());
        options.newer_checkpoint = text_of(*text);
    }
    const passwd* user = ::getpwuid(::geteuid());
    options.actor.person = user == nullptr ? "operator" : user->pw_name;
    options.actor.account = "console";
    auto done = node::restore(std::move(options));
    if (!done) return report(shell, done.error());
    if (command.json) {
        nlohmann::json json{{"ok", true},
                            {"records", done->checked.records},
                            {"entries", done->checked.entries},
                            {"missing", done->missing}};
        shell.print(json.dump() + "\n");
        return kDone;
    }
    shell.print("restored and checked / 已恢复并校验: " + std::to_string(done->checked.records) +
                " records, " + std::to_string(done->checked.entries) + " ledger entries, " +
                std::to_string(done->missing) +
                " known to be missing\nThis node goes on with the ledger of the one that was backed up: the "
                "other must "
                "never run again.\n本节点延续原节点的台账：原节点不得再启动。\n");
    return kDone;
}

}  // namespace huoqi::cli

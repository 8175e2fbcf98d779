// SPDX-License-Identifier: Apache-2.0
// tls renew, passphrase change.
#include <nlohmann/json.hpp>

#include "app/huoqi/commands.h"
#include "app/node/upkeep.h"
#include "edge/store/store.h"

namespace huoqi::cli {
namespace {

constexpr std::size_t kMaxPassphrase = 4096;

// From a file, or typed twice at the caller's terminal.
Result<SecretBytes> new_passphrase(const std::string& file, Shell& shell) {
    if (!file.empty() && file != "-") {
        auto bytes = store::read_file(shell.path(file), kMaxPassphrase);
        if (!bytes) return pass(bytes, "the file that HUOQI_NEW_PASSPHRASE_FILE names");
        while (!bytes->empty() && (bytes->back() == '\n' || bytes->back() == '\r')) bytes->pop_back();
        return SecretBytes(std::move(*bytes));
    }
    if (!shell.in_is_terminal())
        return fail(Code::bad_input,
                    "no new passphrase: name a file by HUOQI_NEW_PASSPHRASE_FILE, or use a terminal");
    auto first = shell.read_hidden_line("new passphrase / 新口令: ");
    if (!first) return first;
    auto second = shell.read_hidden_line("once more / 再次输入: ");
    if (!second) return second;
    if (!equal_constant_time(first->view(), second->view()))
        return fail(Code::bad_input, "passphrase: the two are not the same");
    return first;
}

}  // namespace

int run_tls_renew(node::Node& node, bool json, Shell& shell) {
    auto made = node::renew_tls(node, operator_here(node, "operations"));
    if (!made) return report(shell, made.error());
    auto until = rfc3339(made->until);
    if (json) {
        nlohmann::json all{{"ok", true}, {"until", until}, {"sha256", made->sha256}};
        shell.print(all.dump() + "\n");
    } else {
        shell.print("renewed / 已更新: until " + until + ", SHA-256 " + made->sha256 +
                    "\nA serving node shows it after its next start. 运行中的节点须重新启动后生效。\n");
    }
    return kDone;
}

int run_passphrase_change(node::Node& node, const std::string& file, Shell& shell) {
    auto fresh = new_passphrase(file, shell);
    if (!fresh) return report(shell, fresh.error());
    auto changed = node::change_passphrase(node, std::move(*fresh), operator_here(node, "operations"));
    if (!changed) return report(shell, changed.error());
    shell.print(
        "changed / 已更改\nKeys files of older backups still open with the old passphrase. "
        "以前备份的密钥文件仍用旧口令打开。\n");
    return kDone;
}

}  // namespace huoqi::cli

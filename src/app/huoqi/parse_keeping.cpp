// SPDX-License-Identifier: Apache-2.0
#include "app/huoqi/internal/parser.h"

namespace huoqi::cli {

void Parser::declare_ledger() {
    auto& command = words_->ledger;
    auto* ledger = noun("ledger", "the ledger / 台账");
    auto* show = verb(ledger, "show", "entries / 条目");
    show->add_option("--waybill", command.waybill);
    show->add_option("--person", command.person);
    show->add_option("--action", command.action);
    show->add_option("--from", command.from, "RFC 3339");
    show->add_option("--until", command.until, "RFC 3339");
    show->add_option("--limit", command.limit, "newest so many; all in order when not given")
        ->check(CLI::PositiveNumber);
    show->add_flag("--json", command.json);
    on_node(show, [](node::Node& node, const Words& words, Shell& shell) {
        return run_ledger_show(node, words.ledger, shell);
    });
    auto* verify = verb(ledger, "verify", "hash every entry again / 逐条复核");
    verify->add_flag("--json", command.json);
    on_node(verify, [](node::Node& node, const Words& words, Shell& shell) {
        return run_ledger_verify(node, words.ledger, shell);
    });
    auto* prove = verb(ledger, "prove", "proof of one entry for huoqi-verify / 单条证明");
    prove->add_option("index", command.index)->required();
    on_node(prove, [](node::Node& node, const Words& words, Shell& shell) {
        return run_ledger_prove(node, words.ledger, shell);
    });
    auto* checkpoint = verb(ledger, "checkpoint", "signed head / 检查点");
    on_node(checkpoint,
            [](node::Node& node, const Words&, Shell& shell) { return run_ledger_checkpoint(node, shell); });
    auto* key = verb(ledger, "key", "verifier key / 验证公钥");
    key->add_flag("--all", command.all, "the SM2 key too / 含 SM2");
    on_node(key, [](node::Node& node, const Words& words, Shell& shell) {
        return run_ledger_key(node, words.ledger, shell);
    });
    auto* accept =
        verb(ledger, "accept", "take the ledger as it is when its kept checkpoint was lost / 认可现有台账");
    accept->callback([this] {
        out_.trust = node::Trust::whatever_is_there;
        out_.with_node = [](node::Node& node, Shell& shell) { return run_ledger_accept(node, shell); };
    });
    auto* copy = verb(ledger, "export", "write the ledger as a C2SP tile folder / 导出台账");
    copy->add_option("folder", command.out)->required();
    on_node(copy, [](node::Node& node, const Words& words, Shell& shell) {
        return run_ledger_export(node, words.ledger, shell);
    });
}

void Parser::declare_access() {
    auto& command = words_->access;
    auto* access = noun("access", "who may see what / 权限");
    auto* explain = verb(access, "explain", "every rule and its verdict; nothing is opened / 逐条说明");
    explain->add_option("--person", command.person, "staff number / 工号")->required();
    explain->add_option("--role", command.role, "view as this role / 以此角色");
    explain->add_option("--action", command.action, "reveal when not given; of policy/roles.toml");
    explain->add_option("--waybill", command.waybill, "a token that find gives");
    explain->add_option("--purpose", command.purpose);
    explain->add_option("--ticket", command.ticket);
    explain->add_option("--device", command.device);
    explain->add_option("--field", command.fields);
    explain->add_option("--enterprise", command.enterprise);
    explain->add_flag("--json", command.json);
    on_node(explain, [](node::Node& node, const Words& words, Shell& shell) {
        return run_access_explain(node, words.access, shell);
    });
}

void Parser::declare_key() {
    auto& command = words_->key;
    auto* key = noun("key", "bearer keys of people and programs / 访问密钥");
    auto* add = verb(key, "add", "make a key, shown once / 新建");
    add->add_option("--role", command.role)->required();
    add->add_option("--person", command.person)->required();
    add->add_option("--enterprise", command.enterprise);
    add->add_option("--outlet", command.outlet);
    add->add_option("--days", command.days, "of no use after so many; key.max_age at most / 有效天数")
        ->check(CLI::Range(1, 3650));
    add->add_option("--rate", command.rate, "requests a second; not limited when not given / 每秒请求数")
        ->check(CLI::Range(1, 1'000'000));
    add->add_flag("--json", command.json);
    on_node(add, [](node::Node& node, const Words& words, Shell& shell) {
        return run_key_add(node, words.key, shell);
    });
    auto* list = verb(key, "list", "all keys / 列表");
    list->add_flag("--json", command.json);
    on_node(list, [](node::Node& node, const Words& words, Shell& shell) {
        return run_key_list(node, words.key, shell);
    });
    auto* revoke = verb(key, "revoke", "end a key / 吊销");
    revoke->add_option("id", command.id)->required();
    revoke->add_flag("--json", command.json);
    on_node(revoke, [](node::Node& node, const Words& words, Shell& shell) {
        return run_key_revoke(node, words.key, shell);
    });
}

void Parser::declare_backup() {
    auto& command = words_->backup;
    auto* backup = verb(&app_, "backup", "copy an embedded node, also while it serves / 备份");
    backup->add_option("folder", command.folder, "for the data; empty or new")->required();
    backup
        ->add_option("--keys", command.keys,
                     "file for the wrapped keys, in another place / 密钥文件，另行存放")
        ->required();
    backup->add_flag("--json", command.json);
    on_node(backup, [](node::Node& node, const Words& words, Shell& shell) {
        return run_backup(node, words.backup, shell);
    });
    auto* restore = verb(&app_, "restore", "make a node of a backup and check it / 恢复并校验");
    restore->add_option("folder", command.folder)->required();
    restore->add_option("--keys", command.keys)->required();
    restore->add_option("--checkpoint", command.checkpoint,
                        "a newer checkpoint kept elsewhere: says what is missing / 另存的检查点");
    restore->add_flag("--accept-loss", command.accept_loss,
                      "restore although entries are missing / 接受缺失");
    restore->add_flag("--json", command.json);
    restore->callback([this] {
        out_.with_passphrase = [words = words_](const Invocation& self, SecretBytes passphrase,
                                                Shell& shell) {
            return run_restore(self.home, self.policy, words->backup, std::move(passphrase), shell);
        };
    });
}

void Parser::declare_upkeep() {
    auto* renew = verb(noun("tls", "the server's certificate / 服务证书"), "renew",
                       "another one of the node's authority / 更新证书");
    renew->add_flag("--json", words_->json);
    on_node(renew, [](node::Node& node, const Words& words, Shell& shell) {
        return run_tls_renew(node, words.json, shell);
    });
    auto* change = verb(noun("passphrase", "what opens the root key / 口令"), "change",
                        "seal the root key with another / 更改口令");
    change
        ->add_option("--new-passphrase-file", words_->new_passphrase_file,
                     "file with the new one (HUOQI_NEW_PASSPHRASE_FILE); - asks the terminal / 新口令文件")
        ->take_last();
    change->callback([this] {
        const auto& file = words_->new_passphrase_file;
        out_.handed_over = {"--new-passphrase-file", file.empty() ? "-" : file};
        out_.with_node = [words = words_](node::Node& node, Shell& shell) {
            return run_passphrase_change(node, words->new_passphrase_file, shell);
        };
    });
}

void Parser::declare_database() {
    auto& command = words_->database;
    auto* db = noun("db", "the PostgreSQL database of a node / 数据库");
    auto without_keys = [this](CLI::App* verb,
                               int (*what)(const std::filesystem::path&, const Words&, Shell&)) {
        verb->callback([this, what] {
            out_.alone = [words = words_, what](Shell& shell) {
                if (words->home.empty())
                    return report(shell, Error{Code::bad_input, "which node? give --home or set HUOQI_HOME"});
                return what(shell.path(words->home), *words, shell);
            };
        });
    };
    without_keys(verb(db, "migrate", "make or bring up to date its tables / 升级表结构"),
                 [](const std::filesystem::path& home, const Words&, Shell& shell) {
                     return run_db_migrate(home, shell);
                 });
    auto* status = verb(db, "status", "versions, processes, sizes / 状态");
    status->add_flag("--json", command.json);
    without_keys(status, [](const std::filesystem::path& home, const Words& words, Shell& shell) {
        return run_db_status(home, words.database, shell);
    });
    auto* distribute = verb(db, "distribute", "spread its tables over a Citus cluster / 分布到 Citus 集群");
    distribute->add_flag("--print", command.print, "show the statements, change nothing / 只显示语句");
    without_keys(distribute, [](const std::filesystem::path& home, const Words& words, Shell& shell) {
        return run_db_distribute(home, words.database, shell);
    });
    auto* copy = verb(db, "copy", "move an embedded node to PostgreSQL / 迁入 PostgreSQL");
    copy->add_option("--from", command.from, "folder of the embedded node; it stays as it is")->required();
    copy->add_option("--to", command.to, "postgresql://…")->required();
    copy->add_flag("--json", command.json);
    copy->callback([this] {
        out_.with_passphrase = [words = words_](const Invocation& self, SecretBytes passphrase,
                                                Shell& shell) {
            return run_db_copy(self.home, self.policy, words->database, std::move(passphrase), shell);
        };
    });
    auto* check = verb(db, "check", "all of check, and the list of ledgers / 检查数据库");
    check->add_flag("--json", command.json);
    on_node(check, [](node::Node& node, const Words& words, Shell& shell) {
        return run_db_check(node, words.database, shell);
    });
}

void Parser::declare_serve() {
    auto* serve = verb(&app_, "serve", "open the doors / 启动服务");
    serve->add_option("--business", words_->serve.business, "address:port of the API / 业务");
    serve->add_option("--public", words_->serve.open, "address:port for everyone / 公众");
    serve->add_option("--operations", words_->serve.operations, "address:port of health and metrics / 运维");
    serve->callback([this] {
        out_.serve = [words = words_](const Invocation& self, std::unique_ptr<node::Node> node,
                                      Shell& shell) {
            return run_serve(std::move(node), self.policy, words->serve, shell);
        };
    });
}

}  // namespace huoqi::cli

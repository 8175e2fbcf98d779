// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <sstream>

#include "app/huoqi/invocation.h"

namespace huoqi::cli {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

// Values of people never stand on the command line: it is seen by all of the machine and kept in histories.
const CLI::Validator kDashOnly(
    [](std::string& text) -> std::string {
        return text == "-" ? ""
                           : "give '-' and type the value; it must not stand on the command line / 请写 "
                             "'-'，再输入内容";
    },
    "-");

// Everything that options write into; lives as long as the invocation's functions.
struct Words {
    std::string home = environment("HUOQI_HOME");
    std::string policy = environment("HUOQI_POLICY");
    std::string passphrase_file = environment("HUOQI_PASSPHRASE_FILE");
    std::string new_passphrase_file = environment("HUOQI_NEW_PASSPHRASE_FILE");
    InitCommand init;
    ImportCommand import;
    FindCommand find;
    RevealCommand reveal;
    LedgerCommand ledger;
    KeyCommand key;
    BackupCommand backup;
    DatabaseCommand database;
    ServeCommand serve;
    std::string policy_folder;
    bool json = false;
};
using Shared = std::shared_ptr<Words>;

class Parser {
  public:
    explicit Parser(Invocation& out) : out_(out) {
        app_.name("huoqi");
        app_.require_subcommand(1);
        app_.set_version_flag("--version", "huoqi " HUOQI_VERSION);
    }

    void run(std::vector<std::string> words, const std::filesystem::path& directory) {
        declare();
        std::reverse(words.begin(), words.end());
        try {
            app_.parse(std::move(words));
        } catch (const CLI::ParseError& error) {
            std::ostringstream text;
            int code = app_.exit(error, text, text);
            out_ = Invocation{};
            out_.message = text.str();
            out_.code = code == 0 ? kDone : kWrongUse;
            return;
        }
        out_.home = words_->home.empty() ? std::filesystem::path() : directory / words_->home;
        out_.policy = words_->policy.empty() ? std::filesystem::path() : directory / words_->policy;
        out_.passphrase_file = words_->passphrase_file;
    }

  private:
    CLI::App* verb(CLI::App* under, const std::string& name, const std::string& text) {
        auto* verb = under->add_subcommand(name, text);
        verb->add_option("--home", words_->home, "folder of the node / 节点目录 (HUOQI_HOME)");
        verb->add_option("--policy", words_->policy, "folder of the policy files / 规则目录 (HUOQI_POLICY)");
        return verb;
    }
    CLI::App* noun(const std::string& name, const std::string& text) {
        auto* noun = app_.add_subcommand(name, text);
        noun->require_subcommand(1);
        return noun;
    }
    void on_node(CLI::App* verb, int (*what)(node::Node&, const Words&, Shell&)) {
        verb->callback([this, what] {
            out_.with_node = [words = words_, what](node::Node& node, Shell& shell) {
                return what(node, *words, shell);
            };
        });
    }

    void declare() {
        declare_init();
        declare_administrators();
        declare_import();
        declare_waybill();
        declare_ledger();
        declare_key();
        declare_backup();
        declare_upkeep();
        declare_database();
        declare_serve();
        auto* check = verb(&app_, "check", "read and check every stored byte / 检查全部存储内容");
        check->add_flag("--json", words_->json);
        on_node(check, [](node::Node& node, const Words& words, Shell& shell) {
            return run_check(node, words.json, shell);
        });
        auto* policy = noun("policy", "the law as data / 规则数据");
        auto* publish =
            verb(policy, "publish", "put a folder's policy in force for all processes / 发布规则");
        publish->add_option("folder", words_->policy_folder)->required();
        on_node(publish, [](node::Node& node, const Words& words, Shell& shell) {
            return run_policy_publish(node, shell.path(words.policy_folder), shell);
        });
        auto* policy_check = policy->add_subcommand("check", "check policy files / 检查规则文件");
        policy_check->add_option("folder", words_->policy_folder)->required();
        policy_check->callback([this] {
            out_.alone = [words = words_](Shell& shell) {
                return run_policy_check(shell.path(words->policy_folder), shell);
            };
        });
    }

    void declare_init() {
        auto* init = verb(&app_, "init", "make a node / 建立节点");
        init->add_option("--suite", words_->init.suite, "sm (国密) or intl")
            ->check(CLI::IsMember({"sm", "intl"}));
        init->add_option("--enterprise", words_->init.enterprise, "first enterprise / 企业");
        init->add_option("--origin", words_->init.origin, "name of the ledger / 台账名称");
        init->add_option("--name", words_->init.names,
                         "further DNS names and addresses of the server certificate");
        auto* db = init->add_option("--db", words_->init.database, "postgresql://… 数据存入 PostgreSQL");
        init->add_option("--join", words_->init.join,
                         "folder of a process whose installation this one joins / 加入已有安装")
            ->excludes(db);
        add_administrators(*init);
        init->add_flag("--without-administrators", words_->init.without_administrators,
                       "appoint them later by `huoqi administrators` / 稍后任命三员");
        init->callback([this] {
            out_.with_passphrase = [words = words_](const Invocation& self, SecretBytes passphrase,
                                                    Shell& shell) {
                return run_init(self.home, self.policy, words->init, std::move(passphrase), shell);
            };
        });
    }

    void add_administrators(CLI::App& verb) {
        auto& who = words_->init.administrators;
        verb.add_option("--network-administrator", who.network, "staff number / 网络管理员工号");
        verb.add_option("--security-administrator", who.security, "staff number / 安全管理员工号");
        verb.add_option("--security-auditor", who.auditor, "staff number / 安全审计员工号");
    }
    void declare_administrators() {
        auto* verb = this->verb(&app_, "administrators",
                                "appoint the first three, each with a one-time code / 任命首批三员");
        add_administrators(*verb);
        on_node(verb, [](node::Node& node, const Words& words, Shell& shell) {
            return run_administrators(node, words.init.administrators, shell);
        });
    }

    void declare_import() {
        auto& command = words_->import;
        auto* import = verb(&app_, "import", "seal order files / 封存订单文件");
        import->add_option("files", command.files, "order files, .gz too; - for standard input")->required();
        import->add_option("--format", command.format, "auto, or a file of policy/formats");
        import->add_option("--encoding", command.encoding, "auto, or what the file is written in / 编码")
            ->check(CLI::IsMember({"auto", "utf-8", "gb18030"}));
        import->add_option("--enterprise", command.enterprise);
        import->add_option("--outlet", command.outlet, "handling outlet / 网点");
        import->add_option("--on-error", command.on_error, "stop at or skip bad lines")
            ->check(CLI::IsMember({"stop", "skip"}));
        import->add_option("--report", command.report, "write rejected lines (line, field, rule) to a file");
        import->add_flag("--json", command.json);
        on_node(import, [](node::Node& node, const Words& words, Shell& shell) {
            return run_import(node, words.import, shell);
        });
    }

    void declare_waybill() {
        auto* waybill = noun("waybill", "find and reveal / 查询与启封");
        auto* find = verb(waybill, "find", "find waybills, shown masked / 查询（脱敏）");
        auto* how = find->add_option_group("by")->require_option(1);
        auto by = [this, how](const std::string& option, vault::SearchBy kind, const std::string& text) {
            how->add_option_function<std::string>(
                   option, [this, kind](const std::string&) { words_->find.by = kind; }, text)
                ->check(kDashOnly);
        };
        by("--number", vault::SearchBy::number, "waybill number / 运单号");
        by("--phone", vault::SearchBy::phone, "phone of either party / 电话");
        by("--person-name", vault::SearchBy::name, "name of either party / 姓名");
        by("--id-number", vault::SearchBy::id_number, "ID number / 证件号");
        by("--phone-last4", vault::SearchBy::phone_last4, "last four digits, within --outlet / 电话后四位");
        find->add_option("--enterprise", words_->find.enterprise);
        find->add_option("--outlet", words_->find.outlet);
        find->add_option("--limit", words_->find.limit)->check(CLI::Range(1, 1000));
        find->add_flag("--json", words_->find.json);
        on_node(find, [](node::Node& node, const Words& words, Shell& shell) {
            return run_find(node, words.find, shell);
        });
        auto& look = words_->reveal;
        auto* reveal = verb(waybill, "reveal", "open fields for a purpose / 启封字段");
        reveal->add_option("ids", look.tokens, "tokens that find gave")->required();
        reveal->add_option("--field", look.fields, "e.g. recipient.phone")->required();
        reveal->add_option("--purpose", look.purpose)->required();
        reveal->add_option("--ticket", look.ticket, "ticket or case number / 工单或案件号");
        reveal->add_option("--person", look.person, "who looks / 启封人")->required();
        reveal->add_option("--enterprise", look.enterprise);
        reveal->add_flag("--json", look.json);
        on_node(reveal, [](node::Node& node, const Words& words, Shell& shell) {
            return run_reveal(node, words.reveal, shell);
        });
    }

    void declare_ledger() {
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
        on_node(checkpoint, [](node::Node& node, const Words&, Shell& shell) {
            return run_ledger_checkpoint(node, shell);
        });
        auto* key = verb(ledger, "key", "verifier key / 验证公钥");
        key->add_flag("--all", command.all, "the SM2 key too / 含 SM2");
        on_node(key, [](node::Node& node, const Words& words, Shell& shell) {
            return run_ledger_key(node, words.ledger, shell);
        });
        auto* accept = verb(ledger, "accept",
                            "take the ledger as it is when its kept checkpoint was lost / 认可现有台账");
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

    void declare_key() {
        auto& command = words_->key;
        auto* key = noun("key", "bearer keys of people and programs / 访问密钥");
        auto* add = verb(key, "add", "make a key, shown once / 新建");
        add->add_option("--role", command.role)->required();
        add->add_option("--person", command.person)->required();
        add->add_option("--enterprise", command.enterprise);
        add->add_option("--outlet", command.outlet);
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

    void declare_backup() {
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

    void declare_upkeep() {
        auto* renew = verb(noun("tls", "the server's certificate / 服务证书"), "renew",
                           "another one of the node's authority / 更新证书");
        renew->add_flag("--json", words_->json);
        on_node(renew, [](node::Node& node, const Words& words, Shell& shell) {
            return run_tls_renew(node, words.json, shell);
        });
        auto* change = verb(noun("passphrase", "what opens the root key / 口令"), "change",
                            "seal the root key with another / 更改口令");
        change
            ->add_option(
                "--new-passphrase-file", words_->new_passphrase_file,
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

    void declare_database() {
        auto& command = words_->database;
        auto* db = noun("db", "the PostgreSQL database of a node / 数据库");
        auto without_keys = [this](CLI::App* verb,
                                   int (*what)(const std::filesystem::path&, const Words&, Shell&)) {
            verb->callback([this, what] {
                out_.alone = [words = words_, what](Shell& shell) {
                    if (words->home.empty())
                        return report(shell,
                                      Error{Code::bad_input, "which node? give --home or set HUOQI_HOME"});
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
        auto* distribute =
            verb(db, "distribute", "spread its tables over a Citus cluster / 分布到 Citus 集群");
        distribute->add_flag("--print", command.print, "show the statements, change nothing / 只显示语句");
        without_keys(distribute, [](const std::filesystem::path& home, const Words& words, Shell& shell) {
            return run_db_distribute(home, words.database, shell);
        });
        auto* copy = verb(db, "copy", "move an embedded node to PostgreSQL / 迁入 PostgreSQL");
        copy->add_option("--from", command.from, "folder of the embedded node; it stays as it is")
            ->required();
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

    void declare_serve() {
        auto* serve = verb(&app_, "serve", "open the doors / 启动服务");
        serve->add_option("--business", words_->serve.business, "address:port of the API / 业务");
        serve->add_option("--public", words_->serve.open, "address:port for everyone / 公众");
        serve->add_option("--operations", words_->serve.operations,
                          "address:port of health and metrics / 运维");
        serve->callback([this] {
            out_.serve = [words = words_](const Invocation& self, std::unique_ptr<node::Node> node,
                                          Shell& shell) {
                return run_serve(std::move(node), self.policy, words->serve, shell);
            };
        });
    }

    Invocation& out_;
    Shared words_ = std::make_shared<Words>();
    CLI::App app_{"Huoqi 火漆: sealed waybills, recorded looks, provable ledgers / 封存、留痕、可证"};
};

}  // namespace

Invocation parse(std::vector<std::string> words, const std::filesystem::path& directory) {
    Invocation out;
    Parser(out).run(std::move(words), directory);
    return out;
}

}  // namespace huoqi::cli

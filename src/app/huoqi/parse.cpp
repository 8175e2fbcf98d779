// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "app/huoqi/internal/parser.h"

namespace huoqi::cli {
namespace {

// Values of people never stand on the command line: it is seen by all of the machine and kept in histories.
const CLI::Validator kDashOnly(
    [](std::string& text) -> std::string {
        return text == "-" ? ""
                           : "give '-' and type the value; it must not stand on the command line / 请写 "
                             "'-'，再输入内容";
    },
    "-");

}  // namespace

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

void Parser::declare() {
    declare_init();
    declare_administrators();
    declare_import();
    declare_waybill();
    declare_access();
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
    auto* publish = verb(policy, "publish", "put a folder's policy in force for all processes / 发布规则");
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

void Parser::declare_init() {
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

void Parser::add_administrators(CLI::App& verb) {
    auto& who = words_->init.administrators;
    verb.add_option("--network-administrator", who.network, "staff number / 网络管理员工号");
    verb.add_option("--security-administrator", who.security, "staff number / 安全管理员工号");
    verb.add_option("--security-auditor", who.auditor, "staff number / 安全审计员工号");
}

void Parser::declare_administrators() {
    auto* verb = this->verb(&app_, "administrators",
                            "appoint the first three, each with a one-time code / 任命首批三员");
    add_administrators(*verb);
    on_node(verb, [](node::Node& node, const Words& words, Shell& shell) {
        return run_administrators(node, words.init.administrators, shell);
    });
}

void Parser::declare_import() {
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

void Parser::declare_waybill() {
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

Invocation parse(std::vector<std::string> words, const std::filesystem::path& directory) {
    Invocation out;
    Parser(out).run(std::move(words), directory);
    return out;
}

}  // namespace huoqi::cli

// SPDX-License-Identifier: Apache-2.0
// init, check, policy check, key.
#include <pwd.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "app/huoqi/commands.h"
#include "core/access/access.h"

namespace huoqi::cli {
namespace {

using Json = nlohmann::json;

// "hk_" and 256 random bits.
std::string new_secret() {
    Bytes bytes(32);
    crypto::random_fill(bytes);
    std::string text = "hk_" + hex(bytes);
    wipe(bytes.data(), bytes.size());
    return text;
}

std::string new_key_id() {
    Bytes bytes(6);
    crypto::random_fill(bytes);
    return "ak_" + hex(bytes);
}

Json json_of(const office::AccessKey& key) {
    Json json{{"id", key.id},         {"person", key.person},
              {"role", key.role},     {"enterprise", key.enterprise},
              {"outlet", key.outlet}, {"created", rfc3339(key.created)}};
    if (key.revoked) json["revoked"] = rfc3339(*key.revoked);
    if (key.expires) json["expires"] = rfc3339(*key.expires);
    if (key.rate > 0) json["rate"] = key.rate;
    return json;
}

Status check_key(node::Node& node, const KeyCommand& command) {
    const auto policy = node.policy().now();
    const auto* role = policy->role(command.role);
    if (role == nullptr) return fail(Code::bad_input, "key: there is no such role in policy/roles.toml");
    if (role->kind != policy::RoleKind::program) {
        return fail(Code::bad_input, "key: this role is one of people, who log in; keys are for programs");
    }
    if (!people::valid_person(command.person)) {
        return fail(Code::bad_input,
                    "key: a key belongs to one person; give a name or staff number of 1 to 64 bytes, without "
                    "control characters and long rows of digits");
    }
    if (!command.outlet.empty() && !access::valid_outlet(command.outlet))
        return fail(Code::bad_input,
                    "key: an outlet's code is 1-32 letters, digits, '-', '_', without a long row of digits");
    if (!command.enterprise.empty() && !node.keys().has_enterprise(command.enterprise))
        return fail(Code::not_found, "key: there is no such enterprise");
    return {};
}

int run_join(const std::filesystem::path& home, const std::filesystem::path& policy,
             const InitCommand& command, SecretBytes passphrase, Shell& shell) {
    auto made = node::join({home, shell.path(command.join), policy, command.origin, std::move(passphrase)});
    if (!made) return report(shell, made.error());
    auto place = node::read_place(home);
    if (!place) return report(shell, place.error());
    shell.print("joined / 已加入: " + home.string() + "\nledger / 台账: " + place->origin + "\n");
    return kDone;
}

}  // namespace

ledger::Actor operator_here(const node::Node& node, const std::string& role) {
    const passwd* user = ::getpwuid(::geteuid());
    ledger::Actor actor;
    actor.person = user == nullptr ? "uid " + std::to_string(::geteuid()) : user->pw_name;
    actor.account = "console";
    actor.role = role;
    actor.organisation = node.identity().enterprise;
    actor.terminal = "command line";
    return actor;
}

int run_init(const std::filesystem::path& home, const std::filesystem::path& policy,
             const InitCommand& command, SecretBytes passphrase, Shell& shell) {
    if (!command.join.empty()) return run_join(home, policy, command, std::move(passphrase), shell);
    if (!command.without_administrators) {
        // Before anything is made: a failed init leaves nothing behind.
        if (auto right = node::check(command.administrators); !right) return report(shell, right.error());
    }
    node::InitOptions options;
    options.home = home;
    options.policy = policy;
    options.identity.suite = command.suite == "sm" ? crypto::Suite::sm : crypto::Suite::intl;
    options.identity.enterprise = command.enterprise;
    options.identity.origin = command.origin;
    if (options.identity.origin.empty()) {
        // Unique without asking; a real installation gives a name under a domain of its own.
        Bytes suffix(6);
        crypto::random_fill(suffix);
        options.identity.origin = "huoqi.local/" + hex(suffix);
    }
    options.tls_names = command.names;
    options.database = command.database;
    auto again = passphrase.clone();
    options.passphrase = std::move(passphrase);
    if (auto made = node::init(options); !made) return report(shell, made.error());
    shell.print("node made / 节点已建立: " + home.string() + "\nsuite / 算法: " + command.suite +
                "\nledger / 台账: " + options.identity.origin +
                "\nThe root key is a file sealed with the passphrase. Who has both has everything: keep the "
                "passphrase apart, and "
                "move to custodians or an HSM in production.\n"
                "根密钥是用口令封存的文件。两者兼得者可得全部内容：口令须另行保管，正式使用请改用多人保管或密"
                "码机。\n");
    if (command.without_administrators) return kDone;
    auto node = node::Node::open(home, policy, std::move(again));
    if (!node) return report(shell, node.error());
    return run_administrators(**node, command.administrators, shell);
}

int run_administrators(node::Node& node, const node::Administrators& who, Shell& shell) {
    constexpr std::size_t kToTheMinute = 16;
    auto appointed = node::appoint_administrators(node, who);
    if (!appointed) return report(shell, appointed.error());
    shell.print(
        "Three administrators, three people. Hand each his code; it is shown this once and sets his "
        "password.\n"
        "三员须由三人分任。开户码仅显示一次，请分别交付本人，由本人设置口令。\n");
    for (const auto& one : *appointed) {
        std::string line = "  " + one.role + "  " + one.person + "  ";
        line.append(text_of(one.code.view()))
            .append("  until / 有效至 ")
            .append(rfc3339(one.expires).substr(0, kToTheMinute))
            .append("\n");
        shell.print(line);
        wipe(line.data(), line.size());
    }
    return kDone;
}

int run_check(node::Node& node, bool json, Shell& shell) {
    auto found = node.check();
    if (!found) return report(shell, found.error());
    if (json) {
        shell.print(Json{{"ok", true}, {"records", found->records}, {"entries", found->entries}}.dump() +
                    "\n");
    } else {
        shell.print("good / 完好: " + std::to_string(found->records) + " records, " +
                    std::to_string(found->entries) + " ledger entries\n");
    }
    return kDone;
}

int run_policy_check(const std::filesystem::path& folder, Shell& shell) {
    std::size_t problems = 0;
    for (const auto& problem : policy::check(folder)) {
        shell.complain(policy::text(problem) + "\n");
        ++problems;
    }
    for (const auto& problem : formats::FormatSet::problems(folder / "formats")) {
        shell.complain(problem + "\n");
        ++problems;
    }
    if (problems > 0) {
        shell.complain(std::to_string(problems) + " problems / 处问题\n");
        return kRejected;
    }
    auto policy = policy::load(folder);
    if (!policy) return report(shell, policy.error());
    shell.print("good / 完好: " + (*policy)->version + ", " + std::to_string((*policy)->articles.size()) +
                " articles, " + std::to_string((*policy)->parameters.size()) + " figures\n");
    return kDone;
}

int run_policy_publish(node::Node& node, const std::filesystem::path& folder, Shell& shell) {
    auto version = node.publish_policy(folder, operator_here(node, "").person);
    if (!version) return report(shell, version.error());
    shell.print("in force / 已生效: " + *version + "\n");
    return kDone;
}

int run_key_add(node::Node& node, const KeyCommand& command, Shell& shell) {
    if (auto right = check_key(node, command); !right) return report(shell, right.error());
    office::AccessKey key;
    key.id = new_key_id();
    key.person = command.person;
    key.role = command.role;
    key.enterprise = command.enterprise.empty() ? node.identity().enterprise : command.enterprise;
    key.outlet = command.outlet;
    key.created = node.clock().now();
    auto most = node.policy().now()->figure("key.max_age", policy::Unit::day, key.created);
    if (!most) return report(shell, most.error());
    constexpr std::int64_t kDay = 86'400'000'000'000;
    key.expires =
        Time{key.created.nanoseconds + std::min(command.days == 0 ? *most : command.days, *most) * kDay};
    key.rate = command.rate;
    std::string secret = new_secret();
    auto bytes = bytes_of(secret);
    auto added = node.office().add_key(key, SecretBytes(Bytes(bytes.begin(), bytes.end())),
                                       operator_here(node, "").person);
    if (!added) return report(shell, added.error());
    if (auto recorded = node.drain_outbox(); !recorded) return report(shell, recorded.error());
    if (command.json) {
        auto json = json_of(key);
        json["key"] = secret;
        shell.print(json.dump() + "\n");
    } else {
        shell.print("key " + key.id + " for " + key.person + " (" + key.role +
                    "), shown this once / 仅显示一次:\n" + secret + "\n");
    }
    wipe(secret.data(), secret.size());
    return kDone;
}

int run_key_list(node::Node& node, const KeyCommand& command, Shell& shell) {
    auto keys = node.office().keys();
    if (!keys) return report(shell, keys.error());
    for (const auto& key : *keys) {
        shell.print(command.json ? json_of(key).dump() + "\n"
                                 : key.id + "  " + key.role + "  " + key.person +
                                       (key.revoked ? "  revoked 已吊销" : "") + "\n");
    }
    if (keys->empty() && !command.json) shell.print("no keys yet / 尚无密钥\n");
    return kDone;
}

int run_key_revoke(node::Node& node, const KeyCommand& command, Shell& shell) {
    auto revoked = node.office().revoke_key(command.id, node.clock().now(), operator_here(node, "").person);
    if (!revoked) return report(shell, revoked.error());
    if (auto recorded = node.drain_outbox(); !recorded) return report(shell, recorded.error());
    shell.print(command.json ? Json{{"id", command.id}, {"revoked", true}}.dump() + "\n"
                             : "revoked / 已吊销: " + command.id + "\n");
    return kDone;
}

}  // namespace huoqi::cli

// SPDX-License-Identifier: Apache-2.0
// access explain: every rule with its verdict, for one person and one waybill; nothing is opened or counted.
#include <nlohmann/json.hpp>

#include "app/huoqi/commands.h"

namespace huoqi::cli {
namespace {

using Json = nlohmann::json;

std::string_view word(access::Verdict verdict) {
    switch (verdict) {
        case access::Verdict::passed:
            return "passed";
        case access::Verdict::failed:
            return "failed";
        case access::Verdict::not_asked:
            return "not_asked";
    }
    return "";
}

std::string_view in_words(access::Verdict verdict) {
    switch (verdict) {
        case access::Verdict::passed:
            return "yes 是";
        case access::Verdict::failed:
            return "NO  否";
        case access::Verdict::not_asked:
            return "-";
    }
    return "";
}

Json json_of(const staff::Staff::Explained& one) {
    Json lines = Json::array();
    for (const auto& line : one.explanation.lines)
        lines.push_back({{"step", line.step}, {"verdict", word(line.verdict)}, {"rule", line.rule}});
    const auto& decision = one.explanation.decision;
    return {{"role", one.role},
            {"allowed", decision.allowed},
            {"rule", decision.rule},
            {"form", policy::name(decision.form)},
            {"lines", std::move(lines)}};
}

std::string text_of(const staff::Staff::Explained& one) {
    const auto& decision = one.explanation.decision;
    std::string out = one.role + ": " + (decision.allowed ? "allowed 允许 " : "refused 不允许 ") +
                      std::string(decision.rule) + "\n";
    for (const auto& line : one.explanation.lines)
        out.append("  ")
            .append(in_words(line.verdict))
            .append("\t")
            .append(line.step)
            .append("\t")
            .append(line.rule)
            .append("\n");
    return out;
}

}  // namespace

int run_access_explain(node::Node& node, const AccessCommand& command, Shell& shell) {
    const auto action = policy::action_named(command.action);
    if (!action) return report(shell, Error{Code::bad_input, "access: there is no action of this name"});
    staff::Asker asker;
    asker.enterprise = command.enterprise.empty() ? node.identity().enterprise : command.enterprise;
    asker.person = command.person;
    asker.device = command.device;
    asker.second_factor = true;
    staff::Staff::Look look{command.purpose, command.ticket, {}, 1};
    for (const auto& name : command.fields) {
        const auto field = waybill::field_named(name);
        if (!field) return report(shell, Error{Code::bad_input, "access: there is no field of this name"});
        look.fields.push_back(*field);
    }
    std::optional<vault::Candidate> candidate;
    Result<std::optional<vault::Vault::Known>> known = std::nullopt;
    if (!command.waybill.empty()) {
        known = node.vault().known(command.waybill, asker.enterprise);
        if (!known) return report(shell, known.error());
        if (!*known) return report(shell, Error{Code::not_found, "access: there is no such waybill"});
        candidate = vault::Candidate{(*known)->place, (*known)->outlet, (*known)->sealed};
    }
    const auto explained =
        node.staff().explain(asker, *action, look, candidate ? &*candidate : nullptr, command.role);
    for (const auto& one : explained) shell.print(command.json ? json_of(one).dump() + "\n" : text_of(one));
    if (explained.empty() && !command.json) shell.print("the person has no role / 该人员没有任何角色\n");
    return kDone;
}

}  // namespace huoqi::cli

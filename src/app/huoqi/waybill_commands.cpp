// SPDX-License-Identifier: Apache-2.0
// waybill find, waybill reveal.
#include <future>
#include <nlohmann/json.hpp>

#include "app/huoqi/commands.h"
#include "core/access/access.h"

namespace huoqi::cli {
namespace {

using Json = nlohmann::json;

Json json_of(const node::Node&, vault::Vault& vault, const vault::Masked& waybill) {
    Json json{{"id", vault.token(waybill.place)}, {"version", waybill.version.value}};
    if (!waybill.outlet.empty()) json["outlet"] = waybill.outlet;
    for (const auto& field : waybill.fields) {
        std::string name(waybill::name(field.field));
        auto dot = name.find('.');
        if (dot == std::string::npos) {
            json[name] = field.text;
        } else {
            json[name.substr(0, dot)][name.substr(dot + 1)] = field.text;
        }
    }
    return json;
}

std::string lines_of(vault::Vault& vault, const vault::Masked& waybill) {
    std::string out = vault.token(waybill.place) + "\n";
    for (const auto& field : waybill.fields) {
        std::string name(waybill::name(field.field));
        out += "  " + name + std::string(name.size() < 24 ? 24 - name.size() : 1, ' ') + field.text + "\n";
    }
    return out;
}

std::string prompt_for(vault::SearchBy by) {
    return std::string(vault::name(by)) + " (not shown / 不回显): ";
}

}  // namespace

int run_find(node::Node& node, const FindCommand& command, Shell& shell) {
    auto most = node.policy().now()->figure("search.results_max", policy::Unit::record, node.clock().now());
    if (!most) return report(shell, most.error());
    if (command.limit > static_cast<std::size_t>(*most))
        return report(shell, Error{Code::bad_input, "find: --limit is at most " + std::to_string(*most)});
    bool within_outlet = command.by == vault::SearchBy::phone_last4;
    if ((within_outlet || !command.outlet.empty()) && !access::valid_outlet(command.outlet))
        return report(
            shell,
            Error{Code::bad_input,
                  "find: --phone-last4 searches within one --outlet, a code of 1-32 letters and digits"});
    if (!command.enterprise.empty() && !keys::valid_enterprise(command.enterprise))
        return report(shell, Error{Code::bad_input, "find: an enterprise's name is 1-40 of a-z, 0-9, '-'"});
    auto text = shell.read_hidden_line(prompt_for(command.by));
    if (!text) return report(shell, text.error());
    vault::Query query;
    query.by = command.by;
    query.value = Personal(text_of(text->view()));
    query.enterprise = command.enterprise.empty() ? node.identity().enterprise : command.enterprise;
    query.outlet = command.outlet;
    auto found = node.vault().search(query, operator_here(node, "operator"), command.limit);
    if (!found) return report(shell, found.error());
    for (const auto& waybill : found->waybills) {
        shell.print(command.json ? json_of(node, node.vault(), waybill).dump() + "\n"
                                 : lines_of(node.vault(), waybill));
    }
    if (!command.json && found->waybills.empty()) shell.print("nothing found / 没有找到\n");
    // Beside the results, so that a script's output stays one object a line.
    if (found->more) shell.complain("there are more; narrow the search or raise --limit / 还有更多结果\n");
    return kDone;
}

int run_reveal(node::Node& node, const RevealCommand& command, Shell& shell) {
    vault::RevealRequest request;
    request.enterprise = command.enterprise.empty() ? node.identity().enterprise : command.enterprise;
    request.tokens = command.tokens;
    request.purpose = command.purpose;
    request.ticket = command.ticket;
    for (const auto& name : command.fields) {
        auto field = waybill::field_named(name);
        if (!field) return report(shell, Error{Code::bad_input, "reveal: there is no field of this name"});
        request.fields.push_back(*field);
    }
    if (!people::valid_person(command.person) || command.fields.size() > waybill::kFields ||
        (!command.enterprise.empty() && !keys::valid_enterprise(command.enterprise)))
        return report(
            shell,
            Error{Code::bad_input,
                  "reveal: a person has 1 to 64 bytes, no control characters and no long row of digits; "
                  "a field is named once"});
    auto actor = operator_here(node, "operator");
    // Who typed the command stands in the entry as the account; who answers for the look is named.
    actor.account = "console/" + actor.person;
    actor.person = command.person;
    std::promise<Result<vault::Revealed>> promise;
    auto answer = promise.get_future();
    node.vault().reveal(
        std::move(request), actor, [](std::function<void()> next) { next(); },
        [&](Result<vault::Revealed> revealed) { promise.set_value(std::move(revealed)); });
    auto revealed = answer.get();
    if (!revealed) return report(shell, revealed.error());
    bool missing = false;
    for (const auto& waybill : revealed->waybills) {
        Json json{{"id", waybill.token}, {"entry", revealed->entry.value}};
        std::string text = waybill.token + "\n";
        if (waybill.error) {
            missing = true;
            json["error"] = {{"code", name(waybill.error->code)}};
            text += "  " + waybill.error->message + "\n";
        }
        for (const auto& field : waybill.fields) {
            json["fields"][std::string(waybill::name(field.field))] = field.text.reading();
            text += "  " + std::string(waybill::name(field.field)) + "  " +
                    std::string(field.text.reading()) + "\n";
        }
        shell.print(command.json ? json.dump() + "\n" : text);
        wipe(text.data(), text.size());
    }
    if (!command.json)
        shell.print("recorded as ledger entry / 已记入台账第 " + std::to_string(revealed->entry.value) +
                    " 条\n");
    return missing ? kRejected : kDone;
}

}  // namespace huoqi::cli

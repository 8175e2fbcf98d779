// SPDX-License-Identifier: Apache-2.0
#include "app/node/administrators.h"

#include <algorithm>

#include "core/powers/powers.h"

namespace huoqi::node {
namespace {

constexpr std::string_view kOperator = "operator";  // who runs the command has no account yet

// The enterprise's root organisation and the three people in it, as far as they are not there.
people::Contents contents_of(const Node& node, const people::Held& held, const Administrators& who) {
    const auto& enterprise = node.identity().enterprise;
    people::Contents out;
    if (held.contents.organisations.empty()) {
        out.organisations.push_back(
            {enterprise, enterprise, enterprise, people::OrganisationKind::headquarters, "", {}});
    }
    const auto& root =
        held.contents.organisations.empty() ? enterprise : held.contents.organisations.front().code;
    for (const auto& person : {who.network, who.security, who.auditor}) {
        const bool there = std::ranges::find(held.contents.people, person, &people::Person::id) !=
                           held.contents.people.end();
        if (!there)
            out.people.push_back({enterprise, person, root, "administrator", "", node.clock().now(), {}});
    }
    return out;
}

std::string root_of(const people::Held& held, const std::string& enterprise) {
    return held.contents.organisations.empty() ? enterprise : held.contents.organisations.front().code;
}

}  // namespace

Status check(const Administrators& who) {
    for (const auto& person : {who.network, who.security, who.auditor}) {
        if (accounts::login_of(person) != person)
            return fail(Code::bad_input,
                        "administrators: a staff number here is 3 to 64 of a-z, 0-9, '.', '-' and '_'");
    }
    if (who.network == who.security || who.network == who.auditor || who.security == who.auditor)
        return fail(Code::refused, "administrators: three different people");
    return {};
}

Result<std::vector<Enrolment>> appoint_administrators(Node& node, const Administrators& who) {
    const auto& enterprise = node.identity().enterprise;
    if (auto right = check(who); !right) return pass(right);
    auto& staff = node.staff();
    auto held = staff.held(enterprise);
    if (!held) return pass(held);
    const auto policy = node.policy().now();
    // Asked before anything is written.
    if (powers::administered({*policy, *held, enterprise, node.clock().now(), kOperator}))
        return fail(Code::refused, "administrators: there are some; further ones are asked for and decided");
    auto contents = contents_of(node, *held, who);
    if (!contents.organisations.empty() || !contents.people.empty()) {
        if (auto put = staff.put(enterprise, kOperator, std::move(contents)); !put) return pass(put);
    }
    const std::string ids[] = {staff::fresh_id("gr_"), staff::fresh_id("gr_"), staff::fresh_id("gr_")};
    const std::string root = root_of(*held, enterprise);
    auto appointed = staff.act(enterprise, kOperator, [&](const powers::Standing& standing) {
        return powers::appoint_first(
            standing, {who.network, who.security, who.auditor, root, {ids[0], ids[1], ids[2]}});
    });
    if (!appointed) return pass(appointed);
    std::vector<Enrolment> out;
    for (const auto& [person, role] :
         {std::pair(who.network, "network_administrator"), std::pair(who.security, "security_administrator"),
          std::pair(who.auditor, "security_auditor")}) {
        Enrolment one{person, role, {}, {}};
        auto invited = node.accounts().invite(
            staff::account_person(enterprise, person), person, kOperator, node.clock().now(),
            [&](const accounts::Account&, const SecretBytes& code, Time expires) -> Status {
                one.code = code.clone();
                one.expires = expires;
                return {};
            });
        if (!invited) return pass(invited);
        out.push_back(std::move(one));
    }
    if (auto drained = node.drain_outbox(); !drained) return pass(drained);
    return out;
}

}  // namespace huoqi::node

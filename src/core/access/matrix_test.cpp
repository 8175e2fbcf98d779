// SPDX-License-Identifier: Apache-2.0
// Every role x action x field x purpose x relation, expected against got. What is intended stands here as a
// table of its own, written from the regulation and not read from policy/: whoever changes the policy changes
// this too.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "core/access/access.h"

namespace huoqi::access {
namespace {

using policy::Action;
using policy::Form;
using waybill::Field;

// Classes by letter: n name, a address, i id_number, p phone, o organisation, # number, t time, x items.
struct Intended {
    std::string_view role, action, classes, scope;
    Form form;
};
constexpr auto kNone = Form::none;
constexpr auto kMasked = Form::masked;
constexpr auto kClear = Form::clear;
constexpr std::string_view kAll = "naipo#tx", kNoId = "napo#tx";

constexpr Intended kMatrix[] = {
    {"courier", "read", kNoId, "assigned", kMasked},
    {"courier", "reveal", "napo#", "assigned", kClear},
    {"counter_clerk", "seal", "", "outlet", kNone},
    {"counter_clerk", "search", kNoId, "outlet", kMasked},
    {"counter_clerk", "read", kNoId, "outlet", kMasked},
    {"counter_clerk", "reveal", "n", "outlet", kClear},
    {"sorter", "route.read", "", "outlet", kNone},
    {"customer_service", "read", kNoId, "ticket", kMasked},
    {"customer_service", "reveal", kNoId, "ticket", kClear},
    {"manager", "search", kNoId, "subtree", kMasked},
    {"manager", "read", kNoId, "subtree", kMasked},
    {"manager", "people.read", "", "subtree", kNone},
    {"manager", "grant.ask", "", "subtree", kNone},
    {"manager", "grant.confirm", "", "subtree", kNone},
    {"network_administrator", "metrics.read", "", "enterprise", kNone},
    {"network_administrator", "maintenance.ask", "", "enterprise", kNone},
    {"network_administrator", "grant.ask", "", "enterprise", kNone},
    {"network_administrator", "grant.confirm", "", "enterprise", kNone},
    {"security_administrator", "people.read", "", "enterprise", kNone},
    {"security_administrator", "people.write", "", "enterprise", kNone},
    {"security_administrator", "account.reset", "", "enterprise", kNone},
    {"security_administrator", "grant.decide", "", "enterprise", kNone},
    {"security_administrator", "maintenance.decide", "", "enterprise", kNone},
    {"security_administrator", "grant.confirm", "", "enterprise", kNone},
    {"security_auditor", "ledger.read", "", "enterprise", kNone},
    {"security_auditor", "people.read", "", "enterprise", kNone},
    {"security_auditor", "maintenance.close", "", "enterprise", kNone},
    {"security_auditor", "leaver.sign", "", "enterprise", kNone},
    {"integrator", "seal", "", "enterprise", kNone},
    {"integrator", "search", kAll, "enterprise", kMasked},
    {"integrator", "people.write", "", "enterprise", kNone},
    {"integrator", "assignment.write", "", "enterprise", kNone},
    {"integrator", "ticket.write", "", "enterprise", kNone},
    {"operator", "search", kAll, "enterprise", kMasked},
    {"operator", "read", kAll, "enterprise", kMasked},
    {"operator", "reveal", kNoId, "ticket", kClear},
    {"operator", "reveal", kAll, "case", kClear},
    {"auditor", "ledger.read", "", "enterprise", kNone},
    {"operations", "metrics.read", "", "enterprise", kNone},
};
constexpr std::string_view kRoles[] = {"courier",
                                       "counter_clerk",
                                       "sorter",
                                       "customer_service",
                                       "manager",
                                       "network_administrator",
                                       "security_administrator",
                                       "security_auditor",
                                       "integrator",
                                       "operator",
                                       "auditor",
                                       "operations",
                                       "nobody"};
constexpr std::string_view kPrograms = "integrator operator auditor operations";

// What a purpose may open: parties by s and r, then classes; and how it is shown to be true.
struct IntendedPurpose {
    std::string_view code, sender, recipient, shipment, evidence, roles;
};
constexpr IntendedPurpose kPurposes[] = {
    {"collect", "npao", "", "#", "assigned", "courier operator"},
    {"sort", "", "", "", "assigned", "sorter operator"},
    {"deliver", "", "npao", "#", "assigned", "courier operator"},
    {"hand_over", "", "n", "", "assigned", "courier counter_clerk operator"},
    {"customer_service", "p", "p", "#", "ticket", "customer_service operator"},
    {"claim", "np", "np", "#tx", "ticket", "customer_service operator"},
    {"return", "npao", "", "#", "ticket", "customer_service operator"},
    {"address_change", "", "a", "", "ticket", "customer_service operator"},
    {"legal_request", "npoai", "npoai", "#tx", "case", "operator"},
    {"audit", "", "", "#tx", "case", "operator"},
    {"curiosity", "", "", "", "none", ""},
};

bool word_in(std::string_view words, std::string_view word) {
    for (std::size_t at = 0; (at = words.find(word, at)) != std::string_view::npos; ++at) {
        const bool front = at == 0 || words[at - 1] == ' ';
        const bool back = at + word.size() == words.size() || words[at + word.size()] == ' ';
        if (front && back) return true;
    }
    return false;
}

struct Party {
    char side;  // s, r or - for the shipment
    char letter;
};
Party party_of(Field field) {
    const auto name = waybill::name(field);
    const auto last = name.substr(name.find('.') == std::string_view::npos ? 0 : name.find('.') + 1);
    const char letter = last == "number" ? '#' : last == "items" ? 'x' : last == "id_number" ? 'i' : last[0];
    const char side = name.starts_with("sender.") ? 's' : name.starts_with("recipient.") ? 'r' : '-';
    return {side, letter};
}

// Seven things that may hold between person and waybill, in all combinations.
struct Case {
    bool assigned, own_outlet, in_window, subtree, ticket, case_file, tenant;
};
constexpr unsigned kCases = 128;
Case case_of(unsigned bits) {
    const auto bit = [&](unsigned n) { return ((bits >> n) & 1U) != 0; };
    return {bit(0), bit(1), bit(2), bit(3), bit(4), bit(5), bit(6)};
}

bool intended_scope(std::string_view scope, const Case& one) {
    return (scope == "assigned" && one.assigned) || (scope == "outlet" && one.own_outlet && one.in_window) ||
           (scope == "subtree" && one.subtree) || (scope == "ticket" && one.ticket) ||
           (scope == "case" && one.case_file) || scope == "enterprise";
}

bool intended_evidence(const IntendedPurpose& purpose, std::string_view role, const Case& one) {
    const bool by_number = word_in(kPrograms, role) && (one.ticket || one.case_file);
    if (purpose.evidence == "assigned") return one.assigned || (one.own_outlet && one.in_window) || by_number;
    if (purpose.evidence == "ticket") return one.ticket || by_number;
    return purpose.evidence == "case" && one.case_file;
}

std::string_view justified(const IntendedPurpose& purpose, char side) {
    return side == 's' ? purpose.sender : side == 'r' ? purpose.recipient : purpose.shipment;
}

// nullopt: refused.
std::optional<Form> intended(std::string_view role, std::string_view action, Field field,
                             const IntendedPurpose& purpose, const Case& one) {
    const bool on_waybill = word_in("seal search read reveal route.read", action);
    if (on_waybill && !one.tenant) return std::nullopt;
    const auto party = party_of(field);
    if (action == "reveal" &&
        (!word_in(purpose.roles, role) || !justified(purpose, party.side).contains(party.letter) ||
         !intended_evidence(purpose, role, one)))
        return std::nullopt;
    std::optional<Form> best;
    for (const auto& line : kMatrix) {
        if (line.role != role || line.action != action || !intended_scope(line.scope, one)) continue;
        const bool personal = word_in("search read reveal", action);
        if (personal && !line.classes.contains(party.letter)) continue;
        best = std::max(best.value_or(kNone), line.form);
    }
    return best;
}

Request request_of(std::string_view role, const Case& one) {
    Request request;
    request.actor = {"sf", "S001", role, "hz-01", true, true, true, true};
    request.now = {1'000'000};
    request.outlet_window_ns = 1000;
    request.bill = Bill{
        one.tenant ? "sf" : "yt", one.own_outlet ? "hz-01" : "gz-01", {one.in_window ? 999'001 : 999'000}};
    request.relation = {one.assigned, one.subtree, one.ticket, one.case_file};
    request.tokens = 1;
    request.used = Used{};
    return request;
}

TEST(Matrix, IsWhatIsIntended) {
    const auto loaded = policy::load(std::filesystem::path(HUOQI_SOURCE_DIR) / "policy");
    ASSERT_TRUE(loaded) << loaded.error().message;
    const auto& policy = **loaded;
    ASSERT_EQ(policy.roles.size() + 1, std::size(kRoles));
    ASSERT_EQ(policy.purposes.size() + 1, std::size(kPurposes));
    std::size_t asked = 0, allowed = 0, wrong = 0;
    for (const auto role : kRoles) {
        for (std::size_t a = 0; a < policy::kActions; ++a) {
            const auto action = static_cast<Action>(a);
            for (const auto& purpose : kPurposes) {
                if (action != Action::reveal && purpose.code != "collect") continue;
                for (unsigned bits = 0; bits < kCases; ++bits) {
                    for (std::size_t f = 0; f < waybill::kFields; ++f) {
                        const auto one = case_of(bits);
                        const Field field[] = {static_cast<Field>(f)};
                        auto request = request_of(role, one);
                        request.action = action;
                        request.fields = field;
                        request.purpose = purpose.code;
                        const auto got = evaluate(policy, request);
                        const auto expected = intended(role, policy::name(action), field[0], purpose, one);
                        ++asked;
                        allowed += got.allowed ? 1U : 0U;
                        if (got.allowed == expected.has_value() && got.form == expected.value_or(kNone))
                            continue;
                        if (++wrong < 20)
                            ADD_FAILURE() << role << " " << policy::name(action) << " " << purpose.code << " "
                                          << waybill::name(field[0]) << " case " << bits << ": " << got.rule;
                    }
                }
            }
        }
    }
    EXPECT_EQ(wrong, 0U);
    EXPECT_GT(allowed, 1000U);
    EXPECT_GT(asked, 500'000U);
}

}  // namespace
}  // namespace huoqi::access

// SPDX-License-Identifier: Apache-2.0
#include "core/access/access.h"

#include <algorithm>

namespace huoqi::access {
namespace {

constexpr std::size_t kMinTicket = 3;
constexpr std::size_t kMaxTicket = 40;
constexpr std::size_t kMaxOutlet = 32;
// Mobile numbers have 11 digits in a row, ID numbers 17 or 18; tickets stay below both.
constexpr std::size_t kMaxDigitsInARow = 10;

bool digit(char c) { return c >= '0' && c <= '9'; }
bool ticket_character(char c) {
    return digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '/';
}

}  // namespace

Decision may(const policy::Policy& policy, std::string_view role, policy::Action action) {
    const auto* found = policy.role(role);
    if (found == nullptr) return {false, "role.unknown"};
    if (!found->may(action)) return {false, "role.action"};
    return {true, "allowed"};
}

Decision may_reveal(const policy::Policy& policy, const RevealRequest& request) {
    if (auto role = may(policy, request.role, policy::Action::reveal); !role.allowed) return role;
    if (policy.role(request.role)->kind != policy::RoleKind::program) return {false, "role.not_program"};
    // The key has been recognised and its enterprise compared by the caller; the number is the evidence.
    constexpr std::string_view kHere = "-";
    Request full;
    full.actor = {kHere, kHere, request.role, {}, true, true, true, true};
    full.action = policy::Action::reveal;
    full.fields = request.fields;
    full.bill = Bill{kHere, {}, {}};
    full.relation.ticket = full.relation.case_file = valid_ticket(request.ticket);
    full.purpose = request.purpose;
    full.tokens = request.tokens;
    full.used = Used{};  // what keys reveal is counted where they are limited
    auto decision = evaluate(policy, full);
    const bool number = decision.rule.starts_with("evidence.") || decision.rule.starts_with("scope.");
    if (!decision.allowed && number) decision.rule = "evidence.ticket";
    return decision;
}

bool valid_ticket(std::string_view ticket) {
    if (ticket.size() < kMinTicket || ticket.size() > kMaxTicket) return false;
    if (!std::all_of(ticket.begin(), ticket.end(), ticket_character)) return false;
    std::size_t run = 0;
    for (char c : ticket) {
        run = digit(c) ? run + 1 : 0;
        if (run > kMaxDigitsInARow) return false;
    }
    return true;
}

bool valid_outlet(std::string_view outlet) {
    auto alphanumeric = [](char c) { return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    if (outlet.empty() || outlet.size() > kMaxOutlet || !alphanumeric(outlet.front())) return false;
    std::size_t digits = 0;
    for (char c : outlet) {
        if (!alphanumeric(c) && c != '-' && c != '_') return false;
        digits = digit(c) ? digits + 1 : 0;
        if (digits > kMaxDigitsInARow) return false;
    }
    return true;
}

}  // namespace huoqi::access

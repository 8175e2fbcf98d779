// SPDX-License-Identifier: Apache-2.0
#include "core/people/work.h"

namespace huoqi::people {
namespace {

Status need(bool holds, std::string_view what) {
    if (holds) return {};
    return fail(Code::bad_input, "work: " + std::string(what));
}
Status told(const std::vector<office::Outgoing>& entries) {
    return need(!entries.empty(), "a change that the ledger is not told of");
}

struct Apply {
    Directory& directory;
    Status operator()(const Assignment& one) const { return directory.assign(one); }
    Status operator()(const Unassigned& one) const {
        directory.unassign(one.enterprise, one.person, one.waybill, one.kind);
        return {};
    }
    Status operator()(const Ticket& one) const { return directory.put(one); }
    Status operator()(const ClosedTicket& one) const {
        directory.close_ticket(one.enterprise, one.number);
        return {};
    }
};

}  // namespace

Status check(std::string_view enterprise, std::span<const Assignment> add, std::span<const Unassigned> remove,
             const std::vector<office::Outgoing>& entries) {
    if (auto ledger = told(entries); !ledger) return ledger;
    if (add.empty() && remove.empty()) return need(false, "nothing to change");
    if (add.size() > kMaxWorkChanges || remove.size() > kMaxWorkChanges - add.size())
        return fail(Code::too_large, "work: too many assignments at once");
    for (const auto& one : add) {
        if (one.enterprise != enterprise) return need(false, "an assignment of another enterprise");
        if (auto shape = check(one); !shape) return shape;
    }
    for (const auto& one : remove) {
        if (one.enterprise != enterprise) return need(false, "an assignment of another enterprise");
        if (!valid_organisation(one.enterprise) || !valid_person(one.person))
            return need(false, "assignment: a code has not its shape");
    }
    return {};
}

Status check(const Ticket& ticket, const std::vector<office::Outgoing>& entries) {
    if (auto ledger = told(entries); !ledger) return ledger;
    return check(ticket);
}

Result<std::int64_t> follow(WorkStore& store, Directory& directory, std::int64_t last) {
    return store.since(
        last, [&](const WorkChange& change) -> Status { return std::visit(Apply{directory}, change); });
}

}  // namespace huoqi::people

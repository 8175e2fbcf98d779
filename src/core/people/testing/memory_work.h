// SPDX-License-Identifier: Apache-2.0
// A people::WorkStore in memory, for tests. Threads: one.
#pragma once

#include <algorithm>
#include <map>
#include <tuple>

#include "core/people/work.h"

namespace huoqi::people {

class MemoryWork final : public WorkStore {
  public:
    Result<std::int64_t> put(std::string_view enterprise, std::span<const Assignment> add,
                             std::span<const Unassigned> remove,
                             const std::vector<office::Outgoing>& entries) override {
        if (auto shape = people::check(enterprise, add, remove, entries); !shape) return pass(shape);
        for (const auto& one : remove) {
            const auto at = assignments_.find({one.enterprise, one.waybill, one.person, one.kind});
            if (at != assignments_.end()) change(at->second, one, at->second.kept);
        }
        for (const auto& one : add)
            change(assignments_[{one.enterprise, one.waybill, one.person, one.kind}], one, one.until);
        return post(entries);
    }
    Result<std::int64_t> put_ticket(const Ticket& ticket,
                                    const std::vector<office::Outgoing>& entries) override {
        if (auto shape = people::check(ticket, entries); !shape) return pass(shape);
        change(tickets_[{ticket.enterprise, ticket.number}], ticket, ticket.until);
        return post(entries);
    }
    Result<std::int64_t> close_ticket(std::string_view enterprise, std::string_view number,
                                      const std::vector<office::Outgoing>& entries) override {
        const ClosedTicket closed{std::string(enterprise), std::string(number)};
        if (entries.empty()) return fail(Code::bad_input, "work: a change that the ledger is not told of");
        const auto at = tickets_.find({closed.enterprise, closed.number});
        if (at == tickets_.end() || std::holds_alternative<ClosedTicket>(at->second.change))
            return fail(Code::not_found, "work: there is no such ticket");
        change(at->second, closed, at->second.kept);
        return post(entries);
    }
    Result<std::int64_t> since(std::int64_t number,
                               const std::function<Status(const WorkChange&)>& visit) override {
        if (number > number_) return fail(Code::conflict, "work: a number that was never given");
        std::map<std::int64_t, WorkChange> changes;
        const auto collect = [&](const auto& all) {
            for (const auto& [key, last] : all) {
                const bool over = std::holds_alternative<Unassigned>(last.change) ||
                                  std::holds_alternative<ClosedTicket>(last.change);
                if (last.number > number && (number > 0 || !over)) changes.emplace(last.number, last.change);
            }
        };
        collect(assignments_);
        collect(tickets_);
        const auto reached = number_;
        for (const auto& [at, change] : changes) {
            if (auto visited = visit(change); !visited) return pass(visited);
        }
        return reached;
    }
    Status forget_before(Time moment) override {
        const auto ended = [&](const auto& one) { return one.second.kept <= moment; };
        std::erase_if(assignments_, ended);
        std::erase_if(tickets_, ended);
        return {};
    }
    Status check() override { return {}; }

    std::vector<office::Outgoing> outbox;

  private:
    struct Last {
        std::int64_t number = 0;
        Time kept{};  // the latest of its ends
        WorkChange change;
    };
    void change(Last& last, WorkChange change, Time until) {
        last = {++number_, last.number == 0 ? until : std::max(last.kept, until), std::move(change)};
    }
    std::int64_t post(const std::vector<office::Outgoing>& entries) {
        outbox.insert(outbox.end(), entries.begin(), entries.end());
        return static_cast<std::int64_t>(outbox.size());
    }

    std::int64_t number_ = 0;
    std::map<std::tuple<std::string, RecordPlace, std::string, AssignmentKind>, Last> assignments_;
    std::map<std::pair<std::string, std::string>, Last> tickets_;
};

}  // namespace huoqi::people

// SPDX-License-Identifier: Apache-2.0
// The port for what people work on: assignments and tickets, which change all day and end by themselves. The
// Directory answers from memory; this keeps what it must know after a restart, and tells several processes of
// each other's changes.
//
// Every change gets a number. Writers take turns for their numbers, so a change with a lower number was never
// committed after one with a higher: who has followed up to a number has missed nothing below it.
//
// Rows are authenticated with their enterprise and number: one that was altered outside the program is
// reported (Code::corrupt) and not used; one that was deleted is not noticed. Threads: all calls from any
// thread; they block.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/office/office.h"
#include "core/people/people.h"

namespace huoqi::people {

struct Unassigned {
    std::string enterprise;
    RecordPlace waybill;
    std::string person;
    AssignmentKind kind = AssignmentKind::deliver;
    bool operator==(const Unassigned&) const = default;
};
struct ClosedTicket {
    std::string enterprise;
    std::string number;
    bool operator==(const ClosedTicket&) const = default;
};
using WorkChange = std::variant<Assignment, Unassigned, Ticket, ClosedTicket>;

// Assignments given and taken by one call at most.
inline constexpr std::size_t kMaxWorkChanges = 10'000;

class WorkStore {
  public:
    virtual ~WorkStore() = default;
    // The writing calls are all or nothing and durable when they return, with the entries in the outbox. They
    // give the number of the last entry. Code::bad_input: a value has not its shape or is of another
    // enterprise, or there is no value or no entry. Code::too_large: more than kMaxWorkChanges.

    // Takes first, then gives; of several assignments for one waybill, person and kind the last one counts.
    // To take what was not given is no error.
    virtual Result<std::int64_t> put(std::string_view enterprise, std::span<const Assignment> add,
                                     std::span<const Unassigned> remove,
                                     const std::vector<office::Outgoing>& entries) = 0;
    // In the place of the ticket with this number, or new.
    virtual Result<std::int64_t> put_ticket(const Ticket& ticket,
                                            const std::vector<office::Outgoing>& entries) = 0;
    // Code::not_found: there is none, or it was closed.
    virtual Result<std::int64_t> close_ticket(std::string_view enterprise, std::string_view number,
                                              const std::vector<office::Outgoing>& entries) = 0;

    // Visits, for every enterprise, each assignment and ticket whose last change has a number above `number`
    // and was committed before the call: each once, as it is now, in the order of the numbers within an
    // enterprise's assignments and within its tickets. From 0 only those that were not taken or closed. Gives
    // the number to go on from; what a failed call visited may be visited again. No lock is held in `visit`;
    // its failure ends the call. Code::conflict: `number` was never given (the store was replaced): begin
    // anew from 0 with an empty Directory.
    virtual Result<std::int64_t> since(std::int64_t number,
                                       const std::function<Status(const WorkChange&)>& visit) = 0;
    // Deletes what ended before or at `moment`, or was taken or closed and would have ended. A row stays
    // until the latest of the ends it ever had: a process that missed the change holds nothing that is still
    // valid.
    virtual Status forget_before(Time moment) = 0;
    // Every row's authentication, of all enterprises.
    virtual Status check() = 0;
};
// What every store refuses before it writes.
Status check(std::string_view enterprise, std::span<const Assignment> add, std::span<const Unassigned> remove,
             const std::vector<office::Outgoing>& entries);
Status check(const Ticket& ticket, const std::vector<office::Outgoing>& entries);

// Brings a Directory from `last` (0: it is empty) to the store's state and gives the number to go on from.
// One call at a time for a Directory: two could apply a change and the one before it in the wrong order.
Result<std::int64_t> follow(WorkStore& store, Directory& directory, std::int64_t last);

}  // namespace huoqi::people

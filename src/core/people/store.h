// SPDX-License-Identifier: Apache-2.0
// The port for people and powers: what must be kept of organisations, people, grants and devices, and of the
// affairs about them (requests, maintenance windows, leavings). core/powers says what may change; the store
// keeps it, together with what the ledger must tell.
//
// Every call names one enterprise and reads and writes that one alone. Rows are authenticated: one that was
// altered outside the program is reported (Code::corrupt) and not used. Threads: all calls from any thread;
// they block.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/office/office.h"
#include "core/people/people.h"

namespace huoqi::people {

// A right that one person asks for another, and that a third decides.
struct GrantRequest {
    enum class Kind : std::uint8_t { give, take };
    enum class State : std::uint8_t { asked, agreed, refused, withdrawn };
    std::string enterprise;
    std::string id;
    Kind kind = Kind::give;
    std::string person;  // whom it is for
    std::string role;
    std::string organisation;
    std::string grant;          // that is taken, or that came of it
    std::optional<Time> until;  // of the grant
    std::string asked_by;
    Time asked;
    State state = State::asked;
    std::string decided_by;  // empty while it waits
    std::optional<Time> decided;
    bool operator==(const GrantRequest&) const = default;
};
// A time in which the doors for maintenance are open for one task.
struct Window {
    enum class State : std::uint8_t { asked, opened, refused, closed };
    std::string enterprise;
    std::string id;
    std::string task;  // a code, such as "db.migrate"
    std::string why;
    std::int64_t minutes = 0;
    bool break_glass = false;  // opened by the one who asked
    std::string asked_by;
    Time asked;
    State state = State::asked;
    std::string decided_by;
    std::optional<Time> opened;
    std::optional<Time> ends;
    std::string closed_by;
    std::optional<Time> closed;
    std::string finding;  // the auditor's
    bool operator==(const Window&) const = default;
};
// Somebody leaves; the audit of his last time must be signed off.
struct Leaving {
    std::string enterprise;
    std::string person;
    Time left;
    Time audit_from;
    std::string recorded_by;
    std::string signed_by;  // empty while it waits
    std::optional<Time> signed_at;
    std::string finding;
    bool operator==(const Leaving&) const = default;
};
std::string_view name(GrantRequest::Kind kind);
std::string_view name(GrantRequest::State state);
std::string_view name(Window::State state);
// Code::bad_input; see people.h.
Status check(const GrantRequest& request);
Status check(const Window& window);
Status check(const Leaving& leaving);

struct Affairs {
    std::vector<GrantRequest> requests;
    std::vector<Window> windows;
    std::vector<Leaving> leavings;
};
// What is there for one enterprise. `revision` rises with every change of the enterprise.
struct Held {
    std::int64_t revision = 0;
    Contents contents;
    Affairs affairs;
};
// Values that take the place of those with the same id, or are new.
struct Changes {
    Contents contents;
    Affairs affairs;
};

class Store {
  public:
    virtual ~Store() = default;
    // 0 while nothing is kept of the enterprise. Cheap: processes ask it to learn of each other's changes.
    virtual Result<std::int64_t> revision(std::string_view enterprise) = 0;
    virtual Result<Held> held(std::string_view enterprise) = 0;
    // All or nothing, durable when it returns, with the entries in the outbox. Gives the number of the last
    // entry. Code::conflict: `seen` is no longer the revision; nothing was changed, read again. So what was
    // decided from what was read is still true when it is written. Code::bad_input: a value has not its shape
    // or is of another enterprise, or there is no entry.
    virtual Result<std::int64_t> apply(std::string_view enterprise, std::int64_t seen, const Changes& changes,
                                       const std::vector<office::Outgoing>& entries) = 0;
    // Every row's authentication, for one enterprise.
    virtual Status check(std::string_view enterprise) = 0;
};
// What every store refuses before it writes.
Status check(std::string_view enterprise, const Changes& changes,
             const std::vector<office::Outgoing>& entries);

}  // namespace huoqi::people

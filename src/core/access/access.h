// SPDX-License-Identifier: Apache-2.0
// May this be done, and what is shown of it? A pure function of policy and request (art. 34): the default is
// no, a missing attribute means no, and the rule that decided is named, for the caller and for the ledger.
// Nothing is thrown and nothing is remembered; facts.h collects a request from people::Directory, quota.h
// counts. Threads: any.
//
// The rules and their order are docs/spec/access.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "core/policy/policy.h"
#include "core/waybill/waybill.h"

namespace huoqi::access {

struct Decision {
    bool allowed = false;
    std::string_view rule;  // stable name; "allowed" or the first rule that said no
    policy::Form form = policy::Form::none;
};

// Who asks. An attribute that is not known stays empty or false.
struct Actor {
    std::string_view enterprise;
    std::string_view person;        // staff number
    std::string_view role;          // in which the person acts
    std::string_view organisation;  // for which the role was granted
    bool active = false;            // in the enterprise's service now
    bool granted = false;           // has the role now, confirmed in time
    bool device = false;            // works on a registered device that is not revoked
    bool second_factor = false;     // was shown in this session
};
// The waybill that is asked for.
struct Bill {
    std::string_view enterprise;
    std::string_view outlet;  // that handles it
    Time sealed;
};
// How what is asked for relates to the person.
struct Relation {
    bool assigned = false;  // for this purpose's kind of work, now
    bool subtree = false;  // the waybill's outlet, or the subject, is of the grant's organisation or below it
    bool ticket = false;   // a ticket of this purpose names the waybill
    bool case_file = false;  // a case or legal document does
};
// Records revealed so far by the person for the purpose.
struct Used {
    std::int64_t today = 0;
    std::int64_t month = 0;
};
struct Request {
    Actor actor;
    policy::Action action{};
    std::span<const waybill::Field> fields;  // for search, read and reveal
    std::optional<Bill> bill;                // for what is done to a waybill
    Relation relation;
    std::string_view purpose;  // for reveal, as are tokens and used
    std::size_t tokens = 0;
    std::optional<Used> used;
    std::optional<std::int64_t> outlet_window_ns;  // figure "access.outlet_window"
    Time now;
    std::span<const std::string_view> closed;  // names of gates that are closed for this person or purpose
};
Decision evaluate(const policy::Policy& policy, const Request& request);

// Every rule in order, for `huoqi access explain` and for a view as another role. Nothing is opened.
enum class Verdict : std::uint8_t {
    passed,
    failed,
    not_asked,  // does not apply to this action
};
struct Line {
    std::string_view step;  // "role", "scope", ...
    Verdict verdict{};
    std::string_view rule;  // the name a refusal would carry; empty when it passed
};
struct Explanation {
    std::vector<Line> lines;
    Decision decision;
};
Explanation explain(const policy::Policy& policy, const Request& request);

// May a role take an action at all?
Decision may(const policy::Policy& policy, std::string_view role, policy::Action action);

// ---- For programs, which act by a key and show their evidence by the number of a ticket or case ----
struct RevealRequest {
    std::string_view role;
    std::string_view purpose;
    std::string_view ticket;
    const std::vector<waybill::Field>& fields;
    std::size_t tokens = 0;
};
// May these fields be shown in clear for this purpose? Not for a role of people: "role.not_program".
Decision may_reveal(const policy::Policy& policy, const RevealRequest& request);

// A ticket or case number: 3 to 40 letters, digits, '-', '_', '/'; not the shape of a phone or ID number, so
// that none gets into the ledger this way.
bool valid_ticket(std::string_view ticket);

// An outlet's code: one to 32 letters, digits, '-', '_', and no row of digits as long as a phone, because
// outlets stand in the ledger.
bool valid_outlet(std::string_view outlet);

}  // namespace huoqi::access

// SPDX-License-Identifier: Apache-2.0
// Who says so: rules for asking and deciding rights, for maintenance windows, for confirming rights and for
// leavers (art. 7, 31, 35, 38). Pure: each rule looks at what is held of one enterprise and gives a Deed, the
// changes and what the ledger must be told, or Code::refused with the name of the rule that said no. Whoever
// calls has let core/access decide that the person may take the action at all; here is decided what no role
// can allow. Everything is counted on the person, never on an account.
//
// The deed is written by people::Store::apply with the revision that was read, so two deeds at once cannot
// both rest on the same state. Threads: any.
#pragma once

#include <string_view>

#include "core/people/store.h"
#include "core/policy/policy.h"

namespace huoqi::powers {

struct Deed {
    people::Changes changes;
    std::vector<office::Outgoing> entries;
};
// What a rule looks at. `id` names what it makes, if anything; fresh and random.
struct Standing {
    const policy::Policy& policy;
    const people::Held& held;
    std::string_view enterprise;
    Time now;
    std::string_view by;  // who does it: an active person of the enterprise
};

// ---- Rights ----
struct Ask {
    std::string id;
    people::GrantRequest::Kind kind = people::GrantRequest::Kind::give;
    std::string person;
    std::string role;
    std::string organisation;
    std::string grant;  // to take
    std::optional<Time> until;
};
// Refused: "self" (for oneself), "person.inactive", "role.unknown", "role.program", "exclusion.role",
// "exclusion.recent", "exclusion.personal", "grant.none". Code::not_found: organisation.
Result<Deed> ask(const Standing& standing, const Ask& ask);
// `grant_id`: of the grant that comes of it. Refused besides: "self" (who asked or who gets it), "decided".
Result<Deed> decide(const Standing& standing, std::string_view request, bool agree,
                    std::string_view grant_id);
Result<Deed> withdraw(const Standing& standing, std::string_view request);
// Whether anybody who is there holds an administrator's right now, confirmed in time.
bool administered(const Standing& standing);
// The first three, when there is no administrator: three different people, nobody asks or decides. Also when
// all that there were have left or lapsed, so that an enterprise is never without for good.
// Refused: "administrators.there", "self" (one person twice).
struct First {
    std::string_view network, security, auditor;
    std::string_view organisation;
    std::string_view grant_ids[3];
};
Result<Deed> appoint_first(const Standing& standing, const First& first);

// May the person get the role beside what he has and had? The rule's name; empty: yes.
std::string_view excluded(const Standing& standing, std::string_view person, const policy::Role& role);

// ---- Recertification ----
// The owner of a right says that it is still needed. Refused: "self", "grant.lapsed".
Result<Deed> confirm(const Standing& standing, std::string_view grant);
// Grants that were not confirmed in time, or will not have been at `by_then`.
std::vector<const people::Grant*> unconfirmed(const Standing& standing, Time by_then);
// Ends them; without effect (no entries) when there are none. They hold nothing already: core/access asks the
// same figure.
Deed lapse(const Standing& standing);

// ---- Maintenance ----
struct AskWindow {
    std::string id;
    std::string task;
    std::string why;
    std::int64_t minutes = 0;
};
// Refused: "window.length".
Result<Deed> ask_window(const Standing& standing, const AskWindow& ask);
// Opens from now on for what was asked. Refused: "self", "decided".
Result<Deed> decide_window(const Standing& standing, std::string_view window, bool agree);
// Opens at once; loud: an entry of its own action. Refused: "window.length", "break_glass.unreviewed".
Result<Deed> break_glass(const Standing& standing, const AskWindow& ask);
// The one who asked is done before its end.
Result<Deed> end_window(const Standing& standing, std::string_view window);
// The auditor's finding, after the end. Refused: "self" (who asked or decided), "window.open", "decided".
Result<Deed> close_window(const Standing& standing, std::string_view window, std::string_view finding);
// Is it open for this person and task?
bool open(const people::Window& window, std::string_view person, std::string_view task, Time now);
// Windows that ended and wait for a finding longer than they may.
std::vector<const people::Window*> overdue(const Standing& standing);

// ---- Leavers ----
// From `when` on the person is inactive and holds nothing. Refused: "self", "person.left".
Result<Deed> leave(const Standing& standing, std::string_view person, Time when);
// The audit of the last time is signed off. Refused: "self" (the leaver, or who recorded it),
// "person.still_there", "decided".
Result<Deed> sign_leaving(const Standing& standing, std::string_view person, std::string_view finding);

}  // namespace huoqi::powers

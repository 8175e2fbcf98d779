// SPDX-License-Identifier: Apache-2.0
// From names to facts: what people::Directory knows about a question, as a Request. Threads: any; the request
// refers to the question's texts and to the snapshot, which must outlive it.
#pragma once

#include "core/access/access.h"
#include "core/people/people.h"

namespace huoqi::access {

// The figures that facts are judged by; taken from the policy once and used for many questions.
struct Terms {
    std::int64_t confirmed_within_ns = 0;  // powers.recertification; 0: no grant holds
    std::optional<std::int64_t> outlet_window_ns;
};
Terms terms(const policy::Policy& policy, Time at);

struct Question {
    std::string_view enterprise;
    std::string_view person;
    std::string_view role;
    std::string_view device;  // id; empty: none
    bool second_factor = false;
    policy::Action action{};
    std::span<const waybill::Field> fields;
    std::optional<Bill> bill;
    std::optional<RecordPlace> waybill;
    std::string_view subject;  // organisation that is asked about, when no waybill is
    std::string_view purpose;
    std::string_view ticket;
    std::size_t tokens = 0;
    std::optional<Used> used;
    std::span<const std::string_view> closed;
};
// The kind of work that a purpose is: a purpose is one of the three by its code, all others are none.
std::optional<people::AssignmentKind> work_of(std::string_view purpose);

// Of several grants of the role, one that reaches the waybill or subject is taken. Without a purpose
// (action read) any work on the waybill counts as assigned.
Request facts(const people::Directory& directory, const people::Snapshot& snapshot, const Terms& terms,
              const Question& question, Time now);

}  // namespace huoqi::access

// SPDX-License-Identifier: Apache-2.0
// May this be done? A pure function of policy and request (art. 34): default is no, a missing attribute means
// no, and the rule that decided is named, for the caller and for the ledger. Threads: any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/policy/policy.h"
#include "core/waybill/waybill.h"

namespace huoqi::access {

struct Decision {
    bool allowed = false;
    std::string_view rule;  // stable name; "allowed" or the first rule that said no
};

// May a role take an action at all?
Decision may(const policy::Policy& policy, std::string_view role, policy::Action action);

struct RevealRequest {
    std::string_view role;
    std::string_view purpose;
    std::string_view ticket;
    const std::vector<waybill::Field>& fields;
    std::size_t tokens = 0;
};
// May these fields be shown in clear for this purpose?
Decision may_reveal(const policy::Policy& policy, const RevealRequest& request);

// A ticket or case number: 3 to 40 letters, digits, '-', '_', '/'; not the shape of a phone or ID number, so
// that none gets into the ledger this way.
bool valid_ticket(std::string_view ticket);

// Who answers for something, as the ledger names him: 1 to 64 bytes of UTF-8, not blank, without control
// characters and without a row of digits as long as a phone.
bool valid_person(std::string_view person);

// An outlet's code: one to 32 letters, digits, '-', '_', and no row of digits as long as a phone, because
// outlets stand in the ledger.
bool valid_outlet(std::string_view outlet);

}  // namespace huoqi::access

// SPDX-License-Identifier: Apache-2.0
// The first three administrators of an enterprise: three different people, no secret that anybody else knows
// (art. 31, 35). Each gets a one-time enrolment code; further rights are asked for and decided.
#pragma once

#include <string>
#include <vector>

#include "app/node/node.h"

namespace huoqi::node {

// Staff numbers, which are their log-ins as well: 3 to 64 of a-z, 0-9, '.', '-' and '_'.
struct Administrators {
    std::string network = "network-admin";
    std::string security = "security-admin";
    std::string auditor = "security-auditor";
};
struct Enrolment {
    std::string person;
    std::string role;
    SecretBytes code;  // shown once, to be handed to the person
    Time expires;
};
// Whether these can be three administrators. Code::bad_input: a staff number has not its shape;
// Code::refused: one person stands twice.
Status check(const Administrators& who);
// Appoints them and makes their accounts. Errors of check(); Code::refused: there are administrators.
Result<std::vector<Enrolment>> appoint_administrators(Node& node, const Administrators& who);

}  // namespace huoqi::node

// SPDX-License-Identifier: Apache-2.0
// Free text brought to its normal form in one reading: trimmed, runs of blanks to one, full-width digits and
// letters narrowed.
#pragma once

#include <string_view>

#include "base/secret.h"

namespace huoqi::waybill {

struct TextKind {
    std::size_t most;  // code points
    bool name;         // names also fold their signs: every middle dot is U+00B7, no blank between Han
    bool (*allowed)(char32_t);  // of the normal form
    std::string_view rule;      // broken by a character that is not allowed
    std::string_view length_rule;
};
extern const TextKind kName;
extern const TextKind kOrganisation;
extern const TextKind kPlace;
extern const TextKind kTown;
extern const TextKind kDetail;
extern const TextKind kItems;

// Returns the rule that the text breaks, empty if none. A text that breaks a rule may be left as it was.
std::string_view tidy(Personal& text, const TextKind& kind);

}  // namespace huoqi::waybill

// SPDX-License-Identifier: Apache-2.0
// ID documents by type: 1 resident ID (GB 11643), 2 Hong Kong/Macao permit, 3 Taiwan permit, 4 passport, 5
// others.
#pragma once

#include <string_view>

namespace huoqi::waybill {

// At most 20 capital letters and digits.
bool is_normal_id_number(std::string_view text);
// The rule that `number` (in normal form) breaks as a document of `type`; empty when it breaks none.
std::string_view id_number_rule(std::string_view type, std::string_view number);
// The last character that the first 17 digits of a resident ID call for ('0'..'9' or 'X').
char resident_check_digit(std::string_view first_17);

}  // namespace huoqi::waybill

// SPDX-License-Identifier: Apache-2.0
// Shapes of Chinese phone numbers: mobile, virtual (mobile and extension), land line, 400/800, and what
// platforms mask.
#pragma once

#include <string>
#include <string_view>

#include "core/waybill/waybill.h"

namespace huoqi::waybill {

bool is_digits(std::string_view text);
// 1[3-9] and nine digits.
bool is_mobile(std::string_view text);
// Digits of the area code in front of a land line in normal form ("0571-88123456"): 3 or 4; 0 for a 400/800
// number.
std::size_t area_code_size(std::string_view land_line);

}  // namespace huoqi::waybill

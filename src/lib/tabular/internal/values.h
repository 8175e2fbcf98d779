// SPDX-License-Identifier: Apache-2.0
// What the values of a workbook's cells mean (ECMA-376 part 1, 18.3.1.96, 18.8.30, 22.9.2.19). Errors as in
// xlsx.h. Threads: any.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace huoqi::tabular {

enum class Form : std::uint8_t { number, date, time, date_time, duration };

Form form_of(std::uint64_t built_in);  // by the number of a format that no workbook writes down
Form form_of(std::string_view code);   // "yyyy/m/d h:mm"

// "1.39E10" is 13900000000; what is not whole stays as it is.
Result<std::string> number_text(std::string_view written);
// Days since the end of 1899, or since 1904 began. A date shown without its time loses it; a time shown
// without its date keeps it.
Result<std::string> moment_text(std::string_view written, Form form, bool since_1904);
// Without the escapes of characters that XML cannot hold, as "_x000D_".
std::string unescaped(std::string_view text);

}  // namespace huoqi::tabular

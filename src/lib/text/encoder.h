// SPDX-License-Identifier: Apache-2.0
// UTF-8 to GB18030, for files that go to programs which expect it.
#pragma once

#include <string>
#include <string_view>

namespace huoqi::text {

// `utf8` must be valid UTF-8; every code point has a GB18030 form.
std::string to_gb18030(std::string_view utf8);

}  // namespace huoqi::text

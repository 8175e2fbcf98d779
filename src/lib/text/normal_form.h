// SPDX-License-Identifier: Apache-2.0
// Unicode's normalisation form C, so that a password typed on two keyboards is one password. Safe from every
// thread.
#pragma once

#include <optional>
#include <string_view>

#include "base/secret.h"

namespace huoqi::text {

// The text in NFC; nothing when it is not valid UTF-8, holds a control character or is longer than `limit`
// code points, before or after. What is left in between is wiped.
std::optional<SecretBytes> nfc(std::string_view text, std::size_t limit);

}  // namespace huoqi::text

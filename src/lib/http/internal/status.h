// SPDX-License-Identifier: Apache-2.0
// Status codes (RFC 9110 15) with their reason phrases.
#pragma once

#include <string_view>

namespace huoqi::http::internal {

// "Unknown" for a code that this server never sends.
std::string_view reason_phrase(int status);

}  // namespace huoqi::http::internal

// SPDX-License-Identifier: Apache-2.0
// The small grammar that notes, checkpoints and proofs share: UTF-8 lines, decimals and hashes in base64.
// Every parser takes only what the matching writer gives.
#pragma once

#include "lib/tlog/tlog.h"

namespace huoqi::tlog {

// Valid UTF-8 (RFC 3629: shortest form, no surrogates) without control characters below U+0020 but newline.
bool is_plain_text(std::string_view text);

// A key's name: not empty, plain, without Unicode spaces and plus signs (signed-note).
bool is_key_name(std::string_view name);

// Takes the text before the next newline off the front of `text`; nothing when there is no newline.
std::optional<std::string_view> take_line(std::string_view& text);

std::optional<std::uint64_t> parse_decimal(std::string_view text);  // no sign, no leading zeros
std::optional<Hash> parse_hash(std::string_view text);

}  // namespace huoqi::tlog

// SPDX-License-Identifier: Apache-2.0
// node.json: who a node is. Its exact bytes are bound to the root key, so a changed file does not open.
#pragma once

#include "app/node/node.h"

namespace huoqi::node {

inline constexpr const char* kIdentityFile = "node.json";
inline constexpr std::size_t kMaxIdentityBytes = 16 * 1024;

std::string identity_json(const Identity& identity);
Result<Identity> parse_identity(std::string_view json);

}  // namespace huoqi::node

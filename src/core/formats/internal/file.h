// SPDX-License-Identifier: Apache-2.0
// Reading a format file against its schema.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/formats/internal/rules.h"

namespace huoqi::formats {

inline constexpr std::size_t kMaxFormatBytes = std::size_t{256} << 10;

// Reads all of the file; appends one sentence "FILE:LINE: reason" for everything that is wrong.
std::shared_ptr<const Rules> read_rules(const std::string& name, const std::string& file,
                                        std::string_view text, std::vector<std::string>& problems);

}  // namespace huoqi::formats

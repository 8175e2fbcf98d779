// SPDX-License-Identifier: Apache-2.0
// Counts how long the outermost blocks of a C++ source are: what stands between braces inside namespaces and
// classes alone. Such a block is a function, or a table; no other is left out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace huoqi::layers {

struct Block {
    std::string head;        // what stands before the brace, on one line
    std::size_t line = 0;    // of its first word, from 1
    std::size_t length = 0;  // lines, first and last included
};
struct Blocks {
    std::vector<Block> all;
    bool balanced = false;  // false: its braces could not be followed, and `all` is not all
};

Blocks blocks_of(std::string_view source);

}  // namespace huoqi::layers

// SPDX-License-Identifier: Apache-2.0
// The program: words in, exit code out. main() is one line over it, so that tests can run commands too.
#pragma once

#include <string>
#include <vector>

namespace huoqi::cli {

int run_program(std::vector<std::string> words);

}  // namespace huoqi::cli

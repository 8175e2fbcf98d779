// SPDX-License-Identifier: Apache-2.0
// HUOQI_CHECK stops the program on a mistake of ours, in release too. Never use it on input from outside.
#pragma once

namespace huoqi {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}

#define HUOQI_CHECK(condition) \
    ((condition) ? static_cast<void>(0) : ::huoqi::check_failed(#condition, __FILE__, __LINE__))

// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"
#include "lib/crypto/crypto.h"

namespace huoqi::crypto {

std::string_view name(Suite suite) {
    switch (suite) {
        case Suite::intl:
            return "intl";
        case Suite::sm:
            return "sm";
    }
    HUOQI_CHECK(false);
}

Result<Suite> suite_named(std::string_view name) {
    if (name == "intl") return Suite::intl;
    if (name == "sm") return Suite::sm;
    return fail(Code::bad_input, "a suite is 'sm' or 'intl'");
}

}  // namespace huoqi::crypto

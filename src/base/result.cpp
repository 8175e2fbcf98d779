// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

namespace huoqi {

std::string_view name(Code code) {
    switch (code) {
        case Code::bad_input:
            return "bad_input";
        case Code::not_found:
            return "not_found";
        case Code::refused:
            return "refused";
        case Code::conflict:
            return "conflict";
        case Code::too_large:
            return "too_large";
        case Code::unavailable:
            return "unavailable";
        case Code::no_space:
            return "no_space";
        case Code::storage:
            return "storage";
        case Code::corrupt:
            return "corrupt";
        case Code::wrong_key:
            return "wrong_key";
        case Code::unsupported:
            return "unsupported";
        case Code::cancelled:
            return "cancelled";
    }
    return "unknown";
}

}  // namespace huoqi

// SPDX-License-Identifier: Apache-2.0
#include "lib/text/encoder.h"

#include <unicode/ucnv.h>

#include <memory>

#include "base/check.h"
#include "lib/text/text.h"

namespace huoqi::text {

std::string to_gb18030(std::string_view utf8) {
    HUOQI_CHECK(is_valid_utf8(utf8));
    UErrorCode error = U_ZERO_ERROR;
    std::string out(utf8.size() * 2 + 8, '\0');  // two bytes of UTF-8 may need four
    std::unique_ptr<UConverter, void (*)(UConverter*)> from(ucnv_open("utf-8", &error), ucnv_close);
    std::unique_ptr<UConverter, void (*)(UConverter*)> to(ucnv_open("gb18030", &error), ucnv_close);
    HUOQI_CHECK(U_SUCCESS(error));
    char* target = out.data();
    const char* source = utf8.data();
    ucnv_convertEx(to.get(), from.get(), &target, out.data() + out.size(), &source, source + utf8.size(),
                   nullptr, nullptr, nullptr, nullptr, true, true, &error);
    HUOQI_CHECK(U_SUCCESS(error));
    out.resize(static_cast<std::size_t>(target - out.data()));
    return out;
}

}  // namespace huoqi::text

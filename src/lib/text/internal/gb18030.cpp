// SPDX-License-Identifier: Apache-2.0
#include "lib/text/internal/gb18030.h"

#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>

#include <array>

#include "base/check.h"
#include "lib/text/text.h"

namespace huoqi::text {
namespace {

constexpr std::size_t kUnits = 4096;

// ICU's own substitution writes U+001A for single bytes, which could not be told from a control character.
void put_replacement(const void* context, UConverterToUnicodeArgs* args, const char*, int32_t,
                     UConverterCallbackReason reason, UErrorCode* error) {
    if (reason > UCNV_IRREGULAR) return;
    *static_cast<bool*>(const_cast<void*>(context)) = false;
    *error = U_ZERO_ERROR;
    const UChar replacement = 0xFFFD;
    ucnv_cbToUWriteUChars(args, &replacement, 1, 0, error);
}

void append_utf16(std::string& out, const UChar* from, const UChar* to, char32_t& high) {
    for (; from < to; ++from) {
        char32_t unit = *from;
        if (unit >= 0xD800 && unit < 0xDC00) {
            high = unit;
        } else if (unit >= 0xDC00 && unit < 0xE000) {
            append(out, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
        } else {
            append(out, unit);
        }
    }
}

}  // namespace

Gb18030::Gb18030() {
    UErrorCode error = U_ZERO_ERROR;
    converter_ = ucnv_open("gb18030", &error);
    HUOQI_CHECK(U_SUCCESS(error));
}

Gb18030::~Gb18030() { ucnv_close(converter_); }

void Gb18030::reset() { ucnv_reset(converter_); }

bool Gb18030::decode(std::string_view bytes, bool last, std::string& out) {
    bool valid = true;
    UErrorCode error = U_ZERO_ERROR;
    ucnv_setToUCallBack(converter_, put_replacement, &valid, nullptr, nullptr, &error);
    HUOQI_CHECK(U_SUCCESS(error));
    const char* from = bytes.data();
    const char* end = from + bytes.size();
    char32_t high = 0;
    std::array<UChar, kUnits> units{};
    do {
        error = U_ZERO_ERROR;
        UChar* to = units.data();
        ucnv_toUnicode(converter_, &to, units.data() + kUnits, &from, end, nullptr, last, &error);
        append_utf16(out, units.data(), to, high);
    } while (error == U_BUFFER_OVERFLOW_ERROR);
    return valid && U_SUCCESS(error);
}

}  // namespace huoqi::text

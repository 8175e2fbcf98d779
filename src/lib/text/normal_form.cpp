// SPDX-License-Identifier: Apache-2.0
#include "lib/text/normal_form.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include <vector>

#include "lib/text/text.h"

namespace huoqi::text {
namespace {

// UTF-16 that is wiped when it goes.
struct Wiped {
    explicit Wiped(std::size_t size) : units(size) {}
    Wiped(const Wiped&) = delete;
    Wiped& operator=(const Wiped&) = delete;
    ~Wiped() { wipe(units.data(), units.size() * sizeof(UChar)); }
    std::vector<UChar> units;
    std::int32_t room() const { return static_cast<std::int32_t>(units.size()); }
};

// UAX 15 section 9: NFC has at most three times the code units of its input in UTF-8 and in UTF-16.
constexpr std::size_t kGrowth = 3;

bool has_control(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (u_charType(static_cast<UChar32>(next(text, at))) == U_CONTROL_CHAR) return true;
    }
    return false;
}

}  // namespace

std::optional<SecretBytes> nfc(std::string_view text, std::size_t limit) {
    if (text.size() > 4 * limit || !is_valid_utf8(text) || length(text) > limit || has_control(text))
        return std::nullopt;
    UErrorCode error = U_ZERO_ERROR;
    const UNormalizer2* normalizer = unorm2_getNFCInstance(&error);
    if (U_FAILURE(error) != 0) return std::nullopt;
    Wiped before(text.size() + 1);
    Wiped after(kGrowth * before.units.size());
    std::int32_t units = 0;
    u_strFromUTF8(before.units.data(), before.room(), &units, text.data(),
                  static_cast<std::int32_t>(text.size()), &error);
    units =
        unorm2_normalize(normalizer, before.units.data(), units, after.units.data(), after.room(), &error);
    Bytes out(kGrowth * after.units.size());
    std::int32_t bytes = 0;
    u_strToUTF8(reinterpret_cast<char*>(out.data()), static_cast<std::int32_t>(out.size()), &bytes,
                after.units.data(), units, &error);
    SecretBytes whole(std::move(out));
    if (U_FAILURE(error) != 0) return std::nullopt;
    const ByteView normal = whole.view().first(static_cast<std::size_t>(bytes));
    if (length(text_of(normal)) > limit) return std::nullopt;
    return SecretBytes(Bytes(normal.begin(), normal.end()));
}

}  // namespace huoqi::text

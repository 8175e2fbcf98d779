// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes and however they are cut, the decoder gives valid UTF-8 or an error, and says the same
// both ways.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "lib/text/decoder.h"
#include "lib/text/text.h"

using huoqi::text::Decoder;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    std::optional<huoqi::text::Encoding> forced;
    if (data[0] & 1) forced = data[0] & 2 ? huoqi::text::Encoding::utf8 : huoqi::text::Encoding::gb18030;
    std::size_t cut = bytes.empty() ? 0 : data[0] % bytes.size();
    std::string whole;
    std::string parts;
    Decoder one(forced);
    Decoder two(forced);
    bool ok = one.feed(bytes, true, whole).has_value();
    bool ok_parts = two.feed(bytes.substr(0, cut), false, parts) && two.feed(bytes.substr(cut), true, parts);
    HUOQI_CHECK(ok == ok_parts);
    if (!ok) return 0;
    HUOQI_CHECK(whole == parts);
    HUOQI_CHECK(huoqi::text::is_valid_utf8(whole));
    HUOQI_CHECK(one.take_bad_lines().size() == two.take_bad_lines().size());
    return 0;
}

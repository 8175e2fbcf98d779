// SPDX-License-Identifier: Apache-2.0
// QR codes (ISO/IEC 18004, error correction level M) as SVG, drawn from zint's modules. Pure functions, safe
// from every thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace huoqi::barcode {

inline constexpr std::size_t kMaxTextBytes = 1024;
inline constexpr std::size_t kMaxTitleBytes = 256;

// One <svg> element, black on white, with the quiet zone of four modules that the standard asks for. `title`
// is what a screen reader says in place of the picture; it should name the purpose, never repeat a secret
// text. Code::bad_input: empty text, or a title that is no XML text; Code::too_large: above the limits.
Result<std::string> qr_svg(std::string_view text, std::string_view title);

}  // namespace huoqi::barcode

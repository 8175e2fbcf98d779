// SPDX-License-Identifier: Apache-2.0
#include "lib/barcode/barcode.h"

#include <zint.h>

#include <memory>

#include "base/secret.h"

namespace huoqi::barcode {
namespace {

constexpr int kQuiet = 4;   // modules on each side
constexpr int kLevelM = 2;  // zint's number of the error correction level

struct Freed {
    void operator()(zint_symbol* symbol) const {
        // The text may be a secret: zint keeps what it drew, and its own copy of the text.
        wipe(symbol->encoded_data, sizeof symbol->encoded_data);
        wipe(symbol->text, sizeof symbol->text);
        ZBarcode_Delete(symbol);
    }
};
using Symbol = std::unique_ptr<zint_symbol, Freed>;

bool dark(const zint_symbol& symbol, int row, int column) {
    return (symbol.encoded_data[row][column / 8] >> (column % 8) & 1) != 0;
}

std::string number(int value) { return std::to_string(value); }

// Each run of dark modules in a row is a rectangle of the path.
std::string path_of(const zint_symbol& symbol) {
    std::string path;
    for (int row = 0; row < symbol.rows; ++row) {
        for (int from = 0; from < symbol.width;) {
            if (!dark(symbol, row, from)) {
                ++from;
                continue;
            }
            int to = from;
            while (to < symbol.width && dark(symbol, row, to)) ++to;
            path += "M" + number(from + kQuiet) + " " + number(row + kQuiet) + "h" + number(to - from) +
                    "v1h-" + number(to - from) + "z";
            from = to;
        }
    }
    return path;
}

Result<std::string> escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20)
                    return fail(Code::bad_input, "barcode: the title has a control character");
                out += c;
        }
    }
    return out;
}

}  // namespace

Result<std::string> qr_svg(std::string_view text, std::string_view title) {
    if (text.empty()) return fail(Code::bad_input, "barcode: there is no text");
    if (text.size() > kMaxTextBytes || title.size() > kMaxTitleBytes)
        return fail(Code::too_large, "barcode: text or title is too long");
    auto said = escaped(title);
    if (!said) return pass(said);
    const Symbol symbol(ZBarcode_Create());
    if (!symbol) return fail(Code::unavailable, "barcode: not enough memory");
    symbol->symbology = BARCODE_QRCODE;
    symbol->input_mode = DATA_MODE;
    symbol->option_1 = kLevelM;
    const int error = ZBarcode_Encode(symbol.get(), reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size()));
    if (error >= ZINT_ERROR) return fail(Code::bad_input, "barcode: zint error " + number(error));
    const std::string side = number(symbol->width + 2 * kQuiet);
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + side + " " + side +
           "\" role=\"img\" shape-rendering=\"crispEdges\"><title>" + *said + "</title><rect width=\"" +
           side + "\" height=\"" + side + "\" fill=\"#fff\"/><path fill=\"#000\" d=\"" + path_of(*symbol) +
           "\"/></svg>";
}

}  // namespace huoqi::barcode

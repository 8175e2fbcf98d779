// SPDX-License-Identifier: Apache-2.0
// Tile paths and entry bundles: what parses is written back byte for byte.
#include "base/check.h"
#include "lib/tlog/tlog.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace huoqi;
    using namespace huoqi::tlog;
    const ByteView input(data, size);
    if (const auto path = parse_tile_path(text_of(input))) HUOQI_CHECK(to_string(*path) == text_of(input));
    if (const auto entries = split_bundle(input)) {
        Bytes again;
        for (const ByteView entry : *entries) HUOQI_CHECK(append_to_bundle(again, entry).has_value());
        HUOQI_CHECK(std::equal(again.begin(), again.end(), input.begin(), input.end()));
    }
    return 0;
}

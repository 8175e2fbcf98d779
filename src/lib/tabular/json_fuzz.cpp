// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "lib/tabular/json.h"

using namespace huoqi::tabular;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Paths paths = [] {
        Paths made;
        for (auto path : {"a", "b.c", "b.d[].e", "f[]"}) HUOQI_CHECK(made.add(path).has_value());
        return made;
    }();
    static JsonReader reader;
    auto rule = reader.read({reinterpret_cast<const char*>(data), size}, paths);
    if (!rule.empty()) return 0;
    std::size_t total = 0;
    for (auto& value : reader.values()) {
        HUOQI_CHECK(value.path < 4);
        total += value.text.size();
    }
    HUOQI_CHECK(total <= size * 32);
    return 0;
}

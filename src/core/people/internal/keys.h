// SPDX-License-Identifier: Apache-2.0
// An enterprise and a code in it, and their hash.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace huoqi::people {

// Spreads a number over 64 bits; the tables take the low ones.
inline std::uint64_t mixed(std::uint64_t value) {
    value ^= value >> 32;
    value *= 0x9E3779B97F4A7C15ULL;
    return value ^ (value >> 29);
}
struct Key {
    std::string_view enterprise;
    std::string_view code;
    std::uint64_t hash() const {
        const std::hash<std::string_view> of;
        return mixed(of(code) ^ (of(enterprise) * 0x9E3779B97F4A7C15ULL));
    }
};
struct KeyText {
    std::string enterprise;
    std::string code;
    bool is(const Key& key) const { return code == key.code && enterprise == key.enterprise; }
};

}  // namespace huoqi::people

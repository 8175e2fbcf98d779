// SPDX-License-Identifier: Apache-2.0
// A small random generator (SplitMix64), the same on every machine; std::distributions differ between
// libraries.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace huoqi::specimen {

class Random {
  public:
    Random(std::uint64_t seed, std::uint64_t index) : state_(seed * 0x9E3779B97F4A7C15 + index) { next(); }

    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
    // Evenly enough for test data.
    std::uint64_t below(std::uint64_t n) { return static_cast<std::uint64_t>((next() >> 32) * n >> 32); }
    bool percent(std::uint64_t p) { return below(100) < p; }

    template <class T, std::size_t N>
    const T& of(const T (&list)[N]) {
        return list[below(N)];
    }

  private:
    std::uint64_t state_;
};

// Appends `value` in decimal, with zeros in front up to `width`.
inline void append_number(std::string& out, std::uint64_t value, std::size_t width = 1) {
    char digits[20];
    std::size_t size = 0;
    do digits[sizeof digits - ++size] = static_cast<char>('0' + value % 10);
    while ((value /= 10) != 0);
    if (size < width) out.append(width - size, '0');
    out.append(digits + sizeof digits - size, size);
}

}  // namespace huoqi::specimen

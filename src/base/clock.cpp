// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace huoqi {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kChinaOffset = 8 * 3600 * kSecond;

struct Civil {
    std::chrono::year_month_day date;
    std::int64_t of_day;  // nanoseconds
};

Civil civil(Time time) {
    using namespace std::chrono;
    auto point = sys_time<nanoseconds>(nanoseconds(time.nanoseconds));
    auto day = floor<days>(point);
    return {year_month_day(day), (point - day).count()};
}

// Reads exactly `width` digits at `at` and moves on.
std::optional<int> digits(std::string_view text, std::size_t& at, std::size_t width) {
    if (at + width > text.size()) return std::nullopt;
    int value = 0;
    for (std::size_t end = at + width; at < end; ++at) {
        if (text[at] < '0' || text[at] > '9') return std::nullopt;
        value = value * 10 + (text[at] - '0');
    }
    return value;
}

bool literal(std::string_view text, std::size_t& at, std::string_view any_of) {
    if (at >= text.size() || any_of.find(text[at]) == std::string_view::npos) return false;
    ++at;
    return true;
}

std::optional<std::int64_t> fraction(std::string_view text, std::size_t& at) {
    if (at >= text.size() || text[at] != '.') return 0;
    ++at;
    std::int64_t value = 0;
    std::int64_t unit = kSecond;
    std::size_t start = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
        unit /= 10;
        value += unit * (text[at] - '0');
    }
    if (at == start) return std::nullopt;
    return value;
}

std::optional<std::int64_t> offset(std::string_view text, std::size_t& at) {
    if (literal(text, at, "Zz")) return 0;
    if (at >= text.size()) return std::nullopt;
    int sign = text[at] == '-' ? -1 : 1;
    if (!literal(text, at, "+-")) return std::nullopt;
    auto hours = digits(text, at, 2);
    if (!hours || !literal(text, at, ":")) return std::nullopt;
    auto minutes = digits(text, at, 2);
    if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    return sign * (*hours * 3600LL + *minutes * 60LL) * kSecond;
}

}  // namespace

Time SystemClock::now() const {
    using namespace std::chrono;
    return {duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count()};
}

std::string rfc3339(Time time) {
    auto [date, of_day] = civil(time);
    std::array<char, 48> text{};
    std::int64_t seconds = of_day / kSecond;
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%09dZ",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(seconds / 3600),
                  static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60),
                  static_cast<int>(of_day % kSecond));
    return text.data();
}

std::optional<Time> parse_rfc3339(std::string_view text) {
    std::size_t at = 0;
    auto year = digits(text, at, 4);
    if (!year || !literal(text, at, "-")) return std::nullopt;
    auto month = digits(text, at, 2);
    if (!month || !literal(text, at, "-")) return std::nullopt;
    auto day = digits(text, at, 2);
    if (!day || !literal(text, at, "Tt ")) return std::nullopt;
    auto hour = digits(text, at, 2);
    if (!hour || !literal(text, at, ":")) return std::nullopt;
    auto minute = digits(text, at, 2);
    if (!minute || !literal(text, at, ":")) return std::nullopt;
    auto second = digits(text, at, 2);
    if (!second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
    auto part = fraction(text, at);
    if (!part) return std::nullopt;
    auto zone = offset(text, at);
    if (!zone || at != text.size()) return std::nullopt;
    using namespace std::chrono;
    auto date = std::chrono::year(*year) / *month / *day;
    if (!date.ok() || *year < 1970 || *year > 2261) return std::nullopt;
    auto seconds =
        sys_days(date).time_since_epoch().count() * 86400LL + *hour * 3600 + *minute * 60 + *second;
    return Time{seconds * kSecond + *part - *zone};
}

std::string china_month(Time time) { return rfc3339({time.nanoseconds + kChinaOffset}).substr(0, 7); }

}  // namespace huoqi

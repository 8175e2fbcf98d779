// SPDX-License-Identifier: Apache-2.0
#include "lib/tabular/internal/values.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>

namespace huoqi::tabular {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr double kAfterLastDay = 2'958'466;  // 10000-01-01 of the system of 1900
constexpr std::int64_t kFalseLeapDay = 60;   // 1900-02-29, which there never was
constexpr std::int64_t kDaysUntil1904 = 1'462;
constexpr std::size_t kMaxWholeDigits = 40;
constexpr std::size_t kMaxExponentDigits = 4;
constexpr std::size_t kEscape = 7;  // "_x000D_"

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool digit(char c) { return c >= '0' && c <= '9'; }

bool starts_with(std::string_view text, std::string_view small_word) {
    return text.size() >= small_word.size() &&
           std::ranges::equal(text.substr(0, small_word.size()), small_word, {}, small);
}

// "[h]" and "[mm]" count on beyond a day; all else in brackets is a colour, a condition or a language.
bool elapsed(std::string_view inside) {
    if (inside.empty()) return false;
    const char first = small(inside[0]);
    return (first == 'h' || first == 'm' || first == 's') &&
           std::ranges::all_of(inside, [&](char c) { return small(c) == first; });
}

std::unexpected<Error> not_a_value() { return fail(Code::bad_input, "xlsx.cell"); }
std::unexpected<Error> no_date() { return fail(Code::bad_input, "xlsx.date"); }

std::string_view take_digits(std::string_view& rest) {
    const auto end = static_cast<std::size_t>(std::ranges::find_if_not(rest, digit) - rest.begin());
    const auto out = rest.substr(0, end);
    rest.remove_prefix(end);
    return out;
}

struct Decimal {
    bool negative = false;
    std::string digits;      // without zeros at both ends; empty: zero
    std::int64_t point = 0;  // how many digits, or zeros behind them, stand before it
};

std::optional<Decimal> read_decimal(std::string_view rest) {
    Decimal out;
    out.negative = rest.starts_with('-');
    if (out.negative) rest.remove_prefix(1);
    out.digits = take_digits(rest);
    out.point = static_cast<std::int64_t>(out.digits.size());
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        out.digits += take_digits(rest);
    }
    if (out.digits.empty()) return std::nullopt;
    if (rest.starts_with('e') || rest.starts_with('E')) {
        rest.remove_prefix(1);
        const bool down = rest.starts_with('-');
        if (down || rest.starts_with('+')) rest.remove_prefix(1);
        const auto exponent = take_digits(rest);
        if (exponent.empty() || exponent.size() > kMaxExponentDigits) return std::nullopt;
        std::int64_t value = 0;
        std::from_chars(exponent.data(), exponent.data() + exponent.size(), value);
        out.point += down ? -value : value;
    }
    if (!rest.empty()) return std::nullopt;
    const auto zeros = std::min(out.digits.find_first_not_of('0'), out.digits.size());
    out.digits.erase(0, zeros);
    out.point -= static_cast<std::int64_t>(zeros);
    out.digits.erase(out.digits.find_last_not_of('0') + 1);
    return out;
}

std::string two(std::int64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);  // more digits when there are more
}
std::string clock_text(std::int64_t seconds) {
    return two(seconds / 3'600) + ":" + two(seconds / 60 % 60) + ":" + two(seconds % 60);
}

std::optional<std::string> day_text(std::int64_t days, bool since_1904) {
    using namespace std::chrono;
    if (since_1904) {
        days += kDaysUntil1904;
    } else if (days == 0 || days == kFalseLeapDay) {
        return std::nullopt;
    } else if (days < kFalseLeapDay) {
        ++days;
    }
    const year_month_day date(sys_days(1899y / December / 30) + std::chrono::days(days));
    std::string year = std::to_string(static_cast<int>(date.year()));
    return year + "-" + two(static_cast<unsigned>(date.month())) + "-" +
           two(static_cast<unsigned>(date.day()));
}

}  // namespace

// The numbers of Chinese, Japanese and Korean formats mean a day in one language and a time in another; a
// time that has a day keeps it, so that either is right.
Form form_of(std::uint64_t built_in) {
    const auto within = [&](std::uint64_t first, std::uint64_t last) {
        return built_in >= first && built_in <= last;
    };
    if (built_in == 22) return Form::date_time;
    if (built_in == 46) return Form::duration;
    if (within(18, 21) || within(32, 35) || within(45, 47) || within(55, 56)) return Form::time;
    if (within(14, 17) || within(27, 36) || within(50, 58)) return Form::date;
    return Form::number;
}

Form form_of(std::string_view code) {
    bool day = false, clock = false, either = false;  // m is a month or a minute
    for (std::size_t i = 0; i < code.size() && code[i] != ';'; ++i) {
        const auto rest = code.substr(i);
        const char c = small(code[i]);
        if (c == '"') {
            i = std::min(code.find('"', i + 1), code.size() - 1);
        } else if (c == '\\' || c == '_' || c == '*') {
            ++i;
        } else if (c == '[') {
            const auto end = std::min(code.find(']', i), code.size() - 1);
            if (elapsed(code.substr(i + 1, end - i - 1))) return Form::duration;
            i = end;
        } else if (starts_with(rest, "am/pm") || starts_with(rest, "a/p")) {
            clock = true;
            i += starts_with(rest, "a/p") ? 2 : 4;
        } else {
            day = day || c == 'y' || c == 'd' || starts_with(rest, "aaa");
            clock = clock || c == 'h' || c == 's';
            either = either || c == 'm';
        }
    }
    if (day && clock) return Form::date_time;
    if (clock) return Form::time;
    return day || either ? Form::date : Form::number;
}

Result<std::string> number_text(std::string_view written) {
    auto number = read_decimal(written);
    if (!number) return not_a_value();
    if (number->digits.empty()) return "0";
    const auto size = static_cast<std::int64_t>(number->digits.size());
    if (number->point < size || number->point > static_cast<std::int64_t>(kMaxWholeDigits))
        return std::string(written);
    number->digits.append(static_cast<std::size_t>(number->point - size), '0');
    return (number->negative ? "-" : "") + number->digits;
}

Result<std::string> moment_text(std::string_view written, Form form, bool since_1904) {
    if (!read_decimal(written)) return not_a_value();
    double value = 0;
    const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), value);
    if (error != std::errc() || end != written.data() + written.size()) return no_date();
    const double after = kAfterLastDay - (since_1904 ? static_cast<double>(kDaysUntil1904) : 0);
    if (!(value >= 0) || value >= after) return no_date();
    if (form == Form::duration) return clock_text(std::llround(value * static_cast<double>(kDaySeconds)));
    auto days = static_cast<std::int64_t>(value);
    auto seconds = std::llround((value - static_cast<double>(days)) * static_cast<double>(kDaySeconds));
    if (form == Form::date) seconds = 0;
    if (seconds == kDaySeconds) {
        seconds = 0;
        if (static_cast<double>(++days) >= after) return no_date();
    }
    if (form == Form::time && days == 0) return clock_text(seconds);
    auto day = day_text(days, since_1904);
    if (!day) return no_date();
    const bool whole_day = form == Form::date || (form == Form::time && seconds == 0);
    return whole_day ? *day : *day + "T" + clock_text(seconds);
}

std::string unescaped(std::string_view text) {
    std::string out;
    while (true) {
        const auto at = std::min(text.find("_x"), text.size());
        out += text.substr(0, at);
        text.remove_prefix(at);
        if (text.empty()) return out;
        unsigned code = 0;
        const auto* last = text.data() + std::min(text.size(), kEscape - 1);
        const auto [end, error] = std::from_chars(text.data() + 2, last, code, 16);
        const bool whole = error == std::errc() && end == text.data() + kEscape - 1 &&
                           text.size() >= kEscape && text[kEscape - 1] == '_';
        if (!whole || code == 0 || (code >= 0xD800 && code < 0xE000)) {  // no character by itself
            out += text[0];
            text.remove_prefix(1);
            continue;
        }
        if (code < 0x80) {
            out += static_cast<char>(code);
        } else if (code < 0x800) {
            out += static_cast<char>(0xC0 | (code >> 6));
            out += static_cast<char>(0x80 | (code & 0x3F));
        } else {
            out += static_cast<char>(0xE0 | (code >> 12));
            out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
            out += static_cast<char>(0x80 | (code & 0x3F));
        }
        text.remove_prefix(kEscape);
    }
}

}  // namespace huoqi::tabular

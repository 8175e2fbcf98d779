// SPDX-License-Identifier: Apache-2.0
#include "core/waybill/internal/phones.h"

#include <algorithm>

#include "lib/text/text.h"

namespace huoqi::waybill {
namespace {

constexpr std::size_t kMobileDigits = 11;
constexpr std::size_t kMaxPhoneBytes = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_extension(std::string_view text) { return text.size() >= 1 && text.size() <= 6 && is_digits(text); }

bool is_virtual(std::string_view text) {
    return text.size() >= kMobileDigits + 4 && text.size() <= kMobileDigits + 7 &&
           text[kMobileDigits] == '-' && is_mobile(text.substr(0, kMobileDigits)) &&
           is_digits(text.substr(kMobileDigits + 1));
}

// Area code with its 0: 010 and 02x have three digits, all others four.
std::size_t area_size(std::string_view digits) {
    if (digits.size() < 4 || digits[0] != '0' || digits[1] == '0') return 0;
    return digits[1] == '1' ? (digits[2] == '0' ? 3 : 0) : digits[1] == '2' ? 3 : 4;
}

bool is_local(std::string_view digits) {
    return (digits.size() == 7 || digits.size() == 8) && is_digits(digits) && digits[0] >= '2';
}

bool is_service(std::string_view digits) {
    return digits.size() == 10 && is_digits(digits) &&
           (digits.starts_with("400") || digits.starts_with("800"));
}

bool is_land_line(std::string_view text) {
    if (is_service(text)) return true;
    std::size_t area = area_size(text);
    if (area == 0 || text.size() < area + 8 || text[area] != '-' || !is_digits(text.substr(0, area)))
        return false;
    auto rest = text.substr(area + 1);
    std::size_t dash = rest.find('-');
    return is_local(rest.substr(0, dash)) && (dash == rest.npos || is_extension(rest.substr(dash + 1)));
}

// Digits and stars, a dash before an extension.
bool is_masked(std::string_view text) {
    return text.size() >= 7 && text.size() <= 20 && text.find('*') != text.npos &&
           text.find_first_not_of("0123456789*-") == text.npos && text.front() != '-' && text.back() != '-';
}

// Invisible marks that come along when a number is copied from an address book.
bool is_mark(char32_t c) {
    return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || c == 0x2060 || c == 0xFEFF;
}

// "转", "ext" and the like become '-', blanks and brackets go.
std::string strip(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        char32_t c = text::narrow(text::next(text, at));
        if (c == U' ' || c == U'\t' || c == U'(' || is_mark(c)) continue;
        if (c == U')' || c == U'转' || c == U'#' || c == U',' || c == U'_' || c == U'/') c = U'-';
        if (c == U'-' && (out.empty() || out.back() == '-')) continue;
        text::append(out, c);
    }
    while (!out.empty() && out.back() == '-') out.pop_back();
    return out;
}

// The international prefix of China; a land line behind it gets its 0 back.
void drop_country_code(std::string& text) {
    std::string_view rest = text;
    if (rest.starts_with("+86") || rest.starts_with("0086")) {
        rest.remove_prefix(rest[0] == '+' ? 3 : 4);
    } else if (rest.starts_with("86") && rest.size() > 12) {
        rest.remove_prefix(2);
    } else {
        return;
    }
    if (rest.starts_with("-")) rest.remove_prefix(1);
    bool land_line =
        !rest.empty() && rest[0] != '0' && !(rest[0] == '1' && rest.size() > 1 && rest[1] >= '3');
    text = (land_line ? "0" : "") + std::string(rest);
}

std::string without_dashes(std::string_view text) {
    std::string out(text);
    std::erase(out, '-');
    return out;
}

// Puts the dashes where the normal form has them; empty when the digits fit no shape.
std::string arrange(std::string_view text) {
    std::size_t last = text.rfind('-');
    std::string all = without_dashes(text);
    if (!is_digits(all)) return {};
    if (is_mobile(all)) return all;
    if (last != text.npos && is_mobile(without_dashes(text.substr(0, last)))) {
        std::string number = without_dashes(text.substr(0, last)) + "-" + std::string(text.substr(last + 1));
        return is_virtual(number) ? number : std::string();
    }
    if (is_service(all)) return all;
    std::size_t area = area_size(all);
    if (area == 0) return {};
    std::string number = all.substr(0, area) + "-" + all.substr(area);
    if (is_land_line(number)) return number;
    if (last == text.npos) return {};
    std::string main = without_dashes(text.substr(0, last));
    if (main.size() <= area) return {};
    number = main.substr(0, area) + "-" + main.substr(area) + "-" + std::string(text.substr(last + 1));
    return is_land_line(number) ? number : std::string();
}

}  // namespace

bool is_digits(std::string_view text) { return std::ranges::all_of(text, is_digit); }

bool is_mobile(std::string_view text) {
    return text.size() == kMobileDigits && text[0] == '1' && text[1] >= '3' && is_digits(text);
}

std::size_t area_code_size(std::string_view land_line) { return area_size(land_line); }

PhoneKind phone_kind(std::string_view normalised) {
    if (normalised.empty()) return PhoneKind::none;
    if (is_mobile(normalised)) return PhoneKind::mobile;
    if (is_virtual(normalised)) return PhoneKind::virtual_number;
    if (is_land_line(normalised)) return PhoneKind::land_line;
    if (is_masked(normalised)) return PhoneKind::masked;
    return PhoneKind::unknown;
}

std::string normal_phone(std::string_view text) {
    if (text.size() > kMaxPhoneBytes) return {};
    PhoneKind kind = phone_kind(text);
    if (kind != PhoneKind::unknown && kind != PhoneKind::none) return std::string(text);
    std::string plain = strip(text);
    if (is_masked(plain)) return plain;
    std::string arranged = arrange(plain);
    if (!arranged.empty()) return arranged;
    drop_country_code(plain);
    return arrange(plain);
}

}  // namespace huoqi::waybill

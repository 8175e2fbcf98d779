// SPDX-License-Identifier: Apache-2.0
#include "core/waybill/internal/identity.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "core/waybill/internal/phones.h"
#include "core/waybill/waybill.h"
#include "lib/text/text.h"

namespace huoqi::waybill {
namespace {

bool is_alnum(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); }

bool alnum_of(std::string_view text, std::size_t least, std::size_t most) {
    return text.size() >= least && text.size() <= most && std::ranges::all_of(text, is_alnum);
}

int number_at(std::string_view text, std::size_t at, std::size_t size) {
    int value = 0;
    for (char c : text.substr(at, size)) value = value * 10 + (c - '0');
    return value;
}

bool is_birth_date(std::string_view eight) {
    using namespace std::chrono;
    auto date = year(number_at(eight, 0, 4)) / number_at(eight, 4, 2) / number_at(eight, 6, 2);
    return date.ok() && date.year() >= year(1900) && date.year() <= year(2099);
}

std::string_view resident_rule(std::string_view number) {
    bool shape = number.size() == 18 && is_digits(number.substr(0, 17)) &&
                 ((number[17] >= '0' && number[17] <= '9') || number[17] == 'X') && number[0] != '0';
    if (!shape) return "id_number.shape";
    if (!is_birth_date(number.substr(6, 8))) return "id_number.date";
    if (resident_check_digit(number.substr(0, 17)) != number[17]) return "id_number.check_digit";
    return {};
}

bool is_hk_macao_permit(std::string_view number) {
    return (number.size() == 9 || number.size() == 11) &&
           (number[0] == 'H' || number[0] == 'M' || number[0] == 'C') && is_alnum(number[1]) &&
           is_digits(number.substr(2));
}

bool is_taiwan_permit(std::string_view number) {
    if (number.empty()) return false;
    auto digits = number[0] >= 'A' ? number.substr(1) : number;
    return digits.size() >= 7 && digits.size() <= 10 && is_digits(digits);
}

}  // namespace

bool is_normal_id_number(std::string_view text) { return alnum_of(text, 1, 20); }

// ISO 7064 MOD 11-2: the weights are powers of two modulo 11.
char resident_check_digit(std::string_view first_17) {
    constexpr std::array kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (std::size_t i = 0; i < kWeights.size(); ++i) sum += kWeights[i] * (first_17[i] - '0');
    return "10X98765432"[sum % 11];
}

std::string_view id_number_rule(std::string_view type, std::string_view number) {
    if (number.find('*') != number.npos) return "id_number.masked";
    bool fits = false;
    if (type == "1") return resident_rule(number);
    if (type == "2") fits = is_hk_macao_permit(number);
    if (type == "3") fits = is_taiwan_permit(number);
    if (type == "4") fits = alnum_of(number, 5, 17);
    if (type == "5") fits = alnum_of(number, 6, 20);
    return fits ? std::string_view() : "id_number.shape";
}

std::string normal_id_number(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        char32_t c = text::narrow(text::next(text, at));
        if (c == U' ' || c == U'\t' || c == U'\'') continue;
        if (c >= U'a' && c <= U'z') c -= 32;
        if (c >= 0x80 || (!is_alnum(static_cast<char>(c)) && c != U'*')) return {};
        out.push_back(static_cast<char>(c));
    }
    return out.size() <= 20 ? out : std::string();
}

}  // namespace huoqi::waybill

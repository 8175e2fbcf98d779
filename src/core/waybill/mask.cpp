// SPDX-License-Identifier: Apache-2.0
// Masks by class of data. A mask is built from what may be shown, never by deleting what may not.
#include <algorithm>

#include "core/waybill/internal/phones.h"
#include "core/waybill/internal/room.h"
#include "core/waybill/waybill.h"
#include "lib/text/text.h"

namespace huoqi::waybill {
namespace {

constexpr std::string_view kHidden = "***";
constexpr std::size_t kStandardHiddenDigits = 6;  // GB/T 41833; no policy file may go below
constexpr std::size_t kMobileDigits = 11;
constexpr std::size_t kMostStars = 8;      // a longer tail tells the length of the text
constexpr std::size_t kLongestPlace = 20;  // code points; a longer "town" is rather a whole address

std::string stars(std::size_t count) { return std::string(count, '*'); }

std::size_t surname_size(std::string_view name, const MaskRules& rules) {
    for (const std::string& surname : rules.compound_surnames) {
        if (name.starts_with(surname)) return rules.compound_surname_keep;
    }
    return rules.name_keep_first;
}

std::string mask_name(std::string_view name, const MaskRules& rules) {
    std::size_t size = text::length(name);
    std::size_t at = 0;
    if (size > 1 && !text::is_han(text::next(name, at))) {
        // Names in letters: the first letter; a longer front would often be the whole given name.
        return rules.name_keep_first == 0 ? std::string(kHidden)
                                          : std::string(text::first(name, 1)) + std::string(kHidden);
    }
    std::size_t keep = std::min(surname_size(name, rules), size - 1);
    auto shown = text::first(name, keep);
    std::string out(shown);
    std::size_t written = 0;
    for (at = shown.size(); at < name.size() && written < kMostStars; ++written) {
        out += text::next(name, at) == U'·' ? "·" : "*";
    }
    return out;
}

// Shows at most `first` and `last` characters of a text that has at least `hide` between them.
std::string mask_middle(std::string_view text, std::size_t first, std::size_t last, std::size_t hide) {
    if (text.size() <= hide) return std::string(kHidden);
    std::size_t room = text.size() - hide;
    first = std::min(first, room);
    last = std::min(last, room - first);
    return std::string(text.substr(0, first)) + stars(text.size() - first - last) +
           std::string(text.substr(text.size() - last));
}

std::string mask_land_line(std::string_view phone, std::size_t hide) {
    std::size_t area = area_code_size(phone);
    std::size_t start = area == 0 ? 0 : area + 1;
    std::size_t end = std::min(phone.find('-', start), phone.size());
    auto local = phone.substr(start, end - start);
    std::size_t shown = local.size() > hide ? std::min<std::size_t>(local.size() - hide, 2) : 0;
    std::string out(phone.substr(0, start));
    out += local.substr(0, shown);
    out += stars(local.size() - shown);
    if (end < phone.size()) out += "-***";
    return out;
}

std::string mask_phone(std::string_view phone, const MaskRules& rules) {
    std::size_t hide = std::clamp(rules.phone_hide_at_least, kStandardHiddenDigits, kMobileDigits);
    switch (phone_kind(phone)) {
        case PhoneKind::none:
            return {};
        case PhoneKind::mobile:
            return mask_middle(phone, rules.phone_keep_first, rules.phone_keep_last, hide);
        case PhoneKind::masked:
            // How many digits stand behind the stars is not known: no more is shown than of a mobile number.
            hide = std::max(hide, phone.size() - std::min(phone.size(), kMobileDigits - hide));
            return mask_middle(phone, rules.phone_keep_first, rules.phone_keep_last, hide);
        case PhoneKind::land_line:
            return mask_land_line(phone, hide);
        case PhoneKind::virtual_number:
            if (rules.show_virtual_numbers) return std::string(phone);
            return mask_middle(phone.substr(0, phone.find('-')), rules.phone_keep_first,
                               rules.phone_keep_last, hide) +
                   "-***";
        case PhoneKind::unknown:
            return std::string(kHidden);
    }
    return std::string(kHidden);
}

std::string mask_phones(const Waybill& waybill, Field field, const MaskRules& rules) {
    std::string out;
    for (Part part : parts_of(field)) {
        std::string masked = mask_phone(waybill[part].reading(), rules);
        if (!out.empty() && !masked.empty()) out += ", ";
        out += masked;
    }
    return out;
}

bool may_hold_more(std::string_view place) {
    return place.find_first_of("0123456789,/(") != place.npos || text::length(place) > kLongestPlace;
}

std::string mask_address(const Waybill& waybill, Field field) {
    auto parts = parts_of(field);
    std::string out;
    for (Part part : parts) {
        auto value = waybill[part].reading();
        if (value.empty()) continue;
        bool place = part != parts.back();
        auto shown = place && !may_hold_more(value) ? value : public_front(value);
        out += shown;
        if (shown.size() < value.size()) return out += kHidden;
    }
    return out;
}

std::string mask_organisation(std::string_view organisation, const MaskRules& rules) {
    std::size_t size = text::length(organisation);
    return std::string(text::first(organisation, std::min(rules.organisation_keep_first, size - 1))) +
           std::string(kHidden);
}

std::string mask_number(std::string_view number, const MaskRules& rules) {
    std::size_t keep = number.size() > rules.number_keep_last ? rules.number_keep_last : 0;
    return stars(number.size() - keep) + std::string(number.substr(number.size() - keep));
}

}  // namespace

std::string mask(const Waybill& waybill, Field field, const MaskRules& rules) {
    DataClass data_class = class_of(field);
    if (data_class == DataClass::phone) return mask_phones(waybill, field, rules);
    if (data_class == DataClass::address) return mask_address(waybill, field);
    auto value = waybill[parts_of(field).back()].reading();
    if (value.empty()) return {};
    switch (data_class) {
        case DataClass::name:
            return mask_name(value, rules);
        case DataClass::organisation:
            return mask_organisation(value, rules);
        case DataClass::number:
            return mask_number(value, rules);
        case DataClass::id_number:
            // Six digits are the region; more would begin to tell the birth date.
            return std::string(value.substr(
                       0, std::min<std::size_t>({rules.id_number_keep_first, 6, value.size() / 2}))) +
                   std::string(kHidden);
        case DataClass::time:
            return rules.show_time ? std::string(value) : std::string(kHidden);
        case DataClass::items:
            return rules.show_items ? std::string(value) : std::string(kHidden);
        case DataClass::phone:
        case DataClass::address:
            break;
    }
    return std::string(kHidden);
}

}  // namespace huoqi::waybill

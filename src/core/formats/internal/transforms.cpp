// SPDX-License-Identifier: Apache-2.0
#include "core/formats/internal/transforms.h"

#include <algorithm>
#include <array>
#include <utility>

#include "lib/text/text.h"

namespace huoqi::formats {
namespace {

using waybill::Part;

struct Row {
    std::string_view name;
    TransformKind kind;
    bool argument;
};
constexpr Row kRows[] = {
    {"excel_text", TransformKind::excel_text, false},
    {"null_text", TransformKind::null_text, false},
    {"strip_prefix", TransformKind::strip_prefix, true},
    {"time", TransformKind::time, true},
    {"id_type_kuaidi100", TransformKind::id_type_kuaidi100, false},
    {"join", TransformKind::join, true},
    {"split_address", TransformKind::split_address, false},
    {"mobile_or_tel", TransformKind::mobile_or_tel, false},
};

constexpr std::size_t kMostTownBytes = 60;

// The offset at the end of a time's argument: "Z" or "+08:00"; empty when there is none.
std::string_view offset_of(std::string_view argument) {
    if (argument.ends_with('Z')) return argument.substr(argument.size() - 1);
    if (argument.size() < 6) return {};
    auto tail = argument.substr(argument.size() - 6);
    auto digit = [&](std::size_t at) { return tail[at] >= '0' && tail[at] <= '9'; };
    bool offset =
        (tail[0] == '+' || tail[0] == '-') && digit(1) && digit(2) && tail[3] == ':' && digit(4) && digit(5);
    return offset ? tail : std::string_view();
}

// Where the letters of a time format stand in RFC 3339, and how many digits they have.
struct Slot {
    char letter;
    std::size_t at;
    std::size_t digits;
};
constexpr std::array<Slot, 6> kSlots = {
    {{'Y', 0, 4}, {'m', 5, 2}, {'d', 8, 2}, {'H', 11, 2}, {'M', 14, 2}, {'S', 17, 2}}};

bool is_time_format(std::string_view argument) {
    auto offset = offset_of(argument);
    if (offset.empty()) return false;
    auto format = argument.substr(0, argument.size() - offset.size());
    for (std::size_t at = 0; at < format.size(); ++at) {
        if (format[at] != '%') continue;
        if (++at == format.size() || std::ranges::find(kSlots, format[at], &Slot::letter) == kSlots.end())
            return false;
    }
    return format.find("%Y") != format.npos && format.find("%m") != format.npos &&
           format.find("%d") != format.npos;
}

// Puts the digits of `value` into `out` as `format` says; false when it reads otherwise.
bool read_time(std::string_view format, std::string_view value, std::string& out) {
    std::size_t from = 0;
    for (std::size_t at = 0; at < format.size(); ++at) {
        if (format[at] != '%') {
            if (from == value.size() || value[from++] != format[at]) return false;
            continue;
        }
        auto slot = std::ranges::find(kSlots, format[++at], &Slot::letter);
        std::size_t digits = 0;
        while (digits < slot->digits && from + digits < value.size() && value[from + digits] >= '0' &&
               value[from + digits] <= '9')
            ++digits;
        if (digits == 0 || (slot->letter == 'Y' && digits != 4)) return false;
        // "9:05" has one digit where the normal form has two.
        out.replace(slot->at + slot->digits - digits, digits, value.substr(from, digits));
        from += digits;
    }
    return from == value.size();
}

std::string_view time_text(std::string_view argument, std::string_view value, std::string& scratch) {
    auto offset = offset_of(argument);
    std::string time = "0000-00-00T00:00:00";
    if (!read_time(argument.substr(0, argument.size() - offset.size()), value, time)) return value;
    scratch = std::move(time);
    scratch += offset;
    return scratch;
}

std::string_view without_excel(std::string_view value) {
    if (value.size() >= 3 && value.starts_with("=\"") && value.ends_with('"'))
        value = value.substr(2, value.size() - 3);
    if (value.starts_with('\'')) value.remove_prefix(1);
    return value;
}

bool is_province(std::string_view text) {
    return text.ends_with("省") || text.ends_with("市") || text.ends_with("自治区") ||
           text.ends_with("特别行政区");
}

// The fourth piece is a town unless it looks like a road or has a house number.
bool is_town(std::string_view text) {
    if (text.size() > kMostTownBytes || text.find_first_of("0123456789") != text.npos) return false;
    if (text.ends_with("街道")) return true;
    for (std::string_view road : {"路", "街", "巷", "道", "号", "弄"}) {
        if (text.ends_with(road)) return false;
    }
    return true;
}

std::string_view first_piece(std::string_view& rest) {
    std::size_t blank = std::min(rest.find(' '), rest.size());
    auto piece = rest.substr(0, blank);
    rest = text::trim(rest.substr(blank));
    return piece;
}

void fill_address(std::span<const Part> parts, std::string_view value, waybill::Waybill& waybill) {
    auto rest = text::trim(value);
    std::array<std::string_view, 4> pieces{};
    auto left = rest;
    std::size_t count = 0;
    while (count < 3 && !left.empty()) pieces[count++] = first_piece(left);
    if (count < 3 || left.empty() || !is_province(pieces[0])) {
        waybill[parts.back()].assign(rest);  // normalising tells what it can tell
        return;
    }
    auto behind = left;
    auto town = first_piece(behind);
    if (!behind.empty() && is_town(town)) {
        pieces[3] = town;
        left = behind;
    }
    for (std::size_t i = 0; i < pieces.size(); ++i) waybill[parts[i]].assign(pieces[i]);
    waybill[parts.back()].assign(left);
}

void fill_phone(std::span<const Part> parts, std::string_view value, waybill::Waybill& waybill) {
    bool land_line = waybill::phone_kind(waybill::normal_phone(value)) == waybill::PhoneKind::land_line;
    waybill[parts[land_line ? 1 : 0]].assign(value);
}

}  // namespace

std::optional<Transform> transform_named(std::string_view text) {
    std::size_t colon = std::min(text.find(':'), text.size());
    auto row = std::ranges::find(kRows, text.substr(0, colon), &Row::name);
    if (row == std::end(kRows) || row->argument != (colon < text.size())) return std::nullopt;
    std::string argument(text.substr(std::min(colon + 1, text.size())));
    if (row->argument && argument.empty()) return std::nullopt;
    if (row->kind == TransformKind::time && !is_time_format(argument)) return std::nullopt;
    return Transform{row->kind, std::move(argument)};
}

bool fills_field(TransformKind kind) {
    return kind == TransformKind::split_address || kind == TransformKind::mobile_or_tel;
}

std::string_view apply(const Transform& transform, std::string_view value, std::string& scratch) {
    switch (transform.kind) {
        case TransformKind::excel_text:
            return without_excel(value);
        case TransformKind::null_text:
            return value == "null" || value == "'null" || value == "NULL" || value == "'NULL"
                       ? std::string_view()
                       : value;
        case TransformKind::strip_prefix:
            return value.starts_with(transform.argument) ? value.substr(transform.argument.size()) : value;
        case TransformKind::time:
            return value.empty() ? value : time_text(transform.argument, value, scratch);
        case TransformKind::id_type_kuaidi100:
            return value.empty() || (value.size() == 1 && value[0] >= '1' && value[0] <= '4') ? value : "5";
        case TransformKind::join:
        case TransformKind::split_address:
        case TransformKind::mobile_or_tel:
            break;
    }
    return value;
}

void fill(TransformKind kind, waybill::Field field, std::string_view value, waybill::Waybill& waybill) {
    auto parts = waybill::parts_of(field);
    kind == TransformKind::split_address ? fill_address(parts, value, waybill)
                                         : fill_phone(parts, value, waybill);
}

}  // namespace huoqi::formats

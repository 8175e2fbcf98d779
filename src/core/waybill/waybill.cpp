// SPDX-License-Identifier: Apache-2.0
#include "core/waybill/waybill.h"

#include <algorithm>

#include "lib/text/text.h"

namespace huoqi::waybill {
namespace {

// Parts of an address in Latin letters are told apart by a blank, Chinese ones by nothing.
bool needs_blank(std::string_view before, std::string_view after) {
    return !before.empty() && static_cast<unsigned char>(before.back()) < 0x80 &&
           static_cast<unsigned char>(after.front()) < 0x80;
}

}  // namespace

bool Waybill::operator==(const Waybill& other) const {
    return std::ranges::equal(parts_, other.parts_, {}, &Personal::reading, &Personal::reading);
}

Waybill Waybill::clone() const {
    Waybill copy;
    for (std::size_t i = 0; i < kParts; ++i) copy.parts_[i] = parts_[i].clone();
    return copy;
}

void Waybill::forget() {
    for (Personal& part : parts_) part.forget();
}

Personal clear(const Waybill& waybill, Field field) {
    if (class_of(field) == DataClass::id_number) return waybill[parts_of(field)[1]].clone();
    std::size_t size = 0;
    for (Part part : parts_of(field)) size += waybill[part].reading().size() + 2;
    std::string text;
    text.reserve(size);  // no buffer is left behind by growing
    for (Part part : parts_of(field)) {
        auto value = waybill[part].reading();
        if (value.empty()) continue;
        if (class_of(field) == DataClass::phone && !text.empty()) text += ", ";
        if (class_of(field) == DataClass::address && needs_blank(text, value)) text += ' ';
        text += value;
    }
    return Personal(std::move(text));
}

}  // namespace huoqi::waybill

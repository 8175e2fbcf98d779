// SPDX-License-Identifier: Apache-2.0
// The closed lists of parts, fields, classes and groups, their names, and which belongs to which.
#include <algorithm>

#include "core/waybill/waybill.h"

namespace huoqi::waybill {
namespace {

struct PartRow {
    std::string_view name;
    Field field;
    Group group;
};

// In the order of Part.
constexpr std::array<PartRow, kParts> kPartRows = {{
    {"number", Field::number, Group::shipment},
    {"time", Field::time, Group::shipment},
    {"items", Field::items, Group::shipment},
    {"sender.name", Field::sender_name, Group::sender},
    {"sender.mobile", Field::sender_phone, Group::sender},
    {"sender.tel", Field::sender_phone, Group::sender},
    {"sender.organisation", Field::sender_organisation, Group::sender},
    {"sender.province", Field::sender_address, Group::sender},
    {"sender.city", Field::sender_address, Group::sender},
    {"sender.district", Field::sender_address, Group::sender},
    {"sender.town", Field::sender_address, Group::sender},
    {"sender.detail", Field::sender_address, Group::sender},
    {"sender.id_type", Field::sender_id_number, Group::sender_identity},
    {"sender.id_number", Field::sender_id_number, Group::sender_identity},
    {"recipient.name", Field::recipient_name, Group::recipient},
    {"recipient.mobile", Field::recipient_phone, Group::recipient},
    {"recipient.tel", Field::recipient_phone, Group::recipient},
    {"recipient.organisation", Field::recipient_organisation, Group::recipient},
    {"recipient.province", Field::recipient_address, Group::recipient},
    {"recipient.city", Field::recipient_address, Group::recipient},
    {"recipient.district", Field::recipient_address, Group::recipient},
    {"recipient.town", Field::recipient_address, Group::recipient},
    {"recipient.detail", Field::recipient_address, Group::recipient},
    {"recipient.id_type", Field::recipient_id_number, Group::recipient_identity},
    {"recipient.id_number", Field::recipient_id_number, Group::recipient_identity},
}};

struct FieldRow {
    std::string_view name;
    DataClass data_class;
    Part first;  // its parts stand together in Part
    std::uint8_t parts;
};

// In the order of Field.
constexpr std::array<FieldRow, kFields> kFieldRows = {{
    {"number", DataClass::number, Part::number, 1},
    {"time", DataClass::time, Part::time, 1},
    {"items", DataClass::items, Part::items, 1},
    {"sender.name", DataClass::name, Part::sender_name, 1},
    {"sender.phone", DataClass::phone, Part::sender_mobile, 2},
    {"sender.organisation", DataClass::organisation, Part::sender_organisation, 1},
    {"sender.address", DataClass::address, Part::sender_province, 5},
    {"sender.id_number", DataClass::id_number, Part::sender_id_type, 2},
    {"recipient.name", DataClass::name, Part::recipient_name, 1},
    {"recipient.phone", DataClass::phone, Part::recipient_mobile, 2},
    {"recipient.organisation", DataClass::organisation, Part::recipient_organisation, 1},
    {"recipient.address", DataClass::address, Part::recipient_province, 5},
    {"recipient.id_number", DataClass::id_number, Part::recipient_id_type, 2},
}};

constexpr std::array<std::string_view, kClasses> kClassNames = {
    "name", "address", "id_number", "phone", "organisation", "number", "time", "items"};
constexpr std::array<std::string_view, kGroups> kGroupNames = {"shipment", "sender", "recipient",
                                                               "sender_identity", "recipient_identity"};

constexpr std::array<Part, kParts> all_parts() {
    std::array<Part, kParts> parts{};
    for (std::size_t i = 0; i < kParts; ++i) parts[i] = static_cast<Part>(i);
    return parts;
}
constexpr std::array<Part, kParts> kAllParts = all_parts();

constexpr std::size_t at(auto value) { return static_cast<std::size_t>(value); }

template <class T>
std::optional<T> find(const auto& rows, std::string_view name, auto name_of) {
    auto found = std::ranges::find(rows, name, name_of);
    if (found == rows.end()) return std::nullopt;
    return static_cast<T>(found - rows.begin());
}

}  // namespace

std::string_view name(Part part) { return kPartRows[at(part)].name; }
std::string_view name(Field field) { return kFieldRows[at(field)].name; }
std::string_view name(DataClass data_class) { return kClassNames[at(data_class)]; }
std::string_view name(Group group) { return kGroupNames[at(group)]; }

std::optional<Part> part_named(std::string_view name) { return find<Part>(kPartRows, name, &PartRow::name); }
std::optional<Field> field_named(std::string_view name) {
    return find<Field>(kFieldRows, name, &FieldRow::name);
}
std::optional<DataClass> class_named(std::string_view name) {
    return find<DataClass>(kClassNames, name, std::identity{});
}

Field field_of(Part part) { return kPartRows[at(part)].field; }
DataClass class_of(Field field) { return kFieldRows[at(field)].data_class; }
Group group_of(Part part) { return kPartRows[at(part)].group; }
Group group_of(Field field) { return group_of(kFieldRows[at(field)].first); }
std::span<const Part> parts_of(Field field) {
    const FieldRow& row = kFieldRows[at(field)];
    return std::span(kAllParts).subspan(at(row.first), row.parts);
}

}  // namespace huoqi::waybill

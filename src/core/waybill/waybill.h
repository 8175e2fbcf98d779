// SPDX-License-Identifier: Apache-2.0
// A waybill as article 3 sees it: eight classes of personal information for two parties. Plain values in
// memory; everything that leaves memory goes through core/vault. No I/O.
//
// Words: a *part* is one stored piece (a mobile number, a town); a *field* is what a person asks for and a
// mask works on (sender.phone, recipient.address); a *class* is article 3's; a *group* is what is sealed
// together under one key.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace huoqi::waybill {

enum class Part : std::uint8_t {
    number,
    time,
    items,
    sender_name,
    sender_mobile,
    sender_tel,
    sender_organisation,
    sender_province,
    sender_city,
    sender_district,
    sender_town,
    sender_detail,
    sender_id_type,
    sender_id_number,
    recipient_name,
    recipient_mobile,
    recipient_tel,
    recipient_organisation,
    recipient_province,
    recipient_city,
    recipient_district,
    recipient_town,
    recipient_detail,
    recipient_id_type,
    recipient_id_number,
};
inline constexpr std::size_t kParts = 25;

enum class Field : std::uint8_t {
    number,
    time,
    items,
    sender_name,
    sender_phone,
    sender_organisation,
    sender_address,
    sender_id_number,
    recipient_name,
    recipient_phone,
    recipient_organisation,
    recipient_address,
    recipient_id_number,
};
inline constexpr std::size_t kFields = 13;

enum class DataClass : std::uint8_t { name, address, id_number, phone, organisation, number, time, items };
inline constexpr std::size_t kClasses = 8;

enum class Group : std::uint8_t { shipment, sender, recipient, sender_identity, recipient_identity };
inline constexpr std::size_t kGroups = 5;

// Stable names as used in policy files, the API and the ledger: "sender.mobile", "recipient.address",
// "id_number", "sender_identity".
std::string_view name(Part part);
std::string_view name(Field field);
std::string_view name(DataClass data_class);
std::string_view name(Group group);
std::optional<Part> part_named(std::string_view name);
std::optional<Field> field_named(std::string_view name);
std::optional<DataClass> class_named(std::string_view name);

Field field_of(Part part);
DataClass class_of(Field field);
Group group_of(Part part);
Group group_of(Field field);
std::span<const Part> parts_of(Field field);

class Waybill {
  public:
    Personal& operator[](Part part) { return parts_[static_cast<std::size_t>(part)]; }
    const Personal& operator[](Part part) const { return parts_[static_cast<std::size_t>(part)]; }
    bool operator==(const Waybill& other) const;
    Waybill clone() const;
    void forget();  // wipes every part, keeping buffers

  private:
    std::array<Personal, kParts> parts_;
};

// ---- Normalising and checking ----
// What a rule found: part and rule, never the value. `rule` is a stable name such as "mobile.shape",
// "id_number.check_digit".
struct Finding {
    Part part;
    std::string_view rule;
};
// Brings every part to its normal form (trimmed, full-width digits and letters narrowed, phone without blanks
// and country code, ID number upper case, time as RFC 3339 in UTC) and checks it. Returns the findings; empty
// means the waybill may be sealed. Idempotent: normalising twice is normalising once.
//  * number: required; 8 to 30 letters and digits, upper case.
//  * mobile: 1[3-9] and 9 digits; or virtual: mobile + "-" + 3 to 6 digits (kept apart from real ones); or
//  masked by the
//    platform (digits and '*'), kept as masked. Each party needs a name or an organisation; the recipient
//    needs a phone.
//  * tel: land line, area code and number, "-" between, extension optional.
//  * id_number: by sender_id_type: 1 resident ID (18 digits or X, date and check digit, GB 11643), 2 Hong
//  Kong/Macao
//    permit, 3 Taiwan permit, 4 passport, 5 others (6 to 20 letters and digits). Masked ones are refused.
//  * name: Chinese (with · for minority names), Latin letters; no digits, no control characters; at most 64
//  characters.
//  * address parts: known shapes of province, city, district, town; if only `detail` holds the whole address,
//  its leading
//    province/city/district/town are moved to their parts when they can be told apart, else it stays whole.
std::vector<Finding> normalise(Waybill& waybill);

enum class PhoneKind { none, mobile, land_line, virtual_number, masked, unknown };
PhoneKind phone_kind(std::string_view normalised);

// Normal forms for search input, the same as at intake; empty when the text cannot be one.
std::string normal_number(std::string_view text);
std::string normal_phone(std::string_view text);
std::string normal_name(std::string_view text);
// The form by which a normalised name is found: Latin letters in lower case, full stops between names as the
// middle dot, no blanks. What people type and what shops export differ in these.
std::string name_key(std::string_view name);
std::string normal_id_number(std::string_view text);

// ---- Masks (art. 21; GB/T 41833: name at least one character, phone at least six digits, room and unit
// hidden) ---- The rules come from policy/masks.toml by way of core/policy.
struct MaskRules {
    std::size_t name_keep_first = 1;        // characters of a name shown, never all
    std::size_t compound_surname_keep = 2;  // for surnames in compound_surnames
    std::vector<std::string> compound_surnames;
    std::size_t phone_keep_first = 3;  // digits of a mobile shown at the front ...
    std::size_t phone_keep_last = 2;   // ... and at the end; at least six stay hidden
    std::size_t phone_hide_at_least = 6;
    bool show_virtual_numbers = false;
    std::size_t organisation_keep_first = 2;
    std::size_t number_keep_last = 4;      // of the waybill number on screens
    std::size_t id_number_keep_first = 0;  // article 22 of the express regulation: nothing on a label, ever
    bool show_items = false;               // items and time are protected classes too
    bool show_time = true;
};
// The label-safe form of a field. Masked on read only; a mask is never stored. Everything unknown is hidden
// ("***"). Address: province, city, district, town, road and house number stay; building unit, floor, room
// and what follows hide.
std::string mask(const Waybill& waybill, Field field, const MaskRules& rules);
// The clear form of a field as one text (address parts joined; phones joined by ", ").
Personal clear(const Waybill& waybill, Field field);

}  // namespace huoqi::waybill

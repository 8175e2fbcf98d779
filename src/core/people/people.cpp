// SPDX-License-Identifier: Apache-2.0
#include "core/people/people.h"

#include <algorithm>
#include <array>

namespace huoqi::people {
namespace {

constexpr std::size_t kMaxCodeBytes = 64;
constexpr std::size_t kMaxNameBytes = 256;
constexpr std::size_t kMaxTextBytes = 512;
constexpr std::size_t kMaxAreas = 64;
constexpr std::size_t kMaxTicketWaybills = 1000;
// Mobile numbers have 11 digits in a row, ID numbers 17 or 18.
constexpr std::size_t kMaxDigitsInARow = 10;

constexpr std::array<std::string_view, kOrganisationKinds> kOrganisationWords{"headquarters",
                                                                              "region",
                                                                              "franchisee",
                                                                              "outlet",
                                                                              "processing_centre",
                                                                              "archive_site",
                                                                              "principal",
                                                                              "vendor",
                                                                              "supplier",
                                                                              "station",
                                                                              "administration_national",
                                                                              "administration_provincial",
                                                                              "administration_municipal"};
constexpr std::array<std::string_view, 3> kDeviceWords{"label_pc", "hand_held", "printer"};
constexpr std::array<std::string_view, 3> kAssignmentWords{"collect", "deliver", "hand_over"};

template <class E, std::size_t N>
std::optional<E> named(const std::array<std::string_view, N>& words, std::string_view word) {
    const auto at = std::ranges::find(words, word);
    if (at == words.end()) return std::nullopt;
    return static_cast<E>(at - words.begin());
}

bool digit(char c) { return c >= '0' && c <= '9'; }

// The length of the UTF-8 character at the front; 0 when there is none (RFC 3629).
std::size_t character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
    }
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    if (first == 0xED && byte(1) > 0x9F) return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) > 0x8F) return 0;
    return size;
}

// A full-width digit (U+FF10 to U+FF19) reads as a digit to people.
bool wide_digit(std::string_view text) {
    return text.size() == 3 && text[0] == '\xEF' && text[1] == '\xBC' &&
           static_cast<unsigned char>(text[2]) >= 0x90 && static_cast<unsigned char>(text[2]) <= 0x99;
}
bool control(std::string_view text) {
    const auto first = static_cast<unsigned char>(text[0]);
    return first < 0x20 || first == 0x7F ||
           (first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0);  // C1
}
bool blank(std::string_view text) { return text == " " || text == "\u00A0" || text == "\u3000"; }

// UTF-8 in which nothing is hidden and no number of a person fits.
bool plain(std::string_view text, std::size_t most) {
    if (text.empty() || text.size() > most) return false;
    std::size_t digits = 0;
    bool was_blank = true;
    for (std::size_t at = 0, size = 0; at < text.size(); at += size) {
        size = character(text.substr(at));
        if (size == 0) return false;
        const auto one = text.substr(at, size);
        if (control(one)) return false;
        if (at == 0 && blank(one)) return false;
        was_blank = blank(one);
        digits = (size == 1 && digit(one[0])) || wide_digit(one) ? digits + 1 : 0;
        if (digits > kMaxDigitsInARow) return false;
    }
    return !was_blank;
}

Status need(bool holds, std::string_view what) {
    if (holds) return {};
    return fail(Code::bad_input, "people: " + std::string(what));
}
Status all(std::initializer_list<std::pair<bool, std::string_view>> rules) {
    for (const auto& [holds, what] : rules) {
        if (!holds) return need(false, what);
    }
    return {};
}
bool or_empty(std::string_view text) { return text.empty() || plain(text, kMaxCodeBytes); }
template <class T>
bool ordered(Time from, const std::optional<T>& until) {
    return !until || from <= *until;
}

}  // namespace

std::string_view name(OrganisationKind kind) { return kOrganisationWords.at(static_cast<std::size_t>(kind)); }
std::string_view name(DeviceKind kind) { return kDeviceWords.at(static_cast<std::size_t>(kind)); }
std::string_view name(AssignmentKind kind) { return kAssignmentWords.at(static_cast<std::size_t>(kind)); }
std::optional<OrganisationKind> organisation_kind_named(std::string_view name) {
    return named<OrganisationKind>(kOrganisationWords, name);
}
std::optional<DeviceKind> device_kind_named(std::string_view name) {
    return named<DeviceKind>(kDeviceWords, name);
}
std::optional<AssignmentKind> assignment_kind_named(std::string_view name) {
    return named<AssignmentKind>(kAssignmentWords, name);
}

bool valid_person(std::string_view id) { return plain(id, kMaxCodeBytes); }
bool valid_organisation(std::string_view code) { return plain(code, kMaxCodeBytes); }
bool valid_device(std::string_view id) { return plain(id, kMaxCodeBytes); }
bool valid_text(std::string_view text) { return plain(text, kMaxTextBytes); }
bool valid_area(std::string_view code) {
    return code.size() == 6 && std::ranges::all_of(code, digit) && code != "000000";
}

Status check(const Organisation& organisation) {
    if (auto shape = all({{valid_organisation(organisation.enterprise), "organisation: enterprise.shape"},
                          {valid_organisation(organisation.code), "organisation: code.shape"},
                          {plain(organisation.name, kMaxNameBytes), "organisation: name.shape"},
                          {or_empty(organisation.parent), "organisation: parent.shape"},
                          {organisation.parent != organisation.code, "organisation: parent.itself"},
                          {organisation.areas.size() <= kMaxAreas, "organisation: areas.too_many"}});
        !shape)
        return shape;
    return need(std::ranges::all_of(organisation.areas, valid_area), "organisation: areas.shape");
}

Status check(const Person& person) {
    return all({{valid_organisation(person.enterprise), "person: enterprise.shape"},
                {valid_person(person.id), "person: id.shape"},
                {valid_organisation(person.organisation), "person: organisation.shape"},
                {or_empty(person.post), "person: post.shape"},
                {or_empty(person.department), "person: department.shape"},
                {ordered(person.entered, person.left), "person: left.before_entered"}});
}

Status check(const Grant& grant) {
    return all({{valid_organisation(grant.enterprise), "grant: enterprise.shape"},
                {plain(grant.id, kMaxCodeBytes), "grant: id.shape"},
                {valid_person(grant.person), "grant: person.shape"},
                {plain(grant.role, kMaxCodeBytes), "grant: role.shape"},
                {valid_organisation(grant.organisation), "grant: organisation.shape"},
                {ordered(grant.from, grant.until), "grant: until.before_from"}});
}

Status check(const Device& device) {
    return all({{valid_organisation(device.enterprise), "device: enterprise.shape"},
                {valid_device(device.id), "device: id.shape"},
                {valid_organisation(device.outlet), "device: outlet.shape"},
                {ordered(device.registered, device.revoked), "device: revoked.before_registered"}});
}

Status check(const Assignment& assignment) {
    return all({{valid_organisation(assignment.enterprise), "assignment: enterprise.shape"},
                {valid_person(assignment.person), "assignment: person.shape"},
                {assignment.from < assignment.until, "assignment: until.before_from"}});
}

Status check(const Ticket& ticket) {
    return all({{valid_organisation(ticket.enterprise), "ticket: enterprise.shape"},
                {plain(ticket.number, kMaxCodeBytes), "ticket: number.shape"},
                {plain(ticket.purpose, kMaxCodeBytes), "ticket: purpose.shape"},
                {valid_organisation(ticket.organisation), "ticket: organisation.shape"},
                {!ticket.person || valid_person(*ticket.person), "ticket: person.shape"},
                {!ticket.waybills.empty(), "ticket: waybills.none"},
                {ticket.waybills.size() <= kMaxTicketWaybills, "ticket: waybills.too_many"}});
}

bool active(const Person& person, Time at) {
    return person.entered <= at && (!person.left || at < *person.left);
}
bool active(const Device& device, Time at) {
    return device.registered <= at && (!device.revoked || at < *device.revoked);
}
bool holds(const Grant& grant, Time at) { return grant.from <= at && (!grant.until || at < *grant.until); }
bool holds(const Grant& grant, Time at, std::int64_t confirmed_within_ns) {
    return holds(grant, at) && at.nanoseconds - grant.confirmed.nanoseconds < confirmed_within_ns;
}

}  // namespace huoqi::people

// SPDX-License-Identifier: Apache-2.0
#include "core/people/people.h"

#include <algorithm>
#include <array>

#include "lib/text/text.h"

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

// UTF-8 in which nothing is hidden and no number of a person fits; full-width digits read as digits to
// people.
bool plain(std::string_view text, std::size_t most) {
    if (text.empty() || text.size() > most || !text::is_valid_utf8(text) || text::trim(text) != text)
        return false;
    std::size_t digits = 0;
    for (std::size_t at = 0; at < text.size();) {
        const char32_t code_point = text::next(text, at);
        if (text::is_control(code_point)) return false;
        const char32_t narrow = text::narrow(code_point);
        digits = narrow >= U'0' && narrow <= U'9' ? digits + 1 : 0;
        if (digits > kMaxDigitsInARow) return false;
    }
    return true;
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

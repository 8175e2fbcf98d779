// SPDX-License-Identifier: Apache-2.0
// Who there is: organisations, people in posts, what was granted to them, their devices, and what they work
// on today (art. 5, 7, 31, 34, 38). Values, the shapes that their codes must have, and the Directory that
// answers a decision from memory.
//
// Every value belongs to an enterprise (the tenant) and every question names one: two enterprises may use the
// same staff number or outlet code and never see each other's. Codes and staff numbers stand in the ledger;
// names of organisations are those of businesses. The names of people are not kept here.
//
// Threads: a Snapshot never changes; a Directory may be asked and changed from any thread. Nothing blocks on
// I/O.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/ids.h"
#include "base/result.h"

namespace huoqi::people {

enum class OrganisationKind : std::uint8_t {
    headquarters,
    region,
    franchisee,
    outlet,
    processing_centre,
    archive_site,
    principal,  // an e-commerce business whose parcels are carried
    vendor,     // enters data on the enterprise's behalf
    supplier,
    station,
    administration_national,
    administration_provincial,
    administration_municipal,
};
inline constexpr std::size_t kOrganisationKinds = 13;
enum class DeviceKind : std::uint8_t { label_pc, hand_held, printer };
enum class AssignmentKind : std::uint8_t { collect, deliver, hand_over };

// Words used in files, the API and the database: "processing_centre", "label_pc", "hand_over".
std::string_view name(OrganisationKind kind);
std::string_view name(DeviceKind kind);
std::string_view name(AssignmentKind kind);
std::optional<OrganisationKind> organisation_kind_named(std::string_view name);
std::optional<DeviceKind> device_kind_named(std::string_view name);
std::optional<AssignmentKind> assignment_kind_named(std::string_view name);

struct Organisation {
    std::string enterprise;
    std::string code;
    std::string name;
    OrganisationKind kind = OrganisationKind::outlet;
    std::string parent;              // code; empty: a root
    std::vector<std::string> areas;  // GB/T 2260, six digits each
    bool operator==(const Organisation&) const = default;
};
struct Person {
    std::string enterprise;
    std::string id;  // staff number
    std::string organisation;
    std::string post;
    std::string department;
    Time entered;
    std::optional<Time> left;  // from this moment on everything of the person is disabled
    bool operator==(const Person&) const = default;
};
// A role that a person has for an organisation and all below it.
struct Grant {
    std::string enterprise;
    std::string id;  // "gr_…"
    std::string person;
    std::string role;
    std::string organisation;
    Time from;
    std::optional<Time> until;
    Time confirmed;  // the last time that its owner said it is still needed
    bool operator==(const Grant&) const = default;
};
struct Device {
    std::string enterprise;
    std::string id;
    DeviceKind kind = DeviceKind::hand_held;
    std::string outlet;
    Time registered;
    std::optional<Time> revoked;
    bool operator==(const Device&) const = default;
};
// A waybill that a person is to collect, deliver or hand over in [from, until).
struct Assignment {
    std::string enterprise;
    RecordPlace waybill;
    std::string person;
    AssignmentKind kind = AssignmentKind::deliver;
    Time from;
    Time until;
    bool operator==(const Assignment&) const = default;
};
// Work on named waybills for one purpose: anyone of the organisation and below it may do it, or one person.
struct Ticket {
    std::string enterprise;
    std::string number;
    std::string purpose;
    std::string organisation;
    std::optional<std::string> person;
    std::vector<RecordPlace> waybills;
    Time until;
    bool operator==(const Ticket&) const = default;
};

// ---- Shapes ----
// A staff number, and a code of an organisation, device or grant: UTF-8, 1 to 64 bytes, no control character,
// not blank at an end, and at most ten digits in a row, so that no phone or ID number gets into the ledger.
bool valid_person(std::string_view id);
bool valid_organisation(std::string_view code);
bool valid_device(std::string_view id);
// A reason or finding: the same within 512 bytes.
bool valid_text(std::string_view text);
// Six digits, not all zero.
bool valid_area(std::string_view code);
// Everything about one value that can be judged without the others; Code::bad_input names field and rule.
Status check(const Organisation& organisation);
Status check(const Person& person);
Status check(const Grant& grant);
Status check(const Device& device);
Status check(const Assignment& assignment);
Status check(const Ticket& ticket);

// Between entering and leaving.
bool active(const Person& person, Time at);
// Granted for this moment. Whether it was confirmed in time is asked with a period: holds(grant, at, period).
bool holds(const Grant& grant, Time at);
bool holds(const Grant& grant, Time at, std::int64_t confirmed_within_ns);
bool active(const Device& device, Time at);

// What changes seldom, at one moment.
struct Contents {
    std::vector<Organisation> organisations;
    std::vector<Person> people;
    std::vector<Grant> grants;
    std::vector<Device> devices;
};
class Snapshot {
  public:
    // Code::bad_input: a value has not its shape, stands twice, or names an organisation or person that is
    // not there; organisations go round in a circle.
    static Result<std::shared_ptr<const Snapshot>> of(Contents contents);

    // nullptr when there is none.
    const Organisation* organisation(std::string_view enterprise, std::string_view code) const;
    const Person* person(std::string_view enterprise, std::string_view id) const;
    const Device* device(std::string_view enterprise, std::string_view id) const;
    // All of a person, whether they hold now or not.
    std::span<const Grant> grants(std::string_view enterprise, std::string_view person) const;
    // Person, grants and device at one go, in half the time of asking for each.
    struct Found {
        const Person* person = nullptr;
        std::span<const Grant> grants;
        const Device* device = nullptr;
    };
    Found find(std::string_view enterprise, std::string_view person, std::string_view device) const;
    // Is `code` the organisation `root` or below it? No when either is unknown. Constant time.
    bool within(std::string_view enterprise, std::string_view code, std::string_view root) const;
    const Contents& contents() const { return contents_; }

    Snapshot();
    ~Snapshot();
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

  private:
    Status add_organisations();
    Status number_organisations();
    Status add_people();
    Status add_grants();
    Status add_devices();

    struct Inside;
    Contents contents_;
    std::unique_ptr<Inside> inside_;
};

// Answers for decisions. The snapshot is exchanged as a whole; assignments and tickets change all day, each
// under the lock of its shard.
class Directory {
  public:
    Directory();
    ~Directory();
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    // Who decides takes it once and keeps it to the end of the decision.
    std::shared_ptr<const Snapshot> now() const;
    void replace(std::shared_ptr<const Snapshot> snapshot);

    // For one waybill, person and kind the last assignment counts. Code::bad_input.
    Status assign(const Assignment& assignment);
    void unassign(std::string_view enterprise, std::string_view person, RecordPlace waybill,
                  AssignmentKind kind);
    bool assigned(std::string_view enterprise, std::string_view person, RecordPlace waybill,
                  AssignmentKind kind, Time at) const;
    std::size_t assignments() const;

    // The last of a number counts. Code::bad_input.
    Status put(Ticket ticket);
    void close_ticket(std::string_view enterprise, std::string_view number);
    // Does a ticket cover this waybill, for this purpose and this person of this organisation, at this
    // moment?
    struct TicketQuestion {
        std::string_view enterprise;
        std::string_view number;
        std::string_view purpose;
        std::string_view person;
        std::string_view organisation;
        RecordPlace waybill;
        Time at;
    };
    bool covered(const Snapshot& snapshot, const TicketQuestion& question) const;

    // Lets go of assignments and tickets that ended before `moment`.
    void forget_before(Time moment);

  private:
    struct Inside;
    Guarded<std::shared_ptr<const Snapshot>> snapshot_;
    std::unique_ptr<Inside> inside_;
};

}  // namespace huoqi::people

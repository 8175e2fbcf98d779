// SPDX-License-Identifier: Apache-2.0
// The law as data: what the files under policy/ say, read once at start-up and checked in full. A policy that
// loads has no unknown key, no missing article and no dangling name; everything else refuses to start with
// file, line and reason.
//
// Errors: Code::bad_input with the message "policy/articles.toml:123: unknown key 'foo' in article 7".
// Threads: a Policy never changes after loading; any thread may read it. Reading files blocks.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "core/waybill/waybill.h"

namespace huoqi::policy {

using Date = std::chrono::year_month_day;  // in China's time zone

struct Bilingual {
    std::string zh;
    std::string en;
};

// Closed lists. name() gives the word used in the files, the API and the ledger.
enum class Status : std::uint8_t {
    built,
    partly,
    planned,
    document
};  // document: organisational, nothing to program
enum class Binds : std::uint8_t { enterprise, staff, franchise, supplier, administration, official, anyone };
enum class Certainty : std::uint8_t {
    text,     // the legal text itself was read
    press,    // press report, note of a law firm, or another second-hand page
    company,  // nothing prescribes it; the enterprise's own choice
    unknown,  // a rule is said to exist and was not found; the value is our default
};
enum class Unit : std::uint8_t {
    second,
    minute,
    hour,
    day,
    working_day,
    month,
    year,
    person,
    record,
    token,
    entry,
    item,
    character,
    digit,
    byte,
    attempt,
};
enum class Evidence : std::uint8_t { assigned, ticket, case_file };
enum class Action : std::uint8_t {
    seal,
    search,
    read,
    reveal,
    ledger_read,
    metrics_read,
    route_read,  // the routing code of a parcel: all that sorting needs
    people_read,
    people_write,
    assignment_write,
    ticket_write,
    account_reset,
    grant_ask,
    grant_decide,
    grant_confirm,
    maintenance_ask,
    maintenance_decide,
    maintenance_close,
    leaver_sign,
};
inline constexpr std::size_t kActions = 19;
enum class RoleKind : std::uint8_t {
    business,
    administration,  // one of the three powers: no personal information in any form (art. 7, 31)
    program,         // acts by a key; shows its evidence by the number of a ticket or case
};
// Which waybills or organisations a grant reaches.
enum class Scope : std::uint8_t { assigned, outlet, subtree, ticket, case_file, enterprise };
// What is shown. Ascending: a greater one shows more.
enum class Form : std::uint8_t { none, masked, clear };

std::string_view name(Status status);
std::string_view name(Binds binds);
std::string_view name(Certainty certainty);
std::string_view name(Unit unit);
std::string_view name(Evidence evidence);
std::string_view name(Action action);
std::string_view name(RoleKind kind);
std::string_view name(Scope scope);
std::string_view name(Form form);
std::optional<Action> action_named(std::string_view name);
std::optional<Scope> scope_named(std::string_view name);
// Does the action put personal information before somebody's eyes?
bool shows(Action action);

// A text that was consulted, and how.
struct Source {
    std::string id;
    Bilingual title;
    std::string address;
    Certainty read = Certainty::press;  // text or press
};
// Why a figure is what it is. `source` reads like a citation; `cites` names a Source, empty when none was
// found.
struct Basis {
    std::string source;
    std::string cites;
    Certainty certainty = Certainty::unknown;
    Bilingual note;
};
// A part of the system that an article can be met by.
struct Part {
    std::string name;
    Bilingual title;
    Status status = Status::planned;
};
struct Chapter {
    int number = 0;
    Bilingual title;
};
struct Article {
    int number = 0;
    int chapter = 0;
    Bilingual title;
    Bilingual asks;
    std::vector<Binds> binds;
    std::vector<std::string> met_by;  // names of parts
    Status status = Status::planned;
    Bilingual note;
};
// A figure while it is in force. One id may stand several times with periods that do not overlap.
struct Parameter {
    std::string id;
    std::int64_t value = 0;
    Unit unit = Unit::day;
    Basis basis;
    Date in_force_from;
    std::optional<Date> in_force_to;  // the last day
    std::vector<int> articles;
};
// Some of article 3's eight classes.
class ClassSet {
  public:
    constexpr void add(waybill::DataClass one) { bits_ |= bit(one); }
    constexpr bool has(waybill::DataClass one) const { return (bits_ & bit(one)) != 0; }
    constexpr bool covers(ClassSet other) const { return (other.bits_ & ~bits_) == 0; }
    constexpr bool empty() const { return bits_ == 0; }
    constexpr bool operator==(const ClassSet&) const = default;

  private:
    static constexpr unsigned bit(waybill::DataClass one) { return 1U << static_cast<unsigned>(one); }
    unsigned bits_ = 0;
};
// One line of a role: this action, on what the scope reaches, shows these classes in this form.
struct RoleGrant {
    Action action{};
    ClassSet classes;  // empty exactly when form is none
    Scope scope{};
    Form form = Form::none;
};
struct Role {
    std::string name;
    Bilingual title;
    RoleKind kind = RoleKind::business;
    std::vector<std::string> excludes;  // symmetric: each of them excludes this one
    bool second_factor = false;
    bool device = false;  // works only on a registered device
    std::vector<RoleGrant> grants;

    bool may(Action action) const;
    bool excluded_by(std::string_view role) const;
};
struct Purpose {
    std::string code;
    Bilingual title;
    std::vector<waybill::Field> fields;  // what it can justify, and nothing else
    Evidence evidence = Evidence::ticket;
    std::vector<std::string> roles;
    std::vector<int> articles;
    std::int64_t max_tokens = 0;  // in one call; 0 exactly when it justifies no field
    std::int64_t per_day = 0;     // records that one person may reveal in a day of China's time ...
    std::int64_t per_month = 0;   // ... and in a month; as max_tokens 0 when it justifies no field
    Bilingual note;

    bool justifies(waybill::Field field) const;
    bool open_to(std::string_view role) const;
};
struct MaskBasis {
    std::string mask;  // "name", "phone", ...
    Basis basis;
};
// What a mask must, and must not, make of an input.
struct MaskVector {
    waybill::Field field{};
    std::string input;
    std::vector<std::string> acceptable;
    std::vector<std::string> unacceptable;
};

struct Policy {
    // Greatest version of the files, "-", first 8 hex digits of a SHA-256 over them: "2026-11-23-0a1b2c3d".
    std::string version;
    Bilingual regulation;
    std::vector<Source> sources;
    std::vector<Part> parts;
    std::vector<Chapter> chapters;
    std::vector<Article> articles;  // ascending, without gaps: article n stands at n - 1
    std::vector<Parameter> parameters;
    std::vector<Role> roles;
    std::vector<Purpose> purposes;
    waybill::MaskRules masks;
    std::vector<MaskBasis> mask_bases;
    std::vector<MaskVector> mask_vectors;
    std::vector<std::string> common_passwords;  // without capitals, ascending

    // nullptr when there is none.
    const Article* article(int number) const;
    const Part* part(std::string_view name) const;
    const Source* source(std::string_view id) const;
    const Role* role(std::string_view name) const;
    const Purpose* purpose(std::string_view code) const;
    // The entry of this id that is in force on a day.
    const Parameter* parameter(std::string_view id, Date on) const;
    // The figure in force at a moment, in the unit the caller counts in. Code::not_found: no such figure, or
    // not in force then; Code::bad_input: it has another unit.
    Result<std::int64_t> figure(std::string_view id, Unit unit, Time at) const;
};

// The policy that holds now; a published one takes its place while the program runs. Who decides by it takes
// now() once and keeps that to the end of the decision. Threads: all calls from any thread.
class InForce {
  public:
    explicit InForce(std::shared_ptr<const Policy> policy) : policy_(std::move(policy)) {}
    std::shared_ptr<const Policy> now() const {
        return policy_.with([](const auto& policy) { return policy; });
    }
    void replace(std::shared_ptr<const Policy> policy) {
        policy_.with([&](auto& current) { current = std::move(policy); });
    }

  private:
    Guarded<std::shared_ptr<const Policy>> policy_;
};

// What is wrong, and where. Lines count from 1; 0 means the whole file.
struct Problem {
    std::string file;
    std::size_t line = 0;
    std::string reason;
};
std::string text(const Problem& problem);

struct File {
    std::string name;  // without folder
    std::string content;
};
struct Checked {
    std::unique_ptr<const Policy> policy;  // null as soon as there is a problem
    std::vector<Problem> problems;         // by file and line
};
// The names of the files that make up a policy.
std::span<const std::string_view> file_names();
inline constexpr std::size_t kMaxFileBytes = 1 << 20;

// Reads policy files that are in memory already.
Checked read(std::span<const File> files);
// The files of a folder, whatever is in them.
Result<std::vector<File>> files_of(const std::filesystem::path& dir);
// Reads a folder. The first problem as an error ...
Result<std::unique_ptr<const Policy>> load(const std::filesystem::path& dir);
// ... or all of them; empty when the policy is good.
std::vector<Problem> check(const std::filesystem::path& dir);

}  // namespace huoqi::policy

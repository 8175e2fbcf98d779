// SPDX-License-Identifier: Apache-2.0
// What is held: reading, following, changing, and ending what leavers have.
#include "core/staff/staff.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/log.h"
#include "lib/crypto/crypto.h"

namespace huoqi::staff {
namespace {

constexpr int kTries = 8;  // others may be changing the same enterprise
constexpr std::string_view kSystem = "system";

void add(people::Contents& to, people::Contents&& from) {
    std::ranges::move(from.organisations, std::back_inserter(to.organisations));
    std::ranges::move(from.people, std::back_inserter(to.people));
    std::ranges::move(from.grants, std::back_inserter(to.grants));
    std::ranges::move(from.devices, std::back_inserter(to.devices));
}

// Puts `more` in place of what has the same key, or behind it; a personnel office may send all it has.
template <class T, class Key>
void merge(std::vector<T>& all, const std::vector<T>& more, Key key) {
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < all.size(); ++i) places.emplace(key(all[i]), i);
    for (const auto& one : more) {
        const auto [at, fresh] = places.emplace(key(one), all.size());
        if (fresh) {
            all.push_back(one);
        } else {
            all[at->second] = one;
        }
    }
}

}  // namespace

std::string account_person(std::string_view enterprise, std::string_view person) {
    return std::string(enterprise) + "/" + std::string(person);
}

std::optional<Named> named(std::string_view account_person) {
    const auto slash = account_person.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == account_person.size())
        return std::nullopt;
    return Named{std::string(account_person.substr(0, slash)), std::string(account_person.substr(slash + 1))};
}

std::string fresh_id(std::string_view prefix) {
    constexpr std::size_t kLetters = 24;  // 96 bits
    constexpr std::string_view kAlphabet = "bcdfghjklmnpqrst";
    std::array<std::uint8_t, kLetters> random{};
    crypto::random_fill(random);
    std::string out(prefix);
    for (auto byte : random) out.push_back(kAlphabet[byte % kAlphabet.size()]);
    return out;
}

Staff::Staff(const Parts& parts, std::vector<std::string> enterprises)
    : parts_(parts), enterprises_(std::move(enterprises)) {}

Status Staff::load() {
    if (auto read = read_all(); !read) return read;
    if (auto followed = follow_work(); !followed) return followed;
    if (auto counted = count_quota(); !counted) return counted;
    return end_leavers();
}

Status Staff::follow() {
    bool news = false;
    for (const auto& enterprise : enterprises_) {
        auto revision = parts_.people.revision(enterprise);
        if (!revision) return pass(revision);
        news = news || revisions_.with([&](auto& known) { return known[enterprise] != *revision; });
    }
    if (news) {
        if (auto read = read_all(); !read) return read;
    }
    if (auto followed = follow_work(); !followed) return followed;
    return end_leavers();
}

// Assignments and tickets of every process; what ended long ago is let go of now and then.
Status Staff::follow_work() {
    constexpr std::int64_t kEvery = 3'600'000'000'000;  // an hour
    constexpr std::int64_t kKept = 24 * kEvery;         // a look's dispute is of today
    std::lock_guard lock(following_);
    auto number = people::follow(parts_.work, directory_, work_number_);
    if (!number) return pass(number);
    work_number_ = *number;
    const Time now = parts_.clock.now();
    if (now.nanoseconds - forgotten_.nanoseconds < kEvery) return {};
    forgotten_ = now;
    const Time before{now.nanoseconds - kKept};
    directory_.forget_before(before);
    quota_.forget_old(now);
    return parts_.work.forget_before(before);
}

Status Staff::read_all() {
    // One at a time: of two readings the later one must be the one that stays.
    std::lock_guard lock(reading_);
    people::Contents all;
    std::map<std::string, std::int64_t> revisions;
    for (const auto& enterprise : enterprises_) {
        auto held = parts_.people.held(enterprise);
        if (!held) return pass(held);
        revisions[enterprise] = held->revision;
        add(all, std::move(held->contents));
    }
    auto snapshot = people::Snapshot::of(std::move(all));
    if (!snapshot) return pass(snapshot, "the directory of people");
    directory_.replace(std::move(*snapshot));
    revisions_.with([&](auto& known) { known = std::move(revisions); });
    return {};
}

Result<people::Held> Staff::held(std::string_view enterprise) const { return parts_.people.held(enterprise); }

Status Staff::act(std::string_view enterprise, std::string_view by, const Rule& rule) {
    for (int tried = 0; tried < kTries; ++tried) {
        auto held = parts_.people.held(enterprise);
        if (!held) return pass(held);
        const auto policy = parts_.policy.now();
        auto deed = rule({*policy, *held, enterprise, parts_.clock.now(), by});
        if (!deed) return pass(deed);
        if (deed->entries.empty()) return {};
        for (auto& entry : deed->entries) entry.person = account_person(enterprise, entry.person);
        auto written = parts_.people.apply(enterprise, held->revision, deed->changes, deed->entries);
        if (!written && written.error().code == Code::conflict) continue;
        if (!written) return pass(written);
        if (auto drained = parts_.drain(); !drained) return drained;
        if (auto read = read_all(); !read) return read;
        return end_leavers();
    }
    return fail(Code::conflict, "staff: others change the same enterprise; try again");
}

Status Staff::put(std::string_view enterprise, std::string_view by, people::Contents contents) {
    if (!contents.grants.empty()) return fail(Code::bad_input, "staff: rights are asked for and decided");
    return act(enterprise, by, [&](const powers::Standing& standing) -> Result<powers::Deed> {
        // What is there is tried together with what comes, so that nobody is left without an organisation.
        people::Contents whole = standing.held.contents;
        // Leaving comes by its rule, with the end of rights and the audit; what is put neither makes a leaver
        // nor brings one back.
        std::unordered_map<std::string_view, std::optional<Time>> left;
        for (const auto& person : standing.held.contents.people) left.emplace(person.id, person.left);
        for (auto& person : contents.people) {
            const auto at = left.find(person.id);
            person.left = at == left.end() ? std::nullopt : at->second;
        }
        merge(whole.organisations, contents.organisations, [](const auto& x) { return x.code; });
        merge(whole.devices, contents.devices, [](const auto& x) { return x.id; });
        merge(whole.people, contents.people, [](const auto& x) { return x.id; });
        if (auto fits = people::Snapshot::of(std::move(whole)); !fits) return pass(fits);
        powers::Deed deed;
        deed.entries.push_back({0,
                                "people.write",
                                std::string(by),
                                std::string(enterprise),
                                "",
                                {{"organisations", std::to_string(contents.organisations.size())},
                                 {"people", std::to_string(contents.people.size())},
                                 {"devices", std::to_string(contents.devices.size())},
                                 {"enterprise", std::string(enterprise)}}});
        deed.changes.contents = contents;
        return deed;
    });
}

Status Staff::assign(std::string_view enterprise, std::string_view by,
                     std::span<const people::Assignment> add, std::span<const people::Unassigned> remove) {
    const Time now = parts_.clock.now();
    const auto snapshot = directory_.now();
    for (const auto& one : add) {
        const auto* person = snapshot->person(enterprise, one.person);
        if (person == nullptr || !people::active(*person, now))
            return fail(Code::bad_input, "staff: person.inactive");
    }
    auto written = parts_.work.put(enterprise, add, remove,
                                   {{0,
                                     "assignment.write",
                                     account_person(enterprise, by),
                                     std::string(enterprise),
                                     "",
                                     {{"enterprise", std::string(enterprise)},
                                      {"given", std::to_string(add.size())},
                                      {"taken", std::to_string(remove.size())}}}});
    if (!written) return pass(written);
    if (auto drained = parts_.drain(); !drained) return drained;
    return follow_work();
}

Status Staff::put_ticket(std::string_view by, const people::Ticket& ticket) {
    auto written = parts_.work.put_ticket(ticket, {{0,
                                                    "ticket.write",
                                                    account_person(ticket.enterprise, by),
                                                    ticket.number,
                                                    "",
                                                    {{"enterprise", ticket.enterprise},
                                                     {"purpose", ticket.purpose},
                                                     {"waybills", std::to_string(ticket.waybills.size())}}}});
    if (!written) return pass(written);
    if (auto drained = parts_.drain(); !drained) return drained;
    return follow_work();
}

Status Staff::close_ticket(std::string_view enterprise, std::string_view by, std::string_view number) {
    auto written = parts_.work.close_ticket(enterprise, number,
                                            {{0,
                                              "ticket.close",
                                              account_person(enterprise, by),
                                              std::string(number),
                                              "",
                                              {{"enterprise", std::string(enterprise)}}}});
    if (!written) return pass(written);
    if (auto drained = parts_.drain(); !drained) return drained;
    return follow_work();
}

// Accounts, sessions and keys of who has left. Grants and the person itself hold nothing from the moment of
// leaving on, by the directory alone; this is what stands elsewhere.
Status Staff::end_leavers() {
    const Time now = parts_.clock.now();
    const auto snapshot = directory_.now();
    if (!snapshot) return {};
    std::vector<const people::Person*> gone;
    ended_.with([&](auto& ended) {
        for (const auto& person : snapshot->contents().people) {
            if (people::active(person, now) || !person.left || now < *person.left) continue;
            if (!ended.contains(account_person(person.enterprise, person.id))) gone.push_back(&person);
        }
    });
    if (gone.empty()) return {};
    auto keys = parts_.office.keys();
    if (!keys) return pass(keys);
    for (const auto* person : gone) {
        const auto account = account_person(person->enterprise, person->id);
        // One account that is busy or damaged must not keep others in; it is tried again.
        bool all = true;
        auto disabled = parts_.accounts.disable(account, kSystem);
        if (!disabled && disabled.error().code != Code::not_found) {
            all = false;
            log::error("leaver.not_ended", {{"person", account}, {"code", name(disabled.error().code)}});
        }
        for (const auto& key : *keys) {
            if (key.revoked || key.person != person->id || key.enterprise != person->enterprise) continue;
            auto revoked = parts_.office.revoke_key(key.id, now, std::string(kSystem));
            if (!revoked && revoked.error().code != Code::conflict) all = false;
        }
        if (all) ended_.with([&](auto& ended) { ended.insert(account); });
    }
    return parts_.drain();
}

}  // namespace huoqi::staff

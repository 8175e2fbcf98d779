// SPDX-License-Identifier: Apache-2.0
// Assignments are kept by waybill with people as numbers: a million of them change all day, and a decision
// asks for exactly one.
#include <algorithm>
#include <array>
#include <deque>
#include <map>

#include "core/people/internal/flat.h"
#include "core/people/internal/keys.h"
#include "core/people/people.h"

namespace huoqi::people {
namespace {

constexpr std::size_t kShards = 64;

// The one text of a person that all assignments point to; it never moves or goes.
using PersonText = const KeyText*;
struct Work {
    RecordPlace waybill{};
    PersonText person = nullptr;
    std::uint32_t tag = 0;  // of the person's hash: tells most people apart without looking at the text
    AssignmentKind kind{};
    bool operator==(const Work&) const = default;
};
std::uint32_t tag_of(std::uint64_t person_hash) { return static_cast<std::uint32_t>(person_hash >> 24); }
std::uint64_t work_hash(RecordPlace waybill, std::uint32_t tag, AssignmentKind kind) {
    const auto volume = static_cast<std::uint64_t>(waybill.volume.value) << 40;
    const auto who = (static_cast<std::uint64_t>(tag) << 8) | static_cast<std::uint64_t>(kind);
    return mixed(mixed(waybill.record.value ^ volume) ^ who);
}
struct WorkHash {
    std::uint64_t operator()(const Work& work) const { return work_hash(work.waybill, work.tag, work.kind); }
};
struct Period {
    Time from;
    Time until;
};
using Works = FlatMap<Work, Period, WorkHash>;

struct Names {
    RowIndex index;
    std::deque<KeyText> texts;
};
// Enterprise and number.
using Tickets = std::map<std::pair<std::string, std::string>, Ticket>;

// Not the bits by which the tables place their entries.
std::size_t shard_of(std::uint64_t hash) { return (hash >> 56) % kShards; }
std::size_t shard_of(RecordPlace place) { return shard_of(mixed(place.record.value)); }

}  // namespace

struct Directory::Inside {
    std::array<Guarded<Names>, kShards> names;
    std::array<Guarded<Works>, kShards> works;
    std::array<Guarded<Tickets>, kShards> tickets;

    // nullptr: nothing was ever assigned to the person.
    PersonText text(const Key& person, bool add) {
        const auto hash = person.hash();
        return names[shard_of(hash)].with([&](Names& all) -> PersonText {
            const auto row = all.index.find(hash, [&](auto one) { return all.texts[one].is(person); });
            if (row) return &all.texts[*row];
            if (!add) return nullptr;
            all.index.add(hash, static_cast<std::uint32_t>(all.texts.size()));
            all.texts.push_back({std::string(person.enterprise), std::string(person.code)});
            return &all.texts.back();
        });
    }
    auto& tickets_of(const Key& ticket) { return tickets[shard_of(ticket.hash())]; }
};

Directory::Directory() : snapshot_(std::make_shared<const Snapshot>()), inside_(std::make_unique<Inside>()) {}
Directory::~Directory() = default;

std::shared_ptr<const Snapshot> Directory::now() const {
    return snapshot_.with([](const auto& snapshot) { return snapshot; });
}
void Directory::replace(std::shared_ptr<const Snapshot> snapshot) {
    // The old one may be large: it is let go outside the lock.
    snapshot_.with([&](auto& current) { current.swap(snapshot); });
}

Status Directory::assign(const Assignment& assignment) {
    if (auto shape = check(assignment); !shape) return shape;
    const Key person{assignment.enterprise, assignment.person};
    const Work work{assignment.waybill, inside_->text(person, /*add=*/true), tag_of(person.hash()),
                    assignment.kind};
    inside_->works[shard_of(assignment.waybill)].with(
        [&](Works& works) { works.put(work, {assignment.from, assignment.until}); });
    return {};
}

void Directory::unassign(std::string_view enterprise, std::string_view person, RecordPlace waybill,
                         AssignmentKind kind) {
    const Key key{enterprise, person};
    const auto text = inside_->text(key, /*add=*/false);
    if (text == nullptr) return;
    inside_->works[shard_of(waybill)].with(
        [&](Works& works) { works.erase({waybill, text, tag_of(key.hash()), kind}); });
}

bool Directory::assigned(std::string_view enterprise, std::string_view person, RecordPlace waybill,
                         AssignmentKind kind, Time at) const {
    const Key key{enterprise, person};
    const auto tag = tag_of(key.hash());
    return inside_->works[shard_of(waybill)].with([&](const Works& works) {
        const auto* found = works.find(work_hash(waybill, tag, kind), [&](const Work& work) {
            return work.waybill == waybill && work.tag == tag && work.kind == kind && work.person->is(key);
        });
        return found != nullptr && found->from <= at && at < found->until;
    });
}

std::size_t Directory::assignments() const {
    std::size_t sum = 0;
    for (const auto& shard : inside_->works)
        sum += shard.with([](const Works& works) { return works.size(); });
    return sum;
}

Status Directory::put(Ticket ticket) {
    if (auto shape = check(ticket); !shape) return shape;
    std::ranges::sort(ticket.waybills);
    auto& shard = inside_->tickets_of({ticket.enterprise, ticket.number});
    shard.with([&](Tickets& tickets) {
        std::pair key(ticket.enterprise, ticket.number);
        tickets.insert_or_assign(std::move(key), std::move(ticket));
    });
    return {};
}

void Directory::close_ticket(std::string_view enterprise, std::string_view number) {
    inside_->tickets_of({enterprise, number}).with([&](Tickets& tickets) {
        tickets.erase({std::string(enterprise), std::string(number)});
    });
}

bool Directory::covered(const Snapshot& snapshot, const TicketQuestion& question) const {
    return inside_->tickets_of({question.enterprise, question.number}).with([&](const Tickets& tickets) {
        const auto at = tickets.find({std::string(question.enterprise), std::string(question.number)});
        if (at == tickets.end()) return false;
        const Ticket& ticket = at->second;
        return question.at < ticket.until && ticket.purpose == question.purpose &&
               (!ticket.person || *ticket.person == question.person) &&
               std::ranges::binary_search(ticket.waybills, question.waybill) &&
               snapshot.within(question.enterprise, question.organisation, ticket.organisation);
    });
}

void Directory::forget_before(Time moment) {
    for (auto& shard : inside_->works) {
        shard.with([&](Works& works) {
            works.erase_if([&](const Period& period) { return period.until <= moment; });
        });
    }
    for (auto& shard : inside_->tickets) {
        shard.with([&](Tickets& tickets) {
            std::erase_if(tickets, [&](const auto& ticket) { return ticket.second.until <= moment; });
        });
    }
}

}  // namespace huoqi::people

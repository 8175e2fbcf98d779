// SPDX-License-Identifier: Apache-2.0
// Assignments are kept by waybill with people as numbers: a million of them change all day, and a decision
// asks for exactly one.
#include <algorithm>
#include <array>
#include <map>

#include "core/people/internal/flat.h"
#include "core/people/internal/keys.h"
#include "core/people/people.h"

namespace huoqi::people {
namespace {

constexpr std::size_t kShards = 64;

using PersonNumber = std::uint32_t;
struct Work {
    RecordPlace waybill{};
    PersonNumber person = 0;
    AssignmentKind kind{};
    bool operator==(const Work&) const = default;
};
struct WorkHash {
    std::uint64_t operator()(const Work& work) const {
        const auto volume = static_cast<std::uint64_t>(work.waybill.volume.value) << 40;
        const auto who =
            (static_cast<std::uint64_t>(work.person) << 8) | static_cast<std::uint64_t>(work.kind);
        return mixed(mixed(work.waybill.record.value ^ volume) ^ who);
    }
};
struct Period {
    Time from;
    Time until;
};
using Works = FlatMap<Work, Period, WorkHash>;

// The people of one shard by number: row times shards plus the shard.
struct Names {
    RowIndex index;
    std::vector<KeyText> texts;

    std::optional<std::uint32_t> row(const Key& key) const {
        return index.find(key.hash(), [&](std::uint32_t row) { return texts[row].is(key); });
    }
};
// Enterprise and number.
using Tickets = std::map<std::pair<std::string, std::string>, Ticket>;

// Not the bits by which the tables place their entries.
std::size_t shard_of(std::uint64_t hash) { return (hash >> 56) % kShards; }
std::size_t shard_of(RecordPlace place) { return shard_of(mixed(place.record.value)); }
PersonNumber number_of(std::size_t shard, std::uint32_t row) {
    return static_cast<PersonNumber>(row * kShards + shard);
}

}  // namespace

struct Directory::Inside {
    std::array<Guarded<Names>, kShards> names;
    std::array<Guarded<Works>, kShards> works;
    std::array<Guarded<Tickets>, kShards> tickets;

    std::optional<PersonNumber> number(const Key& person) const {
        const auto shard = shard_of(person.hash());
        const auto row = names[shard].with([&](const Names& all) { return all.row(person); });
        return row ? std::optional(number_of(shard, *row)) : std::nullopt;
    }
    PersonNumber new_number(const Key& person) {
        const auto shard = shard_of(person.hash());
        return names[shard].with([&](Names& all) {
            if (const auto row = all.row(person)) return number_of(shard, *row);
            const auto row = static_cast<std::uint32_t>(all.texts.size());
            all.texts.push_back({std::string(person.enterprise), std::string(person.code)});
            all.index.add(person.hash(), row);
            return number_of(shard, row);
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
    const auto person = inside_->new_number({assignment.enterprise, assignment.person});
    inside_->works[shard_of(assignment.waybill)].with([&](Works& works) {
        works.put({assignment.waybill, person, assignment.kind}, {assignment.from, assignment.until});
    });
    return {};
}

void Directory::unassign(std::string_view enterprise, std::string_view person, RecordPlace waybill,
                         AssignmentKind kind) {
    const auto number = inside_->number({enterprise, person});
    if (!number) return;
    inside_->works[shard_of(waybill)].with([&](Works& works) { works.erase({waybill, *number, kind}); });
}

bool Directory::assigned(std::string_view enterprise, std::string_view person, RecordPlace waybill,
                         AssignmentKind kind, Time at) const {
    const auto number = inside_->number({enterprise, person});
    if (!number) return false;
    return inside_->works[shard_of(waybill)].with([&](const Works& works) {
        const auto* found = works.find({waybill, *number, kind});
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

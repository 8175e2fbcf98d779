// SPDX-License-Identifier: Apache-2.0
// Assignments are kept by waybill with people as numbers: a million of them change all day, and a decision
// asks for exactly one.
#include <algorithm>

#include "core/people/people.h"

namespace huoqi::people {
namespace {

std::uint64_t mixed(std::uint64_t value) {
    value ^= value >> 32;
    value *= 0x9E3779B97F4A7C15ULL;
    return value ^ (value >> 29);
}

}  // namespace

std::size_t Directory::WorkHash::operator()(const Work& work) const noexcept {
    const auto waybill =
        mixed(work.waybill.record.value ^ (static_cast<std::uint64_t>(work.waybill.volume.value) << 40));
    return mixed(waybill ^ (static_cast<std::uint64_t>(work.person) << 8) ^
                 static_cast<std::uint64_t>(work.kind));
}

Directory::Directory() : snapshot_(std::make_shared<const Snapshot>()) {}

std::shared_ptr<const Snapshot> Directory::now() const {
    return snapshot_.with([](const auto& snapshot) { return snapshot; });
}
void Directory::replace(std::shared_ptr<const Snapshot> snapshot) {
    // The old one may be large: it is let go outside the lock.
    snapshot_.with([&](auto& current) { current.swap(snapshot); });
}

std::size_t Directory::shard_of(RecordPlace place) { return mixed(place.record.value) % kShards; }

std::optional<Directory::PersonNumber> Directory::number_of(Key person) const {
    return names_[KeyHash{}(person) % kShards].with([&](const auto& names) -> std::optional<PersonNumber> {
        const auto at = names.find(person);
        if (at == names.end()) return std::nullopt;
        return at->second;
    });
}
Directory::PersonNumber Directory::new_number(Key person) {
    return names_[KeyHash{}(person) % kShards].with([&](auto& names) {
        const auto at = names.find(person);
        if (at != names.end()) return at->second;
        const auto number = numbers_.fetch_add(1);
        names.emplace(KeyText{std::string(person.enterprise), std::string(person.code)}, number);
        return number;
    });
}

Status Directory::assign(const Assignment& assignment) {
    if (auto shape = check(assignment); !shape) return shape;
    const auto person = new_number({assignment.enterprise, assignment.person});
    works_[shard_of(assignment.waybill)].with([&](Works& works) {
        works[{assignment.waybill, person, assignment.kind}] = {assignment.from, assignment.until};
    });
    return {};
}

void Directory::unassign(std::string_view enterprise, std::string_view person, RecordPlace waybill,
                         AssignmentKind kind) {
    const auto number = number_of({enterprise, person});
    if (!number) return;
    works_[shard_of(waybill)].with([&](Works& works) { works.erase({waybill, *number, kind}); });
}

bool Directory::assigned(std::string_view enterprise, std::string_view person, RecordPlace waybill,
                         AssignmentKind kind, Time at) const {
    const auto number = number_of({enterprise, person});
    if (!number) return false;
    return works_[shard_of(waybill)].with([&](const Works& works) {
        const auto found = works.find({waybill, *number, kind});
        return found != works.end() && found->second.from <= at && at < found->second.until;
    });
}

std::size_t Directory::assignments() const {
    std::size_t sum = 0;
    for (const auto& shard : works_) sum += shard.with([](const Works& works) { return works.size(); });
    return sum;
}

Status Directory::put(Ticket ticket) {
    if (auto shape = check(ticket); !shape) return shape;
    std::ranges::sort(ticket.waybills);
    KeyText key{ticket.enterprise, ticket.number};
    auto& shard = tickets_[KeyHash{}(key) % kShards];
    shard.with([&](auto& tickets) { tickets.insert_or_assign(std::move(key), std::move(ticket)); });
    return {};
}

void Directory::close_ticket(std::string_view enterprise, std::string_view number) {
    const Key key{enterprise, number};
    tickets_[KeyHash{}(key) % kShards].with([&](auto& tickets) {
        const auto at = tickets.find(key);
        if (at != tickets.end()) tickets.erase(at);
    });
}

bool Directory::covered(const Snapshot& snapshot, const TicketQuestion& question) const {
    const Key key{question.enterprise, question.number};
    return tickets_[KeyHash{}(key) % kShards].with([&](const auto& tickets) {
        const auto at = tickets.find(key);
        if (at == tickets.end()) return false;
        const Ticket& ticket = at->second;
        return question.at < ticket.until && ticket.purpose == question.purpose &&
               (!ticket.person || *ticket.person == question.person) &&
               std::ranges::binary_search(ticket.waybills, question.waybill) &&
               snapshot.within(question.enterprise, question.organisation, ticket.organisation);
    });
}

void Directory::forget_before(Time moment) {
    for (auto& shard : works_) {
        shard.with([&](Works& works) {
            std::erase_if(works, [&](const auto& work) { return work.second.until <= moment; });
        });
    }
    for (auto& shard : tickets_) {
        shard.with([&](auto& tickets) {
            std::erase_if(tickets, [&](const auto& ticket) { return ticket.second.until <= moment; });
        });
    }
}

}  // namespace huoqi::people

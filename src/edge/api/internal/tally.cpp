// SPDX-License-Identifier: Apache-2.0
#include "edge/api/internal/tally.h"

#include "edge/api/api.h"

namespace huoqi::api {
namespace {

constexpr std::int64_t kSweepNanoseconds = 10'000'000'000;
// Where everything goes for which there is no slot left; a peer cannot use up memory by changing its address.
constexpr const char* kOthers = "";

}  // namespace

Tally::~Tally() {
    slots_.with([&](Slots& slots) {
        for (auto& [key, slot] : slots) {
            if (slot.pending > 0) write(std::move(slot.entry), slot.pending);
        }
    });
}

// A clock that was set back ends a minute too.
bool Tally::over(const Slot& slot, Time now) {
    auto passed = now.nanoseconds - slot.since.nanoseconds;
    return passed >= kTallyNanoseconds || passed < 0;
}

void Tally::note(const std::string& key, ledger::Entry entry) {
    sweep();
    Time now = clock_.now();
    std::uint64_t times = slots_.with([&](Slots& slots) -> std::uint64_t {
        bool full = slots.size() >= kMaxTallies && !slots.contains(key);
        if (full) entry.actor = {};
        auto [at, added] = slots.try_emplace(full ? kOthers : key);
        Slot& slot = at->second;
        if (!added && !over(slot, now)) {
            ++slot.pending;
            return 0;
        }
        std::uint64_t due = slot.pending + 1;
        slot = {entry, now, 0};
        return due;
    });
    if (times > 0) write(std::move(entry), times);
}

void Tally::sweep() {
    Time now = clock_.now();
    auto due = next_sweep_.load();
    if (now.nanoseconds < due ||
        !next_sweep_.compare_exchange_strong(due, now.nanoseconds + kSweepNanoseconds))
        return;
    slots_.with([&](Slots& slots) {
        std::erase_if(slots, [&](const auto& at) {
            const Slot& slot = at.second;
            if (!over(slot, now)) return false;
            if (slot.pending > 0) write(slot.entry, slot.pending);
            return true;
        });
    });
}

void Tally::write(ledger::Entry entry, std::uint64_t times) {
    entry.counts["times"] = times;
    ledger_.submit({std::move(entry), 1, {}, [](const Result<EntryIndex>&) {}});
}

}  // namespace huoqi::api

// SPDX-License-Identifier: Apache-2.0
// Ledger entries of things that can come in floods (a key tried again and again): the first is written at
// once, the others of the same minute together as one entry with their count. Not waited for. Threads: any.
#pragma once

#include <atomic>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/guarded.h"
#include "core/ledger/ledger.h"

namespace huoqi::api {

class Tally {
  public:
    Tally(ledger::Ledger& ledger, const Clock& clock) : ledger_(ledger), clock_(clock) {}
    ~Tally();  // writes what was counted

    // Counts one `entry`; those with the same key are one.
    void note(const std::string& key, ledger::Entry entry);
    // Writes counts whose minute is over. Cheap when there is nothing to do.
    void sweep();

  private:
    struct Slot {
        ledger::Entry entry;
        Time since;
        std::uint64_t pending = 0;
    };
    using Slots = std::unordered_map<std::string, Slot>;
    void write(ledger::Entry entry, std::uint64_t times);
    static bool over(const Slot& slot, Time now);

    ledger::Ledger& ledger_;
    const Clock& clock_;
    Guarded<Slots> slots_;
    std::atomic<std::int64_t> next_sweep_{0};
};

}  // namespace huoqi::api

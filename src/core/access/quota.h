// SPDX-License-Identifier: Apache-2.0
// How many records each person has revealed for each purpose, by day and month of China's time: cumulative,
// because a thousand small looks are a bulk look (art. 34). Rebuilt at start-up from what the ledger says;
// what is counted here is lost with the process and found there again. Threads: all calls from any thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/guarded.h"
#include "core/access/access.h"

namespace huoqi::access {

using Day = std::chrono::sys_days;  // a day in China's time zone, by its date

Day china_day(Time time);

struct Count {
    std::string enterprise;
    std::string person;
    std::string purpose;
    Day day;
    std::int64_t records = 0;
};

class Quota {
  public:
    // Adds what was counted before.
    void load(std::span<const Count> counts);

    Used used(std::string_view enterprise, std::string_view person, std::string_view purpose, Time now) const;
    // Counts `records` if day and month have room for them, else changes nothing: whoever asks first gets it,
    // and many at once do not get more than there is. The rule is "allowed", "quota.day" or "quota.month".
    Decision take(const policy::Purpose& purpose, std::string_view enterprise, std::string_view person,
                  std::int64_t records, Time now);
    // Gives back what was taken and then not shown.
    void give_back(std::string_view enterprise, std::string_view person, std::string_view purpose,
                   std::int64_t records, Time taken);
    // Lets go of days before the month of `now`.
    void forget_old(Time now);

  private:
    using Days = std::map<Day, std::int64_t>;
    using Counts = std::unordered_map<std::string, Days>;
    static constexpr std::size_t kShards = 16;

    static std::string key_of(std::string_view enterprise, std::string_view person, std::string_view purpose);
    static std::size_t shard_of(const std::string& key);
    static Used sum(const Days& days, Day today);

    std::array<Guarded<Counts>, kShards> shards_;
};

}  // namespace huoqi::access

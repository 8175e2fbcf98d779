// SPDX-License-Identifier: Apache-2.0
#include "core/access/quota.h"

#include <algorithm>

namespace huoqi::access {
namespace {

constexpr std::chrono::hours kChinaAhead{8};

Day first_of_month(Day day) {
    const std::chrono::year_month_day date(day);
    return Day(date.year() / date.month() / std::chrono::day(1));
}

}  // namespace

Day china_day(Time time) {
    const std::chrono::sys_time<std::chrono::nanoseconds> utc{std::chrono::nanoseconds(time.nanoseconds)};
    return std::chrono::floor<std::chrono::days>(utc + kChinaAhead);
}

// Lengths before texts, so that no two keys read the same.
std::string Quota::key_of(std::string_view enterprise, std::string_view person, std::string_view purpose) {
    std::string key = std::to_string(enterprise.size()) + ' ' + std::to_string(person.size()) + ' ';
    key.append(enterprise).append(person).append(purpose);
    return key;
}
std::size_t Quota::shard_of(const std::string& key) { return std::hash<std::string>{}(key) % kShards; }

Used Quota::sum(const Days& days, Day today) {
    Used used;
    for (auto at = days.lower_bound(first_of_month(today)); at != days.end() && at->first <= today; ++at) {
        used.month += at->second;
        if (at->first == today) used.today = at->second;
    }
    return used;
}

void Quota::load(std::span<const Count> counts) {
    for (const auto& count : counts) {
        const auto key = key_of(count.enterprise, count.person, count.purpose);
        shards_[shard_of(key)].with([&](Counts& all) { all[key][count.day] += count.records; });
    }
}

Used Quota::used(std::string_view enterprise, std::string_view person, std::string_view purpose,
                 Time now) const {
    const auto key = key_of(enterprise, person, purpose);
    return shards_[shard_of(key)].with([&](const Counts& all) {
        const auto days = all.find(key);
        return days == all.end() ? Used{} : sum(days->second, china_day(now));
    });
}

Decision Quota::take(const policy::Purpose& purpose, std::string_view enterprise, std::string_view person,
                     std::int64_t records, Time now) {
    if (records <= 0) return {false, "tokens.none"};
    const auto key = key_of(enterprise, person, purpose.code);
    const Day today = china_day(now);
    return shards_[shard_of(key)].with([&](Counts& all) -> Decision {
        const auto days = all.find(key);
        const Used used = days == all.end() ? Used{} : sum(days->second, today);
        if (used.today > purpose.per_day - records) return {false, "quota.day"};
        if (used.month > purpose.per_month - records) return {false, "quota.month"};
        all[key][today] += records;
        return {true, "allowed"};
    });
}

void Quota::give_back(std::string_view enterprise, std::string_view person, std::string_view purpose,
                      std::int64_t records, Time taken) {
    const auto key = key_of(enterprise, person, purpose);
    shards_[shard_of(key)].with([&](Counts& all) {
        const auto days = all.find(key);
        if (days == all.end()) return;
        const auto at = days->second.find(china_day(taken));
        if (at != days->second.end()) at->second = std::max<std::int64_t>(0, at->second - records);
    });
}

void Quota::forget_old(Time now) {
    const Day first = first_of_month(china_day(now));
    for (auto& shard : shards_) {
        shard.with([&](Counts& all) {
            for (auto at = all.begin(); at != all.end();) {
                auto& days = at->second;
                days.erase(days.begin(), days.lower_bound(first));
                at = days.empty() ? all.erase(at) : std::next(at);
            }
        });
    }
}

}  // namespace huoqi::access

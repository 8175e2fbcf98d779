// SPDX-License-Identifier: Apache-2.0
// Finding entries by waybill, actor, time and action.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/ledger/internal/state.h"

namespace huoqi::ledger {
namespace {

std::optional<Time> time_of(const nlohmann::json& entry) { return parse_rfc3339(entry.value("time", "")); }

// Smallest index in [0, size) whose time is not before `time`; entries stand in order of time.
Result<EntryIndex> first_not_before(const archive::Archive& archive, std::uint64_t size, Time time) {
    std::uint64_t low = 0;
    for (std::uint64_t high = size; low < high;) {
        std::uint64_t middle = low + (high - low) / 2;
        auto bytes = archive.entry(EntryIndex{middle});
        if (!bytes) return pass(bytes);
        auto at = time_of(nlohmann::json::parse(text_of(*bytes), nullptr, false));
        if (!at) return fail(Code::corrupt, "ledger: entry " + std::to_string(middle) + " has no time");
        if (*at < time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return EntryIndex{low};
}

}  // namespace

// Indexes that the narrowest search key of the filter gives, newest first; the caller checks the rest.
Result<std::vector<EntryIndex>> Ledger::candidates(const Filter& filter, EntryIndex before,
                                                   std::size_t limit) const {
    if (filter.waybill) {
        auto direct = archive_.entries_with(waybill_key(*filter.waybill), before, limit);
        if (!direct) return direct;
        // The run of records that this waybill was sealed with.
        auto range = archive_.next_key(range_prefix(filter.waybill->volume), range_key(*filter.waybill));
        if (!range) return pass(range);
        if (direct->size() < limit && *range && (*range)->second < before)
            direct->push_back((*range)->second);
        std::sort(direct->begin(), direct->end(), std::greater<>());
        return direct;
    }
    if (!filter.person.empty()) return archive_.entries_with(person_key(filter.person), before, limit);
    if (!filter.action.empty()) return archive_.entries_with(action_key(filter.action), before, limit);
    std::vector<EntryIndex> all;
    for (std::uint64_t i = before.value; i > 0 && all.size() < limit; --i) all.push_back(EntryIndex{i - 1});
    return all;
}

Result<bool> Ledger::matches(const Filter& filter, EntryIndex, std::string_view text) const {
    auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) return fail(Code::corrupt, "ledger: an entry is not JSON");
    if (!filter.person.empty() && json["actor"].value("person", "") != filter.person) return false;
    if (!filter.action.empty() && json.value("action", "") != filter.action) return false;
    if (filter.waybill && json.contains("range")) {
        // Tokens do not sort; the range was found by its last record, so only its first must be checked.
        auto range = archive_.next_key(range_prefix(filter.waybill->volume), range_key(*filter.waybill));
        if (!range) return pass(range);
        std::uint64_t count = json.contains("counts") ? json["counts"].value("span", std::uint64_t{0}) : 0;
        if (!*range || range_end((*range)->first).record.value - filter.waybill->record.value >= count)
            return false;
    }
    return true;
}

Result<std::vector<Found>> Ledger::find(const Filter& filter, EntryIndex before, std::size_t limit) const {
    constexpr std::size_t kStep = 256;
    std::uint64_t total = size().value;
    EntryIndex top{std::min(before.value, total)};
    EntryIndex bottom{0};
    if (filter.until) {
        auto end = first_not_before(archive_, total, *filter.until);
        if (!end) return pass(end);
        top = std::min(top, *end);
    }
    if (filter.from) {
        auto begin = first_not_before(archive_, total, *filter.from);
        if (!begin) return pass(begin);
        bottom = *begin;
    }
    std::vector<Found> out;
    while (out.size() < limit) {
        auto indexes = candidates(filter, top, kStep);
        if (!indexes) return pass(indexes);
        if (indexes->empty()) break;
        for (auto index : *indexes) {
            if (index < bottom) return out;
            auto json = entry(index);
            if (!json) return pass(json);
            auto fits = matches(filter, index, *json);
            if (!fits) return pass(fits);
            if (*fits) out.push_back({index, std::move(*json)});
            if (out.size() == limit) return out;
        }
        top = indexes->back();
    }
    return out;
}

}  // namespace huoqi::ledger

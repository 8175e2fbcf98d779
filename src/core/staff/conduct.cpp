// SPDX-License-Identifier: Apache-2.0
// What the ledger says of a person's doings: for a leaver's audit, and for the quotas at start.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/staff/staff.h"

namespace huoqi::staff {
namespace {

constexpr std::size_t kPage = 1000;
constexpr std::size_t kMostAddresses = 100;
constexpr std::int64_t kHour = 3'600'000'000'000;
constexpr std::int64_t kChina = 8 * kHour;  // UTC+8

using Json = nlohmann::json;

// Entries of a filter, newest first, until `take` says no.
Status each(const ledger::Ledger& ledger, const ledger::Filter& filter,
            const std::function<bool(const Json&)>& take) {
    for (EntryIndex before{ledger.size().value};;) {
        auto page = ledger.find(filter, before, kPage);
        if (!page) return pass(page);
        for (const auto& one : *page) {
            auto entry = Json::parse(one.json, nullptr, /*allow_exceptions=*/false);
            if (entry.is_object() && !take(entry)) return {};
        }
        if (page->size() < kPage) return {};
        before = page->back().index;
    }
}

std::string text(const Json& entry, const char* name) {
    const auto at = entry.find(name);
    return at != entry.end() && at->is_string() ? at->get<std::string>() : std::string();
}
std::string actor(const Json& entry, const char* name) {
    const auto at = entry.find("actor");
    return at != entry.end() && at->is_object() ? text(*at, name) : std::string();
}
std::uint64_t count(const Json& entry, const char* name) {
    const auto at = entry.find("counts");
    if (at == entry.end() || !at->is_object()) return 0;
    const auto number = at->find(name);
    return number != at->end() && number->is_number_unsigned() ? number->get<std::uint64_t>() : 0;
}

bool odd_hour(Time time) {
    const auto hour = (time.nanoseconds + kChina) / kHour % 24;
    return hour >= 22 || hour < 6;
}

}  // namespace

Result<Conduct> Staff::conduct(std::string_view enterprise, std::string_view person, Time from) const {
    Conduct out;
    ledger::Filter filter;
    filter.person = person;
    filter.from = from;
    auto read = each(parts_.ledger, filter, [&](const Json& entry) {
        if (actor(entry, "organisation") != enterprise) return true;  // another tenant's number
        if (++out.entries > kMostEntriesOfConduct) {
            out.cut = true;
            return false;
        }
        const auto action = text(entry, "action");
        ++out.actions[action];
        if (text(entry, "outcome") == "refused") ++out.refused;
        if (const auto shown = action == "reveal" ? count(entry, "shown") : 0; shown > 0) {
            out.shown += shown;
            out.purposes[text(entry, "purpose")] += shown;
        }
        if (auto time = parse_rfc3339(text(entry, "time")); time && odd_hour(*time)) ++out.odd_hours;
        auto address = actor(entry, "address");
        if (!address.empty() && out.addresses.size() < kMostAddresses &&
            std::ranges::find(out.addresses, address) == out.addresses.end())
            out.addresses.push_back(std::move(address));
        return true;
    });
    if (!read) return pass(read);
    return out;
}

// Reveals of this month. Programs have no quota: their entries name no person of the directory.
Status Staff::count_quota() {
    using namespace std::chrono;
    const Time now = parts_.clock.now();
    const auto today = year_month_day(access::china_day(now));
    const sys_days first = today.year() / today.month() / 1;
    ledger::Filter filter;
    filter.action = "reveal";
    filter.from = Time{duration_cast<nanoseconds>(first.time_since_epoch()).count() - kChina};
    const auto snapshot = directory_.now();
    if (!snapshot || snapshot->contents().people.empty()) return {};
    std::map<std::tuple<std::string, std::string, std::string, access::Day>, std::int64_t> counts;
    auto read = each(parts_.ledger, filter, [&](const Json& entry) {
        const auto enterprise = actor(entry, "organisation");
        const auto person = actor(entry, "person");
        const auto time = parse_rfc3339(text(entry, "time"));
        const auto shown = count(entry, "shown");
        if (time && shown > 0 && snapshot->person(enterprise, person) != nullptr)
            counts[{enterprise, person, text(entry, "purpose"), access::china_day(*time)}] +=
                static_cast<std::int64_t>(shown);
        return true;
    });
    if (!read) return read;
    std::vector<access::Count> loaded;
    for (const auto& [key, records] : counts)
        loaded.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), std::get<3>(key), records});
    quota_.load(loaded);
    return {};
}

}  // namespace huoqi::staff

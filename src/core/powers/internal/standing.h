// SPDX-License-Identifier: Apache-2.0
// What the rules share: finding things in what is held, and naming a refusal.
#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "core/powers/powers.h"

namespace huoqi::powers {

inline std::unexpected<Error> refuse(std::string_view rule) { return fail(Code::refused, std::string(rule)); }

template <class T>
const T* by_id(const std::vector<T>& all, std::string_view id) {
    const auto at = std::ranges::find(all, id, &T::id);
    return at == all.end() ? nullptr : &*at;
}
inline const people::Person* active_person(const Standing& standing, std::string_view id) {
    const auto* found = by_id(standing.held.contents.people, id);
    return found != nullptr && people::active(*found, standing.now) ? found : nullptr;
}
inline bool organisation_there(const Standing& standing, std::string_view code) {
    const auto& all = standing.held.contents.organisations;
    return std::ranges::find(all, code, &people::Organisation::code) != all.end();
}
// An entry for the ledger; codes and numbers only.
inline office::Outgoing entry(const Standing& standing, std::string_view action, std::string_view subject,
                              std::string_view role, std::map<std::string, std::string> detail) {
    detail.emplace("enterprise", standing.enterprise);
    return {0,
            std::string(action),
            std::string(standing.by),
            std::string(subject),
            std::string(role),
            std::move(detail)};
}
inline Time plus(Time from, std::int64_t ns) { return {from.nanoseconds + ns}; }
inline constexpr std::int64_t kMinuteNs = 60'000'000'000;
inline constexpr std::int64_t kHourNs = 60 * kMinuteNs;
inline constexpr std::int64_t kDayNs = 24 * kHourNs;

}  // namespace huoqi::powers

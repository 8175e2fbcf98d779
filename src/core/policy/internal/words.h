// SPDX-License-Identifier: Apache-2.0
// The words of the closed lists, in the order of their enumerators.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "core/policy/policy.h"

namespace huoqi::policy {

template <class E>
struct Words;

template <>
struct Words<Status> {
    static constexpr std::string_view kind = "status";
    static constexpr std::array<std::string_view, 4> all{"built", "partly", "planned", "document"};
};
template <>
struct Words<Binds> {
    static constexpr std::string_view kind = "addressee";
    static constexpr std::array<std::string_view, 7> all{
        "enterprise", "staff", "franchise", "supplier", "administration", "official", "anyone"};
};
template <>
struct Words<Certainty> {
    static constexpr std::string_view kind = "certainty";
    static constexpr std::array<std::string_view, 4> all{"text", "press", "company", "unknown"};
};
template <>
struct Words<Unit> {
    static constexpr std::string_view kind = "unit";
    static constexpr std::array<std::string_view, 16> all{
        "second", "minute", "hour",  "day",  "working_day", "month", "year", "person",
        "record", "token",  "entry", "item", "character",   "digit", "byte", "attempt"};
};
template <>
struct Words<Evidence> {
    static constexpr std::string_view kind = "evidence";
    static constexpr std::array<std::string_view, 3> all{"assigned", "ticket", "case"};
};
template <>
struct Words<Action> {
    static constexpr std::string_view kind = "action";
    static constexpr std::array<std::string_view, kActions> all{"seal",
                                                                "search",
                                                                "read",
                                                                "reveal",
                                                                "ledger.read",
                                                                "metrics.read",
                                                                "route.read",
                                                                "people.read",
                                                                "people.write",
                                                                "assignment.write",
                                                                "ticket.write",
                                                                "account.reset",
                                                                "grant.ask",
                                                                "grant.decide",
                                                                "grant.confirm",
                                                                "maintenance.ask",
                                                                "maintenance.decide",
                                                                "maintenance.close",
                                                                "leaver.sign"};
};
template <>
struct Words<RoleKind> {
    static constexpr std::string_view kind = "kind";
    static constexpr std::array<std::string_view, 3> all{"business", "administration", "program"};
};
template <>
struct Words<Scope> {
    static constexpr std::string_view kind = "scope";
    static constexpr std::array<std::string_view, 6> all{"assigned", "outlet", "subtree",
                                                         "ticket",   "case",   "enterprise"};
};
template <>
struct Words<Form> {
    static constexpr std::string_view kind = "form";
    static constexpr std::array<std::string_view, 3> all{"none", "masked", "clear"};
};

template <class E>
std::string_view word(E value) {
    return Words<E>::all.at(static_cast<std::size_t>(value));
}
template <class E>
std::optional<E> value_of(std::string_view text) {
    for (std::size_t i = 0; i < Words<E>::all.size(); ++i) {
        if (Words<E>::all[i] == text) return static_cast<E>(i);
    }
    return std::nullopt;
}

}  // namespace huoqi::policy

// SPDX-License-Identifier: Apache-2.0
// A rule of core/powers, run for a caller, and the affair that came of it: what the routes about rights,
// windows and leavers have in common. Threads: any.
#pragma once

#include <expected>
#include <vector>

#include "edge/api/internal/desk.h"

namespace huoqi::api {

// Runs the rule, as staff::Staff::act(); gives the first of the affairs it changed, or the answer when it was
// not done. `affairs`: which kind, such as &people::Affairs::requests.
template <class T>
std::expected<T, http::Response> affair_after(Desk& desk, const Caller& caller, policy::Action action,
                                              std::vector<T> people::Affairs::* affairs,
                                              const staff::Staff::Rule& rule) {
    T shown;
    const auto done = desk.services.staff.act(caller.enterprise, caller.actor.person,
                                              [&](const powers::Standing& standing) -> Result<powers::Deed> {
                                                  auto deed = rule(standing);
                                                  if (deed && !(deed->changes.affairs.*affairs).empty())
                                                      shown = (deed->changes.affairs.*affairs).front();
                                                  return deed;
                                              });
    if (auto answer = desk.undone(caller, action, done)) return std::unexpected(std::move(*answer));
    return shown;
}

}  // namespace huoqi::api

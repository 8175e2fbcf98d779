// SPDX-License-Identifier: Apache-2.0
// What the personnel office sends, checked value by value before anything is kept; the same for one value by
// PUT and for many by import. Threads: any.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/people/people.h"

namespace huoqi::api {

// "person" of "post.shape": the member's name is what stands before the dot.
using Rule = std::string;
std::string_view member_of(std::string_view rule);

// Is there an organisation of this code, now or with what is being put?
using There = std::function<bool(std::string_view code)>;
// The rule that a value breaks: its shape, or "organisation.unknown", "parent.unknown", "outlet.unknown".
std::optional<Rule> flaw(const people::Organisation& organisation, const There& there);
std::optional<Rule> flaw(const people::Person& person, const There& there);
std::optional<Rule> flaw(const people::Device& device, const There& there);

// What there is already.
struct Before {
    const people::Snapshot& snapshot;
    Time now;
};
// Keeps what the personnel office does not say: the day of entry when it is not told, and of a device when it
// was registered. `revoked`: nothing said leaves it as it is.
void keep(people::Person& person, const std::optional<Time>& entered, const Before& before);
void keep(people::Device& device, std::optional<bool> revoked, const Before& before);

}  // namespace huoqi::api

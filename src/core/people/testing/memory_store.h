// SPDX-License-Identifier: Apache-2.0
// A people::Store in memory, for tests.
#pragma once

#include <algorithm>
#include <map>

#include "core/people/store.h"

namespace huoqi::people {

class MemoryStore final : public Store {
  public:
    Result<std::int64_t> revision(std::string_view enterprise) override { return of(enterprise).revision; }
    Result<Held> held(std::string_view enterprise) override { return of(enterprise); }
    Result<std::int64_t> apply(std::string_view enterprise, std::int64_t seen, const Changes& changes,
                               const std::vector<office::Outgoing>& entries) override {
        if (auto shape = people::check(enterprise, changes, entries); !shape) return pass(shape);
        auto& held = of(enterprise);
        if (held.revision != seen) return fail(Code::conflict, "people: somebody else was first");
        const auto id = [](const auto& value) { return value.id; };
        const auto person = [](const auto& value) { return value.person; };
        merge(held.contents.organisations, changes.contents.organisations,
              [](const auto& value) { return value.code; });
        merge(held.contents.people, changes.contents.people, id);
        merge(held.contents.grants, changes.contents.grants, id);
        merge(held.contents.devices, changes.contents.devices, id);
        merge(held.affairs.requests, changes.affairs.requests, id);
        merge(held.affairs.windows, changes.affairs.windows, id);
        merge(held.affairs.leavings, changes.affairs.leavings, person);
        ++held.revision;
        outbox.insert(outbox.end(), entries.begin(), entries.end());
        return static_cast<std::int64_t>(outbox.size());
    }
    Status check(std::string_view) override { return {}; }

    std::vector<office::Outgoing> outbox;

  private:
    Held& of(std::string_view enterprise) { return held_[std::string(enterprise)]; }
    template <class T>
    static void merge(std::vector<T>& all, const std::vector<T>& more, auto key) {
        for (const auto& one : more) {
            const auto at =
                std::ranges::find_if(all, [&](const auto& other) { return key(other) == key(one); });
            if (at == all.end()) {
                all.push_back(one);
            } else {
                *at = one;
            }
        }
    }

    std::map<std::string, Held> held_;
};

}  // namespace huoqi::people

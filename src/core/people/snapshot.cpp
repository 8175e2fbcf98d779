// SPDX-License-Identifier: Apache-2.0
// Building a Snapshot: shapes, references, and the numbers by which "below" is told in constant time.
#include <algorithm>
#include <tuple>

#include "core/people/people.h"

namespace huoqi::people {
namespace {

// Never tells the code itself: an operator finds the row by its place in the list.
std::unexpected<Error> wrong(std::string_view kind, std::size_t at, std::string_view rule) {
    constexpr std::string_view kOurs = "people: ";
    if (rule.starts_with(kOurs)) rule.remove_prefix(kOurs.size());
    return fail(Code::bad_input,
                "people: " + std::string(kind) + " " + std::to_string(at) + ": " + std::string(rule));
}

}  // namespace

Result<std::shared_ptr<const Snapshot>> Snapshot::of(Contents contents) {
    auto made = std::make_shared<Snapshot>();
    made->contents_ = std::move(contents);
    for (auto add : {&Snapshot::add_organisations, &Snapshot::add_people, &Snapshot::add_grants,
                     &Snapshot::add_devices}) {
        if (auto added = ((*made).*add)(); !added) return pass(added);
    }
    return made;
}

Status Snapshot::add_organisations() {
    const auto& all = contents_.organisations;
    organisations_.reserve(all.size());
    for (std::uint32_t at = 0; at < all.size(); ++at) {
        if (auto shape = check(all[at]); !shape) return wrong("organisation", at, shape.error().message);
        if (!organisations_.try_emplace({all[at].enterprise, all[at].code}, Place{at, 0, 0}).second)
            return wrong("organisation", at, "code.twice");
    }
    std::vector<std::vector<Place*>> below(all.size());
    std::vector<Place*> roots;
    for (std::uint32_t at = 0; at < all.size(); ++at) {
        auto& place = organisations_.find(Key{all[at].enterprise, all[at].code})->second;
        if (all[at].parent.empty()) {
            roots.push_back(&place);
            continue;
        }
        const auto parent = organisations_.find(Key{all[at].enterprise, all[at].parent});
        if (parent == organisations_.end()) return wrong("organisation", at, "parent.unknown");
        below[parent->second.at].push_back(&place);
    }
    std::uint32_t number = 0;
    std::vector<std::pair<Place*, bool>> walk;
    for (auto* root : roots) walk.emplace_back(root, false);
    while (!walk.empty()) {
        auto [place, done] = walk.back();
        walk.pop_back();
        if (done) {
            place->last = number;
            continue;
        }
        place->first = ++number;
        walk.emplace_back(place, true);
        for (auto* child : below[place->at]) walk.emplace_back(child, false);
    }
    // What the walk from the roots did not meet hangs on itself.
    if (number != all.size()) return fail(Code::bad_input, "people: organisations go round in a circle");
    return {};
}

Status Snapshot::add_people() {
    const auto& all = contents_.people;
    people_.reserve(all.size());
    for (std::uint32_t at = 0; at < all.size(); ++at) {
        if (auto shape = check(all[at]); !shape) return wrong("person", at, shape.error().message);
        if (!organisation(all[at].enterprise, all[at].organisation))
            return wrong("person", at, "organisation.unknown");
        if (!people_.try_emplace({all[at].enterprise, all[at].id}, PersonAt{at, 0, 0}).second)
            return wrong("person", at, "id.twice");
    }
    return {};
}

Status Snapshot::add_grants() {
    auto& all = contents_.grants;
    std::ranges::sort(all, {},
                      [](const Grant& grant) { return std::tie(grant.enterprise, grant.person, grant.id); });
    for (std::uint32_t at = 0; at < all.size(); ++at) {
        const auto& grant = all[at];
        if (auto shape = check(grant); !shape) return wrong("grant", at, shape.error().message);
        if (!organisation(grant.enterprise, grant.organisation))
            return wrong("grant", at, "organisation.unknown");
        const auto person = people_.find(Key{grant.enterprise, grant.person});
        if (person == people_.end()) return wrong("grant", at, "person.unknown");
        if (person->second.grants > 0 && all[at - 1].id == grant.id) return wrong("grant", at, "id.twice");
        if (person->second.grants++ == 0) person->second.first_grant = at;
    }
    return {};
}

Status Snapshot::add_devices() {
    const auto& all = contents_.devices;
    devices_.reserve(all.size());
    for (std::uint32_t at = 0; at < all.size(); ++at) {
        if (auto shape = check(all[at]); !shape) return wrong("device", at, shape.error().message);
        if (!organisation(all[at].enterprise, all[at].outlet)) return wrong("device", at, "outlet.unknown");
        if (!devices_.try_emplace({all[at].enterprise, all[at].id}, at).second)
            return wrong("device", at, "id.twice");
    }
    return {};
}

const Organisation* Snapshot::organisation(std::string_view enterprise, std::string_view code) const {
    const auto at = organisations_.find(Key{enterprise, code});
    return at == organisations_.end() ? nullptr : &contents_.organisations[at->second.at];
}
const Person* Snapshot::person(std::string_view enterprise, std::string_view id) const {
    const auto at = people_.find(Key{enterprise, id});
    return at == people_.end() ? nullptr : &contents_.people[at->second.at];
}
const Device* Snapshot::device(std::string_view enterprise, std::string_view id) const {
    const auto at = devices_.find(Key{enterprise, id});
    return at == devices_.end() ? nullptr : &contents_.devices[at->second];
}
std::span<const Grant> Snapshot::grants(std::string_view enterprise, std::string_view person) const {
    const auto at = people_.find(Key{enterprise, person});
    if (at == people_.end()) return {};
    return std::span(contents_.grants).subspan(at->second.first_grant, at->second.grants);
}
bool Snapshot::within(std::string_view enterprise, std::string_view code, std::string_view root) const {
    const auto below = organisations_.find(Key{enterprise, code});
    const auto above = organisations_.find(Key{enterprise, root});
    if (below == organisations_.end() || above == organisations_.end()) return false;
    return above->second.first <= below->second.first && below->second.first <= above->second.last;
}

}  // namespace huoqi::people

// SPDX-License-Identifier: Apache-2.0
// Building a Snapshot: shapes, references, and the numbers by which "below" is told in constant time.
#include <algorithm>
#include <tuple>

#include "core/people/internal/flat.h"
#include "core/people/internal/keys.h"
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

struct Snapshot::Inside {
    // Numbers in the order of a walk through the tree: what is below an organisation lies in [first, last].
    struct Span {
        std::uint32_t first = 0;
        std::uint32_t last = 0;
    };
    struct Grants {
        std::uint32_t first = 0;
        std::uint32_t count = 0;
    };
    RowIndex organisations, people, devices;
    std::vector<Span> spans;     // by organisation
    std::vector<Grants> grants;  // by person
};

namespace {

std::string_view code_of(const Organisation& one) { return one.code; }
std::string_view code_of(const Person& one) { return one.id; }
std::string_view code_of(const Device& one) { return one.id; }

template <class T>
std::optional<std::uint32_t> row_of(const RowIndex& index, const std::vector<T>& all, const Key& key,
                                    std::uint64_t hash) {
    return index.find(hash, [&](std::uint32_t row) {
        return code_of(all[row]) == key.code && all[row].enterprise == key.enterprise;
    });
}
template <class T>
std::optional<std::uint32_t> row_of(const RowIndex& index, const std::vector<T>& all, const Key& key) {
    return row_of(index, all, key, key.hash());
}
template <class T>
bool add_row(RowIndex& index, const std::vector<T>& all, std::uint32_t row) {
    const Key key{all[row].enterprise, code_of(all[row])};
    if (row_of(index, all, key)) return false;
    index.add(key.hash(), row);
    return true;
}

}  // namespace

Snapshot::Snapshot() : inside_(std::make_unique<Inside>()) {}
Snapshot::~Snapshot() = default;

Result<std::shared_ptr<const Snapshot>> Snapshot::of(Contents contents) {
    auto made = std::make_shared<Snapshot>();
    made->contents_ = std::move(contents);
    for (auto add : {&Snapshot::add_organisations, &Snapshot::number_organisations, &Snapshot::add_people,
                     &Snapshot::add_grants, &Snapshot::add_devices}) {
        if (auto added = ((*made).*add)(); !added) return pass(added);
    }
    return made;
}

Status Snapshot::add_organisations() {
    const auto& all = contents_.organisations;
    inside_->organisations = RowIndex(all.size());
    for (std::uint32_t at = 0; at < all.size(); ++at) {
        if (auto shape = check(all[at]); !shape) return wrong("organisation", at, shape.error().message);
        if (!add_row(inside_->organisations, all, at)) return wrong("organisation", at, "code.twice");
    }
    return {};
}

Status Snapshot::number_organisations() {
    const auto& all = contents_.organisations;
    auto& spans = inside_->spans;
    spans.resize(all.size());
    std::vector<std::vector<std::uint32_t>> below(all.size());
    std::vector<std::pair<std::uint32_t, bool>> walk;  // true: all below it was met
    for (std::uint32_t at = 0; at < all.size(); ++at) {
        if (all[at].parent.empty()) {
            walk.emplace_back(at, false);
            continue;
        }
        const auto parent = row_of(inside_->organisations, all, {all[at].enterprise, all[at].parent});
        if (!parent) return wrong("organisation", at, "parent.unknown");
        below[*parent].push_back(at);
    }
    std::uint32_t number = 0;
    while (!walk.empty()) {
        const auto [at, done] = walk.back();
        walk.pop_back();
        if (done) {
            spans[at].last = number;
            continue;
        }
        spans[at].first = ++number;
        walk.emplace_back(at, true);
        for (const auto child : below[at]) walk.emplace_back(child, false);
    }
    // What the walk from the roots did not meet hangs on itself.
    if (number != all.size()) return fail(Code::bad_input, "people: organisations go round in a circle");
    return {};
}

Status Snapshot::add_people() {
    const auto& all = contents_.people;
    inside_->people = RowIndex(all.size());
    inside_->grants.resize(all.size());
    for (std::uint32_t at = 0; at < all.size(); ++at) {
        if (auto shape = check(all[at]); !shape) return wrong("person", at, shape.error().message);
        if (!organisation(all[at].enterprise, all[at].organisation))
            return wrong("person", at, "organisation.unknown");
        if (!add_row(inside_->people, all, at)) return wrong("person", at, "id.twice");
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
        const auto person = row_of(inside_->people, contents_.people, {grant.enterprise, grant.person});
        if (!person) return wrong("grant", at, "person.unknown");
        auto& grants = inside_->grants[*person];
        if (grants.count > 0 && all[at - 1].id == grant.id) return wrong("grant", at, "id.twice");
        if (grants.count++ == 0) grants.first = at;
    }
    return {};
}

Status Snapshot::add_devices() {
    const auto& all = contents_.devices;
    inside_->devices = RowIndex(all.size());
    for (std::uint32_t at = 0; at < all.size(); ++at) {
        if (auto shape = check(all[at]); !shape) return wrong("device", at, shape.error().message);
        if (!organisation(all[at].enterprise, all[at].outlet)) return wrong("device", at, "outlet.unknown");
        if (!add_row(inside_->devices, all, at)) return wrong("device", at, "id.twice");
    }
    return {};
}

const Organisation* Snapshot::organisation(std::string_view enterprise, std::string_view code) const {
    const auto row = row_of(inside_->organisations, contents_.organisations, {enterprise, code});
    return row ? &contents_.organisations[*row] : nullptr;
}
const Person* Snapshot::person(std::string_view enterprise, std::string_view id) const {
    const auto row = row_of(inside_->people, contents_.people, {enterprise, id});
    return row ? &contents_.people[*row] : nullptr;
}
const Device* Snapshot::device(std::string_view enterprise, std::string_view id) const {
    const auto row = row_of(inside_->devices, contents_.devices, {enterprise, id});
    return row ? &contents_.devices[*row] : nullptr;
}
std::span<const Grant> Snapshot::grants(std::string_view enterprise, std::string_view person) const {
    const auto row = row_of(inside_->people, contents_.people, {enterprise, person});
    if (!row) return {};
    const auto& grants = inside_->grants[*row];
    return std::span(contents_.grants).subspan(grants.first, grants.count);
}
// With many people nothing of this is in a cache: what can be fetched side by side is, before it is looked
// at.
Snapshot::Found Snapshot::find(std::string_view enterprise, std::string_view person,
                               std::string_view device) const {
    const Key who{enterprise, person}, with{enterprise, device};
    const auto who_hash = who.hash(), with_hash = with.hash();
    inside_->people.prefetch(who_hash);
    inside_->devices.prefetch(with_hash);
    const auto likely = inside_->people.likely(who_hash), likely_device = inside_->devices.likely(with_hash);
    if (likely) {
        prefetch(&contents_.people[*likely]);
        prefetch(&inside_->grants[*likely]);
    }
    if (likely_device) prefetch(&contents_.devices[*likely_device]);
    if (likely && inside_->grants[*likely].count > 0)
        prefetch(&contents_.grants[inside_->grants[*likely].first]);
    const auto row = row_of(inside_->people, contents_.people, who, who_hash);
    if (!row) return {};
    const auto device_row = row_of(inside_->devices, contents_.devices, with, with_hash);
    const auto& grants = inside_->grants[*row];
    return {&contents_.people[*row], std::span(contents_.grants).subspan(grants.first, grants.count),
            device_row ? &contents_.devices[*device_row] : nullptr};
}
bool Snapshot::within(std::string_view enterprise, std::string_view code, std::string_view root) const {
    const auto below = row_of(inside_->organisations, contents_.organisations, {enterprise, code});
    if (!below) return false;
    if (code == root) return true;
    const auto above = row_of(inside_->organisations, contents_.organisations, {enterprise, root});
    if (!above) return false;
    const auto& span = inside_->spans[*above];
    const auto number = inside_->spans[*below].first;
    return span.first <= number && number <= span.last;
}

}  // namespace huoqi::people

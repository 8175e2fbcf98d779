// SPDX-License-Identifier: Apache-2.0
#include "edge/api/internal/personnel.h"

namespace huoqi::api {
namespace {

// core/people names its rules at the end of its message: "people: person: post.shape".
std::optional<Rule> broken(const Status& shape) {
    if (shape) return std::nullopt;
    const auto& message = shape.error().message;
    const auto at = message.rfind(": ");
    return at == std::string::npos ? message : message.substr(at + 2);
}

}  // namespace

std::string_view member_of(std::string_view rule) { return rule.substr(0, rule.find('.')); }

std::optional<Rule> flaw(const people::Organisation& organisation, const There& there) {
    if (auto rule = broken(people::check(organisation))) return rule;
    if (!organisation.parent.empty() && !there(organisation.parent)) return "parent.unknown";
    return std::nullopt;
}
std::optional<Rule> flaw(const people::Person& person, const There& there) {
    if (auto rule = broken(people::check(person))) return rule;
    // Could not be spoken of in an address.
    if (person.id.find('/') != std::string::npos) return "id.shape";
    if (!there(person.organisation)) return "organisation.unknown";
    return std::nullopt;
}
std::optional<Rule> flaw(const people::Device& device, const There& there) {
    if (auto rule = broken(people::check(device))) return rule;
    if (device.id.find('/') != std::string::npos) return "id.shape";
    if (!there(device.outlet)) return "outlet.unknown";
    return std::nullopt;
}

void keep(people::Person& person, const std::optional<Time>& entered, const Before& before) {
    const auto* known = before.snapshot.person(person.enterprise, person.id);
    person.entered = entered.value_or(known != nullptr ? known->entered : before.now);
    // Who has entered is there; to put that off would be a leaving without its audit.
    if (known != nullptr && known->entered <= before.now) person.entered = known->entered;
    if (known != nullptr) person.left = known->left;
}

void keep(people::Device& device, std::optional<bool> revoked, const Before& before) {
    const auto* known = before.snapshot.device(device.enterprise, device.id);
    device.registered = known != nullptr ? known->registered : before.now;
    if (known != nullptr) device.revoked = known->revoked;
    if (revoked == true && !device.revoked) device.revoked = before.now;
    if (revoked == false) device.revoked.reset();
}

}  // namespace huoqi::api

// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "core/people/store.h"

namespace huoqi::people {
namespace {

constexpr std::array<std::string_view, 2> kRequestKinds{"give", "take"};
constexpr std::array<std::string_view, 4> kRequestStates{"asked", "agreed", "refused", "withdrawn"};
constexpr std::array<std::string_view, 4> kWindowStates{"asked", "opened", "refused", "closed"};

Status need(bool holds, std::string_view what) {
    if (holds) return {};
    return fail(Code::bad_input, "people: " + std::string(what));
}
bool code_or_empty(std::string_view text) { return text.empty() || valid_person(text); }
bool text_or_empty(std::string_view text) { return text.empty() || valid_text(text); }

template <class T>
Status all_of_one(std::string_view enterprise, const std::vector<T>& values) {
    for (const auto& value : values) {
        if (value.enterprise != enterprise) return need(false, "a value of another enterprise");
        if (auto shape = check(value); !shape) return shape;
    }
    return {};
}

}  // namespace

std::string_view name(GrantRequest::Kind kind) { return kRequestKinds.at(static_cast<std::size_t>(kind)); }
std::string_view name(GrantRequest::State state) {
    return kRequestStates.at(static_cast<std::size_t>(state));
}
std::string_view name(Window::State state) { return kWindowStates.at(static_cast<std::size_t>(state)); }

Status check(const GrantRequest& request) {
    const bool codes = valid_organisation(request.enterprise) && valid_person(request.id) &&
                       valid_person(request.person) && valid_person(request.role) &&
                       valid_organisation(request.organisation) && valid_person(request.asked_by) &&
                       code_or_empty(request.grant) && code_or_empty(request.decided_by);
    return need(codes, "request: a code has not its shape");
}
Status check(const Window& window) {
    const bool codes = valid_organisation(window.enterprise) && valid_person(window.id) &&
                       valid_person(window.task) && valid_person(window.asked_by) &&
                       code_or_empty(window.decided_by) && code_or_empty(window.closed_by);
    if (auto shape = need(codes, "window: a code has not its shape"); !shape) return shape;
    return need(valid_text(window.why) && text_or_empty(window.finding), "window: a text has not its shape");
}
Status check(const Leaving& leaving) {
    const bool codes = valid_organisation(leaving.enterprise) && valid_person(leaving.person) &&
                       valid_person(leaving.recorded_by) && code_or_empty(leaving.signed_by);
    if (auto shape = need(codes, "leaving: a code has not its shape"); !shape) return shape;
    return need(text_or_empty(leaving.finding), "leaving: finding.shape");
}

Status check(std::string_view enterprise, const Changes& changes,
             const std::vector<office::Outgoing>& entries) {
    if (entries.empty()) return need(false, "a change that the ledger is not told of");
    const auto& [contents, affairs] = changes;
    for (auto shape : {all_of_one(enterprise, contents.organisations),
                       all_of_one(enterprise, contents.people), all_of_one(enterprise, contents.grants),
                       all_of_one(enterprise, contents.devices), all_of_one(enterprise, affairs.requests),
                       all_of_one(enterprise, affairs.windows), all_of_one(enterprise, affairs.leavings)}) {
        if (!shape) return shape;
    }
    return {};
}

}  // namespace huoqi::people

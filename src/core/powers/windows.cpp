// SPDX-License-Identifier: Apache-2.0
#include "core/powers/internal/standing.h"

namespace huoqi::powers {
namespace {

using people::Window;

Deed deed_of(const Standing& standing, std::string_view action, Window window) {
    Deed deed;
    // The reason and the finding are texts of people: the ledger is told codes only.
    deed.entries.push_back(entry(standing, action, window.id, {},
                                 {{"task", window.task},
                                  {"minutes", std::to_string(window.minutes)},
                                  {"state", std::string(people::name(window.state))}}));
    deed.changes.affairs.windows.push_back(std::move(window));
    return deed;
}

Result<Window> new_window(const Standing& standing, const AskWindow& ask, std::string_view figure) {
    if (active_person(standing, standing.by) == nullptr) return refuse("by.inactive");
    if (by_id(standing.held.affairs.windows, ask.id) != nullptr)
        return fail(Code::conflict, "powers: the window is there already");
    const auto most = standing.policy.figure(figure, policy::Unit::minute, standing.now);
    if (!most || ask.minutes < 1 || ask.minutes > *most) return refuse("window.length");
    Window window;
    window.enterprise = standing.enterprise;
    window.id = ask.id;
    window.task = ask.task;
    window.why = ask.why;
    window.minutes = ask.minutes;
    window.asked_by = standing.by;
    window.asked = standing.now;
    if (auto shape = people::check(window); !shape) return pass(shape);
    return window;
}

void open_now(Window& window, Time now) {
    window.state = Window::State::opened;
    window.opened = now;
    window.ends = plus(now, window.minutes * kMinuteNs);
}

Result<Window> found(const Standing& standing, std::string_view id) {
    if (active_person(standing, standing.by) == nullptr) return refuse("by.inactive");
    const auto* window = by_id(standing.held.affairs.windows, id);
    if (window == nullptr) return fail(Code::not_found, "powers: there is no such window");
    return *window;
}

}  // namespace

Result<Deed> ask_window(const Standing& standing, const AskWindow& ask) {
    auto window = new_window(standing, ask, "powers.maintenance_max");
    if (!window) return pass(window);
    return deed_of(standing, "maintenance.ask", std::move(*window));
}

Result<Deed> decide_window(const Standing& standing, std::string_view id, bool agree) {
    auto window = found(standing, id);
    if (!window) return pass(window);
    if (window->state != Window::State::asked) return refuse("decided");
    if (window->asked_by == standing.by) return refuse("self");
    window->decided_by = standing.by;
    window->state = Window::State::refused;
    if (agree) open_now(*window, standing.now);
    return deed_of(standing, "maintenance.decide", std::move(*window));
}

Result<Deed> break_glass(const Standing& standing, const AskWindow& ask) {
    // Who has one without a finding that is due gets no second.
    for (const auto* late : overdue(standing)) {
        if (late->break_glass) return refuse("break_glass.unreviewed");
    }
    auto window = new_window(standing, ask, "powers.break_glass_max");
    if (!window) return pass(window);
    window->break_glass = true;
    open_now(*window, standing.now);
    return deed_of(standing, "maintenance.break_glass", std::move(*window));
}

Result<Deed> end_window(const Standing& standing, std::string_view id) {
    auto window = found(standing, id);
    if (!window) return pass(window);
    if (window->asked_by != standing.by) return refuse("not_asker");
    if (window->state != Window::State::opened || *window->ends <= standing.now)
        return refuse("window.ended");
    window->ends = standing.now;
    return deed_of(standing, "maintenance.end", std::move(*window));
}

Result<Deed> close_window(const Standing& standing, std::string_view id, std::string_view finding) {
    auto window = found(standing, id);
    if (!window) return pass(window);
    if (window->state != Window::State::opened) return refuse("decided");
    if (standing.now < *window->ends) return refuse("window.open");
    if (window->asked_by == standing.by || window->decided_by == standing.by) return refuse("self");
    if (!people::valid_text(finding)) return fail(Code::bad_input, "powers: finding.shape");
    window->state = Window::State::closed;
    window->closed_by = standing.by;
    window->closed = standing.now;
    window->finding = finding;
    return deed_of(standing, "maintenance.close", std::move(*window));
}

bool open(const Window& window, std::string_view person, std::string_view task, Time now) {
    return window.state == Window::State::opened && window.opened && window.ends && *window.opened <= now &&
           now < *window.ends && window.asked_by == person && window.task == task;
}

std::vector<const Window*> overdue(const Standing& standing) {
    const auto hours = standing.policy.figure("powers.review", policy::Unit::hour, standing.now);
    std::vector<const Window*> out;
    for (const auto& window : standing.held.affairs.windows) {
        if (window.state != Window::State::opened || !window.ends) continue;
        if (plus(*window.ends, hours ? *hours * kHourNs : 0) <= standing.now) out.push_back(&window);
    }
    return out;
}

}  // namespace huoqi::powers

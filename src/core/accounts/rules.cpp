// SPDX-License-Identifier: Apache-2.0
#include "core/accounts/accounts.h"

namespace huoqi::accounts {

Result<Rules> rules_at(const policy::Policy& policy, Time at) {
    using policy::Unit;
    Status missing;
    const auto figure = [&](std::string_view id, Unit unit) -> std::int64_t {
        auto found = policy.figure(id, unit, at);
        if (found) return *found;
        if (missing) missing = pass(found);
        return 1;
    };
    Rules rules{};
    rules.length_min = figure("password.length_min", Unit::character);
    rules.classes_min = figure("password.classes_min", Unit::item);
    rules.history = figure("password.history", Unit::item);
    rules.failures_max = figure("password.failures_max", Unit::attempt);
    rules.address_max = figure("lockout.address_max", Unit::attempt);
    rules.totp_window = figure("totp.window", Unit::item);
    rules.recovery_codes = figure("totp.recovery_codes", Unit::item);
    rules.max_age = std::chrono::days(figure("password.max_age", Unit::day));
    rules.delay_base = std::chrono::seconds(figure("lockout.delay_base", Unit::second));
    rules.lockout_max = std::chrono::minutes(figure("lockout.max", Unit::minute));
    rules.address_window = std::chrono::minutes(figure("lockout.address_window", Unit::minute));
    rules.enrolment = std::chrono::hours(figure("enrolment.validity", Unit::hour));
    rules.idle = std::chrono::minutes(figure("session.idle", Unit::minute));
    rules.absolute = std::chrono::hours(figure("session.absolute", Unit::hour));
    if (!missing) return std::unexpected(missing.error());
    return rules;
}

}  // namespace huoqi::accounts

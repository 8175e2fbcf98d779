// SPDX-License-Identifier: Apache-2.0
// Time is passed in, so that tests can set it. Everything is UTC; only months and dates shown to people use
// China's time zone (UTC+8, no daylight saving since 1991).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace huoqi {

// Nanoseconds since 1970-01-01T00:00:00Z.
struct Time {
    std::int64_t nanoseconds = 0;
    constexpr auto operator<=>(const Time&) const = default;
};

class Clock {
  public:
    virtual ~Clock() = default;
    virtual Time now() const = 0;
};

class SystemClock final : public Clock {
  public:
    Time now() const override;
};

class FixedClock final : public Clock {
  public:
    explicit FixedClock(Time time) : time_(time) {}
    Time now() const override { return time_; }
    void set(Time time) { time_ = time; }

  private:
    Time time_;
};

// RFC 3339 in UTC with nine digits, e.g. 2026-11-23T04:05:06.000000007Z; all have the same length and sort as
// time.
std::string rfc3339(Time time);
// Any RFC 3339 time with Z or an offset, fraction optional.
std::optional<Time> parse_rfc3339(std::string_view text);
// "2026-11": the month in China's time zone.
std::string china_month(Time time);

}  // namespace huoqi

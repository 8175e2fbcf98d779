// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>

#include "base/clock.h"

namespace huoqi::log {
namespace {

std::atomic<Level> threshold = Level::info;

std::string_view name(Level level) {
    switch (level) {
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warning:
            return "warning";
        case Level::error:
            return "error";
    }
    return "error";
}

}  // namespace

std::string Value::quoted(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (static_cast<unsigned char>(c) < 0x20) {
            std::array<char, 8> escaped{};
            std::snprintf(escaped.data(), escaped.size(), "\\u%04x", c);
            out += escaped.data();
        } else {
            out += c;
        }
    }
    return out + '"';
}

void set_level(Level level) { threshold = level; }

void write(Level level, std::string_view event, std::initializer_list<Pair> pairs) {
    if (level < threshold.load(std::memory_order_relaxed)) return;
    std::string line = "{\"time\":\"" + rfc3339(SystemClock().now()) + "\",\"level\":\"" +
                       std::string(name(level)) + "\",\"event\":" + Value(event).json();
    for (const auto& pair : pairs) line += "," + Value(pair.key).json() + ":" + pair.value.json();
    line += "}\n";
    // One write a line, so that lines of several threads do not mix. A log that cannot be written stops
    // nothing.
    [[maybe_unused]] auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace huoqi::log

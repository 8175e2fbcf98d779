// SPDX-License-Identifier: Apache-2.0
// The operator's log: one JSON object a line on standard error. It takes numbers and texts that the program
// itself made; Personal and Secret do not convert to either, so they cannot be logged.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace huoqi::log {

enum class Level { debug, info, warning, error };

class Value {
  public:
    template <std::integral T>
    Value(T number) : text_(std::to_string(number)) {}
    Value(std::string_view text) : text_(quoted(text)) {}
    Value(const char* text) : Value(std::string_view(text)) {}
    Value(const std::string& text) : Value(std::string_view(text)) {}
    const std::string& json() const { return text_; }

  private:
    static std::string quoted(std::string_view text);
    std::string text_;
};

struct Pair {
    std::string_view key;
    Value value;
};

// Lines below this level are dropped. Thread-safe.
void set_level(Level level);
void write(Level level, std::string_view event, std::initializer_list<Pair> pairs = {});

inline void info(std::string_view event, std::initializer_list<Pair> pairs = {}) {
    write(Level::info, event, pairs);
}
inline void warning(std::string_view event, std::initializer_list<Pair> pairs = {}) {
    write(Level::warning, event, pairs);
}
inline void error(std::string_view event, std::initializer_list<Pair> pairs = {}) {
    write(Level::error, event, pairs);
}

}  // namespace huoqi::log

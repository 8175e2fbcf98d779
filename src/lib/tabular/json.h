// SPDX-License-Identifier: Apache-2.0
// Picks values out of one JSON object by paths compiled before: "recMan.name", "Commodity[].GoodsName". The
// whole document is parsed and checked (RFC 8259), also what no path asks for. Scalars come as text: numbers
// in their shortest form, booleans as true/false, null as nothing. One JsonReader a thread; Paths may be
// shared.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace huoqi::tabular {

inline constexpr std::size_t kMaxJsonDepth = 32;

// A set of paths, numbered in the order of adding.
class Paths {
  public:
    Paths();
    // Error: bad_input for an empty step or two paths that cannot both be (one is a prefix of the other).
    Result<std::uint32_t> add(std::string_view path);

    struct Node;  // of the trie
    const Node& root() const { return *root_; }

  private:
    std::shared_ptr<Node> root_;
    std::uint32_t count_ = 0;
};

struct JsonValue {
    std::uint32_t path;
    std::uint32_t element;  // index in the innermost array of the path, 0 without one
    std::string_view text;
};

class JsonReader {
  public:
    JsonReader();
    JsonReader(JsonReader&&) noexcept;
    JsonReader& operator=(JsonReader&&) noexcept;
    ~JsonReader();

    // Reads one object. Returns the rule that it breaks, empty if none: "json.syntax", "json.object" (not an
    // object), "json.depth", "json.duplicate_key" (of a key that a path asks for; which one was meant cannot
    // be known), "json.type" (an object or array where a path asks for a value, or the other way round).
    // values() stands until the next read.
    std::string_view read(std::string_view text, const Paths& paths);
    const std::vector<JsonValue>& values() const { return values_; }
    // The keys of the object itself, in its order; the rule it breaks as above.
    std::string_view read_keys(std::string_view text, std::vector<std::string>& keys);

  private:
    class Parser;
    std::unique_ptr<Parser> parser_;
    std::vector<JsonValue> values_;
};

}  // namespace huoqi::tabular

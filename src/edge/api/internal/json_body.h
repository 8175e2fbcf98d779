// SPDX-License-Identifier: Apache-2.0
// A JSON body as a request may hold one: strict, shallow, and with its texts in memory that is wiped. What is
// wrong is told by JSON pointer (RFC 6901) and rule, never by value; a member's name is told only when it
// looks like one of ours.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace huoqi::api {

inline constexpr std::size_t kMaxJsonDepth = 8;

// "json.syntax", "json.object", "json.depth", "json.duplicate_key", "json.type", "json.missing",
// "json.unknown_member", "json.range", "json.repeated".
struct BodyProblem {
    std::string pointer;
    std::string_view rule;
};

struct JsonMember;
struct JsonValue {
    enum class Kind : std::uint8_t { null, boolean, number, text, array, object };
    Kind kind = Kind::null;
    std::optional<std::uint64_t> whole;  // of a number that is whole and not negative
    bool truth = false;                  // of a boolean
    Personal text;
    std::vector<JsonValue> items;
    std::vector<JsonMember> members;
    bool used = false;  // as a member: it was asked for
};
struct JsonMember {
    Personal name;
    JsonValue value;
};

std::expected<JsonValue, BodyProblem> parse_json(std::string_view text);

// "/recipient" and "mobile" -> "/recipient/mobile"; only "/recipient" when the name may be anything.
std::string pointer_to(std::string_view parent, std::string_view member);

// Reads the members of an object. The first problem stays; what is read after it is empty.
class JsonObject {
  public:
    enum class Need : std::uint8_t { required, optional };

    JsonObject(JsonValue& value, std::string pointer);

    // Absent and null are the same: empty.
    Personal text(std::string_view name, Need need, std::size_t max_bytes);
    std::optional<std::uint64_t> whole(std::string_view name, std::uint64_t least, std::uint64_t most);
    // Nothing when absent or null.
    std::optional<bool> truth(std::string_view name, Need need);
    // An array of texts that differ from each other.
    std::vector<std::string> texts(std::string_view name, std::size_t max_items, std::size_t max_bytes);
    // The member as it is; nullptr when absent or null. The caller reads it.
    JsonValue* member(std::string_view name);

    void object_to(std::string_view name, std::string_view rule);  // sets the problem at a member
    void object_to(BodyProblem problem);
    const std::string& pointer() const { return pointer_; }
    // To be called at the end: members that nobody asked for are a problem.
    std::optional<BodyProblem> finish();

  private:
    JsonValue& value_;
    std::string pointer_;
    std::optional<BodyProblem> problem_;
};

// Appends a JSON string; `text` is UTF-8.
void append_json(std::string& out, std::string_view text);

}  // namespace huoqi::api

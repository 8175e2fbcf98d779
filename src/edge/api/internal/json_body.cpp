// SPDX-License-Identifier: Apache-2.0
#include "edge/api/internal/json_body.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace huoqi::api {
namespace {

using Kind = JsonValue::Kind;

// Letters and underscores only: a phone, a number or a name in Chinese is none of these.
bool tellable(std::string_view name) {
    constexpr std::size_t kLongest = 32;
    return !name.empty() && name.size() <= kLongest &&
           std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

// Builds the tree while nlohmann's parser (which checks UTF-8 and does not recurse) reads; stops it at the
// first problem.
class Builder {
  public:
    using Base = nlohmann::json;

    bool null() { return put({}); }
    bool boolean(bool truth) {
        auto value = of(Kind::boolean);
        value.truth = truth;
        return put(std::move(value));
    }
    bool number_integer(Base::number_integer_t) { return put(of(Kind::number)); }
    bool number_unsigned(Base::number_unsigned_t number) {
        auto value = of(Kind::number);
        value.whole = number;
        return put(std::move(value));
    }
    bool number_float(Base::number_float_t, const std::string&) { return put(of(Kind::number)); }
    bool string(std::string& text) {
        auto value = of(Kind::text);
        value.text = Personal(std::string_view(text));
        wipe(text.data(), text.size());
        return put(std::move(value));
    }
    bool binary(Base::binary_t&) { return stop("json.syntax"); }
    bool start_object(std::size_t) { return enter(Kind::object); }
    bool start_array(std::size_t) { return enter(Kind::array); }
    bool end_object() { return leave(); }
    bool end_array() { return leave(); }
    bool key(std::string& name) {
        auto& members = open_.back()->members;
        bool twice = std::any_of(members.begin(), members.end(),
                                 [&](const JsonMember& member) { return member.name.reading() == name; });
        members.push_back({Personal(std::string_view(name)), {}});
        wipe(name.data(), name.size());
        return twice ? stop("json.duplicate_key") : true;
    }
    // The exception's text may repeat the body; it is not used.
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) {
        return stop("json.syntax");
    }

    JsonValue& root() { return root_; }
    BodyProblem problem() {
        // A broken text is broken as a whole; the others are at the place that was being read.
        return {rule_ == "json.syntax" ? std::string() : where(), rule_.empty() ? "json.syntax" : rule_};
    }

  private:
    static JsonValue of(Kind kind) {
        JsonValue value;
        value.kind = kind;
        return value;
    }
    bool stop(std::string_view rule) {
        if (rule_.empty()) rule_ = rule;
        return false;
    }
    // Places are stable while they are open: a parent grows only after its child has ended.
    JsonValue& place() {
        if (open_.empty()) return root_;
        auto& parent = *open_.back();
        if (parent.kind == Kind::object) return parent.members.back().value;
        return parent.items.emplace_back();
    }
    bool put(JsonValue value) {
        place() = std::move(value);
        return true;
    }
    bool enter(Kind kind) {
        if (open_.size() == kMaxJsonDepth) return stop("json.depth");
        auto& at = place();
        at.kind = kind;
        open_.push_back(&at);
        return true;
    }
    bool leave() {
        open_.pop_back();
        return true;
    }
    std::string where() const {
        std::string out;
        for (const auto* value : open_) {
            if (value->kind == Kind::array) {
                out += "/" + std::to_string(value->items.empty() ? 0 : value->items.size() - 1);
            } else if (!value->members.empty()) {
                if (!tellable(value->members.back().name.reading())) return out;
                out = pointer_to(out, value->members.back().name.reading());
            }
        }
        return out;
    }

    JsonValue root_;
    std::vector<JsonValue*> open_;
    std::string_view rule_;
};

}  // namespace

std::expected<JsonValue, BodyProblem> parse_json(std::string_view text) {
    Builder builder;
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder))
        return std::unexpected(builder.problem());
    if (builder.root().kind != Kind::object) return std::unexpected(BodyProblem{"", "json.object"});
    return std::move(builder.root());
}

std::string pointer_to(std::string_view parent, std::string_view member) {
    std::string out(parent);
    if (tellable(member)) out.append("/").append(member);
    return out;
}

JsonObject::JsonObject(JsonValue& value, std::string pointer) : value_(value), pointer_(std::move(pointer)) {
    if (value_.kind != Kind::object) problem_ = BodyProblem{pointer_, "json.type"};
}

JsonValue* JsonObject::member(std::string_view name) {
    for (auto& member : value_.members) {
        if (member.name.reading() != name) continue;
        member.value.used = true;
        return member.value.kind == Kind::null ? nullptr : &member.value;
    }
    return nullptr;
}

void JsonObject::object_to(std::string_view name, std::string_view rule) {
    object_to(BodyProblem{pointer_to(pointer_, name), rule});
}

void JsonObject::object_to(BodyProblem problem) {
    if (!problem_) problem_ = std::move(problem);
}

Personal JsonObject::text(std::string_view name, Need need, std::size_t max_bytes) {
    auto* found = member(name);
    if (found == nullptr) {
        if (need == Need::required) object_to(name, "json.missing");
        return {};
    }
    if (found->kind != Kind::text) {
        object_to(name, "json.type");
        return {};
    }
    if (found->text.reading().size() > max_bytes) {
        object_to(name, "json.range");
        return {};
    }
    if (need == Need::required && found->text.empty()) object_to(name, "json.missing");
    return std::move(found->text);
}

std::optional<std::uint64_t> JsonObject::whole(std::string_view name, std::uint64_t least,
                                               std::uint64_t most) {
    auto* found = member(name);
    if (found == nullptr) return std::nullopt;
    if (found->kind != Kind::number) {
        object_to(name, "json.type");
    } else if (!found->whole || *found->whole < least || *found->whole > most) {
        object_to(name, "json.range");
    } else {
        return found->whole;
    }
    return std::nullopt;
}

std::optional<bool> JsonObject::truth(std::string_view name, Need need) {
    const auto* found = member(name);
    if (found == nullptr) {
        if (need == Need::required) object_to(name, "json.missing");
        return std::nullopt;
    }
    if (found->kind == JsonValue::Kind::boolean) return found->truth;
    object_to(name, "json.type");
    return std::nullopt;
}

std::vector<std::string> JsonObject::texts(std::string_view name, std::size_t max_items,
                                           std::size_t max_bytes) {
    std::vector<std::string> out;
    auto* found = member(name);
    if (found == nullptr || found->kind != Kind::array) {
        object_to(name, found == nullptr ? "json.missing" : "json.type");
        return out;
    }
    if (found->items.empty() || found->items.size() > max_items) {
        object_to(name, "json.range");
        return out;
    }
    for (std::size_t i = 0; i < found->items.size(); ++i) {
        const auto& item = found->items[i];
        auto at = pointer_to(pointer_, name) + "/" + std::to_string(i);
        auto text = item.text.reading();
        if (item.kind != Kind::text) {
            object_to({at, "json.type"});
        } else if (text.size() > max_bytes || std::find(out.begin(), out.end(), text) != out.end()) {
            object_to({at, text.size() > max_bytes ? "json.range" : "json.repeated"});
        }
        out.emplace_back(text);
    }
    return out;
}

std::optional<BodyProblem> JsonObject::finish() {
    for (const auto& member : value_.members) {
        if (!member.value.used) object_to(member.name.reading(), "json.unknown_member");
    }
    return problem_;
}

void append_json(std::string& out, std::string_view text) {
    constexpr char kDigits[] = "0123456789abcdef";
    out.push_back('"');
    for (char c : text) {
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out.append("\\u00");
            out.push_back(kDigits[c >> 4]);
            out.push_back(kDigits[c & 15]);
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

}  // namespace huoqi::api

// SPDX-License-Identifier: Apache-2.0
// simdjson's DOM and not its on-demand front end: that one skips unchecked what nobody asks for, so that a
// broken record could pass.
#include "lib/tabular/json.h"

#include <simdjson.h>

#include <array>
#include <charconv>
#include <cstring>
#include <deque>
#include <optional>

#include "base/check.h"

namespace huoqi::tabular {

namespace dom = simdjson::dom;

// A step of the trie: an object's key, or "[]" for every element of an array.
struct Paths::Node {
    std::string key;
    bool elements = false;
    std::optional<std::uint32_t> path;  // a value ends here
    std::vector<Node> children;

    Node* child(std::string_view name, bool is_elements) {
        for (Node& node : children) {
            if (node.key == name && node.elements == is_elements) return &node;
        }
        return nullptr;
    }
};

Paths::Paths() : root_(std::make_shared<Node>()) {}

Result<std::uint32_t> Paths::add(std::string_view path) {
    Node* node = root_.get();
    auto refuse = [&] { return fail(Code::bad_input, "path '" + std::string(path) + "' cannot be used"); };
    for (std::string_view rest = path; node != nullptr;) {
        std::size_t dot = rest.find('.');
        std::string_view step = rest.substr(0, dot);
        bool elements = step.ends_with("[]");
        if (elements) step.remove_suffix(2);
        if (step.empty() || node->path) return refuse();
        for (bool array : {false, true}) {
            if (array && !elements) break;
            std::string_view name = array ? std::string_view() : step;
            Node* next = node->child(name, array);
            if (next == nullptr) {
                // An array's node has nothing beside its elements.
                if (!node->children.empty() && (array || node->children.front().elements)) return refuse();
                node->children.push_back(
                    {.key = std::string(name), .elements = array, .path = {}, .children = {}});
                next = &node->children.back();
            }
            node = next;
        }
        if (dot == rest.npos) break;
        rest.remove_prefix(dot + 1);
    }
    if (node->path || !node->children.empty()) return refuse();
    node->path = count_;
    return count_++;
}

class JsonReader::Parser {
  public:
    Parser() : parser_(kCapacity) {
        HUOQI_CHECK(parser_.allocate(kFirstCapacity, kMaxJsonDepth) == simdjson::SUCCESS);
    }

    // Parses the whole document, which must be an object.
    std::string_view parse(std::string_view text, dom::object& top) {
        // simdjson reads past the end of its input; records lie in the middle of larger buffers and are
        // short.
        padded_.resize(text.size() + simdjson::SIMDJSON_PADDING);
        std::memcpy(padded_.data(), text.data(), text.size());
        if (parser_.capacity() < text.size() &&
            parser_.allocate(text.size() * 2, kMaxJsonDepth) != simdjson::SUCCESS) {
            return "json.syntax";
        }
        dom::element document;
        auto error = parser_.parse(padded_.data(), text.size(), false).get(document);
        if (error == simdjson::DEPTH_ERROR) return "json.depth";
        if (error != simdjson::SUCCESS) return "json.syntax";
        return document.get(top) == simdjson::SUCCESS ? "" : "json.object";
    }

    std::string_view read(std::string_view text, const Paths::Node& root, std::vector<JsonValue>& values) {
        numbers_.clear();
        dom::object top;
        auto rule = parse(text, top);
        return rule.empty() ? object(top, root, 0, values) : rule;
    }

    std::string_view read_keys(std::string_view text, std::vector<std::string>& keys) {
        dom::object top;
        auto rule = parse(text, top);
        if (!rule.empty()) return rule;
        for (auto [key, value] : top) keys.emplace_back(key);
        return {};
    }

  private:
    static constexpr std::size_t kCapacity = std::size_t{64} << 20;
    static constexpr std::size_t kFirstCapacity = std::size_t{64} << 10;
    static constexpr std::size_t kMostKeys = 64;

    std::string_view object(dom::object from, const Paths::Node& node, std::uint32_t element,
                            std::vector<JsonValue>& values) {
        std::uint64_t seen = 0;
        std::size_t hint = 0;  // producers write keys in one order
        for (auto [key, value] : from) {
            std::size_t found = find(node, key, hint);
            if (found == node.children.size()) continue;
            if (found < kMostKeys) {
                if ((seen >> found) & 1) return "json.duplicate_key";
                seen |= std::uint64_t{1} << found;
            }
            hint = found + 1;
            if (auto rule = this->value(value, node.children[found], element, values); !rule.empty())
                return rule;
        }
        return {};
    }

    static std::size_t find(const Paths::Node& node, std::string_view key, std::size_t hint) {
        std::size_t count = node.children.size();
        for (std::size_t i = 0; i < count; ++i) {
            std::size_t at = (hint + i) % count;
            if (node.children[at].key == key) return at;
        }
        return count;
    }

    std::string_view value(dom::element from, const Paths::Node& node, std::uint32_t element,
                           std::vector<JsonValue>& values) {
        if (from.is_null()) return {};
        if (node.path) {
            if (from.is_object() || from.is_array()) return "json.type";
            values.push_back({*node.path, element, text(from)});
            return {};
        }
        if (!node.children.front().elements) {
            dom::object inner;
            if (from.get(inner) != simdjson::SUCCESS) return "json.type";
            return object(inner, node, element, values);
        }
        dom::array items;
        if (from.get(items) != simdjson::SUCCESS) return "json.type";
        std::uint32_t index = 0;
        for (dom::element item : items) {
            auto rule = value(item, node.children.front(), index++, values);
            if (!rule.empty()) return rule;
        }
        return {};
    }

    std::string_view text(dom::element from) {
        std::string_view string;
        std::int64_t integer = 0;
        std::uint64_t natural = 0;
        double real = 0;
        bool boolean = false;
        if (from.get(string) == simdjson::SUCCESS) return string;
        if (from.get(integer) == simdjson::SUCCESS) return keep(integer);
        if (from.get(natural) == simdjson::SUCCESS) return keep(natural);
        if (from.is_double() && from.get(real) == simdjson::SUCCESS) return keep(real);
        HUOQI_CHECK(from.get(boolean) == simdjson::SUCCESS);
        return boolean ? "true" : "false";
    }

    template <class T>
    std::string_view keep(T number) {
        std::array<char, 32> digits{};
        auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
        HUOQI_CHECK(error == std::errc());
        return numbers_.emplace_back(digits.data(), end);
    }

    dom::parser parser_;
    std::vector<char> padded_;
    std::deque<std::string> numbers_;  // does not move its elements
};

JsonReader::JsonReader() : parser_(std::make_unique<Parser>()) {}
JsonReader::JsonReader(JsonReader&&) noexcept = default;
JsonReader& JsonReader::operator=(JsonReader&&) noexcept = default;
JsonReader::~JsonReader() = default;

std::string_view JsonReader::read(std::string_view text, const Paths& paths) {
    values_.clear();
    return parser_->read(text, paths.root(), values_);
}

std::string_view JsonReader::read_keys(std::string_view text, std::vector<std::string>& keys) {
    return parser_->read_keys(text, keys);
}

}  // namespace huoqi::tabular

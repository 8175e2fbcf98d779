// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>

#include "base/check.h"
#include "base/secret.h"
#include "lib/http/http.h"
#include "lib/http/internal/target.h"

namespace huoqi::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_name(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

// Values may be bearer keys.
Headers::~Headers() { wipe(text_.data(), text_.size()); }

void Headers::add(std::string_view name, std::string_view value) {
    HUOQI_CHECK(text_.size() + name.size() + value.size() < UINT32_MAX);
    const auto at = static_cast<std::uint32_t>(text_.size());
    const auto name_size = static_cast<std::uint32_t>(name.size());
    places_.push_back({at, name_size, at + name_size, static_cast<std::uint32_t>(value.size())});
    text_.append(name).append(value);
}

void Headers::set(std::string_view name, std::string_view value) {
    std::erase_if(places_, [&](const Place& place) {
        return same_name(std::string_view(text_).substr(place.name, place.name_size), name);
    });
    add(name, value);
}

Headers::Field Headers::operator[](std::size_t index) const {
    const Place& place = places_[index];
    const std::string_view text = text_;
    return {text.substr(place.name, place.name_size), text.substr(place.value, place.value_size)};
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (std::size_t i = 0; i < size(); ++i) {
        const Field field = (*this)[i];
        if (same_name(field.name, name)) return field.value;
    }
    return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
    std::size_t found = 0;
    for (std::size_t i = 0; i < size(); ++i) found += same_name((*this)[i].name, name) ? 1 : 0;
    return found;
}

Request::~Request() {
    wipe(body.data(), body.size());
    wipe(path.data(), path.size());
    wipe(query.data(), query.size());
}

std::string_view Request::parameter(std::string_view name) const {
    for (const auto& [key, value] : parameters) {
        if (key == name) return value;
    }
    return {};
}

namespace {

// Gives each field of a query, decoded, to `take` until that says no. False when the query is not
// well-formed.
bool each_field(std::string_view query, const std::function<bool(std::string, std::string)>& take) {
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        std::string key;
        std::string value;
        if (!internal::percent_decode(pair.substr(0, equals), true, key) ||
            !internal::percent_decode(pair.substr(std::min(equals + 1, pair.size())), true, value))
            return false;
        if (!take(std::move(key), std::move(value))) return true;
    }
    return true;
}

}  // namespace

Result<std::optional<std::string>> Request::query_value(std::string_view name) const {
    std::optional<std::string> found;
    bool good = each_field(query, [&](std::string key, std::string value) {
        if (!found && key == name) found = std::move(value);
        return true;
    });
    if (!good) return fail(Code::bad_input, "query: wrong percent-encoding");
    return found;
}

bool Request::query_has_only(const std::vector<std::string>& names) const {
    std::vector<std::string> left = names;
    bool known = true;
    bool good = each_field(query, [&](const std::string& key, const std::string&) {
        known = std::erase(left, key) > 0;
        return known;
    });
    return good && known;
}

Response::Response(int status_code, std::string_view content_type, std::string content)
    : status(status_code), body(std::move(content)) {
    headers.add("content-type", content_type);
}

Response::~Response() { wipe(body.data(), body.size()); }

}  // namespace huoqi::http

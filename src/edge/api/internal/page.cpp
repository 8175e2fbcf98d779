// SPDX-License-Identifier: Apache-2.0
#include "edge/api/internal/page.h"

#include <charconv>

#include "edge/api/internal/answers.h"

namespace huoqi::api {
namespace {

constexpr std::size_t kMaxCursorBytes = 64;  // of an id
constexpr std::size_t kDayLetters = 10;      // "2026-11-24"

}  // namespace

std::expected<Page, http::Response> read_page(const http::Request& request) {
    Page out;
    auto cursor = request.query_value("cursor");
    if (!cursor) return std::unexpected(bad_query("cursor", "cursor.shape"));
    if (*cursor) {
        const std::string_view text = **cursor;
        const auto bytes = text.starts_with('c') ? unhex(text.substr(1)) : std::nullopt;
        if (!bytes || bytes->empty() || bytes->size() > kMaxCursorBytes)
            return std::unexpected(bad_query("cursor", "cursor.shape"));
        out.after.assign(bytes->begin(), bytes->end());
    }
    auto limit = request.query_value("limit");
    if (!limit) return std::unexpected(bad_query("limit", "query.range"));
    if (*limit) {
        const auto number = whole_number(**limit);
        if (!number || *number < 1 || *number > kMaxPage)
            return std::unexpected(bad_query("limit", "query.range"));
        out.limit = static_cast<std::size_t>(*number);
    }
    return out;
}

void append_next(std::string& out, std::string_view last_id) {
    append_member(out, "next", "c" + hex(bytes_of(last_id)));
}

bool Reach::has(std::string_view organisation) {
    if (!caller_.asker) return true;
    if (const auto at = known_.find(organisation); at != known_.end()) return at->second;
    const auto may =
        desk_.services.staff.may(*caller_.asker, action_, organisation.empty() ? kNowhere : organisation);
    known_.emplace(organisation, may.decision.allowed);
    return may.decision.allowed;
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
    if (text.empty()) return;
    out += ",\"";
    out.append(name).append("\":");
    append_json(out, text);
}
void append_member(std::string& out, std::string_view name, Time time) {
    append_member(out, name, std::string_view(rfc3339(time)));
}
void append_member(std::string& out, std::string_view name, const std::optional<Time>& time) {
    if (time) append_member(out, name, *time);
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
    std::uint64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return out;
}

std::optional<Time> read_moment(std::string_view text) {
    if (text.size() == kDayLetters) return parse_rfc3339(std::string(text) + "T00:00:00+08:00");
    return parse_rfc3339(text);
}

}  // namespace huoqi::api

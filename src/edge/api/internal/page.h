// SPDX-License-Identifier: Apache-2.0
// Lists in pages. A cursor is the id that the page before ended with, so that a list may change between two
// pages without showing anything twice; it opens nothing, because every page asks again what the caller may
// see. Threads: a Reach belongs to one request.
#pragma once

#include <algorithm>
#include <expected>
#include <map>
#include <string>
#include <vector>

#include "edge/api/internal/desk.h"

namespace huoqi::api {

inline const Fields kPageFields{"cursor", "limit"};

struct Page {
    std::string after;  // empty: from the beginning
    std::size_t limit = kDefaultPage;
};
std::expected<Page, http::Response> read_page(const http::Request& request);
// ,"next":"…"
void append_next(std::string& out, std::string_view last_id);

// Which organisations somebody may act upon: what a list shows. Programs act for the whole enterprise.
class Reach {
  public:
    Reach(const Desk& desk, const Caller& caller, policy::Action action)
        : desk_(desk), caller_(caller), action_(action) {}
    bool has(std::string_view organisation);

  private:
    const Desk& desk_;
    const Caller& caller_;
    policy::Action action_;
    std::map<std::string, bool, std::less<>> known_;
};

template <class T>
struct Rows {
    std::vector<const T*> shown;  // by id
    bool more = false;
};
// The first of the visible ones behind the cursor, by id.
template <class T, class Id, class Visible>
Rows<T> rows_of(const std::vector<T>& all, const Page& page, Id id, Visible visible) {
    Rows<T> out;
    for (const auto& one : all) {
        if (std::string_view(id(one)) > page.after && visible(one)) out.shown.push_back(&one);
    }
    const auto before = [&](const T* a, const T* b) { return id(*a) < id(*b); };
    const auto kept = std::min(out.shown.size(), page.limit);
    out.more = kept < out.shown.size();
    const auto end = out.shown.begin() + static_cast<std::ptrdiff_t>(kept);
    std::ranges::partial_sort(out.shown, end, before);
    out.shown.erase(end, out.shown.end());
    return out;
}

// ,"name":"text"; nothing when the text is empty.
void append_member(std::string& out, std::string_view name, std::string_view text);
void append_member(std::string& out, std::string_view name, Time time);
void append_member(std::string& out, std::string_view name, const std::optional<Time>& time);

// All of the text is a number.
std::optional<std::uint64_t> whole_number(std::string_view text);
// RFC 3339, or a day of China's time.
std::optional<Time> read_moment(std::string_view text);

}  // namespace huoqi::api

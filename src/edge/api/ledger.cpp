// SPDX-License-Identifier: Apache-2.0
// The ledger for auditors: entries and proofs. Looking at the ledger is an entry too.
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "edge/api/internal/answers.h"
#include "edge/api/internal/desk.h"
#include "lib/text/text.h"

namespace huoqi::api {
namespace {

using metrics::Deed;
using metrics::Ending;
using policy::Action;

constexpr std::size_t kMaxPerson = 80;
constexpr std::size_t kMaxAction = 40;
constexpr std::size_t kCursorDigits = 16;

template <class Number>
std::optional<Number> whole(std::string_view text, int base = 10) {
    Number number{};
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// "c" and the index below which the next page begins, 16 hex digits.
std::string cursor_of(EntryIndex before) {
    Bytes bytes;
    put_be(bytes, before.value);
    return "c" + hex(bytes);
}
std::optional<EntryIndex> read_cursor(std::string_view text) {
    if (text.size() != kCursorDigits + 1 || text.front() != 'c') return std::nullopt;
    auto bytes = unhex(text.substr(1));
    if (!bytes) return std::nullopt;
    return EntryIndex{get_be<std::uint64_t>(bytes->data())};
}

struct PageRequest {
    ledger::Filter filter;
    EntryIndex before;
    std::size_t limit = kDefaultPage;
    std::vector<std::string> used;  // names of the filters; their values are not for the ledger
};

// Reads one query field after the other; the first that is wrong stays.
class Query {
  public:
    explicit Query(const http::Request& request) : request_(request) {}

    // `take` gives false for a value that is not one.
    template <class Take>
    void field(std::string_view name, std::string_view rule, Take take) {
        if (wrong_) return;
        auto value = request_.query_value(name);
        if (!value || (*value && !take(**value))) wrong_ = bad_query(name, rule);
        if (!wrong_ && *value) used_.emplace_back(name);
    }
    std::optional<http::Response> wrong() { return std::move(wrong_); }
    std::vector<std::string> used() { return std::move(used_); }

  private:
    const http::Request& request_;
    std::optional<http::Response> wrong_;
    std::vector<std::string> used_;
};

bool is_action(std::string_view text) {
    return !text.empty() && text.size() <= kMaxAction &&
           std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '.'; });
}

bool read_time(std::string_view text, std::optional<Time>& into) {
    into = parse_rfc3339(text);
    return into.has_value();
}

std::expected<PageRequest, http::Response> read_page_request(const Desk& desk, const http::Request& request) {
    auto allowed = desk.figure("ledger.page_max", policy::Unit::entry);
    if (!allowed) return std::unexpected(failure(allowed.error()));
    std::size_t most = std::min(kMaxPage, *allowed);
    PageRequest out{{}, EntryIndex{desk.services.ledger.size().value}, std::min(kDefaultPage, most), {}};
    Query query(request);
    query.field("person", "query.shape", [&](std::string_view text) {
        out.filter.person = text;
        return !text.empty() && text.size() <= kMaxPerson;
    });
    query.field("action", "query.shape", [&](std::string_view text) {
        out.filter.action = text;
        return is_action(text);
    });
    query.field("waybill", "id.unknown", [&](std::string_view text) {
        out.filter.waybill = desk.services.vault.place(text);
        return out.filter.waybill.has_value();
    });
    query.field("from", "time.shape",
                [&](std::string_view text) { return read_time(text, out.filter.from); });
    query.field("until", "time.shape",
                [&](std::string_view text) { return read_time(text, out.filter.until); });
    out.used = query.used();
    query.field("cursor", "cursor.shape", [&](std::string_view text) {
        auto before = read_cursor(text);
        if (before) out.before = *before;
        return before.has_value();
    });
    query.field("limit", "query.range", [&](std::string_view text) {
        auto number = whole<std::size_t>(text);
        if (number) out.limit = *number;
        return number && *number >= 1 && *number <= most;
    });
    if (auto wrong = query.wrong()) return std::unexpected(std::move(*wrong));
    return out;
}

// An auditor sees no personal information (art. 34): what somebody typed as a reason is shown without rows of
// digits as long as a phone's last part, also when blanks or hyphens stand between them.
std::string without_numbers(std::string_view reason) {
    constexpr std::size_t kShown = 3;
    std::string out;
    std::string run;  // digits and what stands between them
    std::size_t digits = 0;
    auto end_run = [&] {
        out += digits > kShown ? std::string("***") : run;
        run.clear();
        digits = 0;
    };
    for (std::size_t at = 0; at < reason.size();) {
        const char32_t written = text::next(reason, at);
        const char32_t c = text::narrow(written);
        const bool digit = c >= U'0' && c <= U'9';
        if (digit || (digits > 0 && (c == U' ' || c == U'-'))) {
            digits += digit ? 1 : 0;
            text::append(run, written);
            continue;
        }
        end_run();
        text::append(out, written);
    }
    end_run();
    return out;
}

// A node has one ledger for all its enterprises. An entry is another enterprise's when its actor or what it
// is about says so; an auditor is shown his own, and those of the node itself.
bool foreign(const std::string& entry, const std::string& enterprise) {
    const auto json = nlohmann::json::parse(entry, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) return false;
    auto another = [&](const char* part, const char* name) {
        const auto at = json.find(part);
        if (at == json.end() || !at->is_object()) return false;
        const auto value = at->value(name, "");
        return !value.empty() && value != enterprise;
    };
    if (another("actor", "organisation") || another("detail", "enterprise")) return true;
    // Accounts name their person together with the enterprise.
    const auto detail = json.find("detail");
    if (detail == json.end() || !detail->is_object()) return false;
    const auto who = staff::named(detail->value("person", ""));
    return who && who->enterprise != enterprise;
}

// `next`: the page goes on below it.
Result<std::string> page_json(const vault::Vault& vault, const std::vector<ledger::Found>& found,
                              std::optional<EntryIndex> next) {
    std::string out = "{\"entries\":[";
    for (const auto& [index, entry] : found) {
        if (out.back() != '[') out += ',';
        out += "{\"index\":" + std::to_string(index.value) + ",\"entry\":" + entry;
        auto json = nlohmann::json::parse(entry, nullptr, false);
        if (auto reason = json.is_object() ? json.value("reason", "") : std::string(); !reason.empty()) {
            auto text = vault.open_reason(reason);
            if (!text) return pass(text);
            out += ",\"reason_text\":";
            append_json(out, without_numbers(text->reading()));
        }
        out += '}';
    }
    out += ']';
    if (next) {
        out += ",\"next\":";
        append_json(out, cursor_of(*next));
    }
    return out += '}';
}

ledger::Entry view_entry(const Caller& caller) {
    ledger::Entry entry;
    entry.actor = caller.actor;
    entry.action = policy::name(Action::ledger_read);
    return entry;
}

http::Response entries(Desk& desk, const http::Request& request) {
    auto caller = desk.admit(request, Action::ledger_read);
    if (!caller) return std::move(caller.error());
    auto page = read_page_request(desk, request);
    if (!page) return std::move(page.error());
    auto& services = desk.services;
    auto found = services.ledger.find(page->filter, page->before, page->limit);
    std::optional<EntryIndex> next;
    if (found && found->size() == page->limit && found->back().index.value > 0) next = found->back().index;
    if (found) std::erase_if(*found, [&](const auto& one) { return foreign(one.json, caller->enterprise); });
    auto entry = view_entry(*caller);
    entry.fields = std::move(page->used);
    if (page->filter.waybill) entry.objects = {*page->filter.waybill};
    entry.counts["shown"] = found ? found->size() : 0;
    if (!found) {
        entry.outcome = "failed";
        entry.rule = name(found.error().code);
    }
    services.activity.count(Deed::ledger_read, found ? Ending::done : Ending::failed);
    if (auto recorded = services.ledger.append(std::move(entry)); !recorded) return failure(recorded.error());
    if (!found) return failure(found.error());
    auto json = page_json(services.vault, *found, next);
    return json ? json_answer(200, std::move(*json)) : failure(json.error());
}

http::Response proof(Desk& desk, const http::Request& request) {
    auto caller = desk.admit(request, Action::ledger_read);
    if (!caller) return std::move(caller.error());
    auto& services = desk.services;
    auto index = whole<std::uint64_t>(request.parameter("index"));
    if (!index || *index >= services.ledger.size().value) return not_found();
    auto text = services.ledger.entry(EntryIndex{*index});
    if (!text) return failure(text.error());
    if (foreign(*text, caller->enterprise)) return not_found();
    auto proven = services.ledger.prove(EntryIndex{*index});
    services.activity.count(Deed::ledger_read, proven ? Ending::done : Ending::failed);
    if (!proven) return failure(proven.error());
    auto entry = view_entry(*caller);
    entry.counts["entry"] = *index;
    if (auto recorded = services.ledger.append(std::move(entry)); !recorded) return failure(recorded.error());
    return http::Response(200, "text/plain; charset=utf-8", std::move(*proven));
}

}  // namespace

void add_ledger_routes(const std::shared_ptr<Desk>& desk, http::Router& router) {
    router.add(
        "GET", "/v1/ledger/entries", desk->on_pool(entries),
        {kMaxSmallBody, {}, Fields{"cursor", "limit", "person", "action", "waybill", "from", "until"}});
    router.add("GET", "/v1/ledger/entries/{index}/proof", desk->on_pool(proof),
               {kMaxSmallBody, {}, kNoQuery});
}

}  // namespace huoqi::api

// SPDX-License-Identifier: Apache-2.0
#include "edge/store/internal/people_rows.h"

#include "edge/store/internal/outbox.h"

namespace huoqi::store {
namespace {

using people::GrantRequest;
using people::Window;
using sql::Value;

constexpr std::string_view kMigrations[] = {
    // 1
    "CREATE TABLE people_revisions (enterprise TEXT PRIMARY KEY, revision BIGINT NOT NULL, seal {bytes} NOT "
    "NULL)",
    // 2
    "CREATE TABLE organisations (enterprise TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, kind TEXT "
    "NOT "
    "NULL, parent TEXT NOT NULL, areas TEXT NOT NULL, seal {bytes} NOT NULL, PRIMARY KEY (enterprise, code))",
    // 3
    "CREATE TABLE people (enterprise TEXT NOT NULL, id TEXT NOT NULL, organisation TEXT NOT NULL, post TEXT "
    "NOT "
    "NULL, department TEXT NOT NULL, entered BIGINT NOT NULL, left_at BIGINT, seal {bytes} NOT NULL, PRIMARY "
    "KEY "
    "(enterprise, id))",
    // 4
    "CREATE TABLE role_grants (enterprise TEXT NOT NULL, id TEXT NOT NULL, person TEXT NOT NULL, role TEXT "
    "NOT "
    "NULL, organisation TEXT NOT NULL, from_at BIGINT NOT NULL, until_at BIGINT, confirmed BIGINT NOT NULL, "
    "seal "
    "{bytes} NOT NULL, PRIMARY KEY (enterprise, id))",
    // 5
    "CREATE TABLE devices (enterprise TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, outlet TEXT NOT "
    "NULL, "
    "registered BIGINT NOT NULL, revoked BIGINT, seal {bytes} NOT NULL, PRIMARY KEY (enterprise, id))",
    // 6
    "CREATE TABLE grant_requests (enterprise TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, person "
    "TEXT NOT "
    "NULL, role TEXT NOT NULL, organisation TEXT NOT NULL, grant_id TEXT NOT NULL, until_at BIGINT, asked_by "
    "TEXT "
    "NOT NULL, asked BIGINT NOT NULL, state TEXT NOT NULL, decided_by TEXT NOT NULL, decided BIGINT, seal "
    "{bytes} "
    "NOT NULL, PRIMARY KEY (enterprise, id))",
    // 7
    "CREATE TABLE maintenance_windows (enterprise TEXT NOT NULL, id TEXT NOT NULL, task TEXT NOT NULL, why "
    "TEXT NOT "
    "NULL, minutes BIGINT NOT NULL, break_glass BIGINT NOT NULL, asked_by TEXT NOT NULL, asked BIGINT NOT "
    "NULL, "
    "state TEXT NOT NULL, decided_by TEXT NOT NULL, opened BIGINT, ends BIGINT, closed_by TEXT NOT NULL, "
    "closed "
    "BIGINT, finding TEXT NOT NULL, seal {bytes} NOT NULL, PRIMARY KEY (enterprise, id))",
    // 8
    "CREATE TABLE leavings (enterprise TEXT NOT NULL, person TEXT NOT NULL, left_at BIGINT NOT NULL, "
    "audit_from "
    "BIGINT NOT NULL, recorded_by TEXT NOT NULL, signed_by TEXT NOT NULL, signed_at BIGINT, finding TEXT NOT "
    "NULL, "
    "seal {bytes} NOT NULL, PRIMARY KEY (enterprise, person))",
};

Value maybe(const std::optional<Time>& time) {
    if (!time) return std::monostate{};
    return time->nanoseconds;
}
std::string text(std::string_view view) { return std::string(view); }

// Takes the columns of a row one after the other; `good` says whether each had its type.
class Columns {
  public:
    explicit Columns(const sql::Row& row) : row_(row) {}
    std::string text() { return take<std::string>(); }
    std::int64_t number() { return take<std::int64_t>(); }
    Time time() { return {number()}; }
    std::optional<Time> maybe_time() {
        if (at_ < row_.size() && std::holds_alternative<std::monostate>(row_[at_])) {
            ++at_;
            return std::nullopt;
        }
        return time();
    }
    template <class E>
    E word(std::optional<E> value) {
        good_ = good_ && value.has_value();
        return value.value_or(E{});
    }
    bool good() const { return good_; }

  private:
    template <class T>
    T take() {
        const T* value = at_ < row_.size() ? std::get_if<T>(&row_[at_]) : nullptr;
        ++at_;
        good_ = good_ && value != nullptr;
        return value != nullptr ? *value : T{};
    }
    const sql::Row& row_;
    std::size_t at_ = 0;
    bool good_ = true;
};

// The enumerator of a word, by asking each.
template <class E>
std::optional<E> named(std::string_view word, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        if (people::name(static_cast<E>(i)) == word) return static_cast<E>(i);
    }
    return std::nullopt;
}

std::string joined(const std::vector<std::string>& codes) {
    std::string out;
    for (const auto& code : codes) out += (out.empty() ? "" : ",") + code;
    return out;
}
std::vector<std::string> split(std::string_view codes) {
    std::vector<std::string> out;
    while (!codes.empty()) {
        const auto end = std::min(codes.find(','), codes.size());
        out.emplace_back(codes.substr(0, end));
        codes.remove_prefix(std::min(end + 1, codes.size()));
    }
    return out;
}

template <class T>
std::optional<T> if_good(const Columns& columns, T value) {
    if (!columns.good()) return std::nullopt;
    return value;
}

std::vector<std::string_view> names_of(std::string_view columns) {
    std::vector<std::string_view> out;
    while (!columns.empty()) {
        const auto end = std::min(columns.find(','), columns.size());
        out.push_back(columns.substr(0, end));
        columns.remove_prefix(std::min(end + 2, columns.size()));
    }
    return out;
}

}  // namespace

std::span<const std::string_view> people_migrations() { return kMigrations; }

std::vector<Value> Rows<people::Organisation>::values(const people::Organisation& one) {
    return {one.enterprise, one.code, one.name, text(people::name(one.kind)), one.parent, joined(one.areas)};
}
std::optional<people::Organisation> Rows<people::Organisation>::from(const sql::Row& row) {
    Columns in(row);
    people::Organisation out;
    out.enterprise = in.text();
    out.code = in.text();
    out.name = in.text();
    out.kind = in.word(people::organisation_kind_named(in.text()));
    out.parent = in.text();
    out.areas = split(in.text());
    return if_good(in, std::move(out));
}

std::vector<Value> Rows<people::Person>::values(const people::Person& one) {
    return {one.enterprise,          one.id,         one.organisation, one.post, one.department,
            one.entered.nanoseconds, maybe(one.left)};
}
std::optional<people::Person> Rows<people::Person>::from(const sql::Row& row) {
    Columns in(row);
    people::Person out;
    out.enterprise = in.text();
    out.id = in.text();
    out.organisation = in.text();
    out.post = in.text();
    out.department = in.text();
    out.entered = in.time();
    out.left = in.maybe_time();
    return if_good(in, std::move(out));
}

std::vector<Value> Rows<people::Grant>::values(const people::Grant& one) {
    return {one.enterprise,   one.id,
            one.person,       one.role,
            one.organisation, one.from.nanoseconds,
            maybe(one.until), one.confirmed.nanoseconds};
}
std::optional<people::Grant> Rows<people::Grant>::from(const sql::Row& row) {
    Columns in(row);
    people::Grant out;
    out.enterprise = in.text();
    out.id = in.text();
    out.person = in.text();
    out.role = in.text();
    out.organisation = in.text();
    out.from = in.time();
    out.until = in.maybe_time();
    out.confirmed = in.time();
    return if_good(in, std::move(out));
}

std::vector<Value> Rows<people::Device>::values(const people::Device& one) {
    return {one.enterprise,    one.id, text(people::name(one.kind)), one.outlet, one.registered.nanoseconds,
            maybe(one.revoked)};
}
std::optional<people::Device> Rows<people::Device>::from(const sql::Row& row) {
    Columns in(row);
    people::Device out;
    out.enterprise = in.text();
    out.id = in.text();
    out.kind = in.word(people::device_kind_named(in.text()));
    out.outlet = in.text();
    out.registered = in.time();
    out.revoked = in.maybe_time();
    return if_good(in, std::move(out));
}

std::vector<Value> Rows<GrantRequest>::values(const GrantRequest& one) {
    return {one.enterprise,
            one.id,
            text(people::name(one.kind)),
            one.person,
            one.role,
            one.organisation,
            one.grant,
            maybe(one.until),
            one.asked_by,
            one.asked.nanoseconds,
            text(people::name(one.state)),
            one.decided_by,
            maybe(one.decided)};
}
std::optional<GrantRequest> Rows<GrantRequest>::from(const sql::Row& row) {
    Columns in(row);
    GrantRequest out;
    out.enterprise = in.text();
    out.id = in.text();
    out.kind = in.word(named<GrantRequest::Kind>(in.text(), 2));
    out.person = in.text();
    out.role = in.text();
    out.organisation = in.text();
    out.grant = in.text();
    out.until = in.maybe_time();
    out.asked_by = in.text();
    out.asked = in.time();
    out.state = in.word(named<GrantRequest::State>(in.text(), 4));
    out.decided_by = in.text();
    out.decided = in.maybe_time();
    return if_good(in, std::move(out));
}

std::vector<Value> Rows<Window>::values(const Window& one) {
    return {one.enterprise,
            one.id,
            one.task,
            one.why,
            one.minutes,
            std::int64_t{one.break_glass ? 1 : 0},
            one.asked_by,
            one.asked.nanoseconds,
            text(people::name(one.state)),
            one.decided_by,
            maybe(one.opened),
            maybe(one.ends),
            one.closed_by,
            maybe(one.closed),
            one.finding};
}
std::optional<Window> Rows<Window>::from(const sql::Row& row) {
    Columns in(row);
    Window out;
    out.enterprise = in.text();
    out.id = in.text();
    out.task = in.text();
    out.why = in.text();
    out.minutes = in.number();
    out.break_glass = in.number() != 0;
    out.asked_by = in.text();
    out.asked = in.time();
    out.state = in.word(named<Window::State>(in.text(), 4));
    out.decided_by = in.text();
    out.opened = in.maybe_time();
    out.ends = in.maybe_time();
    out.closed_by = in.text();
    out.closed = in.maybe_time();
    out.finding = in.text();
    return if_good(in, std::move(out));
}

std::vector<Value> Rows<people::Leaving>::values(const people::Leaving& one) {
    return {one.enterprise,  one.person,    one.left.nanoseconds, one.audit_from.nanoseconds,
            one.recorded_by, one.signed_by, maybe(one.signed_at), one.finding};
}
std::optional<people::Leaving> Rows<people::Leaving>::from(const sql::Row& row) {
    Columns in(row);
    people::Leaving out;
    out.enterprise = in.text();
    out.person = in.text();
    out.left = in.time();
    out.audit_from = in.time();
    out.recorded_by = in.text();
    out.signed_by = in.text();
    out.signed_at = in.maybe_time();
    out.finding = in.text();
    return if_good(in, std::move(out));
}

std::string upsert_statement(std::string_view table, std::string_view columns) {
    const auto names = names_of(columns);
    std::string values, sets = "seal = excluded.seal";
    for (std::size_t i = 0; i < names.size(); ++i) {
        values += "$" + std::to_string(i + 1) + ", ";
        if (i >= 2) sets += ", " + text(names[i]) + " = excluded." + text(names[i]);
    }
    return "INSERT INTO " + text(table) + " (" + text(columns) + ", seal) VALUES (" + values + "$" +
           std::to_string(names.size() + 1) + ") ON CONFLICT (" + text(names[0]) + ", " + text(names[1]) +
           ") DO UPDATE SET " + sets;
}

std::string select_statement(std::string_view table, std::string_view columns) {
    return "SELECT " + text(columns) + ", seal FROM " + text(table) + " WHERE enterprise = $1 ORDER BY " +
           text(names_of(columns)[1]);
}

Bytes row_seal(std::string_view table, std::span<const Value> values, crypto::Hmac& key) {
    RowSeal seal(table);
    for (const auto& value : values) {
        seal.number(static_cast<std::int64_t>(value.index()));
        if (const auto* text = std::get_if<std::string>(&value)) seal.text(*text);
        if (const auto* number = std::get_if<std::int64_t>(&value)) seal.number(*number);
    }
    return seal.mac(key);
}

}  // namespace huoqi::store

// SPDX-License-Identifier: Apache-2.0
#include "edge/store/internal/work_rows.h"

#include "edge/store/internal/outbox.h"

namespace huoqi::store {
namespace {

using people::AssignmentKind;
using people::Ticket;
using people::Unassigned;

// Kinds are stored as numbers.
static_assert(static_cast<int>(AssignmentKind::collect) == 0 &&
              static_cast<int>(AssignmentKind::deliver) == 1 &&
              static_cast<int>(AssignmentKind::hand_over) == 2);
constexpr std::int64_t kKinds = 3;

// volume (4), record (8).
constexpr std::size_t kPlaceBytes = 12;

const std::vector<std::string_view> kMigrations{
    // 1
    "CREATE TABLE work_numbers (enterprise TEXT PRIMARY KEY, number BIGINT NOT NULL, seal {bytes} NOT NULL)",
    // 2
    "CREATE TABLE assignments (enterprise TEXT NOT NULL, volume BIGINT NOT NULL, record BIGINT NOT NULL, "
    "person TEXT NOT NULL, kind BIGINT NOT NULL, from_at BIGINT NOT NULL, until_at BIGINT NOT NULL, number "
    "BIGINT NOT NULL, kept_until BIGINT NOT NULL, seal {bytes} NOT NULL, PRIMARY KEY (enterprise, volume, "
    "record, person, kind))",
    // 3
    "CREATE UNIQUE INDEX assignments_by_number ON assignments (enterprise, number)",
    // 4
    "CREATE TABLE tickets (enterprise TEXT NOT NULL, ticket TEXT NOT NULL, purpose TEXT NOT NULL, "
    "organisation TEXT NOT NULL, person TEXT, waybills {bytes} NOT NULL, until_at BIGINT NOT NULL, number "
    "BIGINT NOT NULL, kept_until BIGINT NOT NULL, seal {bytes} NOT NULL, PRIMARY KEY (enterprise, ticket))",
    // 5
    "CREATE UNIQUE INDEX tickets_by_number ON tickets (enterprise, number)",
};

Bytes packed(const std::vector<RecordPlace>& places) {
    Bytes out;
    out.reserve(places.size() * kPlaceBytes);
    for (const auto& place : places) {
        put_be(out, place.volume.value);
        put_be(out, place.record.value);
    }
    return out;
}
std::vector<RecordPlace> unpacked(const Bytes& bytes) {
    std::vector<RecordPlace> out;
    for (std::size_t at = 0; at + kPlaceBytes <= bytes.size(); at += kPlaceBytes)
        out.push_back({{get_be<std::uint32_t>(&bytes[at])}, {get_be<std::uint64_t>(&bytes[at + 4])}});
    return out;
}

// The column's value when it has the type.
template <class T>
const T* column(const sql::Row& row, std::size_t at) {
    return at < row.size() ? std::get_if<T>(&row[at]) : nullptr;
}

std::int64_t number_of(AssignmentKind kind) { return static_cast<std::int64_t>(kind); }
std::int64_t number_of(RecordId record) { return static_cast<std::int64_t>(record.value); }

std::vector<sql::Value> key_of(const Unassigned& key) {
    return {key.enterprise, std::int64_t{key.waybill.volume.value}, number_of(key.waybill.record), key.person,
            number_of(key.kind)};
}

// What all rows hold, a list a column, for unnest().
struct Lists {
    std::vector<std::int64_t> volumes, records, kinds, from, until, numbers, kept;
    std::vector<Bytes> people, seals;

    explicit Lists(const std::vector<AssignmentRow>& rows) {
        for (auto* list : {&volumes, &records, &kinds, &from, &until, &numbers, &kept})
            list->reserve(rows.size());
        people.reserve(rows.size());
        seals.reserve(rows.size());
        for (const auto& row : rows) {
            volumes.push_back(row.key.waybill.volume.value);
            records.push_back(number_of(row.key.waybill.record));
            const auto person = bytes_of(row.key.person);
            people.emplace_back(person.begin(), person.end());
            kinds.push_back(number_of(row.key.kind));
            from.push_back(row.from.nanoseconds);
            until.push_back(row.until.nanoseconds);
            numbers.push_back(row.number);
            kept.push_back(row.kept.nanoseconds);
            seals.push_back(row.seal);
        }
    }
};

#define HUOQI_ASSIGNMENT_UPSERT                                                                          \
    " ON CONFLICT (enterprise, volume, record, person, kind) DO UPDATE SET from_at = excluded.from_at, " \
    "until_at = excluded.until_at, number = excluded.number, seal = excluded.seal, kept_until = CASE "   \
    "WHEN assignments.kept_until > excluded.kept_until THEN assignments.kept_until ELSE "                \
    "excluded.kept_until END"
#define HUOQI_ASSIGNMENT_INTO                                                                        \
    "INSERT INTO assignments (enterprise, volume, record, person, kind, from_at, until_at, number, " \
    "kept_until, seal) "

constexpr std::string_view kPutOne =
    HUOQI_ASSIGNMENT_INTO "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)" HUOQI_ASSIGNMENT_UPSERT;
// The lists hold texts as bytes.
constexpr std::string_view kPutMany = HUOQI_ASSIGNMENT_INTO
    "SELECT $1, v, r, convert_from(p, 'UTF8'), k, f, u, n, e, s FROM unnest($2::BIGINT[], $3::BIGINT[], "
    "$4::BYTEA[], $5::BIGINT[], $6::BIGINT[], $7::BIGINT[], $8::BIGINT[], $9::BIGINT[], $10::BYTEA[]) AS t "
    "(v, r, p, k, f, u, n, e, s)" HUOQI_ASSIGNMENT_UPSERT;
#undef HUOQI_ASSIGNMENT_INTO
#undef HUOQI_ASSIGNMENT_UPSERT

constexpr std::string_view kTakeOne =
    "UPDATE assignments SET from_at = 0, until_at = 0, number = $6, seal = $7 WHERE enterprise = $1 AND "
    "volume = $2 AND record = $3 AND person = $4 AND kind = $5";
constexpr std::string_view kTakeMany =
    "UPDATE assignments AS a SET from_at = 0, until_at = 0, number = t.n, seal = t.s FROM "
    "unnest($2::BIGINT[], $3::BIGINT[], $4::BYTEA[], $5::BIGINT[], $6::BIGINT[], $7::BYTEA[]) AS t (v, r, p, "
    "k, n, s) WHERE a.enterprise = $1 AND a.volume = t.v AND a.record = t.r AND a.person = convert_from(t.p, "
    "'UTF8') AND a.kind = t.k";
constexpr std::string_view kPutTicket =
    "INSERT INTO tickets (enterprise, ticket, purpose, organisation, person, waybills, until_at, number, "
    "kept_until, seal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (enterprise, ticket) DO "
    "UPDATE SET purpose = excluded.purpose, organisation = excluded.organisation, person = excluded.person, "
    "waybills = excluded.waybills, until_at = excluded.until_at, number = excluded.number, seal = "
    "excluded.seal, kept_until = CASE WHEN tickets.kept_until > excluded.kept_until THEN tickets.kept_until "
    "ELSE excluded.kept_until END";

}  // namespace

const std::vector<std::string_view>& work_migrations() { return kMigrations; }

people::WorkChange AssignmentRow::change() const {
    if (taken()) return key;
    return people::Assignment{key.enterprise, key.waybill, key.person, key.kind, from, until};
}
Bytes AssignmentRow::sealed(crypto::Hmac& hmac) const {
    RowSeal row(kAssignments);
    row.text(key.enterprise).number(key.waybill.volume.value).number(number_of(key.waybill.record));
    row.text(key.person).number(number_of(key.kind));
    return row.number(from.nanoseconds).number(until.nanoseconds).number(number).mac(hmac);
}

people::WorkChange TicketRow::change() const {
    if (closed()) return people::ClosedTicket{ticket.enterprise, ticket.number};
    return ticket;
}
Bytes TicketRow::sealed(crypto::Hmac& hmac) const {
    RowSeal row(kTickets);
    row.text(ticket.enterprise).text(ticket.number).text(ticket.purpose).text(ticket.organisation);
    row.number(ticket.person ? 1 : 0).text(ticket.person.value_or("")).bytes(packed(ticket.waybills));
    return row.number(ticket.until.nanoseconds).number(number).mac(hmac);
}
std::vector<sql::Value> TicketRow::values() const {
    sql::Value person = std::monostate{};
    if (ticket.person) person = *ticket.person;
    return {ticket.enterprise,        ticket.number,
            ticket.purpose,           ticket.organisation,
            std::move(person),        packed(ticket.waybills),
            ticket.until.nanoseconds, number,
            kept.nanoseconds,         seal};
}

std::optional<AssignmentRow> assignment_row(const sql::Row& row) {
    const auto* enterprise = column<std::string>(row, 0);
    const auto* person = column<std::string>(row, 3);
    const auto* seal = column<Bytes>(row, 9);
    std::int64_t numbers[9]{};
    for (std::size_t at : {1, 2, 4, 5, 6, 7, 8}) {
        const auto* number = column<std::int64_t>(row, at);
        if (number == nullptr) return std::nullopt;
        numbers[at] = *number;
    }
    const auto [none, volume, record, text, kind, from, until, number, kept] = numbers;
    if (enterprise == nullptr || person == nullptr || seal == nullptr || kind < 0 || kind >= kKinds ||
        volume < 0 || volume > UINT32_MAX)
        return std::nullopt;
    const RecordPlace waybill{{static_cast<std::uint32_t>(volume)}, {static_cast<std::uint64_t>(record)}};
    return AssignmentRow{{*enterprise, waybill, *person, static_cast<AssignmentKind>(kind)},
                         {from},
                         {until},
                         number,
                         {kept},
                         *seal};
}

std::optional<TicketRow> ticket_row(const sql::Row& row) {
    Ticket ticket;
    std::string* texts[] = {&ticket.enterprise, &ticket.number, &ticket.purpose, &ticket.organisation};
    for (std::size_t at = 0; at < std::size(texts); ++at) {
        const auto* text = column<std::string>(row, at);
        if (text == nullptr) return std::nullopt;
        *texts[at] = *text;
    }
    if (const auto* person = column<std::string>(row, 4)) ticket.person = *person;
    const auto* waybills = column<Bytes>(row, 5);
    const auto* until = column<std::int64_t>(row, 6);
    const auto* number = column<std::int64_t>(row, 7);
    const auto* kept = column<std::int64_t>(row, 8);
    const auto* seal = column<Bytes>(row, 9);
    if (waybills == nullptr || waybills->size() % kPlaceBytes != 0 || until == nullptr || number == nullptr ||
        kept == nullptr || seal == nullptr)
        return std::nullopt;
    ticket.waybills = unpacked(*waybills);
    ticket.until = {*until};
    return TicketRow{std::move(ticket), *number, {*kept}, *seal};
}

Bytes seal_number(std::string_view enterprise, std::int64_t number, crypto::Hmac& key) {
    return RowSeal(kNumbers).text(enterprise).number(number).mac(key);
}

Status put_rows(sql::Connection& connection, const std::vector<AssignmentRow>& rows) {
    if (rows.empty()) return {};
    if (connection.dialect() == sql::Dialect::postgresql) {
        Lists lists(rows);
        return connection.run(
            kPutMany,
            {rows.front().key.enterprise, std::move(lists.volumes), std::move(lists.records),
             std::move(lists.people), std::move(lists.kinds), std::move(lists.from), std::move(lists.until),
             std::move(lists.numbers), std::move(lists.kept), std::move(lists.seals)});
    }
    for (const auto& row : rows) {
        auto values = key_of(row.key);
        for (auto number : {row.from.nanoseconds, row.until.nanoseconds, row.number, row.kept.nanoseconds})
            values.emplace_back(number);
        values.emplace_back(row.seal);
        if (auto put = connection.run(kPutOne, values); !put) return put;
    }
    return {};
}

Status take_rows(sql::Connection& connection, const std::vector<AssignmentRow>& rows) {
    if (rows.empty()) return {};
    if (connection.dialect() == sql::Dialect::postgresql) {
        Lists lists(rows);
        return connection.run(
            kTakeMany, {rows.front().key.enterprise, std::move(lists.volumes), std::move(lists.records),
                        std::move(lists.people), std::move(lists.kinds), std::move(lists.numbers),
                        std::move(lists.seals)});
    }
    for (const auto& row : rows) {
        auto values = key_of(row.key);
        values.emplace_back(row.number);
        values.emplace_back(row.seal);
        if (auto taken = connection.run(kTakeOne, values); !taken) return taken;
    }
    return {};
}

Status put_row(sql::Connection& connection, const TicketRow& row) {
    return connection.run(kPutTicket, row.values());
}

}  // namespace huoqi::store

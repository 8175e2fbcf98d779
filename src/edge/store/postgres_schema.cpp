// SPDX-License-Identifier: Apache-2.0
// The archive's tables in PostgreSQL, their parts for each volume, and how they lie over a Citus cluster.
#include "edge/store/internal/postgres_schema.h"

#include "edge/store/store.h"

namespace huoqi::store::postgres {
namespace {

// Sealed rows are ciphertext: the server must not try to compress them. Columns stand so that no room is lost
// between them: there are several index rows a waybill.
constexpr std::string_view kFirst = R"sql(
CREATE TABLE writers (writer INTEGER PRIMARY KEY, origin TEXT NOT NULL UNIQUE, keys TEXT NOT NULL, opened BIGINT NOT NULL);
CREATE TABLE volumes (id INTEGER PRIMARY KEY, enterprise TEXT NOT NULL, period TEXT NOT NULL, UNIQUE (enterprise, period));
CREATE TABLE waybill_rows (volume INTEGER NOT NULL, record BIGINT NOT NULL, version INTEGER NOT NULL, sealed BYTEA NOT NULL,
  PRIMARY KEY (record, version, volume)) PARTITION BY LIST (volume);
ALTER TABLE waybill_rows ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE TABLE waybill_numbers (volume INTEGER NOT NULL, token BYTEA NOT NULL, record BIGINT NOT NULL,
  PRIMARY KEY (token, volume)) PARTITION BY LIST (volume);
CREATE TABLE waybill_indexes (token BIGINT NOT NULL, record BIGINT NOT NULL, volume INTEGER NOT NULL, kind INTEGER NOT NULL)
  PARTITION BY LIST (volume);
CREATE INDEX waybill_indexes_by_token ON waybill_indexes (token, record);
CREATE TABLE ledger_entries (writer INTEGER NOT NULL, index BIGINT NOT NULL, entry BYTEA NOT NULL, PRIMARY KEY (writer, index));
CREATE TABLE ledger_keys (writer INTEGER NOT NULL, key BYTEA NOT NULL, index BIGINT NOT NULL, PRIMARY KEY (writer, key, index));
CREATE TABLE ledger_tiles (writer INTEGER NOT NULL, level INTEGER NOT NULL, index BIGINT NOT NULL, hashes BYTEA NOT NULL,
  PRIMARY KEY (writer, level, index));
CREATE TABLE writer_settings (writer INTEGER NOT NULL, key TEXT NOT NULL, value BYTEA NOT NULL, PRIMARY KEY (writer, key))
)sql";

std::string part_of(std::string_view table, VolumeId volume) {
    return std::string(table) + "_v" + std::to_string(volume.value);
}

}  // namespace

const std::vector<std::string_view>& migrations() {
    static const std::vector<std::string_view> kMigrations{kFirst};
    return kMigrations;
}

std::vector<std::string> parts_for(VolumeId volume) {
    std::vector<std::string> out;
    for (const auto& table : kTables) {
        if (!table.by_volume) continue;
        out.push_back("CREATE TABLE IF NOT EXISTS " + part_of(table.name, volume) + " PARTITION OF " +
                      std::string(table.name) + " FOR VALUES IN (" + std::to_string(volume.value) + ")");
    }
    return out;
}

std::vector<std::string> parts_dropped(VolumeId volume) {
    std::vector<std::string> out;
    for (const auto& table : kTables) {
        if (table.by_volume) out.push_back("DROP TABLE IF EXISTS " + part_of(table.name, volume));
    }
    return out;
}

std::vector<std::string> distribution() {
    std::vector<std::string> out;
    std::string by_writer = "none";  // the first of them; the others lie beside it
    for (const auto& table : kTables) {
        std::string name(table.name);
        if (table.spread == Spread::everywhere) {
            out.push_back("SELECT create_reference_table('" + name + "')");
            continue;
        }
        // An index lies by its token, not beside its record: a look-up then asks one machine, not all.
        bool ledger = table.spread == Spread::by_writer;
        out.push_back("SELECT create_distributed_table('" + name + "', '" + std::string(table.column) +
                      "', colocate_with => '" + (ledger ? by_writer : "none") + "')");
        if (ledger && by_writer == "none") by_writer = name;
    }
    return out;
}

}  // namespace huoqi::store::postgres

namespace huoqi::store {

Status migrate_archive(sql::Connection& connection) {
    return sql::migrate(connection, "archive", postgres::migrations());
}

Status migrate_all(sql::Connection& connection) {
    for (const auto migrate :
         {migrate_archive, migrate_office, migrate_accounts, migrate_people, migrate_work}) {
        if (auto migrated = migrate(connection); !migrated) return migrated;
    }
    return {};
}

std::vector<std::string> distribution() {
    auto out = postgres::distribution();
    // Those of office, accounts and people are small, hold unique keys of their own, and are read by every
    // process; so is the row from which numbers of work are taken.
    for (const auto* table :
         {"access_keys", "outbox", "policies", "accounts", "login_slips", "login_sessions", "login_addresses",
          "people_revisions", "organisations", "people", "role_grants", "devices", "grant_requests",
          "maintenance_windows", "leavings", "work_numbers"})
        out.push_back("SELECT create_reference_table('" + std::string(table) + "')");
    // Work grows with the parcels; each statement names one enterprise, and reaches one machine.
    out.emplace_back("SELECT create_distributed_table('assignments', 'enterprise', colocate_with => 'none')");
    out.emplace_back(
        "SELECT create_distributed_table('tickets', 'enterprise', colocate_with => 'assignments')");
    return out;
}

Result<Writer> register_writer(sql::Connection& connection, Writer writer) {
    auto added = connection.transaction([&]() -> Status {
        // One at a time, so that each gets a number of its own.
        if (auto locked = connection.run("LOCK TABLE writers IN EXCLUSIVE MODE"); !locked) return locked;
        return connection.run(
            postgres::kAddWriter.text, {writer.origin, writer.keys, writer.opened.nanoseconds},
            [&](const sql::Row& row) {
                writer.number = static_cast<archive::WriterId>(std::get<std::int64_t>(row[0]));
            });
    });
    if (!added) return pass(added);
    return writer;
}

Result<std::vector<Writer>> writers(sql::Connection& connection) {
    std::vector<Writer> out;
    auto read = connection.run(postgres::kWriters.text, {}, [&](const sql::Row& row) {
        out.push_back({static_cast<archive::WriterId>(std::get<std::int64_t>(row[0])),
                       std::get<std::string>(row[1]), std::get<std::string>(row[2]),
                       Time{std::get<std::int64_t>(row[3])}});
    });
    if (!read) return pass(read);
    return out;
}

}  // namespace huoqi::store

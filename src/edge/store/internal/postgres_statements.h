// SPDX-License-Identifier: Apache-2.0
// Every statement that the archive sends to PostgreSQL, with the table it goes to. A hot one (seal, search,
// reveal, append) names the distribution column of its table, so that over Citus it reaches one shard, or
// every shard only as a COPY does; a test reads this list (docs/spec/postgresql.md).
#pragma once

#include <array>
#include <string_view>

namespace huoqi::store::postgres {

// How a table lies over the machines of a Citus cluster.
enum class Spread {
    by_record,
    by_token,
    by_writer,
    everywhere,  // small, a copy on each machine
};

struct Table {
    std::string_view name;
    std::string_view column;  // distribution column; empty when the table is everywhere
    Spread spread;
    bool by_volume;  // partitioned: a volume's part can be dropped
};
inline constexpr std::array kTables{
    Table{"writers", "", Spread::everywhere, false},
    Table{"volumes", "", Spread::everywhere, false},
    Table{"waybill_rows", "record", Spread::by_record, true},
    Table{"waybill_numbers", "token", Spread::by_token, true},
    Table{"waybill_indexes", "token", Spread::by_token, true},
    Table{"ledger_entries", "writer", Spread::by_writer, false},
    Table{"ledger_keys", "writer", Spread::by_writer, false},
    Table{"ledger_tiles", "writer", Spread::by_writer, false},
    Table{"writer_settings", "writer", Spread::by_writer, false},
};

struct Statement {
    std::string_view text;
    std::string_view table;
    bool hot;
};

inline constexpr Statement kCopyRows{"COPY waybill_rows (volume, record, version, sealed) FROM STDIN BINARY",
                                     "waybill_rows", true};
inline constexpr Statement kCopyNumbers{"COPY waybill_numbers (volume, token, record) FROM STDIN BINARY",
                                        "waybill_numbers", true};
inline constexpr Statement kCopyIndexes{
    "COPY waybill_indexes (token, record, volume, kind) FROM STDIN BINARY", "waybill_indexes", true};
inline constexpr Statement kCopyEntries{"COPY ledger_entries (writer, index, entry) FROM STDIN BINARY",
                                        "ledger_entries", true};
inline constexpr Statement kCopyKeys{"COPY ledger_keys (writer, key, index) FROM STDIN BINARY", "ledger_keys",
                                     true};
inline constexpr Statement kCopyTiles{"COPY ledger_tiles (writer, level, index, hashes) FROM STDIN BINARY",
                                      "ledger_tiles", true};
inline constexpr Statement kPutSetting{
    "INSERT INTO writer_settings (writer, key, value) VALUES ($1, $2, $3) "
    "ON CONFLICT (writer, key) DO UPDATE SET value = excluded.value",
    "writer_settings", true};
inline constexpr Statement kFindNumbers{
    "SELECT token, record FROM waybill_numbers WHERE volume = $1 AND token = ANY ($2)", "waybill_numbers",
    true};
inline constexpr Statement kFind{
    "SELECT DISTINCT record FROM waybill_indexes WHERE volume = $1 AND token = $2 AND kind = $3 "
    "ORDER BY record DESC LIMIT $4",
    "waybill_indexes", true};
inline constexpr Statement kFetch{
    "SELECT version, sealed FROM waybill_rows WHERE volume = $1 AND record = $2 ORDER BY version DESC LIMIT "
    "1",
    "waybill_rows", true};
inline constexpr Statement kEntry{"SELECT entry FROM ledger_entries WHERE writer = $1 AND index = $2",
                                  "ledger_entries", true};
inline constexpr Statement kTile{
    "SELECT hashes FROM ledger_tiles WHERE writer = $1 AND level = $2 AND index = $3", "ledger_tiles", true};
inline constexpr Statement kEntriesFrom{
    "SELECT index, entry FROM ledger_entries WHERE writer = $1 AND index >= $2 ORDER BY index LIMIT $3",
    "ledger_entries", true};
inline constexpr Statement kEntriesWith{
    "SELECT index FROM ledger_keys WHERE writer = $1 AND key = $2 AND index < $3 ORDER BY index DESC LIMIT "
    "$4",
    "ledger_keys", true};
inline constexpr Statement kNextKey{
    "SELECT key, index FROM ledger_keys WHERE writer = $1 AND key >= $2 ORDER BY key, index LIMIT 1",
    "ledger_keys", true};
inline constexpr Statement kLedgerSize{
    "SELECT COALESCE(MAX(index) + 1, 0) FROM ledger_entries WHERE writer = $1", "ledger_entries", true};
inline constexpr Statement kSetting{"SELECT value FROM writer_settings WHERE writer = $1 AND key = $2",
                                    "writer_settings", true};

// Not hot: once a month, at start, on an operator's word.
inline constexpr Statement kVolumes{"SELECT id, enterprise, period FROM volumes ORDER BY period, id",
                                    "volumes", false};
inline constexpr Statement kAddVolume{"INSERT INTO volumes (id, enterprise, period) VALUES ($1, $2, $3)",
                                      "volumes", false};
inline constexpr Statement kRowsFrom{
    "SELECT record, version, sealed FROM waybill_rows WHERE volume = $1 AND (record, version) >= ($2, $3) "
    "ORDER BY record, version LIMIT $4",
    "waybill_rows", false};
inline constexpr Statement kCountRows{"SELECT COUNT(*) FROM waybill_rows WHERE volume = $1 AND version = 0",
                                      "waybill_rows", false};
inline constexpr Statement kCountNumbers{"SELECT COUNT(*) FROM waybill_numbers WHERE volume = $1",
                                         "waybill_numbers", false};
inline constexpr Statement kCountIndexes{"SELECT COUNT(*) FROM waybill_indexes WHERE volume = $1",
                                         "waybill_indexes", false};
inline constexpr Statement kWriters{"SELECT writer, origin, keys, opened FROM writers ORDER BY writer",
                                    "writers", false};
inline constexpr Statement kAddWriter{
    "INSERT INTO writers (writer, origin, keys, opened) "
    "SELECT COALESCE(MAX(writer) + 1, 0), $1, $2, $3 FROM writers RETURNING writer",
    "writers", false};

inline constexpr std::array kStatements{
    kCopyRows,     kCopyNumbers,  kCopyIndexes, kCopyEntries, kCopyKeys,  kCopyTiles,   kPutSetting,
    kFindNumbers,  kFind,         kFetch,       kEntry,       kTile,      kEntriesFrom, kEntriesWith,
    kNextKey,      kLedgerSize,   kSetting,     kVolumes,     kAddVolume, kRowsFrom,    kCountRows,
    kCountNumbers, kCountIndexes, kWriters,     kAddWriter,
};

}  // namespace huoqi::store::postgres

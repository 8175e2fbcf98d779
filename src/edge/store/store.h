// SPDX-License-Identifier: Apache-2.0
// The ports of core on real engines: the archive over lib/lsm and over PostgreSQL, office and accounts over
// lib/sql, wrapped keys in files.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "core/accounts/accounts.h"
#include "core/archive/archive.h"
#include "core/keys/keys.h"
#include "core/office/office.h"
#include "core/people/store.h"
#include "core/people/work.h"
#include "lib/sql/postgres.h"

namespace huoqi::store {

struct ArchiveOptions {
    std::filesystem::path folder;
    // Blind-index entries held in memory before they become a sorted run on disk. 24 bytes each; two such
    // sets can exist.
    std::size_t tail_entries = 400'000;
    std::size_t cache_bytes = 24U << 20;
    std::size_t memory_bytes = 40U << 20;
};

// Opens or makes the archive in a folder. Code::unavailable when another process has it open; Code::corrupt
// when stored bytes are damaged.
Result<std::unique_ptr<archive::Archive>> open_archive(const ArchiveOptions& options);

// Rows are authenticated under `key`.
Result<std::unique_ptr<office::Office>> open_office(const std::filesystem::path& file, crypto::Suite suite,
                                                    const crypto::Key& key);

// The same over a connection of its own, to PostgreSQL as well. The outbox is that of one writer's ledger.
Result<std::unique_ptr<office::Office>> open_office(std::unique_ptr<sql::Connection> connection,
                                                    crypto::Suite suite, const crypto::Key& key,
                                                    archive::WriterId writer);

// Accounts, beside the office in the same database and with its outbox; rows are authenticated under `key`.
Result<std::unique_ptr<accounts::Store>> open_accounts(const std::filesystem::path& file, crypto::Suite suite,
                                                       const crypto::Key& key);
Result<std::unique_ptr<accounts::Store>> open_accounts(std::unique_ptr<sql::Connection> connection,
                                                       crypto::Suite suite, const crypto::Key& key,
                                                       archive::WriterId writer);

// People and powers, in the office's database and with its outbox: entries that wait are read and drained
// there. Rows are authenticated under `key`.
Result<std::unique_ptr<people::Store>> open_people(const std::filesystem::path& file, crypto::Suite suite,
                                                   const crypto::Key& key);
Result<std::unique_ptr<people::Store>> open_people(std::unique_ptr<sql::Connection> connection,
                                                   crypto::Suite suite, const crypto::Key& key,
                                                   archive::WriterId writer);

// Assignments and tickets, in the office's database and with its outbox. Rows are authenticated under `key`.
Result<std::unique_ptr<people::WorkStore>> open_work(const std::filesystem::path& file, crypto::Suite suite,
                                                     const crypto::Key& key);
Result<std::unique_ptr<people::WorkStore>> open_work(std::unique_ptr<sql::Connection> connection,
                                                     crypto::Suite suite, const crypto::Key& key,
                                                     archive::WriterId writer);

struct PostgresOptions {
    std::string url;
    archive::WriterId writer = 0;
    sql::PoolOptions pool;
};

// The archive as a writer that register_writer() has given a number. Code::unavailable when the server cannot
// be reached or another process writes under this number.
Result<std::unique_ptr<archive::Archive>> open_postgres_archive(const PostgresOptions& options);

// Make or bring up to date the tables.
Status migrate_archive(sql::Connection& connection);
Status migrate_office(sql::Connection& connection);
Status migrate_accounts(sql::Connection& connection);  // and the office's
Status migrate_people(sql::Connection& connection);    // and the office's
Status migrate_work(sql::Connection& connection);      // and the office's
Status migrate_all(sql::Connection& connection);

// Copies the office's rows from one database to another that has none; each stays authenticated under the
// same key.
Status copy_office(sql::Connection& from, sql::Connection& to);
// The same for accounts and the codes that wait; sessions end.
Status copy_accounts(sql::Connection& from, sql::Connection& to);
// The same for people and powers, and for assignments and tickets. Both databases have the tables; who opened
// a store of them in `to` opens it anew.
Status copy_people(sql::Connection& from, sql::Connection& to);
Status copy_work(sql::Connection& from, sql::Connection& to);

// One server process that writes to the archive.
struct Writer {
    archive::WriterId number = 0;
    std::string origin;  // of its ledger
    std::string keys;    // verifier keys of its ledger, a line each
    Time opened;
};
// Gives the next number. Code::conflict when the origin is taken.
Result<Writer> register_writer(sql::Connection& connection, Writer writer);
Result<std::vector<Writer>> writers(sql::Connection& connection);

// The statements that spread all tables (migrate_all() made them) over a Citus cluster, in order; for `huoqi
// db distribute`.
std::vector<std::string> distribution();

// One file a key under `folder`, readable by its owner alone; written aside, synced and renamed.
std::unique_ptr<keys::KeyStore> open_key_files(const std::filesystem::path& folder);

// ---- Small files ----
// Whole content; Code::not_found, Code::too_large above `limit`.
Result<Bytes> read_file(const std::filesystem::path& file, std::size_t limit);
// Durable and all or nothing: written aside, synced, renamed, folder synced. Mode 0600.
Status write_file(const std::filesystem::path& file, ByteView content);

}  // namespace huoqi::store

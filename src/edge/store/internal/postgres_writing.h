// SPDX-License-Identifier: Apache-2.0
// Puts the parts of a write set into PostgreSQL, each by one binary COPY, inside whatever transaction the
// connection is in.
#pragma once

#include <span>
#include <vector>

#include "core/archive/archive.h"
#include "lib/sql/postgres.h"

namespace huoqi::store::postgres {

// Numbers as PostgreSQL has them: signed.
inline std::int64_t id(VolumeId volume) { return volume.value; }
inline std::int64_t id(RecordId record) { return static_cast<std::int64_t>(record.value); }
inline std::int64_t signed_token(archive::IndexToken token) { return static_cast<std::int64_t>(token); }

// The partitions of volumes that are about to be opened; harmless when they are there.
Status make_parts(sql::PostgresConnection& connection, const std::vector<archive::Volume>& volumes);
Status put_volumes(sql::PostgresConnection& connection, const std::vector<archive::Volume>& volumes);
// Rows and their numbers.
Status put_waybills(sql::PostgresConnection& connection, const archive::WriteSet& set);
// Entries, their keys, tiles and settings, of one writer.
Status put_ledger(sql::PostgresConnection& connection, const archive::WriteSet& set,
                  archive::WriterId writer);

// In the order of the tree that they go into.
std::vector<const archive::BlindIndex*> by_token(const std::vector<archive::BlindIndex>& all);
Status put_index_range(sql::PostgresConnection& connection,
                       std::span<const archive::BlindIndex* const> range);

}  // namespace huoqi::store::postgres

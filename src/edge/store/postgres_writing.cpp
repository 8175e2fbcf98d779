// SPDX-License-Identifier: Apache-2.0
#include "edge/store/internal/postgres_writing.h"

#include <algorithm>

#include "edge/store/internal/postgres_schema.h"

namespace huoqi::store::postgres {
namespace {

template <class All, class Put>
Status put_all(sql::PostgresConnection& connection, const Statement& statement, const All& all, Put put) {
    if (all.empty()) return {};
    auto out = connection.copy_in(statement.text);
    if (!out) return pass(out);
    for (const auto& one : all) put(*out, one);
    return out->finish();
}

template <class T, class Less>
std::vector<const T*> sorted(const std::vector<T>& all, Less less) {
    std::vector<const T*> out;
    out.reserve(all.size());
    for (const auto& one : all) out.push_back(&one);
    std::sort(out.begin(), out.end(), [&](const T* a, const T* b) { return less(*a, *b); });
    return out;
}

}  // namespace

Status make_parts(sql::PostgresConnection& connection, const std::vector<archive::Volume>& volumes) {
    for (const auto& volume : volumes) {
        for (const auto& statement : parts_for(volume.id)) {
            if (auto made = connection.run(statement); !made) return made;
        }
    }
    return {};
}

Status put_volumes(sql::PostgresConnection& connection, const std::vector<archive::Volume>& volumes) {
    for (const auto& volume : volumes) {
        auto put = connection.run(kAddVolume.text, {id(volume.id), volume.enterprise, volume.period});
        if (!put) return put;
    }
    return {};
}

Status put_waybills(sql::PostgresConnection& connection, const archive::WriteSet& set) {
    auto rows = put_all(connection, kCopyRows, set.rows, [](sql::CopyWriter& out, const archive::Row& row) {
        out.row(4).int4(static_cast<std::int32_t>(row.place.volume.value)).int8(id(row.place.record));
        out.int4(row.version.value).bytes(row.sealed);
    });
    if (!rows) return rows;
    // Sorted: the tree is walked once, and two writers that share a number wait for each other without a
    // deadlock.
    auto numbers = sorted(set.numbers, [](const auto& a, const auto& b) { return a.token < b.token; });
    return put_all(connection, kCopyNumbers, numbers, [](sql::CopyWriter& out, const auto* number) {
        out.row(3).int4(static_cast<std::int32_t>(number->volume.value)).bytes(number->token);
        out.int8(id(number->record));
    });
}

Status put_ledger(sql::PostgresConnection& connection, const archive::WriteSet& set,
                  archive::WriterId writer) {
    auto mine = static_cast<std::int32_t>(writer);
    auto entries = put_all(connection, kCopyEntries, set.entries, [&](sql::CopyWriter& out, const auto& row) {
        out.row(3).int4(mine).int8(static_cast<std::int64_t>(row.index.value)).bytes(row.entry);
    });
    if (!entries) return entries;
    auto keys = put_all(connection, kCopyKeys, set.entries, [&](sql::CopyWriter& out, const auto& row) {
        // An entry that names a thing twice is filed under it once.
        auto unique = row.keys;
        std::sort(unique.begin(), unique.end());
        unique.erase(std::unique(unique.begin(), unique.end()), unique.end());
        for (const auto& key : unique)
            out.row(3).int4(mine).bytes(key).int8(static_cast<std::int64_t>(row.index.value));
    });
    if (!keys) return keys;
    auto tiles = put_all(connection, kCopyTiles, set.tiles, [&](sql::CopyWriter& out, const auto& tile) {
        out.row(4).int4(mine).int4(tile.level).int8(static_cast<std::int64_t>(tile.index)).bytes(tile.hashes);
    });
    if (!tiles) return tiles;
    for (const auto& setting : set.settings) {
        auto put = connection.run(kPutSetting.text, {std::int64_t{writer}, setting.key, setting.value});
        if (!put) return put;
    }
    return {};
}

std::vector<const archive::BlindIndex*> by_token(const std::vector<archive::BlindIndex>& all) {
    return sorted(all,
                  [](const auto& a, const auto& b) { return signed_token(a.token) < signed_token(b.token); });
}

Status put_index_range(sql::PostgresConnection& connection,
                       std::span<const archive::BlindIndex* const> range) {
    return put_all(connection, kCopyIndexes, range, [](sql::CopyWriter& out, const auto* index) {
        out.row(4).int8(signed_token(index->token)).int8(id(index->record));
        out.int4(static_cast<std::int32_t>(index->volume.value)).int4(index->kind);
    });
}

}  // namespace huoqi::store::postgres

// SPDX-License-Identifier: Apache-2.0
// The archive over PostgreSQL: a write set is one transaction of binary COPYs on a connection of its own,
// reads go through a pool. A writer holds an advisory lock on its number for as long as its connection lives:
// when the connection is lost, the next one waits for the lock, and with it for the end of whatever the old
// one had begun.
#include <algorithm>
#include <future>
#include <span>
#include <thread>

#include "base/guarded.h"
#include "edge/store/internal/postgres_schema.h"
#include "edge/store/internal/postgres_writing.h"
#include "edge/store/store.h"

namespace huoqi::store {
namespace {

using namespace postgres;  // the statements

// Class of the advisory locks of writers: "huoq".
constexpr std::int64_t kLockClass = 0x68756f71;
// How long the lock of a connection that was lost is waited for.
constexpr std::chrono::milliseconds kLockWait{3000};
constexpr std::chrono::milliseconds kLockPause{50};
// Rows that a walk reads at once; bounds memory.
constexpr std::int64_t kRowsAtOnce = 2000;
// Sessions that write blind indexes, which are most of the work: several times as many as rows, at random
// places.
constexpr std::size_t kIndexConnections = 2;

std::int64_t number(const sql::Value& value) {
    const auto* found = std::get_if<std::int64_t>(&value);
    return found == nullptr ? 0 : *found;
}
Bytes bytes(const sql::Value& value) {
    const auto* found = std::get_if<Bytes>(&value);
    return found == nullptr ? Bytes() : *found;
}
std::string text(const sql::Value& value) {
    const auto* found = std::get_if<std::string>(&value);
    return found == nullptr ? std::string() : *found;
}
Bytes copy(ByteView view) { return {view.begin(), view.end()}; }

class PostgresArchive final : public archive::Archive {
  public:
    explicit PostgresArchive(const PostgresOptions& options)
        : options_(options),
          writer_(options.writer),
          pool_(options.url, options.pool),
          index_pool_(options.url, {kIndexConnections, options.pool.wait, options.pool.limits}) {}

    Status start() {
        auto connection = writing();
        if (!connection) return pass(connection);
        return {};
    }

    Status write(const archive::WriteSet& set) override {
        auto connection = writing();
        if (!connection) return pass(connection);
        if (auto made = make_parts(**connection, set.volumes); !made) return dropping_lost(made);
        // Indexes go beside the rows, on connections of their own, and are durable first. Should the rows not
        // follow, what is left points to records that are not there, or to others one day: who searches opens
        // and compares.
        auto indexing = put_indexes(set.indexes);
        return dropping_lost((*connection)->transaction([&]() -> Status {
            auto put = put_volumes(**connection, set.volumes);
            if (put) put = put_waybills(**connection, set);
            if (put) put = put_ledger(**connection, set, writer_);
            for (auto& part : indexing) {
                auto done = part.get();
                if (put) put = done;
            }
            return put;
        }));
    }

    archive::WriterId writer() const override { return writer_; }
    bool shared() const override { return true; }

    Result<std::vector<archive::Volume>> volumes() const override {
        std::vector<archive::Volume> out;
        auto read = ask(kVolumes, {}, [&](const sql::Row& row) {
            out.push_back({VolumeId{static_cast<std::uint32_t>(number(row[0]))}, text(row[1]), text(row[2])});
        });
        if (!read) return pass(read);
        return out;
    }

    Status drop_volume(VolumeId volume) override {
        auto lease = pool_.lease();
        if (!lease) return pass(lease);
        for (const auto& statement : parts_dropped(volume)) {
            if (auto dropped = (*lease)->run(statement); !dropped) return dropped;
        }
        return {};
    }

    Result<std::vector<std::optional<RecordId>>> find_numbers(
        VolumeId volume, const std::vector<archive::NumberToken>& tokens) const override {
        std::vector<std::size_t> order(tokens.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        std::sort(order.begin(), order.end(), [&](auto a, auto b) { return tokens[a] < tokens[b]; });
        std::vector<Bytes> wanted;
        wanted.reserve(tokens.size());
        for (auto i : order) wanted.push_back(copy(tokens[i]));
        std::vector<std::optional<RecordId>> out(tokens.size());
        auto read = ask(kFindNumbers, {id(volume), std::move(wanted)}, [&](const sql::Row& row) {
            auto token = bytes(row[0]);
            auto at =
                std::lower_bound(order.begin(), order.end(), token, [&](std::size_t i, const Bytes& sought) {
                    return std::lexicographical_compare(tokens[i].begin(), tokens[i].end(), sought.begin(),
                                                        sought.end());
                });
            for (; at != order.end() && std::equal(token.begin(), token.end(), tokens[*at].begin()); ++at) {
                out[*at] = RecordId{static_cast<std::uint64_t>(number(row[1]))};
            }
        });
        if (!read) return pass(read);
        return out;
    }

    Result<std::vector<RecordId>> find(VolumeId volume, archive::IndexKind kind, archive::IndexToken token,
                                       std::size_t limit) const override {
        std::vector<RecordId> out;
        auto read = ask(
            kFind, {id(volume), signed_token(token), std::int64_t{kind}, static_cast<std::int64_t>(limit)},
            [&](const sql::Row& row) {
                out.push_back(RecordId{static_cast<std::uint64_t>(number(row[0]))});
            });
        if (!read) return pass(read);
        return out;
    }

    Result<archive::Row> fetch(RecordPlace place) const override {
        std::optional<archive::Row> out;
        auto read = ask(kFetch, {id(place.volume), id(place.record)}, [&](const sql::Row& row) {
            out = archive::Row{place, Version{static_cast<std::uint16_t>(number(row[0]))}, bytes(row[1])};
        });
        if (!read) return pass(read);
        if (!out) return fail(Code::not_found, "archive: no such record");
        return *std::move(out);
    }

    Status scan(VolumeId volume, RecordId from,
                const std::function<bool(const archive::Row&)>& visit) const override {
        std::int64_t record = id(from);
        std::int64_t version = 0;
        for (bool more = true; more;) {
            std::int64_t seen = 0;
            auto read = ask(kRowsFrom, {id(volume), record, version, kRowsAtOnce}, [&](const sql::Row& row) {
                ++seen;
                record = number(row[0]);
                version = number(row[1]);
                RecordPlace place{volume, RecordId{static_cast<std::uint64_t>(record)}};
                if (more) more = visit({place, Version{static_cast<std::uint16_t>(version)}, bytes(row[2])});
            });
            if (!read) return read;
            more = more && seen == kRowsAtOnce;
            ++version;
        }
        return {};
    }

    Status entries(EntryIndex from, const std::function<bool(EntryIndex, ByteView)>& visit) const override {
        auto next = static_cast<std::int64_t>(from.value);
        // Few at first: who wants one bundle stops soon.
        std::int64_t at_once = 256;
        for (bool more = true; more; at_once = kRowsAtOnce) {
            std::int64_t seen = 0;
            auto read = ask(kEntriesFrom, {mine(), next, at_once}, [&](const sql::Row& row) {
                ++seen;
                EntryIndex index{static_cast<std::uint64_t>(number(row[0]))};
                if (more) more = visit(index, bytes(row[1]));
                next = number(row[0]) + 1;
            });
            if (!read) return read;
            more = more && seen == at_once;
        }
        return {};
    }

    Result<Bytes> entry(EntryIndex index) const override {
        return required(kEntry, {mine(), static_cast<std::int64_t>(index.value)});
    }
    Result<Bytes> tile(std::uint8_t level, std::uint64_t index) const override {
        return required(kTile, {mine(), std::int64_t{level}, static_cast<std::int64_t>(index)});
    }

    Result<std::vector<EntryIndex>> entries_with(ByteView key, EntryIndex before,
                                                 std::size_t limit) const override {
        std::vector<EntryIndex> out;
        constexpr std::uint64_t kTop = INT64_MAX;
        auto read = ask(kEntriesWith,
                        {mine(), copy(key), static_cast<std::int64_t>(std::min(before.value, kTop)),
                         static_cast<std::int64_t>(limit)},
                        [&](const sql::Row& row) {
                            out.push_back(EntryIndex{static_cast<std::uint64_t>(number(row[0]))});
                        });
        if (!read) return pass(read);
        return out;
    }

    Result<std::optional<std::pair<Bytes, EntryIndex>>> next_key(ByteView prefix,
                                                                 ByteView from) const override {
        std::optional<std::pair<Bytes, EntryIndex>> out;
        auto read = ask(kNextKey, {mine(), copy(from)}, [&](const sql::Row& row) {
            auto key = bytes(row[0]);
            if (key.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), key.begin()))
                out.emplace(std::move(key), EntryIndex{static_cast<std::uint64_t>(number(row[1]))});
        });
        if (!read) return pass(read);
        return out;
    }

    // On the writer's own connection: behind everything that an earlier one may still have been committing.
    Result<TreeSize> ledger_size() const override {
        auto connection = writing();
        if (!connection) return pass(connection);
        std::uint64_t size = 0;
        auto read = dropping_lost((*connection)->run(kLedgerSize.text, {mine()}, [&](const sql::Row& row) {
            size = static_cast<std::uint64_t>(number(row[0]));
        }));
        if (!read) return pass(read);
        return TreeSize{size};
    }

    Result<std::optional<Bytes>> setting(std::string_view key) const override {
        std::optional<Bytes> out;
        auto read =
            ask(kSetting, {mine(), std::string(key)}, [&](const sql::Row& row) { out = bytes(row[0]); });
        if (!read) return pass(read);
        return out;
    }

    Status copy_to(const std::filesystem::path&) override {
        return fail(Code::unsupported,
                    "archive: PostgreSQL is backed up by its own means (docs/operations.md)");
    }

    // Every record must have its number. The rows and entries themselves are read by who can open and hash
    // them; the engine checks its pages as they pass, where the cluster was made with checksums.
    Status check() const override {
        auto all = volumes();
        if (!all) return pass(all);
        for (const auto& volume : *all) {
            auto rows = count(kCountRows, volume.id);
            if (!rows) return pass(rows);
            auto numbers = count(kCountNumbers, volume.id);
            if (!numbers) return pass(numbers);
            if (*rows != *numbers) {
                return fail(Code::corrupt, "archive: volume " + std::to_string(volume.id.value) + " has " +
                                               std::to_string(*rows) + " records and " +
                                               std::to_string(*numbers) + " numbers");
            }
        }
        return {};
    }

    archive::Stats stats() const override {
        archive::Stats out;
        auto read = ask(
            {"SELECT COALESCE(SUM(pg_total_relation_size(oid)), 0)::BIGINT FROM pg_class "
             "WHERE relkind IN ('r', 'p') AND (relname LIKE 'waybill\\_%' OR relname LIKE 'ledger\\_%')",
             "", false},
            {}, [&](const sql::Row& row) { out.bytes_on_disk = static_cast<std::uint64_t>(number(row[0])); });
        if (!read) return {};
        return out;
    }

  private:
    std::int64_t mine() const { return writer_; }

    Status ask(const Statement& statement, const std::vector<sql::Value>& parameters,
               const std::function<void(const sql::Row&)>& visit) const {
        auto lease = pool_.lease();
        if (!lease) return pass(lease);
        return (*lease)->run(statement.text, parameters, visit);
    }
    Result<Bytes> required(const Statement& statement, const std::vector<sql::Value>& parameters) const {
        std::optional<Bytes> out;
        auto read = ask(statement, parameters, [&](const sql::Row& row) { out = bytes(row[0]); });
        if (!read) return pass(read);
        if (!out) return fail(Code::not_found, "archive: no such entry or tile");
        return *std::move(out);
    }
    Result<std::int64_t> count(const Statement& statement, VolumeId volume) const {
        std::int64_t out = 0;
        auto read = ask(statement, {id(volume)}, [&](const sql::Row& row) { out = number(row[0]); });
        if (!read) return pass(read);
        return out;
    }

    // The writer's connection, made anew when the last was lost. The committer's thread, and at start.
    Result<sql::PostgresConnection*> writing() const {
        if (connection_ && !connection_->stale()) return connection_.get();
        connection_.reset();  // first, because the server may think it still holds the lock
        auto opened = sql::open_postgres(options_.url, options_.pool.limits);
        if (!opened) return pass(opened);
        bool held = false;
        auto until = std::chrono::steady_clock::now() + kLockWait;
        for (;;) {
            auto asked = (*opened)->run("SELECT pg_try_advisory_lock($1::INTEGER, $2::INTEGER)::INTEGER",
                                        {kLockClass, mine()},
                                        [&](const sql::Row& row) { held = number(row[0]) != 0; });
            if (!asked) return pass(asked);
            if (held) break;
            if (std::chrono::steady_clock::now() > until)
                return fail(Code::unavailable,
                            "archive: another process writes as writer " + std::to_string(writer_));
            std::this_thread::sleep_for(kLockPause);
        }
        connection_ = std::move(*opened);
        return connection_.get();
    }

    // A connection that was lost is given up, so that the next use makes another.
    Status dropping_lost(Status done) const {
        if (connection_ && !connection_->connected()) connection_.reset();
        return done;
    }

    // Each connection takes a range of tokens, so that they do not meet in the tree.
    std::vector<std::future<Status>> put_indexes(const std::vector<archive::BlindIndex>& all) {
        std::vector<std::future<Status>> out;
        if (all.empty()) return out;
        auto indexes = std::make_shared<const std::vector<const archive::BlindIndex*>>(by_token(all));
        for (std::size_t part = 0; part < kIndexConnections; ++part) {
            auto from = indexes->size() * part / kIndexConnections;
            auto until = indexes->size() * (part + 1) / kIndexConnections;
            out.push_back(std::async(std::launch::async, [this, indexes, from, until]() -> Status {
                std::span<const archive::BlindIndex* const> mine(indexes->data() + from, until - from);
                auto lease = index_pool_.lease();
                if (!lease) return pass(lease);
                return put_index_range(**lease, mine);
            }));
        }
        return out;
    }

    PostgresOptions options_;
    archive::WriterId writer_;
    mutable sql::Pool pool_;  // of readers
    sql::Pool index_pool_;
    mutable std::unique_ptr<sql::PostgresConnection> connection_;
};

}  // namespace

Result<std::unique_ptr<archive::Archive>> open_postgres_archive(const PostgresOptions& options) {
    auto archive = std::make_unique<PostgresArchive>(options);
    if (auto started = archive->start(); !started) return pass(started);
    return archive;
}

}  // namespace huoqi::store

// SPDX-License-Identifier: Apache-2.0
#include "app/node/move.h"

#include "app/node/identity.h"
#include "app/node/signer.h"
#include "edge/store/store.h"

namespace huoqi::node {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRowsAtOnce = 5'000;
constexpr std::size_t kEntriesAtOnce = 5'000;
// How far an earlier call came: the last record of a volume whose set was written.
std::string progress_setting(VolumeId volume) { return "moved/" + std::to_string(volume.value); }

class Move {
  public:
    Move(Node& from, archive::Archive& to, MoveReport& report, const MoveOptions& options)
        : from_(from), to_(to), report_(report), options_(options) {}

    Status run() {
        auto known = to_.volumes();
        if (!known) return pass(known);
        auto volumes = from_.vault().volumes();
        if (!volumes) return pass(volumes);
        for (const auto& volume : *volumes) {
            bool there =
                std::any_of(known->begin(), known->end(), [&](const auto& v) { return v.id == volume.id; });
            archive::WriteSet set;
            set.volumes.push_back(volume);
            if (!there) {
                if (auto opened = to_.write(set); !opened) return opened;
            }
            if (auto copied = rows(volume); !copied) return copied;
        }
        if (auto copied = entries(); !copied) return copied;
        if (auto copied = tiles(); !copied) return copied;
        return settings();
    }

  private:
    Status rows(const vault::Volume& volume) {
        auto stored = to_.setting(progress_setting(volume.id));
        if (!stored) return pass(stored);
        RecordId from{0};
        if (*stored && (*stored)->size() == 16) {
            from.value = get_be<std::uint64_t>((*stored)->data()) + 1;
            report_.resumed += get_be<std::uint64_t>(&(**stored)[8]);
        }
        std::uint64_t of_volume =
            *stored && (*stored)->size() == 16 ? get_be<std::uint64_t>(&(**stored)[8]) : 0;
        return from_.vault().indexed_rows(volume, from, kRowsAtOnce, [&](archive::WriteSet set) -> Status {
            of_volume += set.rows.size();
            Bytes at;
            put_be(at, set.rows.back().place.record.value);
            put_be(at, of_volume);
            set.settings.push_back({progress_setting(volume.id), std::move(at)});
            auto rows = set.rows.size();
            if (auto written = to_.write(set); !written) return written;
            report_.rows += rows;
            if (options_.progress) options_.progress(report_.rows);
            return {};
        });
    }

    Status entries() {
        auto have = to_.ledger_size();
        if (!have) return pass(have);
        archive::WriteSet set;
        Status done;
        auto place_of = [&](std::string_view token) { return from_.vault().place(token); };
        auto read = from_.archive().entries(EntryIndex{have->value}, [&](EntryIndex index, ByteView entry) {
            auto keys = ledger::search_keys_of(text_of(entry), place_of);
            if (!keys) return done = pass(keys), false;
            set.entries.push_back({index, Bytes(entry.begin(), entry.end()), std::move(*keys)});
            if (set.entries.size() < kEntriesAtOnce) return true;
            done = to_.write(std::exchange(set, {}));
            return done.has_value();
        });
        if (!read) return read;
        if (done && !set.entries.empty()) done = to_.write(set);
        return done;
    }

    Status tiles() {
        auto size = from_.ledger().size().value;
        for (std::uint8_t level = 0; (size >>= 8) > 0; ++level) {
            archive::WriteSet set;
            for (std::uint64_t index = 0; index < size; ++index) {
                if (to_.tile(level, index)) continue;
                auto hashes = from_.archive().tile(level, index);
                if (!hashes) return pass(hashes);
                set.tiles.push_back({level, index, std::move(*hashes)});
            }
            if (auto written = to_.write(set); !written) return written;
        }
        return {};
    }

    Status settings() {
        archive::WriteSet set;
        for (const char* name : {"next_record", "outbox_drained"}) {
            auto value = from_.archive().setting(name);
            if (!value) return pass(value);
            if (*value) set.settings.push_back({name, **value});
        }
        return to_.write(set);
    }

    Node& from_;
    archive::Archive& to_;
    MoveReport& report_;
    const MoveOptions& options_;
};

// The database is empty, or holds what an earlier call began.
Status claim(Node& from, sql::Connection& connection) {
    if (auto migrated = store::migrate_all(connection); !migrated) return migrated;
    auto there = store::writers(connection);
    if (!there) return pass(there);
    const auto& origin = from.identity().origin;
    if (there->size() == 1 && there->front().number == 0 && there->front().origin == origin) return {};
    if (!there->empty()) return fail(Code::conflict, "db copy: this database holds another installation");
    auto signer = make_signer(from.identity(), origin, from.keys());
    std::string keys;
    for (const auto& key : signer.keys()) keys += tlog::to_string(key) + "\n";
    auto listed = store::register_writer(connection, {0, origin, keys, from.clock().now()});
    if (!listed) return pass(listed);
    return {};
}

// What stands in office.db. Tables that it lacks are made there, empty, so that what is copied has the shape
// that this program knows.
Status copy_desk(const fs::path& file, sql::Connection& to) {
    auto from = sql::open_sqlite(file);
    if (!from) return pass(from);
    for (const auto migrate : {store::migrate_accounts, store::migrate_people, store::migrate_work}) {
        if (auto migrated = migrate(**from); !migrated) return migrated;
    }
    for (const auto copy : {store::copy_office, store::copy_accounts, store::copy_people, store::copy_work}) {
        if (auto copied = copy(**from, to); !copied) return copied;
    }
    return {};
}

// Everything of the folder but the data.
Status copy_home(const MoveOptions& options, const std::string& origin) {
    std::error_code error;
    fs::create_directories(options.home, error);
    if (!error) fs::permissions(options.home, fs::perms::owner_all, error);
    for (const auto* name : {"keys", "tls", "ledger.checkpoint", kIdentityFile}) {
        if (error || !fs::exists(options.from / name)) continue;
        fs::copy(options.from / name, options.home / name,
                 fs::copy_options::recursive | fs::copy_options::overwrite_existing, error);
    }
    if (error) return fail(Code::storage, "db copy: the new folder cannot be made: " + error.message());
    return write_place(options.home, {options.database, fs::absolute(options.home / "keys"), 0, origin});
}

}  // namespace

Result<MoveReport> move(MoveOptions options) {
    MoveReport report;
    std::string origin;
    {
        auto from = Node::open(options.from, options.policy, options.passphrase.clone());
        if (!from) return pass(from);
        if (!(*from)->where().database.empty())
            return fail(Code::unsupported, "db copy: that node's data are in PostgreSQL already");
        origin = (*from)->identity().origin;
        auto connection = sql::open_postgres(options.database, {});
        if (!connection) return pass(connection);
        if (auto claimed = claim(**from, **connection); !claimed) return pass(claimed);
        auto to = store::open_postgres_archive({options.database, 0, {}});
        if (!to) return pass(to);
        if (auto moved = Move(**from, **to, report, options).run(); !moved) return pass(moved);
        if (auto copied = copy_desk(options.from / "office.db", **connection); !copied) return pass(copied);
        if (auto kept = (*from)->keep_checkpoint(); !kept) return pass(kept);
    }
    if (auto made = copy_home(options, origin); !made) return pass(made);
    // Opening compares the ledger with the original's signed head; checking opens every record and hashes
    // every entry.
    auto node = Node::open(options.home, options.policy, std::move(options.passphrase));
    if (!node) return pass(node);
    auto checked = (*node)->check();
    if (!checked) return pass(checked);
    report.checked = *checked;
    if (report.checked.records != report.rows + report.resumed)
        return fail(Code::corrupt, "db copy: not all records are there");
    ledger::Entry entry;
    entry.action = "database.move";
    entry.counts = {{"records", report.checked.records}};
    if (auto recorded = (*node)->ledger().append(std::move(entry)); !recorded) return pass(recorded);
    return report;
}

}  // namespace huoqi::node

// SPDX-License-Identifier: Apache-2.0
// The office over lib/sql: portable statements, rows authenticated under a key that the database does not
// hold.
#include "base/guarded.h"
#include "edge/store/internal/outbox.h"
#include "edge/store/store.h"
#include "lib/sql/sql.h"

namespace huoqi::store {
namespace {

using office::AccessKey;
using office::Outgoing;

const std::vector<std::string_view> kMigrations{
    // 1
    "CREATE TABLE access_keys (id TEXT PRIMARY KEY, secret_hash {bytes} NOT NULL UNIQUE, person TEXT NOT "
    "NULL, "
    "role TEXT NOT NULL, enterprise TEXT NOT NULL, outlet TEXT NOT NULL, created BIGINT NOT NULL, revoked "
    "BIGINT, "
    "seal {bytes} NOT NULL)",
    // 2
    "CREATE TABLE outbox (number {rising}, writer BIGINT NOT NULL, action TEXT NOT NULL, person TEXT NOT "
    "NULL, "
    "subject TEXT NOT NULL, role TEXT NOT NULL)",
    // 3
    "CREATE TABLE policies (number {rising}, version TEXT NOT NULL, files {bytes} NOT NULL, seal {bytes} NOT "
    "NULL)",
    // 4
    "ALTER TABLE outbox ADD COLUMN detail TEXT NOT NULL DEFAULT '{}'",
    // 5
    "ALTER TABLE access_keys ADD COLUMN expires BIGINT",
    // 6
    "ALTER TABLE access_keys ADD COLUMN rate BIGINT NOT NULL DEFAULT 0",
};

constexpr std::string_view kColumns =
    "SELECT id, secret_hash, person, role, enterprise, outlet, created, revoked, seal, "
    "expires, rate FROM access_keys";

sql::Value number_or_null(std::optional<Time> time) {
    return time ? sql::Value(time->nanoseconds) : sql::Value();
}

class SqlOffice final : public office::Office {
  public:
    SqlOffice(std::unique_ptr<sql::Connection> connection, crypto::Suite suite, const crypto::Key& key,
              std::int64_t writer)
        : inside_(Inside{std::move(connection), writer,
                         crypto::make_hmac(suite, crypto::derive(suite, key, "huoqi/office/secret")),
                         crypto::make_hmac(suite, crypto::derive(suite, key, "huoqi/office/row"))}) {}

    Result<std::int64_t> add_key(const AccessKey& key, const SecretBytes& secret,
                                 const std::string& by) override {
        return changing([&](Inside& in) -> Status {
            Bytes hash = in.hash(secret);
            auto added = in.connection->run(
                "INSERT INTO access_keys (id, secret_hash, person, role, enterprise, outlet, created, seal, "
                "expires, rate) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                {key.id, hash, key.person, key.role, key.enterprise, key.outlet, key.created.nanoseconds,
                 in.seal(key, hash), number_or_null(key.expires), key.rate});
            if (!added) return added;
            return in.post({0,
                            "key.add",
                            by,
                            key.id,
                            key.role,
                            {{"person", key.person}, {"enterprise", key.enterprise}}});
        });
    }

    Result<std::int64_t> revoke_key(std::string_view id, Time when, const std::string& by) override {
        return changing([&](Inside& in) -> Status {
            // Held until the end: two processes that end a leaver's key at once must not both tell of it.
            auto key =
                in.one(in.connection->dialect() == sql::Dialect::postgresql ? " WHERE id = $1 FOR UPDATE"
                                                                            : " WHERE id = $1",
                       {std::string(id)});
            if (!key) return pass(key);
            if (key->key.revoked) return fail(Code::conflict, "office: the key is revoked already");
            key->key.revoked = when;
            auto changed =
                in.connection->run("UPDATE access_keys SET revoked = $2, seal = $3 WHERE id = $1",
                                   {std::string(id), when.nanoseconds, in.seal(key->key, key->hash)});
            if (!changed) return changed;
            return in.post({0,
                            "key.revoke",
                            by,
                            key->key.id,
                            key->key.role,
                            {{"person", key->key.person}, {"enterprise", key->key.enterprise}}});
        });
    }

    Result<AccessKey> key_of(const SecretBytes& secret) override {
        return inside_.with([&](Inside& in) -> Result<AccessKey> {
            auto row = in.one(" WHERE secret_hash = $1", {in.hash(secret)});
            if (!row) return pass(row);
            return std::move(row->key);
        });
    }

    Result<std::vector<AccessKey>> keys() override {
        return inside_.with([&](Inside& in) -> Result<std::vector<AccessKey>> {
            auto rows = in.all(" ORDER BY created, id", {});
            if (!rows) return pass(rows);
            std::vector<AccessKey> out;
            for (auto& row : *rows) out.push_back(std::move(row.key));
            return out;
        });
    }

    Result<std::vector<Outgoing>> outbox() override {
        return inside_.with([&](Inside& in) -> Result<std::vector<Outgoing>> {
            std::vector<Outgoing> out;
            auto read = in.connection->run(
                "SELECT number, action, person, subject, role, detail FROM outbox WHERE writer = $1 ORDER BY "
                "number",
                {in.writer}, [&](const sql::Row& row) {
                    out.push_back({std::get<std::int64_t>(row[0]), std::get<std::string>(row[1]),
                                   std::get<std::string>(row[2]), std::get<std::string>(row[3]),
                                   std::get<std::string>(row[4]), detail_of(std::get<std::string>(row[5]))});
                });
            if (!read) return pass(read);
            return out;
        });
    }

    Status drained(std::int64_t number) override {
        return inside_.with(
            [&](Inside& in) { return in.connection->run("DELETE FROM outbox WHERE number = $1", {number}); });
    }

    Result<std::int64_t> publish_policy(const std::string& version, const Bytes& files,
                                        const std::string& by) override {
        return changing([&](Inside& in) -> Status {
            auto added = in.connection->run("INSERT INTO policies (version, files, seal) VALUES ($1, $2, $3)",
                                            {version, files, in.seal_policy(version, files)});
            if (!added) return added;
            return in.post({0, "policy.publish", by, version, "", {}});
        });
    }

    Result<std::optional<office::PublishedPolicy>> policy() override {
        return inside_.with([&](Inside& in) -> Result<std::optional<office::PublishedPolicy>> {
            std::optional<office::PublishedPolicy> out;
            Bytes seal;
            auto read = in.connection->run(
                "SELECT number, version, files, seal FROM policies ORDER BY number DESC LIMIT 1", {},
                [&](const sql::Row& row) {
                    out = office::PublishedPolicy{std::get<std::int64_t>(row[0]),
                                                  std::get<std::string>(row[1]), std::get<Bytes>(row[2])};
                    seal = std::get<Bytes>(row[3]);
                });
            if (!read) return pass(read);
            if (out && !equal_constant_time(seal, in.seal_policy(out->version, out->files)))
                return fail(Code::corrupt, "office: the published policy was altered outside the program");
            return out;
        });
    }

    Result<std::int64_t> policy_number() override {
        return inside_.with([&](Inside& in) -> Result<std::int64_t> {
            std::int64_t number = 0;
            auto read =
                in.connection->run("SELECT COALESCE(MAX(number), 0) FROM policies", {},
                                   [&](const sql::Row& row) { number = std::get<std::int64_t>(row[0]); });
            if (!read) return pass(read);
            return number;
        });
    }

    Status copy_to(const std::filesystem::path& file) override {
        return inside_.with([&](Inside& in) { return sql::copy_sqlite(*in.connection, file); });
    }

    Status check() override {
        return inside_.with([&](Inside& in) -> Status {
            if (auto engine = in.connection->check(); !engine) return engine;
            auto rows = in.all("", {});
            if (!rows) return pass(rows);
            return {};
        });
    }

  private:
    struct Stored {
        AccessKey key;
        Bytes hash;
    };
    struct Inside {
        std::unique_ptr<sql::Connection> connection;
        std::int64_t writer;  // whose ledger must tell of the changes made here
        std::unique_ptr<crypto::Hmac> secrets;
        std::unique_ptr<crypto::Hmac> rows;

        Bytes hash(const SecretBytes& secret) {
            auto mac = secrets->mac(secret.view());
            return {mac.begin(), mac.end()};
        }

        Bytes seal(const AccessKey& key, const Bytes& hash) {
            std::optional<std::int64_t> revoked;
            if (key.revoked) revoked = key.revoked->nanoseconds;
            RowSeal row("access_keys");
            row.text(key.id).text(key.person).text(key.role).text(key.enterprise).text(key.outlet);
            std::optional<std::int64_t> expires;
            if (key.expires) expires = key.expires->nanoseconds;
            return row.bytes(hash)
                .number(key.created.nanoseconds)
                .maybe(revoked)
                .maybe(expires)
                .number(key.rate)
                .mac(*rows);
        }

        Bytes seal_policy(std::string_view version, const Bytes& files) {
            return RowSeal("policies").text(version).bytes(files).mac(*rows);
        }

        Result<std::vector<Stored>> all(std::string_view where, const std::vector<sql::Value>& parameters) {
            std::vector<Stored> out;
            bool altered = false;
            auto read = connection->run(
                std::string(kColumns) + std::string(where), parameters, [&](const sql::Row& row) {
                    Stored one;
                    for (auto [column, into] : {std::pair(0, &one.key.id),
                                                {2, &one.key.person},
                                                {3, &one.key.role},
                                                {4, &one.key.enterprise},
                                                {5, &one.key.outlet}}) {
                        if (const auto* text =
                                std::get_if<std::string>(&row[static_cast<std::size_t>(column)]))
                            *into = *text;
                    }
                    if (const auto* hash = std::get_if<Bytes>(&row[1])) one.hash = *hash;
                    if (const auto* created = std::get_if<std::int64_t>(&row[6]))
                        one.key.created = {*created};
                    if (const auto* revoked = std::get_if<std::int64_t>(&row[7]))
                        one.key.revoked = Time{*revoked};
                    if (const auto* expires = std::get_if<std::int64_t>(&row[9]))
                        one.key.expires = Time{*expires};
                    if (const auto* rate = std::get_if<std::int64_t>(&row[10])) one.key.rate = *rate;
                    const auto* kept = std::get_if<Bytes>(&row[8]);
                    if (kept == nullptr || !equal_constant_time(*kept, seal(one.key, one.hash)))
                        altered = true;
                    out.push_back(std::move(one));
                });
            if (!read) return pass(read);
            if (altered)
                return fail(Code::corrupt, "office: a row of access_keys was altered outside the program");
            return out;
        }

        Result<Stored> one(std::string_view where, const std::vector<sql::Value>& parameters) {
            auto found = all(where, parameters);
            if (!found) return pass(found);
            if (found->empty()) return fail(Code::not_found, "office: there is no such key");
            return std::move(found->front());
        }

        Status post(const Outgoing& entry) { return store::post(*connection, writer, entry); }
    };

    // Runs a change that posts one entry; gives the entry's number.
    Result<std::int64_t> changing(const std::function<Status(Inside&)>& change) {
        return inside_.with([&](Inside& in) {
            return store::changing(*in.connection, in.writer, [&] { return change(in); });
        });
    }

    Guarded<Inside> inside_;
};

}  // namespace

Status migrate_office(sql::Connection& connection) { return sql::migrate(connection, "office", kMigrations); }

Status copy_office(sql::Connection& from, sql::Connection& to) {
    return to.transaction([&]() -> Status {
        if (auto emptied = to.run("DELETE FROM access_keys"); !emptied) return emptied;
        Status done;
        auto read = from.run(kColumns, {}, [&](const sql::Row& row) {
            if (!done) return;
            done = to.run(
                "INSERT INTO access_keys (id, secret_hash, person, role, enterprise, outlet, created, "
                "revoked, seal, expires, rate) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                row);
        });
        return read ? done : read;
    });
}

Result<std::unique_ptr<office::Office>> open_office(std::unique_ptr<sql::Connection> connection,
                                                    crypto::Suite suite, const crypto::Key& key,
                                                    archive::WriterId writer) {
    if (auto migrated = migrate_office(*connection); !migrated) return pass(migrated);
    return std::make_unique<SqlOffice>(std::move(connection), suite, key, writer);
}

Result<std::unique_ptr<office::Office>> open_office(const std::filesystem::path& file, crypto::Suite suite,
                                                    const crypto::Key& key) {
    auto connection = sql::open_sqlite(file);
    if (!connection) return pass(connection);
    return open_office(std::move(*connection), suite, key, /*writer=*/0);
}

}  // namespace huoqi::store

// SPDX-License-Identifier: Apache-2.0
// People and powers over lib/sql. Every statement names one enterprise; rows are authenticated under a key
// that the database does not hold.
#include "base/guarded.h"
#include "edge/store/internal/outbox.h"
#include "edge/store/internal/people_rows.h"
#include "edge/store/store.h"

namespace huoqi::store {
namespace {

using people::Changes;
using people::Held;

constexpr std::string_view kRevisions = "people_revisions";
// How often held() begins again when somebody writes meanwhile.
constexpr int kReadings = 8;

class SqlPeople final : public people::Store {
  public:
    SqlPeople(std::unique_ptr<sql::Connection> connection, crypto::Suite suite, const crypto::Key& key,
              std::int64_t writer)
        : inside_(Inside{std::move(connection), writer,
                         crypto::make_hmac(suite, crypto::derive(suite, key, "huoqi/people/row"))}) {}

    Result<std::int64_t> revision(std::string_view enterprise) override {
        return inside_.with([&](Inside& in) { return in.revision(enterprise); });
    }

    // Each statement sees what is committed when it begins: what was read is of one moment when the revision
    // is the same after it as before.
    Result<Held> held(std::string_view enterprise) override {
        return inside_.with([&](Inside& in) -> Result<Held> {
            for (int reading = 0; reading < kReadings; ++reading) {
                Held out;
                auto before = in.revision(enterprise);
                if (!before) return pass(before);
                out.revision = *before;
                const auto read = in.read(enterprise, out);
                auto after = in.revision(enterprise);
                if (!after) return pass(after);
                if (*after != *before) continue;
                if (!read) return std::unexpected(read.error());
                return out;
            }
            return fail(Code::unavailable, "people: they change faster than they can be read");
        });
    }

    Result<std::int64_t> apply(std::string_view enterprise, std::int64_t seen, const Changes& changes,
                               const std::vector<office::Outgoing>& entries) override {
        if (auto shape = people::check(enterprise, changes, entries); !shape) return pass(shape);
        return inside_.with([&](Inside& in) {
            return changing(*in.connection, in.writer, [&]() -> Status {
                if (auto moved = in.move_on(enterprise, seen); !moved) return moved;
                if (auto written = in.write(changes); !written) return written;
                for (const auto& entry : entries) {
                    if (auto posted = post(*in.connection, in.writer, entry); !posted) return posted;
                }
                return {};
            });
        });
    }

    Status check(std::string_view enterprise) override {
        auto read = held(enterprise);
        if (!read) return pass(read);
        return {};
    }

  private:
    struct Inside {
        std::unique_ptr<sql::Connection> connection;
        std::int64_t writer;
        std::unique_ptr<crypto::Hmac> rows;

        Bytes revision_seal(std::string_view enterprise, std::int64_t revision) {
            const sql::Value values[] = {std::string(enterprise), revision};
            return row_seal(kRevisions, values, *rows);
        }

        Result<std::int64_t> revision(std::string_view enterprise) {
            std::int64_t out = 0;
            bool altered = false;
            auto read = connection->run("SELECT revision, seal FROM people_revisions WHERE enterprise = $1",
                                        {std::string(enterprise)}, [&](const sql::Row& row) {
                                            const auto* number = std::get_if<std::int64_t>(&row[0]);
                                            const auto* seal = std::get_if<Bytes>(&row[1]);
                                            out = number != nullptr ? *number : 0;
                                            altered =
                                                number == nullptr || seal == nullptr ||
                                                !equal_constant_time(*seal, revision_seal(enterprise, out));
                                        });
            if (!read) return pass(read);
            if (altered) return altered_row(kRevisions);
            return out;
        }

        // From `seen` to the next revision, or Code::conflict.
        Status move_on(std::string_view enterprise, std::int64_t seen) {
            const auto seal = revision_seal(enterprise, seen + 1);
            if (seen == 0) {
                auto added = connection->run(
                    "INSERT INTO people_revisions (enterprise, revision, seal) VALUES ($1, $2, $3)",
                    {std::string(enterprise), std::int64_t{1}, seal});
                if (!added && added.error().code == Code::conflict) return too_late();
                return added;
            }
            bool moved = false;
            auto done = connection->run(
                "UPDATE people_revisions SET revision = $2, seal = $3 WHERE enterprise = $1 AND revision = "
                "$4 "
                "RETURNING revision",
                {std::string(enterprise), seen + 1, seal, seen}, [&](const sql::Row&) { moved = true; });
            if (!done) return done;
            if (!moved) return too_late();
            return {};
        }

        template <class T>
        Status write_all(const std::vector<T>& values) {
            static const std::string statement = upsert_statement(Rows<T>::kTable, Rows<T>::kColumns);
            for (const auto& value : values) {
                auto row = Rows<T>::values(value);
                row.emplace_back(row_seal(Rows<T>::kTable, row, *rows));
                if (auto written = connection->run(statement, row); !written) return written;
            }
            return {};
        }
        Status write(const Changes& changes) {
            const auto& [contents, affairs] = changes;
            if (auto done = write_all(contents.organisations); !done) return done;
            if (auto done = write_all(contents.people); !done) return done;
            if (auto done = write_all(contents.grants); !done) return done;
            if (auto done = write_all(contents.devices); !done) return done;
            if (auto done = write_all(affairs.requests); !done) return done;
            if (auto done = write_all(affairs.windows); !done) return done;
            return write_all(affairs.leavings);
        }

        template <class T>
        Status read_all(std::string_view enterprise, std::vector<T>& out) {
            static const std::string statement = select_statement(Rows<T>::kTable, Rows<T>::kColumns);
            bool altered = false;
            auto read = connection->run(statement, {std::string(enterprise)}, [&](const sql::Row& row) {
                auto value = Rows<T>::from(row);
                const auto* seal = std::get_if<Bytes>(&row.back());
                if (!value || seal == nullptr ||
                    !equal_constant_time(*seal, row_seal(Rows<T>::kTable, Rows<T>::values(*value), *rows))) {
                    altered = true;
                    return;
                }
                out.push_back(std::move(*value));
            });
            if (!read) return read;
            if (altered) return altered_row(Rows<T>::kTable);
            return {};
        }
        Status read(std::string_view enterprise, Held& out) {
            auto& [revision, contents, affairs] = out;
            if (auto done = read_all(enterprise, contents.organisations); !done) return done;
            if (auto done = read_all(enterprise, contents.people); !done) return done;
            if (auto done = read_all(enterprise, contents.grants); !done) return done;
            if (auto done = read_all(enterprise, contents.devices); !done) return done;
            if (auto done = read_all(enterprise, affairs.requests); !done) return done;
            if (auto done = read_all(enterprise, affairs.windows); !done) return done;
            return read_all(enterprise, affairs.leavings);
        }

        static Status too_late() {
            return fail(Code::conflict, "people: somebody else was first; read again");
        }
        static std::unexpected<Error> altered_row(std::string_view table) {
            return fail(Code::corrupt,
                        "people: a row of " + std::string(table) + " was altered outside the program");
        }
    };

    Guarded<Inside> inside_;
};

}  // namespace

Status migrate_people(sql::Connection& connection) {
    // The outbox is the office's.
    if (auto office = migrate_office(connection); !office) return office;
    const auto set = people_migrations();
    return sql::migrate(connection, "people", {set.begin(), set.end()});
}

Result<std::unique_ptr<people::Store>> open_people(std::unique_ptr<sql::Connection> connection,
                                                   crypto::Suite suite, const crypto::Key& key,
                                                   archive::WriterId writer) {
    if (auto migrated = migrate_people(*connection); !migrated) return pass(migrated);
    return std::make_unique<SqlPeople>(std::move(connection), suite, key, writer);
}

Result<std::unique_ptr<people::Store>> open_people(const std::filesystem::path& file, crypto::Suite suite,
                                                   const crypto::Key& key) {
    auto connection = sql::open_sqlite(file);
    if (!connection) return pass(connection);
    return open_people(std::move(*connection), suite, key, /*writer=*/0);
}

}  // namespace huoqi::store

// SPDX-License-Identifier: Apache-2.0
// db migrate, status, check, distribute.
#include <nlohmann/json.hpp>

#include "app/huoqi/commands.h"
#include "app/huoqi/control.h"
#include "app/node/move.h"
#include "edge/store/store.h"
#include "lib/sql/postgres.h"

namespace huoqi::cli {
namespace {

using Json = nlohmann::json;

Result<std::unique_ptr<sql::PostgresConnection>> connection_of(const std::filesystem::path& home) {
    auto place = node::read_place(home);
    if (!place) return pass(place);
    if (place->database.empty())
        return fail(Code::unsupported, "db: this node is embedded; it has no database server");
    return sql::open_postgres(place->database, {});
}

std::string text(const sql::Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    const auto* found = std::get_if<std::string>(&value);
    return found == nullptr ? std::string() : *found;
}

Result<bool> has_citus(sql::Connection& connection) {
    bool there = false;
    auto asked = connection.run("SELECT COUNT(*) FROM pg_extension WHERE extname = 'citus'", {},
                                [&](const sql::Row& row) { there = text(row[0]) != "0"; });
    if (!asked) return pass(asked);
    return there;
}

Json json_of(const store::Writer& writer) {
    return {{"number", writer.number}, {"origin", writer.origin}, {"opened", rfc3339(writer.opened)}};
}

}  // namespace

int run_db_migrate(const std::filesystem::path& home, Shell& shell) {
    auto connection = connection_of(home);
    if (!connection) return report(shell, connection.error());
    if (auto done = store::migrate_all(**connection); !done) return report(shell, done.error());
    shell.print("up to date / 已是最新\n");
    return kDone;
}

int run_db_status(const std::filesystem::path& home, const DatabaseCommand& command, Shell& shell) {
    auto connection = connection_of(home);
    if (!connection) return report(shell, connection.error());
    Json json;
    for (const char* set : {"archive", "office", "accounts", "people", "work"}) {
        auto number = sql::migrated(**connection, set);
        if (!number) return report(shell, number.error());
        json["versions"][set] = *number;
    }
    auto asked =
        (*connection)
            ->run("SELECT version(), pg_database_size(current_database())", {}, [&](const sql::Row& row) {
                json["server"] = text(row[0]);
                json["bytes"] = std::get<std::int64_t>(row[1]);
            });
    if (!asked) return report(shell, asked.error());
    auto citus = has_citus(**connection);
    if (!citus) return report(shell, citus.error());
    json["citus"] = *citus;
    auto writers = store::writers(**connection);
    if (!writers) return report(shell, writers.error());
    json["processes"] = Json::array();
    for (const auto& writer : *writers) json["processes"].push_back(json_of(writer));
    if (command.json) {
        shell.print(json.dump() + "\n");
        return kDone;
    }
    shell.print(json["server"].get<std::string>() + "\n" + json["bytes"].dump() + " bytes, versions " +
                json["versions"].dump() + (*citus ? ", Citus" : "") + "\n");
    for (const auto& writer : *writers)
        shell.print(std::to_string(writer.number) + "  " + writer.origin + "\n");
    return kDone;
}

int run_db_distribute(const std::filesystem::path& home, const DatabaseCommand& command, Shell& shell) {
    auto statements = store::distribution();
    if (command.print) {
        for (const auto& statement : statements) shell.print(statement + ";\n");
        return kDone;
    }
    auto connection = connection_of(home);
    if (!connection) return report(shell, connection.error());
    auto citus = has_citus(**connection);
    if (!citus) return report(shell, citus.error());
    if (!*citus) {
        return report(shell, Error{Code::unsupported,
                                   "db distribute: this server has no extension citus; nothing was changed"});
    }
    if (auto made = store::migrate_all(**connection); !made) return report(shell, made.error());
    auto done = (*connection)->transaction([&]() -> Status {
        for (const auto& statement : statements) {
            if (auto run = (*connection)->run(statement); !run) return run;
        }
        return {};
    });
    if (!done) return report(shell, done.error());
    shell.print("distributed / 已分布: " + std::to_string(statements.size()) + " tables\n");
    return kDone;
}

int run_db_copy(const std::filesystem::path& home, const std::filesystem::path& policy,
                const DatabaseCommand& command, SecretBytes passphrase, Shell& shell) {
    node::MoveOptions options;
    options.from = shell.path(command.from);
    if (is_serving(options.from))
        return report(shell, Error{Code::conflict, "db copy: that node serves; stop it first, for good"});
    options.database = command.to;
    options.home = home;
    options.policy = policy;
    options.passphrase = std::move(passphrase);
    if (shell.err_is_terminal()) {
        options.progress = [&](std::uint64_t rows) {
            shell.complain("\rcopied / 已复制: " + std::to_string(rows));
        };
    }
    auto done = node::move(std::move(options));
    if (shell.err_is_terminal()) shell.complain("\n");
    if (!done) return report(shell, done.error());
    if (command.json) {
        Json json{{"ok", true},
                  {"copied", done->rows},
                  {"resumed", done->resumed},
                  {"records", done->checked.records},
                  {"entries", done->checked.entries}};
        shell.print(json.dump() + "\n");
        return kDone;
    }
    shell.print("moved and checked / 已迁移并校验: " + std::to_string(done->checked.records) + " records, " +
                std::to_string(done->checked.entries) +
                " ledger entries\nThe original is as it was and must never run again: both would continue "
                "one ledger.\n"
                "原节点保持原样，不得再启动。\n");
    return kDone;
}

int run_db_check(node::Node& node, const DatabaseCommand& command, Shell& shell) {
    if (node.where().database.empty())
        return report(shell, Error{Code::unsupported, "db: this node is embedded; huoqi check checks it"});
    if (auto listed = node.record_writers(); !listed) return report(shell, listed.error());
    return run_check(node, command.json, shell);
}

}  // namespace huoqi::cli

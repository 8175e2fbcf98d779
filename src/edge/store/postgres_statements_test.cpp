// SPDX-License-Identifier: Apache-2.0
// What the archive sends to PostgreSQL reaches one machine of a Citus cluster each time.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "edge/store/internal/postgres_schema.h"
#include "edge/store/store.h"
#include "lib/sql/testing/postgres_server.h"

namespace huoqi::store::postgres {
namespace {

const Table& table_of(const Statement& statement) {
    auto at = std::ranges::find(kTables, statement.table, &Table::name);
    EXPECT_NE(at, kTables.end()) << statement.text;
    return *at;
}

// Whether the statement fixes the column: as a condition, a column that is put, or a row of a COPY.
bool names_column(const Statement& statement, std::string_view column) {
    std::string text(statement.text);
    std::string name(column);
    if (text.starts_with("COPY") || text.starts_with("INSERT"))
        return text.find("(" + name + ",") != text.npos || text.find(", " + name + ",") != text.npos ||
               text.find(", " + name + ")") != text.npos;
    return text.find(name + " = $") != text.npos || text.find(name + " = ANY ($") != text.npos;
}

TEST(PostgresStatements, AHotOneHasTheDistributionColumnOfItsTable) {
    int hot = 0;
    for (const auto& statement : kStatements) {
        const auto& table = table_of(statement);
        if (!statement.hot) continue;
        ++hot;
        EXPECT_NE(table.spread, Spread::everywhere) << statement.text;
        EXPECT_TRUE(names_column(statement, table.column)) << statement.text << " lacks " << table.column;
    }
    EXPECT_GT(hot, 10);
}

TEST(PostgresStatements, NoneCountsOrSumsAcrossMachinesWhileItChanges) {
    for (const auto& statement : kStatements) {
        if (!statement.hot) continue;
        for (auto sum : {"COUNT(", "SUM("})
            EXPECT_EQ(statement.text.find(sum), std::string_view::npos) << statement.text;
    }
}

TEST(PostgresStatements, TheArchiveSendsNoStatementThatIsNotListed) {
    std::string source;
    for (auto name : {"postgres_archive.cpp", "postgres_writing.cpp"}) {
        std::ifstream file(std::filesystem::path(HUOQI_SOURCE_DIR) / "src/edge/store" / name);
        source.append(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    ASSERT_FALSE(source.empty());
    for (auto verb : {"\"INSERT", "\"UPDATE", "\"DELETE", "\"COPY", "FROM waybill", "FROM ledger"})
        EXPECT_EQ(source.find(verb), source.npos) << verb;
}

TEST(PostgresStatements, EveryTableIsSpreadAndIndexesLieByTheirToken) {
    auto all = store::distribution();
    std::string text;
    for (const auto& one : all) text += one + "\n";
    for (const auto& table : kTables)
        EXPECT_NE(text.find("'" + std::string(table.name) + "'"), text.npos) << table.name;
    EXPECT_NE(text.find("create_distributed_table('waybill_indexes', 'token', colocate_with => 'none')"),
              text.npos);
    EXPECT_NE(
        text.find("create_distributed_table('ledger_keys', 'writer', colocate_with => 'ledger_entries')"),
        text.npos);
    EXPECT_NE(text.find("create_reference_table('volumes')"), text.npos);
    EXPECT_NE(text.find("create_distributed_table('assignments', 'enterprise', colocate_with => 'none')"),
              text.npos);
}

// Every table that the migrations make, but their own list, which each program reads before it knows of a
// cluster.
TEST(PostgresStatements, NoTableIsLeftOutAndNoUniqueKeyLacksTheColumnByWhichItsTableLies) {
    sql::PostgresServer server;
    auto connection = sql::reconnecting_postgres(server.url(), {});
    ASSERT_TRUE(migrate_all(*connection));
    std::string text;
    for (const auto& one : store::distribution()) text += one + "\n";
    std::size_t tables = 0;
    const auto read = connection->run(
        "SELECT relname::TEXT FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND "
        "relnamespace = 'public'::regnamespace AND relname <> 'migrations'",
        {}, [&](const sql::Row& row) {
            const auto& table = std::get<std::string>(row[0]);
            EXPECT_NE(text.find("('" + table + "'"), text.npos) << table;
            ++tables;
        });
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(tables, store::distribution().size());
    const auto keys = connection->run(
        "SELECT indexdef FROM pg_indexes WHERE tablename IN ('assignments', 'tickets') AND indexdef LIKE "
        "'CREATE UNIQUE%'",
        {}, [&](const sql::Row& row) {
            const auto& index = std::get<std::string>(row[0]);
            EXPECT_NE(index.find("(enterprise, "), index.npos) << index;
        });
    EXPECT_TRUE(keys) << keys.error().message;
}

}  // namespace
}  // namespace huoqi::store::postgres

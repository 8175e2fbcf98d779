// SPDX-License-Identifier: Apache-2.0
// sqlcipher_orders DATABASE ORDERS.tsv: stores the rows of orders_tsv in a new SQLCipher database as an
// application would that must not lose an acknowledged order: WAL, synchronous=FULL, transactions of 10,000
// rows, one prepared statement, five indexes. The file is split into fields before the clock starts. Prints
// {"records":…,"seconds":…}. Exit codes: 0 done, 1 not.
#include <sqlite3.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t kColumns = 13;
constexpr std::size_t kTransaction = 10'000;

// A raw key of 256 bits, so that no passphrase is stretched; 256 MiB of cache.
constexpr const char* kSetup = R"(
    PRAGMA key = "x'00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'";
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA cache_size = -262144;
    CREATE TABLE orders (number TEXT NOT NULL, items TEXT,
        sender_name TEXT, sender_phone TEXT, sender_tel TEXT, sender_organisation TEXT, sender_address TEXT, sender_id_number TEXT,
        recipient_name TEXT, recipient_phone TEXT, recipient_tel TEXT, recipient_organisation TEXT, recipient_address TEXT);
    CREATE UNIQUE INDEX by_number ON orders (number);
    CREATE INDEX by_sender_phone ON orders (sender_phone);
    CREATE INDEX by_recipient_phone ON orders (recipient_phone);
    CREATE INDEX by_recipient_name ON orders (recipient_name);
    CREATE INDEX by_id_number ON orders (sender_id_number);
)";
constexpr const char* kInsert = "INSERT INTO orders VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)";

struct CloseDatabase {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct EndStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, EndStatement>;

void must(sqlite3* database, int code, int wanted = SQLITE_OK) {
    if (code != wanted) throw std::runtime_error(sqlite3_errmsg(database));
}
void run(sqlite3* database, const char* sql) {
    must(database, sqlite3_exec(database, sql, nullptr, nullptr, nullptr));
}

class Orders {
  public:
    explicit Orders(const char* path) {
        std::ifstream file(path, std::ios::binary);
        if (!file) throw std::runtime_error("the orders cannot be read");
        text_.assign(std::istreambuf_iterator<char>(file), {});
        std::string_view rest = text_;
        while (!rest.empty()) {
            auto end = rest.find_first_of("\t\n");
            if (end == rest.npos) throw std::runtime_error("the last row has no end");
            fields_.push_back(rest.substr(0, end));
            rest.remove_prefix(end + 1);
        }
        if (fields_.size() % kColumns != 0) throw std::runtime_error("a row has the wrong number of columns");
    }
    std::size_t size() const { return fields_.size() / kColumns; }
    std::string_view field(std::size_t row, std::size_t column) const {
        return fields_[row * kColumns + column];
    }

  private:
    std::string text_;
    std::vector<std::string_view> fields_;
};

void store(sqlite3* database, const Orders& orders) {
    sqlite3_stmt* prepared = nullptr;
    must(database, sqlite3_prepare_v2(database, kInsert, -1, &prepared, nullptr));
    Statement insert(prepared);
    for (std::size_t row = 0; row < orders.size(); ++row) {
        if (row % kTransaction == 0) run(database, row == 0 ? "BEGIN" : "COMMIT; BEGIN");
        for (std::size_t column = 0; column < kColumns; ++column) {
            auto value = orders.field(row, column);
            must(database, sqlite3_bind_text(prepared, static_cast<int>(column + 1), value.data(),
                                             static_cast<int>(value.size()), SQLITE_STATIC));
        }
        must(database, sqlite3_step(prepared), SQLITE_DONE);
        must(database, sqlite3_reset(prepared));
    }
    run(database, "COMMIT");
}

void measure(const char* path, const Orders& orders) {
    if (std::ifstream(path)) throw std::runtime_error("there is a database already");
    sqlite3* opened = nullptr;
    int code = sqlite3_open(path, &opened);
    Database database(opened);
    must(opened, code);
    run(opened, kSetup);
    auto began = std::chrono::steady_clock::now();
    store(opened, orders);
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    std::printf("{\"records\":%zu,\"seconds\":%.3f}\n", orders.size(), seconds);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: sqlcipher_orders DATABASE ORDERS.tsv\n", stderr);
        return 1;
    }
    try {
        Orders orders(argv[2]);
        if (orders.size() == 0) throw std::runtime_error("there are no orders");
        measure(argv[1], orders);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sqlcipher_orders: %s\n", error.what());
        return 1;
    }
}

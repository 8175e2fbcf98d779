// SPDX-License-Identifier: Apache-2.0
// What an office change leaves for the ledger, written in the change's own transaction.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/office/office.h"
#include "lib/crypto/crypto.h"
#include "lib/sql/sql.h"

namespace huoqi::store {

// To be called inside a transaction. `writer` is the process whose ledger will tell of it.
Status post(sql::Connection& connection, std::int64_t writer, const office::Outgoing& entry);

// The detail of a stored entry; names whose values are no text are left out.
std::map<std::string, std::string> detail_of(std::string_view stored);

// Runs `change` in a transaction that ends with telling the other processes (PostgreSQL's NOTIFY) and gives
// the number of the last entry that waits for this writer's ledger; 0 when none does.
Result<std::int64_t> changing(sql::Connection& connection, std::int64_t writer,
                              const std::function<Status()>& change);

// The message whose HMAC authenticates a row: every column that matters, lengths before texts, so that no two
// rows read the same. `table` keeps a row from standing in another table.
class RowSeal {
  public:
    explicit RowSeal(std::string_view table) { text(table); }
    RowSeal& text(std::string_view value);
    RowSeal& bytes(ByteView value);
    RowSeal& number(std::int64_t value);
    RowSeal& maybe(std::optional<std::int64_t> value);
    Bytes mac(crypto::Hmac& key) const;

  private:
    Bytes message_;
};

}  // namespace huoqi::store

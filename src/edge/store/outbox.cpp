// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "edge/store/internal/outbox.h"

namespace huoqi::store {

Status post(sql::Connection& connection, std::int64_t writer, const office::Outgoing& entry) {
    return connection.run(
        "INSERT INTO outbox (writer, action, person, subject, role, detail) VALUES ($1, $2, $3, $4, $5, $6)",
        {writer, entry.action, entry.person, entry.subject, entry.role, nlohmann::json(entry.detail).dump()});
}

std::map<std::string, std::string> detail_of(std::string_view stored) {
    std::map<std::string, std::string> out;
    auto json = nlohmann::json::parse(stored, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) return out;
    for (const auto& [name, value] : json.items()) {
        if (value.is_string()) out.emplace(name, value.get<std::string>());
    }
    return out;
}

Result<std::int64_t> changing(sql::Connection& connection, std::int64_t writer,
                              const std::function<Status()>& change) {
    std::int64_t number = 0;
    auto done = connection.transaction([&]() -> Status {
        // Stores that share the outbox have connections of their own. Who drains it goes by its numbers, so a
        // lower number must not be committed after a higher one.
        if (connection.dialect() == sql::Dialect::postgresql) {
            constexpr std::int64_t kOutboxLock = 0x6f75'7462'0000'0000;  // "outb"
            auto locked = connection.run("SELECT pg_advisory_xact_lock($1)::text", {kOutboxLock + writer});
            if (!locked) return locked;
        }
        if (auto changed = change(); !changed) return changed;
        // Other processes listen; those that miss it ask from time to time.
        if (connection.dialect() == sql::Dialect::postgresql) {
            if (auto told = connection.run("SELECT pg_notify('huoqi', '')"); !told) return told;
        }
        return connection.run("SELECT COALESCE(MAX(number), 0) FROM outbox WHERE writer = $1", {writer},
                              [&](const sql::Row& row) { number = std::get<std::int64_t>(row[0]); });
    });
    if (!done) return pass(done);
    return number;
}

RowSeal& RowSeal::text(std::string_view value) { return bytes(bytes_of(value)); }

RowSeal& RowSeal::bytes(ByteView value) {
    put_be(message_, static_cast<std::uint32_t>(value.size()));
    append(message_, value);
    return *this;
}

RowSeal& RowSeal::number(std::int64_t value) {
    put_be(message_, value);
    return *this;
}

RowSeal& RowSeal::maybe(std::optional<std::int64_t> value) {
    message_.push_back(value ? 1 : 0);
    return number(value.value_or(0));
}

Bytes RowSeal::mac(crypto::Hmac& key) const {
    auto mac = key.mac(message_);
    return {mac.begin(), mac.end()};
}

}  // namespace huoqi::store

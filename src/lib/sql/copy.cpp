// SPDX-License-Identifier: Apache-2.0
// Binary COPY: PostgreSQL's documentation, "COPY", "Binary Format".
#include <libpq-fe.h>

#include "lib/sql/postgres.h"

namespace huoqi::sql {
namespace {

constexpr std::string_view kSignature{"PGCOPY\n\377\r\n\0", 11};
constexpr std::size_t kFlushBytes = 64 * 1024;

}  // namespace

CopyWriter::CopyWriter(PostgresConnection& connection) : connection_(&connection) {
    buffer_.reserve(kFlushBytes + 16 * 1024);
    append(buffer_, kSignature);
    put_be(buffer_, std::uint32_t{0});  // flags
    put_be(buffer_, std::uint32_t{0});  // no extension
}

CopyWriter::CopyWriter(CopyWriter&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)),
      buffer_(std::move(other.buffer_)),
      failure_(std::move(other.failure_)) {}

CopyWriter::~CopyWriter() {
    if (connection_ == nullptr || !connection_->connected()) return;
    // The server's answer to this is an error, and expected.
    if (auto ended = connection_->end_copy("given up"); !ended) return;
}

CopyWriter& CopyWriter::row(std::int16_t columns) {
    if (buffer_.size() >= kFlushBytes) flush();
    put_be(buffer_, static_cast<std::uint16_t>(columns));
    return *this;
}
CopyWriter& CopyWriter::int4(std::int32_t value) {
    put_be(buffer_, std::uint32_t{4});
    put_be(buffer_, static_cast<std::uint32_t>(value));
    return *this;
}
CopyWriter& CopyWriter::int8(std::int64_t value) {
    put_be(buffer_, std::uint32_t{8});
    put_be(buffer_, static_cast<std::uint64_t>(value));
    return *this;
}
CopyWriter& CopyWriter::bytes(ByteView value) {
    put_be(buffer_, static_cast<std::uint32_t>(value.size()));
    append(buffer_, value);
    return *this;
}

void CopyWriter::flush() {
    if (failure_) failure_ = connection_->put_copy_data(buffer_);
    buffer_.clear();
}

Status CopyWriter::finish() {
    put_be(buffer_, std::uint16_t{0xffff});
    flush();
    auto* connection = std::exchange(connection_, nullptr);
    if (!failure_) {
        // What the server has to say against the rows comes with the end.
        auto ended = connection->connected() ? connection->end_copy("failed") : Status();
        return ended ? failure_ : ended;
    }
    return connection->end_copy(nullptr);
}

Result<CopyWriter> PostgresConnection::copy_in(std::string_view statement) {
    if (!connected()) return fail(Code::unavailable, "database: the connection broke before");
    if (PQsendQueryParams(connection_, std::string(statement).c_str(), 0, nullptr, nullptr, nullptr, nullptr,
                          1) == 0)
        return lost("the connection broke");
    if (auto begun = answer({}); !begun) return pass(begun);
    return CopyWriter(*this);
}

Status PostgresConnection::put_copy_data(ByteView bytes) {
    if (!connected()) return fail(Code::unavailable, "database: the connection broke");
    auto until = std::chrono::steady_clock::now() + limits_.stall;
    for (;;) {
        int put = PQputCopyData(connection_, reinterpret_cast<const char*>(bytes.data()),
                                static_cast<int>(bytes.size()));
        if (put < 0) return lost("the connection broke");
        if (put == 0) {
            if (auto ready = wait(true, until); !ready) return ready;
            if (PQconsumeInput(connection_) == 0) return lost("the connection broke");
            continue;
        }
        // Not left to libpq's own buffer, which grows without limit.
        for (int unsent = PQflush(connection_); unsent != 0; unsent = PQflush(connection_)) {
            if (unsent < 0) return lost("the connection broke");
            if (auto ready = wait(true, until); !ready) return ready;
            if (PQconsumeInput(connection_) == 0) return lost("the connection broke");
        }
        return {};
    }
}

Status PostgresConnection::end_copy(const char* reason) {
    auto until = std::chrono::steady_clock::now() + limits_.stall;
    for (int put = 0; (put = PQputCopyEnd(connection_, reason)) != 1;) {
        if (put < 0) return lost("the connection broke");
        if (auto ready = wait(true, until); !ready) return ready;
    }
    return answer({});
}

}  // namespace huoqi::sql

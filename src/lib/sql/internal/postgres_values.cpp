// SPDX-License-Identifier: Apache-2.0
#include "lib/sql/internal/postgres_values.h"

#include <algorithm>
#include <array>

namespace huoqi::sql {
namespace {

// Numbers of pg_type, which never change.
constexpr Oid kBool = 16, kBytea = 17, kName = 19, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25;
constexpr Oid kVarchar = 1043, kByteas = 1001, kInt8s = 1016;

std::unexpected<Error> misfit() {
    return fail(Code::storage, "database: a value does not fit its place in a statement");
}

Result<std::optional<Bytes>> encode_number(std::int64_t value, Oid type) {
    Bytes out;
    switch (type) {
        case kInt8:
            put_be(out, static_cast<std::uint64_t>(value));
            return out;
        case kInt4:
            if (value < INT32_MIN || value > INT32_MAX) return misfit();
            put_be(out, static_cast<std::uint32_t>(value));
            return out;
        case kInt2:
            if (value < INT16_MIN || value > INT16_MAX) return misfit();
            put_be(out, static_cast<std::uint16_t>(value));
            return out;
        case kBool:
            out.push_back(value != 0 ? 1 : 0);
            return out;
        default:
            return misfit();
    }
}

// One dimension without nulls.
template <class T, class Put>
Bytes encode_list(const std::vector<T>& list, Oid element, Put put) {
    Bytes out;
    put_be(out, std::uint32_t{list.empty() ? 0U : 1U});  // dimensions
    put_be(out, std::uint32_t{0});                       // no nulls
    put_be(out, std::uint32_t{element});
    if (list.empty()) return out;
    put_be(out, static_cast<std::uint32_t>(list.size()));
    put_be(out, std::uint32_t{1});  // lower bound
    for (const auto& one : list) put(out, one);
    return out;
}

}  // namespace

Result<std::optional<Bytes>> encode(const Value& value, Oid type) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return encode_number(*number, type);
    if (const auto* text = std::get_if<std::string>(&value)) {
        if (type != kText && type != kVarchar && type != kName) return misfit();
        return Bytes(text->begin(), text->end());
    }
    if (const auto* blob = std::get_if<Bytes>(&value)) {
        if (type != kBytea) return misfit();
        return *blob;
    }
    if (const auto* blobs = std::get_if<std::vector<Bytes>>(&value)) {
        if (type != kByteas) return misfit();
        return encode_list(*blobs, kBytea, [](Bytes& out, const Bytes& one) {
            put_be(out, static_cast<std::uint32_t>(one.size()));
            append(out, ByteView(one));
        });
    }
    if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&value)) {
        if (type != kInt8s) return misfit();
        return encode_list(*numbers, kInt8, [](Bytes& out, std::int64_t one) {
            put_be(out, std::uint32_t{8});
            put_be(out, static_cast<std::uint64_t>(one));
        });
    }
    return std::nullopt;
}

bool decodes(Oid type) {
    constexpr std::array kKnown{kBool, kBytea, kName, kInt8, kInt2, kInt4, kText, kVarchar};
    return std::find(kKnown.begin(), kKnown.end(), type) != kKnown.end();
}

Result<Value> decode(Oid type, ByteView bytes) {
    auto wrong = [] { return fail(Code::storage, "database: a result has a wrong length"); };
    switch (type) {
        case kInt8:
            if (bytes.size() != 8) return wrong();
            return static_cast<std::int64_t>(get_be<std::uint64_t>(bytes.data()));
        case kInt4:
            if (bytes.size() != 4) return wrong();
            return std::int64_t{static_cast<std::int32_t>(get_be<std::uint32_t>(bytes.data()))};
        case kInt2:
            if (bytes.size() != 2) return wrong();
            return std::int64_t{static_cast<std::int16_t>(get_be<std::uint16_t>(bytes.data()))};
        case kBool:
            if (bytes.size() != 1) return wrong();
            return std::int64_t{bytes[0]};
        case kBytea:
            return Bytes(bytes.begin(), bytes.end());
        case kName:
        case kText:
        case kVarchar:
            return std::string(text_of(bytes));
        default:
            return fail(Code::storage, "database: a result of an unknown type");
    }
}

Error error_of(std::string_view state) {
    std::string said = "database: SQLSTATE " + std::string(state);
    auto is = [&](std::string_view start) { return state.starts_with(start); };
    if (is("23502") || is("23505") || is("23503") || is("23514") || is("23P01"))
        return {Code::conflict, said};
    if (is("53100")) return {Code::no_space, said + ": its disk is full"};
    if (is("40001") || is("40P01") || is("55P03"))
        return {Code::unavailable, said + ": in conflict with others"};
    if (is("08") || is("57") || is("53") || is("25006"))
        return {Code::unavailable, said + ": it is not available"};
    if (is("XX001") || is("XX002")) return {Code::corrupt, said + ": stored bytes are damaged"};
    if (is("28") || is("3D000")) return {Code::storage, said + ": it does not let this user in"};
    return {Code::storage, said};
}

Error connect_error_of(std::string_view state) {
    std::string said = "database: SQLSTATE " + std::string(state);
    if (state == "28P01") return {Code::storage, said + ": the user or the password is wrong"};
    if (state.starts_with("28"))
        return {Code::storage, said + ": there is no such user, or pg_hba.conf does not let it in from here"};
    if (state == "3D000") return {Code::storage, said + ": there is no database of this name"};
    if (state == "42501") return {Code::storage, said + ": this user may not use this database"};
    if (state == "53300") return {Code::unavailable, said + ": all its connections are taken"};
    return error_of(state);
}

std::string_view state_in(std::string_view message) {
    // Lines end with ":  28P01"; the severity before it is in the server's language.
    constexpr std::size_t kSize = 5;
    std::string_view found;
    while (!message.empty()) {
        auto end = message.find('\n');
        auto line = message.substr(0, end);
        message.remove_prefix(end == message.npos ? message.size() : end + 1);
        auto colon = line.rfind(' ');
        if (colon == line.npos || colon == 0 || line.size() - colon - 1 != kSize) continue;
        auto state = line.substr(colon + 1);
        bool shaped = state.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == state.npos;
        if (shaped) found = state;
    }
    return found;
}

}  // namespace huoqi::sql

// SPDX-License-Identifier: Apache-2.0
// Values in PostgreSQL's binary formats, and what its error codes mean here.
#pragma once

#include "lib/sql/sql.h"

namespace huoqi::sql {

using Oid = unsigned int;  // libpq's type numbers

// The bytes of a parameter of a type that the server has inferred; nothing for null. Code::storage when the
// value does not fit the type.
Result<std::optional<Bytes>> encode(const Value& value, Oid type);
// Whether decode() knows a type.
bool decodes(Oid type);
// Integers and booleans become integers, bytea becomes Bytes, texts a text. Code::storage on a wrong length
// and on another type.
Result<Value> decode(Oid type, ByteView bytes);

// Of a five-letter SQLSTATE.
Error error_of(std::string_view sqlstate);
// The same of one that turned a connection away; nothing but which part of the URL it is about.
Error connect_error_of(std::string_view sqlstate);
// The last SQLSTATE of a libpq message in which every error is severity and SQLSTATE alone
// (PQERRORS_SQLSTATE); empty when the server said none.
std::string_view state_in(std::string_view message);

}  // namespace huoqi::sql

// SPDX-License-Identifier: Apache-2.0
// Expected failures are values from a closed list. A message is for the operator and never holds personal
// information: it names the file, line, field and rule, not the value.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace huoqi {

enum class Code {
    bad_input,    // what came from outside does not follow its rules
    not_found,    // no such thing, or none that the caller may know of
    refused,      // a rule says no
    conflict,     // somebody else was first; read again and retry
    too_large,    // a named limit is exceeded
    unavailable,  // a part that is needed does not answer now
    no_space,     // the disk is full; nothing was changed
    storage,      // reading or writing storage failed
    corrupt,      // stored or signed bytes are not what was written
    wrong_key,    // a key, passphrase or suite does not fit
    unsupported,  // a newer format or an option that this build lacks
    cancelled,    // stopped on request
};

// Stable name of a code, used in API problem documents and ledger entries.
std::string_view name(Code code);

struct Error {
    Code code = Code::bad_input;
    std::string message;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> fail(Code code, std::string message) {
    return std::unexpected(Error{code, std::move(message)});
}
// Passes an error of another Result on, e.g. `if (!x) return pass(x);`.
template <class T>
std::unexpected<Error> pass(Result<T>& result) {
    return std::unexpected(std::move(result.error()));
}
// The same, saying what was being done.
template <class T>
std::unexpected<Error> pass(Result<T>& result, std::string_view doing) {
    return fail(result.error().code, std::string(doing) + ": " + result.error().message);
}

}  // namespace huoqi

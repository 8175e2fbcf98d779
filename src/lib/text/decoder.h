// SPDX-License-Identifier: Apache-2.0
// From the bytes of a text file to UTF-8, without guessing. Takes UTF-8 (with or without BOM) and GB18030
// (which holds GBK and GB 2312); UTF-16, spreadsheets and archives are refused with a sentence that says what
// to do.
//
// Which encoding: the first kProbeBytes are looked at. Valid UTF-8 is UTF-8. Text with more whole UTF-8
// sequences of three or four bytes than breaks is UTF-8 too: GB18030 hardly ever looks like that, while a
// file with one cut character stays what it is. Else valid GB18030 is GB18030, also when one character in
// twenty at most does not decode; else the file is refused. Pure ASCII stays open: the first later line with
// another byte decides. After that the choice stands: a line that breaks it is a bad line, reported by number
// and rule, and the encoding is not changed.
//
// The output keeps every line and every separator of the input; what could not be decoded reads U+FFFD there
// and its line is in take_bad_lines(). Lines count from 1. Memory is bounded by kProbeBytes. One thread at a
// time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace huoqi::text {

enum class Encoding { utf8, gb18030 };
std::string_view name(Encoding encoding);  // "utf-8", "gb18030"
std::optional<Encoding> encoding_named(std::string_view name);

inline constexpr std::size_t kProbeBytes = std::size_t{1} << 20;

struct BadLine {
    std::uint64_t line;
    std::string_view
        rule;  // "encoding.utf8", "encoding.gb18030" or, while the encoding is open, "encoding.unknown"
};

class Decoder {
  public:
    // Without an encoding it is found as said above; with one, nothing is refused but UTF-16 and archives.
    explicit Decoder(std::optional<Encoding> encoding = std::nullopt);
    Decoder(Decoder&&) noexcept;
    Decoder& operator=(Decoder&&) noexcept;
    ~Decoder();

    // Takes the next bytes and appends what can be decoded so far to `out`; `last` says that nothing follows.
    // Error: bad_input, when no encoding fits. Nothing may be fed after an error or after `last`.
    Status feed(std::string_view bytes, bool last, std::string& out);

    // The encoding in use; none while only ASCII was seen.
    std::optional<Encoding> encoding() const;
    // The bad lines found since the last call, ascending, each line once.
    std::vector<BadLine> take_bad_lines();

  private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace huoqi::text

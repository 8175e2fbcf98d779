// SPDX-License-Identifier: Apache-2.0
// Cutting text into records, in a stream and in constant memory: a line of JSON, or a record of CSV, whose
// quoted fields may hold newlines. A record longer than kMaxRecordBytes (an unclosed quote, mostly) is
// reported, not kept; reading goes on at the next newline behind that limit. One thread at a time.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace huoqi::tabular {

enum class Kind { csv, jsonl };

inline constexpr std::size_t kMaxRecordBytes = std::size_t{1} << 20;

struct Record {
    std::uint64_t line = 0;   // its first physical line, from 1
    std::uint64_t lines = 1;  // physical lines
    std::string_view text;    // without the line end; empty when too_long
    bool too_long = false;
};

class Splitter {
  public:
    explicit Splitter(Kind kind) : kind_(kind) {}
    Kind kind() const { return kind_; }

    // Appends the records that end inside `text` and returns how many bytes they used. The rest is to be
    // given again at the front of the next text. `last`: nothing follows, so that the rest is a record too.
    // Blank lines are no records.
    std::size_t split(std::string_view text, bool last, std::vector<Record>& records);

  private:
    // Bytes of the record at the front without its line end, or npos when its end is not in `text`.
    std::size_t record_size(std::string_view text) const;
    std::size_t too_long(std::string_view text, std::vector<Record>& records);

    Kind kind_;
    std::uint64_t line_ = 1;
    bool skipping_ = false;  // behind a record that was too long, before its newline
};

}  // namespace huoqi::tabular

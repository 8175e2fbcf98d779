// SPDX-License-Identifier: Apache-2.0
// The fields of one CSV record (RFC 4180). Strict: a quoted field ends with its quote. Reusable: one reader a
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace huoqi::tabular {

class CsvReader {
  public:
    // Splits `record` (without its line end). Returns the rule that it breaks ("csv.quote"), empty if none.
    // fields() then views into `record` and into this reader, until the next read.
    std::string_view read(std::string_view record);
    const std::vector<std::string_view>& fields() const { return fields_; }

  private:
    std::vector<std::string_view> fields_;
    std::string unescaped_;
};

}  // namespace huoqi::tabular

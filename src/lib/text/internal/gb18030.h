// SPDX-License-Identifier: Apache-2.0
// GB18030 to UTF-8 by ICU, in chunks. What does not decode becomes U+FFFD. One thread at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct UConverter;

namespace huoqi::text {

class Gb18030 {
  public:
    Gb18030();
    ~Gb18030();
    Gb18030(const Gb18030&) = delete;
    Gb18030& operator=(const Gb18030&) = delete;

    // Appends UTF-8; a sequence that the end of `bytes` cuts is kept for the next call unless `last`. Returns
    // whether all of it was valid.
    bool decode(std::string_view bytes, bool last, std::string& out);
    void reset();

  private:
    UConverter* converter_;
};

}  // namespace huoqi::text

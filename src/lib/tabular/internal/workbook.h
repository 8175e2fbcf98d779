// SPDX-License-Identifier: Apache-2.0
// The parts of a workbook that say what its sheets are made of: relations, the list of sheets, shared texts
// and styles. Errors as in xlsx.h. One thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/tabular/internal/values.h"
#include "lib/tabular/internal/xml.h"

namespace huoqi::tabular {

// The texts of <t> of a shared or inline text: of its runs too, of phonetic hints not.
class RichText {
  public:
    explicit RichText(std::size_t max_bytes) : max_bytes_(max_bytes) {}
    void start(std::string_view element);
    Status text(std::string_view piece);
    void end(std::string_view element);
    std::string take();  // and begins anew

  private:
    std::size_t max_bytes_;
    std::string text_;
    bool inside_ = false;    // of <t>
    bool phonetic_ = false;  // inside of <rPh>
};

struct Workbook {
    std::string sheet;  // the part of the first worksheet that is shown
    bool since_1904 = false;
    std::vector<std::string> texts;  // shared
    std::vector<Form> styles;        // of cells, by their s
};
Result<Workbook> read_workbook(const Package& package, const XlsxLimits& limits);

}  // namespace huoqi::tabular

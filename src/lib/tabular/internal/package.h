// SPDX-License-Identifier: Apache-2.0
// The parts of an Open Packaging Conventions archive (ECMA-376 part 2) in memory. What could be a bomb is
// refused from the directory alone. Errors as in xlsx.h. One thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "lib/tabular/xlsx.h"

namespace huoqi::tabular {

class Package {
  public:
    // `bytes` must outlive it.
    static Result<Package> open(ByteView bytes, const XlsxLimits& limits);
    Package(Package&&) noexcept;
    Package& operator=(Package&&) noexcept;
    ~Package();

    // `name` as "xl/workbook.xml"; large and small letters are the same, as the standard has it. Gives the
    // part in pieces; the first failure of `sink` ends it and is returned.
    using Sink = std::function<Status(std::string_view piece, bool last)>;
    Status read(std::string_view name, const Sink& sink) const;

  private:
    struct State;
    explicit Package(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// "/xl/worksheets/sheet1.xml", "worksheets/sheet1.xml" or "../x.xml" as said in `folder` ("xl/"), as the name
// of an entry. Empty when it leads outside.
std::string part_name(std::string_view folder, std::string_view target);

}  // namespace huoqi::tabular

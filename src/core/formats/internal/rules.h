// SPDX-License-Identifier: Apache-2.0
// What a format file says, checked and ready to use.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/formats/internal/transforms.h"
#include "core/waybill/waybill.h"
#include "lib/tabular/json.h"
#include "lib/tabular/records.h"
#include "lib/text/decoder.h"

namespace huoqi::formats {

// Where a value comes from: a column's name, or the number of a path.
struct Origin {
    std::string column;
    std::uint32_t path = 0;
    bool elements = false;  // the path goes through an array
};

struct Mapping {
    waybill::Field field{};             // filled whole by split_address or mobile_or_tel ...
    std::optional<waybill::Part> part;  // ... or one part of it
    std::vector<Origin> from;           // the first that is not empty counts
    std::optional<Origin> quantity;     // of the elements that are joined
    std::vector<Transform> transforms;
};

struct Rules {
    std::string name;
    std::string version;
    std::string title_zh;
    std::string title_en;
    std::string source;
    tabular::Kind kind = tabular::Kind::csv;
    std::vector<text::Encoding> encodings;
    std::vector<std::string> required;
    std::vector<Mapping> mappings;
    std::vector<std::pair<waybill::Part, std::string>> constants;
    tabular::Paths paths;
    std::uint32_t path_count = 0;
};

}  // namespace huoqi::formats

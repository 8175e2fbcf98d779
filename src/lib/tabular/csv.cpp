// SPDX-License-Identifier: Apache-2.0
#include "lib/tabular/csv.h"

#include <algorithm>

namespace huoqi::tabular {

std::string_view CsvReader::read(std::string_view record) {
    constexpr std::string_view kBroken = "csv.quote";
    fields_.clear();
    unescaped_.clear();
    unescaped_.reserve(record.size());  // views into it must stay valid
    std::size_t at = 0;
    while (true) {
        if (at < record.size() && record[at] == '"') {
            std::size_t start = unescaped_.size();
            std::size_t from = at + 1;
            bool doubled = false;
            while (true) {
                std::size_t quote = record.find('"', from);
                if (quote == record.npos) return kBroken;
                bool again = quote + 1 < record.size() && record[quote + 1] == '"';
                if (!again && !doubled) {
                    fields_.push_back(record.substr(at + 1, quote - at - 1));  // nothing to unescape
                } else {
                    unescaped_.append(record, from, quote - from + (again ? 1 : 0));
                }
                doubled = doubled || again;
                if (!again) {
                    if (doubled) fields_.push_back(std::string_view(unescaped_).substr(start));
                    at = quote + 1;
                    break;
                }
                from = quote + 2;
            }
            if (at < record.size() && record[at] != ',') return kBroken;
        } else {
            std::size_t comma = std::min(record.find(',', at), record.size());
            fields_.push_back(record.substr(at, comma - at));
            at = comma;
        }
        if (at == record.size()) return {};
        ++at;
    }
}

}  // namespace huoqi::tabular

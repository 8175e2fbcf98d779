// SPDX-License-Identifier: Apache-2.0
// Values that occur nowhere by chance, the orders that carry them, and a search for them in any bytes and any
// encoding.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace huoqi::promises {

// Orders in three formats, each line full of planted values; `bad_*` have one wrong field a line, whose value
// is planted too.
struct Planted {
    std::vector<std::string> values;
    std::string taobao;  // GB18030
    std::string kdniao, kuaidi100;
    std::string bad_taobao, bad_kdniao, bad_kuaidi100;
    // To search and to ask for in the wrong way.
    std::string number, phone, name, id_number, reason;
    std::vector<std::string> misplaced;
};
Planted plant();

// One way a value can stand in a file.
struct Form {
    std::string name;  // "utf-8", "gb18030", "utf-16le", "hex", "base64 +1", …
    std::string bytes;
};
std::vector<Form> forms_of(const std::string& value);

// Finds any of many values in all their forms. The first bytes of each form select candidates, so a megabyte
// takes milliseconds.
class Detector {
  public:
    explicit Detector(const std::vector<std::string>& values);
    struct Hit {
        std::size_t value;  // which of the values
        std::string form;
        std::size_t at;
    };
    std::vector<Hit> search(std::string_view bytes) const;

  private:
    struct Pattern {
        std::size_t value;
        Form form;
    };
    std::vector<Pattern> patterns_;
    std::unordered_multimap<std::uint64_t, std::size_t> by_front_;
    std::vector<bool> possible_;
};

}  // namespace huoqi::promises

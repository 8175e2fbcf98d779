// SPDX-License-Identifier: Apache-2.0
// A made-up sender or recipient.
#pragma once

#include <string>
#include <string_view>

#include "core/specimen/internal/random.h"

namespace huoqi::specimen {

struct Place {
    std::string_view code;  // first six digits of an ID number
    std::string_view province, city, district, town;
};

struct Person {
    const Place* place = nullptr;
    std::string name;
    std::string mobile;  // or empty, then tel
    std::string tel;
    std::string_view company;
    std::string road;  // road, house number, building, room; may end with a note
    std::string id_number;
};

void make_person(Random& random, Person& person);
// "婴儿奶粉3段" and the like.
std::string_view goods(Random& random);
// A remark, in JSON escapes or quoted for CSV; often empty.
std::string_view remark(Random& random, bool json);

}  // namespace huoqi::specimen

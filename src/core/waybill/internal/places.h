// SPDX-License-Identifier: Apache-2.0
// Telling province, city, district and town apart in front of a Chinese address.
#pragma once

#include <string_view>

namespace huoqi::waybill {

// Views into the text given, but `province`, which may be the full name of a short form.
struct Places {
    std::string_view province;
    std::string_view city;
    std::string_view district;
    std::string_view town;
    std::string_view rest;
};

// Splits a whole address; without a province and something below it, all of it is `rest`.
Places split_address(std::string_view address);
// The town in front of an address whose district is known; empty when it cannot be told from a road.
std::string_view leading_town(std::string_view address);

}  // namespace huoqi::waybill

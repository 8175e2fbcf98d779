// SPDX-License-Identifier: Apache-2.0
// Made-up kuaidi100 orders for tests that need many, and what one can be searched by.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace huoqi::promises {

struct Order {
    std::string line;  // with its line end
    std::string number, phone, name, id_number;  // of the recipient; the ID number is the sender's
};

// Orders first, first + 1, …; the same numbers give the same orders.
std::vector<Order> orders(std::uint64_t first, std::size_t count);
std::string lines_of(const std::vector<Order>& orders);

}  // namespace huoqi::promises

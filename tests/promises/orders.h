// SPDX-License-Identifier: Apache-2.0
// Made-up kuaidi100 orders for tests that need many, and what one can be searched by.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace huoqi::promises {

struct Order {
    std::string line;  // with its line end
    // To search by; empty where the order has none, or one masked by its platform. Recipient's, but the ID
    // number: sender's.
    std::string number, phone, name, id_number;
};

// Orders first, first + 1, …; the same numbers give the same orders.
std::vector<Order> orders(std::uint64_t first, std::size_t count);
std::string lines_of(const std::vector<Order>& orders);
// A body for POST /v1/waybills with the same number.
std::string body_of(const Order& order);

}  // namespace huoqi::promises

// SPDX-License-Identifier: Apache-2.0
#include "orders.h"

#include <nlohmann/json.hpp>

#include "core/specimen/specimen.h"

namespace huoqi::promises {

std::vector<Order> orders(std::uint64_t first, std::size_t count) {
    specimen::Options options;
    options.first_number = first;
    options.seed = first;
    std::vector<Order> out(count);
    for (std::size_t i = 0; i < count; ++i) {
        specimen::append_order(options, i, out[i].line);
        auto json = nlohmann::json::parse(out[i].line);
        out[i].number = json["kuaidinum"];
        out[i].phone = json["recMan"]["mobile"];
        out[i].name = json["recMan"]["name"];
        out[i].id_number = json.value("sendIdCard", "");
    }
    return out;
}

std::string lines_of(const std::vector<Order>& orders) {
    std::string out;
    for (const auto& order : orders) out += order.line;
    return out;
}

}  // namespace huoqi::promises

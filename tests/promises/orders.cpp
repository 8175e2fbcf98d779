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
        auto searchable = [](const nlohmann::json& of, const char* key) {
            auto text = of.value(key, "");
            return text.find('*') == text.npos ? text : std::string();
        };
        out[i].phone = searchable(json["recMan"], "mobile");
        out[i].name = searchable(json["recMan"], "name");
        out[i].id_number = searchable(json, "sendIdCard");
    }
    return out;
}

std::string lines_of(const std::vector<Order>& orders) {
    std::string out;
    for (const auto& order : orders) out += order.line;
    return out;
}

std::string body_of(const Order& order) {
    nlohmann::json recipient{{"name", "张样例"}, {"mobile", "13900000000"}, {"detail", "样例路1号3栋502室"}};
    if (!order.name.empty()) recipient["name"] = order.name;
    if (!order.phone.empty()) recipient["mobile"] = order.phone;
    return nlohmann::json{
        {"number", order.number}, {"sender", {{"organisation", "样例商行"}}}, {"recipient", recipient}}
        .dump();
}

}  // namespace huoqi::promises

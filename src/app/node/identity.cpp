// SPDX-License-Identifier: Apache-2.0
#include "app/node/identity.h"

#include <nlohmann/json.hpp>

namespace huoqi::node {
namespace {

// 2: volumes have a list of their own, the office knows writers. Format 1 was never released.
constexpr int kFormat = 2;

}  // namespace

std::string identity_json(const Identity& identity) {
    nlohmann::json json{{"format", kFormat},
                        {"suite", crypto::name(identity.suite)},
                        {"origin", identity.origin},
                        {"enterprise", identity.enterprise},
                        {"created", identity.created}};
    return json.dump(2) + "\n";
}

Result<Identity> parse_identity(std::string_view text) {
    auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) return fail(Code::corrupt, "node.json: not JSON");
    for (const char* key : {"suite", "origin", "enterprise", "created"}) {
        if (!json.contains(key) || !json[key].is_string()) {
            return fail(Code::corrupt, std::string("node.json: '") + key + "' is missing");
        }
    }
    if (json.value("format", 0) != kFormat)
        return fail(Code::unsupported, "node.json: of format " + std::to_string(json.value("format", 0)) +
                                           ", this program knows " + std::to_string(kFormat));
    auto suite = crypto::suite_named(json["suite"].get<std::string>());
    if (!suite) return pass(suite, "node.json");
    return Identity{*suite, json["origin"], json["enterprise"], json["created"]};
}

}  // namespace huoqi::node

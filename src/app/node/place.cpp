// SPDX-License-Identifier: Apache-2.0
#include "app/node/place.h"

#include <nlohmann/json.hpp>

#include "edge/store/store.h"

namespace huoqi::node {
namespace {

constexpr std::size_t kMaxPlaceBytes = 16 * 1024;

}  // namespace

Result<Place> read_place(const std::filesystem::path& home) {
    auto text = store::read_file(home / kPlaceFile, kMaxPlaceBytes);
    if (!text && text.error().code == Code::not_found) return Place{"", home / "keys", 0, ""};
    if (!text) return pass(text);
    auto json = nlohmann::json::parse(text_of(*text), nullptr, false);
    bool shaped = json.is_object() && json.value("format", 0) == 1;
    for (const char* key : {"database", "keys", "origin"})
        shaped = shaped && json.contains(key) && json[key].is_string();
    if (!shaped || !json.contains("writer") || !json["writer"].is_number_unsigned())
        return fail(Code::corrupt, "process.json: not as this program writes it");
    return Place{json["database"], json["keys"].get<std::string>(), json["writer"].get<archive::WriterId>(),
                 json["origin"]};
}

Status write_place(const std::filesystem::path& home, const Place& place) {
    nlohmann::json json{{"format", 1},
                        {"database", place.database},
                        {"keys", place.keys.string()},
                        {"writer", place.writer},
                        {"origin", place.origin}};
    return store::write_file(home / kPlaceFile, bytes_of(json.dump(2) + "\n"));
}

}  // namespace huoqi::node

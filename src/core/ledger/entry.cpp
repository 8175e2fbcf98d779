// SPDX-License-Identifier: Apache-2.0
#include "core/ledger/entry.h"

#include <nlohmann/json.hpp>

namespace huoqi::ledger {
namespace {

using Json = nlohmann::json;  // objects keep their keys sorted

// Search keys are at most this long; longer names are filed under their beginning.
constexpr std::size_t kMaxNameInKey = 48;

void add(Json& to, const char* key, const std::string& text) {
    if (!text.empty()) to[key] = text;
}

Bytes named_key(char kind, std::string_view name) {
    Bytes key{static_cast<std::uint8_t>(kind)};
    append(key, name.substr(0, kMaxNameInKey));
    key.push_back(0);
    return key;
}

Json objects_of(const Entry& entry, const TokenOf& token_of) {
    Json out = Json::array();
    for (const auto& place : entry.objects) out.push_back(token_of(place));
    return out;
}

}  // namespace

std::string canonical(const Entry& entry, const TokenOf& token_of) {
    Json json{{"v", 1}, {"time", rfc3339(entry.time)}, {"action", entry.action}, {"outcome", entry.outcome}};
    Json actor = Json::object();
    add(actor, "person", entry.actor.person);
    add(actor, "account", entry.actor.account);
    add(actor, "role", entry.actor.role);
    add(actor, "organisation", entry.actor.organisation);
    json["actor"] = std::move(actor);
    Json place = Json::object();
    add(place, "outlet", entry.actor.outlet);
    add(place, "terminal", entry.actor.terminal);
    add(place, "address", entry.actor.address);
    if (!place.empty()) json["place"] = std::move(place);
    if (!entry.objects.empty()) json["objects"] = objects_of(entry, token_of);
    if (entry.range)
        json["range"] = {{"first", token_of(entry.range->first)}, {"last", token_of(entry.range->last)}};
    if (!entry.fields.empty()) json["fields"] = entry.fields;
    if (!entry.counts.empty()) json["counts"] = entry.counts;
    if (!entry.detail.empty()) json["detail"] = entry.detail;
    add(json, "purpose", entry.purpose);
    add(json, "ticket", entry.ticket);
    add(json, "reason", entry.reason);
    add(json, "rule", entry.rule);
    add(json, "policy", entry.policy);
    // Names come from outside; bytes that are no UTF-8 must not stop the record of a deed.
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Bytes person_key(std::string_view person) { return named_key('p', person); }
Bytes action_key(std::string_view action) { return named_key('a', action); }

Bytes waybill_key(RecordPlace place) {
    Bytes key{'w'};
    put_be(key, place.volume.value);
    put_be(key, place.record.value);
    return key;
}

Bytes range_prefix(VolumeId volume) {
    Bytes key{'r'};
    put_be(key, volume.value);
    return key;
}

Bytes range_key(RecordPlace last) {
    Bytes key = range_prefix(last.volume);
    put_be(key, last.record.value);
    return key;
}

RecordPlace range_end(ByteView key) {
    return {{get_be<std::uint32_t>(&key[1])}, {get_be<std::uint64_t>(&key[5])}};
}

std::vector<Bytes> search_keys(const Entry& entry) {
    std::vector<Bytes> keys;
    if (!entry.actor.person.empty()) keys.push_back(person_key(entry.actor.person));
    keys.push_back(action_key(entry.action));
    for (const auto& place : entry.objects) keys.push_back(waybill_key(place));
    if (entry.range) keys.push_back(range_key(entry.range->last));
    return keys;
}

Result<std::vector<Bytes>> search_keys_of(
    std::string_view text, const std::function<std::optional<RecordPlace>(std::string_view)>& place_of) {
    auto wrong = [] { return fail(Code::corrupt, "ledger: an entry is not as it was written"); };
    auto json = Json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("actor") || !json["actor"].is_object()) return wrong();
    Entry entry;
    entry.actor.person = json["actor"].value("person", "");
    entry.action = json.value("action", "");
    auto objects = json.value("objects", Json::array());
    for (const auto& token : objects) {
        auto place = token.is_string() ? place_of(token.get<std::string>()) : std::nullopt;
        if (!place) return wrong();
        entry.objects.push_back(*place);
    }
    if (json.contains("range")) {
        auto last = place_of(json["range"].value("last", ""));
        if (!last) return wrong();
        entry.range = {*last, *last};
    }
    return search_keys(entry);
}

}  // namespace huoqi::ledger

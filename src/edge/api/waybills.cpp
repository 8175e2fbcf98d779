// SPDX-License-Identifier: Apache-2.0
// Sealing one waybill, finding, and seeing masked.
#include "core/access/access.h"
#include "core/waybill/waybill.h"
#include "edge/api/internal/answers.h"
#include "edge/api/internal/desk.h"

namespace huoqi::api {
namespace {

using metrics::Deed;
using metrics::Ending;
using policy::Action;
using Need = JsonObject::Need;

// Above every limit that a rule of waybills has, so that those rules do the telling.
constexpr std::size_t kMaxPartBytes = 16 * 1024;
constexpr std::size_t kMaxSearchValue = 256;

constexpr std::string_view kShipmentMembers[] = {"number", "time", "items"};
constexpr std::string_view kPartyMembers[] = {"name",     "mobile",  "tel",      "organisation",
                                              "province", "city",    "district", "town",
                                              "detail",   "id_type", "id_number"};

void read_party(JsonObject& shipment, std::string_view name, waybill::Waybill& out) {
    auto* value = shipment.member(name);
    if (value == nullptr) return;
    JsonObject party(*value, pointer_to(shipment.pointer(), name));
    for (auto member : kPartyMembers) {
        auto part = waybill::part_named(std::string(name) + "." + std::string(member));
        out[*part] = party.text(member, Need::optional, kMaxPartBytes);
    }
    if (auto problem = party.finish()) shipment.object_to(std::move(*problem));
}

std::optional<BodyProblem> read_waybill(JsonValue& json, waybill::Waybill& out) {
    JsonObject shipment(json, "");
    for (auto member : kShipmentMembers) {
        out[*waybill::part_named(member)] = shipment.text(member, Need::optional, kMaxPartBytes);
    }
    read_party(shipment, "sender", out);
    read_party(shipment, "recipient", out);
    return shipment.finish();
}

// The outlet of the query, when it is one.
std::expected<std::string, http::Response> query_outlet(Desk& desk, const http::Request& request,
                                                        const Caller& caller) {
    auto asked = request.query_value("outlet");
    if (!asked || (*asked && !access::valid_outlet(**asked)))
        return std::unexpected(bad_query("outlet", "outlet.shape"));
    return desk.outlet(caller, Action::seal, *asked);
}

// The work a person reads a waybill for: a ticket, and the purpose it is for.
std::expected<staff::Staff::Work, http::Response> query_work(const http::Request& request) {
    auto ticket = request.query_value("ticket");
    auto purpose = request.query_value("purpose");
    if (!ticket || (*ticket && !access::valid_ticket(**ticket)))
        return std::unexpected(bad_query("ticket", "ticket.shape"));
    if (!purpose) return std::unexpected(bad_query("purpose", "purpose.shape"));
    return staff::Staff::Work{ticket->value_or(""), purpose->value_or("")};
}

http::Response seal(Desk& desk, const http::Request& request) {
    auto caller = desk.admit(request, Action::seal);
    if (!caller) return std::move(caller.error());
    auto outlet = query_outlet(desk, request, *caller);
    if (!outlet) return std::move(outlet.error());
    if (auto refused = desk.refuse_seal(*caller, *outlet)) return std::move(*refused);
    auto json = json_body(request);
    if (!json) return std::move(json.error());
    waybill::Waybill waybill;
    if (auto problem = read_waybill(*json, waybill)) return bad_request(*problem);
    auto& activity = desk.services.activity;
    if (auto findings = waybill::normalise(waybill); !findings.empty()) {
        activity.count(Deed::seal, Ending::rejected);
        return rejected(findings);
    }
    auto& vault = desk.services.vault;
    auto sealed = vault.seal({&waybill, 1}, caller->enterprise, *outlet, caller->actor,
                             caller->asker || !caller->outlet.empty());
    if (!sealed) {
        activity.count(Deed::seal, Ending::failed);
        return failure(sealed.error());
    }
    const auto& one = sealed->front();
    switch (one.outcome) {
        case vault::Outcome::sealed:
            activity.count(Deed::seal, Ending::done);
            break;
        case vault::Outcome::repeated:
            activity.count(Deed::seal, Ending::repeated);
            break;
        case vault::Outcome::changed:
            activity.count(Deed::seal, Ending::changed);
            break;
        case vault::Outcome::elsewhere:
            return desk.refuse(*caller, Action::seal, "scope.outlet");
    }
    std::string out = "{\"id\":";
    append_json(out, vault.token(one.place));
    out += ",\"outcome\":";
    append_json(out, vault::name(one.outcome));
    out += ",\"version\":" + std::to_string(one.version.value) + "}";
    return json_answer(one.outcome == vault::Outcome::sealed ? 201 : 200, std::move(out));
}

struct SearchBody {
    vault::Query query;
    std::optional<std::string> outlet;
    std::size_t limit = kDefaultResults;
};

std::optional<BodyProblem> read_search(JsonValue& json, std::size_t most, SearchBody& out) {
    JsonObject body(json, "");
    auto by = body.text("by", Need::required, kMaxSearchValue);
    auto kind = vault::search_by_named(by.reading());
    if (!by.empty() && !kind) body.object_to("by", "search.by");
    out.query.value = body.text("value", Need::required, kMaxSearchValue);
    out.query.by = kind.value_or(vault::SearchBy::number);
    if (auto outlet = body.text("outlet", Need::optional, kMaxSearchValue); !outlet.empty()) {
        if (!access::valid_outlet(outlet.reading())) body.object_to("outlet", "outlet.shape");
        // Elsewhere it would promise a smaller search than is made.
        if (kind && *kind != vault::SearchBy::phone_last4) body.object_to("outlet", "search.outlet");
        out.outlet = outlet.reading();
    }
    out.limit = body.whole("limit", 1, most).value_or(std::min(kDefaultResults, most));
    return body.finish();
}

std::string search_json(const vault::Vault& vault, const vault::SearchResult& found) {
    std::string out = "{\"waybills\":[";
    for (const auto& waybill : found.waybills) {
        if (out.back() != '[') out += ',';
        append_masked(out, waybill, vault.token(waybill.place));
    }
    return out + (found.more ? "],\"more\":true}" : "],\"more\":false}");
}

http::Response search(Desk& desk, const http::Request& request) {
    auto caller = desk.admit(request, Action::search);
    if (!caller) return std::move(caller.error());
    auto json = json_body(request);
    if (!json) return std::move(json.error());
    auto most = desk.figure("search.results_max", policy::Unit::record);
    if (!most) return failure(most.error());
    SearchBody body;
    if (auto problem = read_search(*json, *most, body)) return bad_request(*problem);
    if (body.query.by == vault::SearchBy::phone_last4) {
        auto outlet = desk.outlet(*caller, Action::search, body.outlet);
        if (!outlet) return std::move(outlet.error());
        if (outlet->empty()) return bad_request({"/outlet", "json.missing"});
        body.query.outlet = std::move(*outlet);
    }
    body.query.enterprise = caller->enterprise;
    auto& vault = desk.services.vault;
    vault::Sight sight;
    if (caller->asker) sight = desk.services.staff.sight(*caller->asker, Action::search, {});
    auto found = vault.search(body.query, caller->actor, body.limit, sight);
    auto& activity = desk.services.activity;
    if (!found) {
        bool shape = found.error().code == Code::bad_input;
        activity.count(Deed::search, shape ? Ending::refused : Ending::failed);
        return shape ? bad_request({"/value", "query.shape"}) : failure(found.error());
    }
    activity.count(Deed::search, found->waybills.empty() ? Ending::not_found : Ending::done);
    return json_answer(200, search_json(vault, *found));
}

http::Response read(Desk& desk, const http::Request& request) {
    auto caller = desk.admit(request, Action::read);
    if (!caller) return std::move(caller.error());
    auto token = request.parameter("id");
    auto work = query_work(request);
    if (!work) return std::move(work.error());
    vault::Sight sight;
    if (caller->asker) sight = desk.services.staff.sight(*caller->asker, Action::read, std::move(*work));
    auto shown = desk.services.vault.read(token, caller->enterprise, caller->actor, sight);
    auto& activity = desk.services.activity;
    if (!shown) {
        bool absent = shown.error().code == Code::not_found;
        activity.count(Deed::read, absent ? Ending::not_found : Ending::failed);
        return failure(shown.error());
    }
    activity.count(Deed::read, Ending::done);
    std::string out;
    append_masked(out, *shown, token);
    return json_answer(200, std::move(out));
}

}  // namespace

void add_waybill_routes(const std::shared_ptr<Desk>& desk, http::Router& router) {
    router.add("POST", "/v1/waybills", desk->on_pool(seal), {kMaxWaybillBody, {}, Fields{"outlet"}});
    router.add("POST", "/v1/waybills:search", desk->on_pool(search), {kMaxSmallBody, {}, kNoQuery});
    router.add("GET", "/v1/waybills/{id}", desk->on_pool(read),
               {kMaxSmallBody, {}, Fields{"ticket", "purpose"}});
}

}  // namespace huoqi::api

// SPDX-License-Identifier: Apache-2.0
// Opening fields for a purpose. The vault decides, records and then opens; no thread waits for the record, so
// that many reveals share one sync.
#include <algorithm>

#include "edge/api/internal/answers.h"
#include "edge/api/internal/desk.h"

namespace huoqi::api {
namespace {

using metrics::Deed;
using metrics::Ending;
using Need = JsonObject::Need;

// A request with more ids than a figure of the policy allows is refused, and recorded, by the vault; far more
// are no request.
constexpr std::size_t kMostIds = 256;
constexpr std::size_t kTokenBytes = 29;  // "wb_" and 26 letters and digits
constexpr std::size_t kMaxWord = 64;
constexpr std::size_t kMaxReason = 4 * vault::kMaxReasonBytes;

// Only what has the shape of a token comes back in an answer.
bool token_shaped(std::string_view id) {
    return id.size() == kTokenBytes && id.starts_with("wb_") &&
           std::all_of(id.begin() + 3, id.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'); });
}

std::optional<BodyProblem> read_reveal(JsonValue& json, vault::RevealRequest& out) {
    JsonObject body(json, "");
    out.tokens = body.texts("ids", kMostIds, kMaxWord);
    for (std::size_t i = 0; i < out.tokens.size(); ++i) {
        if (!token_shaped(out.tokens[i])) body.object_to({"/ids/" + std::to_string(i), "id.shape"});
    }
    auto fields = body.texts("fields", waybill::kFields, kMaxWord);
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (auto field = waybill::field_named(fields[i])) {
            out.fields.push_back(*field);
        } else {
            body.object_to({"/fields/" + std::to_string(i), "field.unknown"});
        }
    }
    out.purpose = body.text("purpose", Need::required, kMaxWord).reading();
    out.ticket = body.text("ticket", Need::optional, kMaxWord).reading();
    out.reason = body.text("reason", Need::optional, kMaxReason);
    return body.finish();
}

// Room for all values at once, so that growing leaves no copy of them behind.
std::size_t json_size(const vault::Revealed& revealed) {
    constexpr std::size_t kAround = 64;
    std::size_t size = kAround;
    for (const auto& waybill : revealed.waybills) {
        size += kAround + kTokenBytes;
        for (const auto& field : waybill.fields) size += kAround + 2 * field.text.reading().size();
    }
    return size;
}

std::string reveal_json(const vault::Revealed& revealed) {
    std::string out;
    out.reserve(json_size(revealed));
    out.append("{\"entry\":").append(std::to_string(revealed.entry.value)).append(",\"waybills\":[");
    for (const auto& waybill : revealed.waybills) {
        if (out.back() != '[') out += ',';
        out += "{\"id\":";
        append_json(out, waybill.token);
        if (waybill.error) {
            out += ",\"error\":{\"code\":";
            append_json(out, name(waybill.error->code));
            out += "}}";
            continue;
        }
        out += ",\"fields\":{";
        for (const auto& field : waybill.fields) {
            if (out.back() != '{') out += ',';
            append_json(out, waybill::name(field.field));
            out += ':';
            append_json(out, field.text.reading());
        }
        out += "}}";
    }
    return out += "]}";
}

http::Response answer(metrics::Activity& activity, const Result<vault::Revealed>& revealed) {
    if (!revealed) {
        bool refused = revealed.error().code == Code::refused;
        activity.count(Deed::reveal, refused ? Ending::refused : Ending::failed);
        // The message of a refusal is the rule that said no.
        return refused ? forbidden(revealed.error().message) : failure(revealed.error());
    }
    bool none = std::ranges::all_of(revealed->waybills,
                                    [](const auto& waybill) { return waybill.error.has_value(); });
    activity.count(Deed::reveal, none ? Ending::not_found : Ending::done);
    return json_answer(200, reveal_json(*revealed));
}

void reveal(Desk& desk, const http::Request& request, http::Reply reply) {
    auto caller = desk.caller(request);  // the vault asks the role itself, and records what it refuses
    if (!caller) return reply.send(std::move(caller.error()));
    if (caller->session && caller->session->standing != accounts::Standing::full)
        return reply.send(desk.refuse(*caller, policy::Action::reveal, "session.standing"));
    auto json = json_body(request);
    if (!json) return reply.send(std::move(json.error()));
    vault::RevealRequest wanted;
    if (auto problem = read_reveal(*json, wanted)) return reply.send(bad_request(*problem));
    wanted.enterprise = std::move(caller->enterprise);
    if (caller->asker) {
        wanted.judge = desk.services.staff.judge(
            *caller->asker, {wanted.purpose, wanted.ticket, wanted.fields, wanted.tokens.size()});
    }
    auto& pool = desk.services.pool;
    auto& activity = desk.services.activity;
    auto done = [&activity, to = std::make_shared<http::Reply>(std::move(reply))](
                    Result<vault::Revealed> revealed) { to->send(answer(activity, revealed)); };
    desk.services.vault.reveal(
        std::move(wanted), std::move(caller->actor), [&pool](Pool::Task task) { pool.post(std::move(task)); },
        std::move(done));
}

}  // namespace

void add_reveal_route(const std::shared_ptr<Desk>& desk, http::Router& router) {
    router.add("POST", "/v1/waybills:reveal", desk->on_pool_long(reveal), {kMaxSmallBody, {}, kNoQuery});
}

}  // namespace huoqi::api

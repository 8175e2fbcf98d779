// SPDX-License-Identifier: Apache-2.0
// What a person gets in with: password, second factor, one-time code (art. 35). All of it works in every
// standing, so that what is due can be done.
#include "edge/api/internal/answers.h"
#include "edge/api/internal/desk.h"
#include "lib/barcode/barcode.h"

namespace huoqi::api {
namespace {

using Need = JsonObject::Need;

constexpr std::size_t kMaxPassword = 1024;
constexpr std::size_t kMaxCode = 128;

// The reading of a body with two texts that nobody else may read.
struct Pair {
    Personal first, second;
};
std::optional<BodyProblem> read_pair(JsonValue& json, std::string_view first, std::size_t most_of_first,
                                     std::string_view second, Pair& out) {
    JsonObject body(json, "");
    out.first = body.text(first, Need::required, most_of_first);
    out.second = body.text(second, Need::required, kMaxPassword);
    return body.finish();
}

// A password that breaks a rule: place and rule, never the value.
http::Response bad_password(std::string_view pointer, const Error& error) {
    return bad_request({std::string(pointer), error.message});
}

http::Response change_password(Desk& desk, const http::Request& request) {
    auto caller = desk.own(request);
    if (!caller) return std::move(caller.error());
    auto json = json_body(request);
    if (!json) return std::move(json.error());
    Pair typed;
    if (auto problem = read_pair(*json, "old", kMaxPassword, "new", typed)) return bad_request(*problem);
    const auto& services = desk.services;
    auto changed = services.accounts.change_password(*caller->session, typed.first.reading(),
                                                     typed.second.reading(), services.clock.now());
    if (!changed) {
        // A wrong old password is in the ledger as a refused log-in.
        if (auto told = services.drain(); !told) return failure(told.error());
        const auto& error = changed.error();
        if (error.code == Code::refused) return forbidden("password.old");
        return error.code == Code::bad_input ? bad_password("/new", error) : failure(error);
    }
    if (auto told = desk.changed(); !told) return failure(told.error());
    return session_ended();
}

http::Response propose_factor(Desk& desk, const http::Request& request) {
    auto caller = desk.own(request);
    if (!caller) return std::move(caller.error());
    auto proposal = desk.services.accounts.propose_factor(*caller->session);
    if (!proposal) return failure(proposal.error());
    if (auto told = desk.changed(); !told) return failure(told.error());
    auto picture =
        barcode::qr_svg(text_of(proposal->uri.view()), "第二因素密钥二维码 / QR code of the second factor");
    if (!picture) return failure(picture.error());
    constexpr std::size_t kAround = 64;
    std::string out;
    // At most twice as long when every character is escaped; growing would leave copies of the key behind.
    out.reserve(kAround + 2 * (proposal->key.view().size() + proposal->uri.view().size() + picture->size()));
    out += "{\"key\":";
    append_json(out, text_of(proposal->key.view()));
    out += ",\"uri\":";
    append_json(out, text_of(proposal->uri.view()));
    out += ",\"qr\":";
    append_json(out, *picture);
    out += '}';
    wipe(picture->data(), picture->size());
    return json_answer(200, std::move(out));
}

http::Response recovery_answer(const std::vector<SecretBytes>& codes) {
    constexpr std::size_t kAround = 64;
    std::size_t size = kAround;
    for (const auto& code : codes) size += kAround + code.view().size();
    std::string out;
    out.reserve(size);
    out += "{\"recovery\":[";
    for (const auto& code : codes) {
        if (out.back() != '[') out += ',';
        append_json(out, text_of(code.view()));
    }
    out += "]}";
    auto response = json_answer(200, std::move(out));
    response.headers.add("set-cookie", session_cookie(""));
    return response;
}

http::Response wrong_factor_code(Desk& desk, const Caller& caller) {
    ledger::Entry entry;
    entry.actor = caller.actor;
    entry.action = "factor.enrol";
    entry.outcome = "refused";
    entry.rule = "factor.code";
    auto recorded = desk.services.ledger.append(std::move(entry));
    return recorded ? forbidden("factor.code") : failure(recorded.error());
}

http::Response confirm_factor(Desk& desk, const http::Request& request) {
    auto caller = desk.own(request);
    if (!caller) return std::move(caller.error());
    auto json = json_body(request);
    if (!json) return std::move(json.error());
    JsonObject body(*json, "");
    const Personal code = body.text("code", Need::required, kMaxCode);
    if (auto problem = body.finish()) return bad_request(*problem);
    const auto& services = desk.services;
    auto codes = services.accounts.confirm_factor(*caller->session, code.reading(), services.clock.now());
    if (!codes)
        return codes.error().code == Code::refused ? wrong_factor_code(desk, *caller)
                                                   : failure(codes.error());
    if (auto told = desk.changed(); !told) return failure(told.error());
    return recovery_answer(*codes);
}

// Whatever is wrong with the code, one answer; attempts of one peer are one entry a minute.
http::Response wrong_code(Desk& desk, const http::Request& request) {
    ledger::Entry entry;
    entry.action = "account.enrol";
    entry.outcome = "refused";
    entry.rule = "enrolment.code";
    entry.actor.address = request.peer_address;
    desk.turned_away.note("enrolment.code " + network_of(request.peer_address), std::move(entry));
    return forbidden("enrolment.code");
}

http::Response redeem(Desk& desk, const http::Request& request) {
    auto json = json_body(request);
    if (!json) return std::move(json.error());
    Pair typed;
    if (auto problem = read_pair(*json, "code", kMaxCode, "password", typed)) return bad_request(*problem);
    const auto& services = desk.services;
    auto redeemed = services.accounts.redeem(typed.first.reading(), typed.second.reading(),
                                             network_of(request.peer_address), services.clock.now());
    if (!redeemed) {
        const auto& error = redeemed.error();
        if (error.code == Code::refused) return wrong_code(desk, request);
        return error.code == Code::bad_input ? bad_password("/password", error) : failure(error);
    }
    if (auto told = desk.changed(); !told) return failure(told.error());
    return http::Response(204);
}

}  // namespace

void add_credential_routes(const std::shared_ptr<Desk>& desk, http::Router& router) {
    const http::RouteLimits limits{kMaxSmallBody, {}, kNoQuery};
    router.add("POST", "/v1/session:password", desk->on_pool(change_password), limits);
    router.add("POST", "/v1/session:factor", desk->on_pool(propose_factor), limits);
    router.add("POST", "/v1/session:confirm-factor", desk->on_pool(confirm_factor), limits);
    router.add("POST", "/v1/enrolments:redeem", desk->on_pool(redeem), limits);
}

}  // namespace huoqi::api

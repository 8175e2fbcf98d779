// SPDX-License-Identifier: Apache-2.0
// The read interface of C2SP tlog-tiles: checkpoint and hash tiles for everyone, so that anybody can watch
// that the ledger only grows; entry bundles for auditors.
#include "edge/api/internal/answers.h"
#include "edge/api/internal/desk.h"

namespace huoqi::api {
namespace {

using metrics::Deed;
using metrics::Ending;
using policy::Action;

// tlog-tiles: full tiles never change, "immutable"; a partial one is replaced by fuller ones.
constexpr std::string_view kForever = "public, max-age=31536000, immutable";
constexpr std::string_view kShortly = "public, max-age=60";
constexpr std::string_view kNever = "private, no-store";

http::Response checkpoint(Desk& desk, const http::Request&) {
    http::Response response(200, "text/plain; charset=utf-8", desk.services.ledger.checkpoint());
    response.headers.add("cache-control", "no-store");
    return response;
}

// Counts a bundle for the ledger: a monitor reads them one after the other, and each must not cause the next.
std::optional<http::Response> admit_to_bundle(Desk& desk, const http::Request& request) {
    auto caller = desk.admit(request, Action::ledger_read);
    if (!caller) return std::move(caller.error());
    // A bundle holds the entries of every enterprise of the node. Who was given a key by the node's operator
    // may monitor all of it; a person of one of several enterprises may not.
    if (caller->asker && desk.services.staff.enterprises().size() > 1)
        return desk.refuse(*caller, policy::Action::ledger_read, "ledger.enterprises");
    ledger::Entry entry;
    entry.actor = caller->actor;
    entry.action = policy::name(Action::ledger_read);
    entry.detail["form"] = "bundle";
    desk.views.note(caller->actor.account, std::move(entry));
    return std::nullopt;
}

http::Response tile(Desk& desk, const http::Request& request, Bundles bundles) {
    auto path = tlog::parse_tile_path("tile/" + std::string(request.parameter("path")));
    if (!path || (path->entries && bundles == Bundles::none)) return not_found();
    if (path->entries) {
        // Before anything is looked up: who may not read bundles does not learn which there are.
        if (auto refused = admit_to_bundle(desk, request)) return std::move(*refused);
    }
    auto bytes = desk.services.ledger.tile(*path);
    if (path->entries)
        desk.services.activity.count(Deed::ledger_read, bytes ? Ending::done : Ending::not_found);
    if (!bytes) return failure(bytes.error());
    http::Response response(200, "application/octet-stream", std::string(text_of(*bytes)));
    bool full = path->width == tlog::kTileWidth;
    response.headers.add("cache-control", path->entries ? kNever : full ? kForever : kShortly);
    return response;
}

}  // namespace

void add_tile_routes(const std::shared_ptr<Desk>& desk, http::Router& router, Bundles bundles) {
    router.add("GET", "/checkpoint", desk->on_pool(checkpoint), {kMaxSmallBody, {}, kNoQuery});
    router.add("GET", "/tile/{path*}", desk->on_pool([bundles](Desk& at, const http::Request& request) {
        return tile(at, request, bundles);
    }),
               {kMaxSmallBody, {}, kNoQuery});
}

}  // namespace huoqi::api

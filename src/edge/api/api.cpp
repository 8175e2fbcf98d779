// SPDX-License-Identifier: Apache-2.0
// Which routes each listener has, and the few that belong to the node itself.
#include "edge/api/api.h"

#include "edge/api/internal/answers.h"
#include "edge/api/internal/desk.h"

namespace huoqi::api {
namespace {

constexpr std::string_view kFrontPage = R"html(<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>火漆 Huoqi</title></head>
<body>
<h1>火漆</h1>
<p>本节点运行寄递服务用户个人信息安全系统。用户个人信息加密封存；每一次查看都记入台账，任何人都可以核验台账未被改写。</p>
<p>公众可在此取得台账的签名检查点（<a href="/checkpoint">/checkpoint</a>）和哈希片（/tile/…），格式为 C2SP tlog-tiles。
此处不提供任何个人信息。</p>
<h1 lang="en">Huoqi</h1>
<p lang="en">This node runs an information-security system for users of delivery services. Personal information is sealed;
every look at it is recorded in a ledger, and anyone can check that the ledger has not been rewritten.</p>
<p lang="en">Here the public finds the ledger's signed checkpoint (<a href="/checkpoint">/checkpoint</a>) and its hash tiles
(/tile/…), in the formats of C2SP tlog-tiles. No personal information is served here.</p>
</body>
</html>
)html";

void append_bilingual(std::string& out, const policy::Bilingual& text) {
    out += "{\"zh\":";
    append_json(out, text.zh);
    out += ",\"en\":";
    append_json(out, text.en);
    out += '}';
}

http::Response articles(Desk& desk, const http::Request& request) {
    auto caller = desk.caller(request);
    if (!caller) return std::move(caller.error());
    const auto in_force = desk.services.policy.now();
    const auto& policy = *in_force;
    std::string out = "{\"version\":";
    append_json(out, policy.version);
    out += ",\"regulation\":";
    append_bilingual(out, policy.regulation);
    out += ",\"articles\":[";
    for (const auto& article : policy.articles) {
        if (out.back() != '[') out += ',';
        out += "{\"number\":" + std::to_string(article.number) +
               ",\"chapter\":" + std::to_string(article.chapter);
        out += ",\"title\":";
        append_bilingual(out, article.title);
        out += ",\"status\":";
        append_json(out, policy::name(article.status));
        out += '}';
    }
    return json_answer(200, out + "]}");
}

http::Response metrics_page(Desk& desk, const http::Request& request) {
    auto caller = desk.admit(request, policy::Action::metrics_read);
    if (!caller) return std::move(caller.error());
    const auto& services = desk.services;
    auto stored = services.archive.stats();
    metrics::Sizes sizes;
    sizes.ledger_entries = services.ledger.size().value;
    sizes.archive_bytes = stored.bytes_on_disk;
    sizes.archive_index_runs = stored.index_runs;
    auto volumes = services.vault.volumes();
    if (!volumes) return failure(volumes.error());
    sizes.volumes = volumes->size();
    sizes.pool_waiting = services.pool.waiting();
    sizes.ready = services.ready();
    return http::Response(200, metrics::kContentType,
                          metrics::page(services.activity, sizes, services.listeners()));
}

}  // namespace

http::Router business_router(const Services& services) {
    auto desk = std::make_shared<Desk>(services);
    http::Router router;
    add_waybill_routes(desk, router);
    add_import_route(desk, router);
    add_reveal_route(desk, router);
    add_work_routes(desk, router);
    add_ledger_routes(desk, router);
    add_session_routes(desk, router);
    add_credential_routes(desk, router);
    add_account_routes(desk, router);
    add_tile_routes(desk, router, Bundles::to_auditors);
    add_people_routes(desk, router);
    add_people_import_route(desk, router);
    add_rights_routes(desk, router);
    add_maintenance_routes(desk, router);
    add_leaver_routes(desk, router);
    add_explain_route(desk, router);
    router.add("GET", "/v1/policy/articles", desk->on_pool(articles), {kMaxSmallBody, {}, kNoQuery});
    router.add("GET", "/openapi.yaml",
               [desk](const http::Request&, http::Reply reply) {
                   reply.send(http::Response(200, "application/yaml", desk->services.openapi));
               },
               {kMaxSmallBody, {}, kNoQuery});
    return router;
}

http::Router public_router(const Services& services) {
    auto desk = std::make_shared<Desk>(services);
    http::Router router;
    add_tile_routes(desk, router, Bundles::none);
    router.add("GET", "/",
               [](const http::Request&, http::Reply reply) {
                   reply.send(http::Response(200, "text/html; charset=utf-8", std::string(kFrontPage)));
               },
               {kMaxSmallBody, {}, kNoQuery});
    return router;
}

http::Router operations_router(const Services& services) {
    auto desk = std::make_shared<Desk>(services);
    http::Router router;
    router.add("GET", "/healthz",
               [desk](const http::Request&, http::Reply reply) {
                   bool ready = desk->services.ready();
                   reply.send(ready ? json_answer(200, R"({"status":"ok"})")
                                    : failure({Code::unavailable, "not ready"}));
               },
               {kMaxSmallBody, {}, kNoQuery});
    router.add("GET", "/metrics", desk->on_pool(metrics_page), {kMaxSmallBody, {}, kNoQuery});
    add_maintenance_run_route(desk, router);
    return router;
}

}  // namespace huoqi::api

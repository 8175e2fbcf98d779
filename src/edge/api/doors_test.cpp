// SPDX-License-Identifier: Apache-2.0
// Who is let in, and where; the ledger's routes; the node's own.
#include <future>
#include <latch>

#include "edge/api/testing/test_node.h"
#include "lib/tlog/tlog.h"

namespace huoqi::api {
namespace {

class Doors : public TestNode {};

struct GuardedRoute {
    const char* method;
    const char* target;
    const char* body;
    const char* role;
};
// Every route that asks for an action, with the one role that has it.
constexpr GuardedRoute kGuarded[] = {
    {"POST", "/v1/waybills", "{}", "integrator"},
    {"POST", "/v1/waybills:import", "", "integrator"},
    {"POST", "/v1/waybills:reveal",
     R"({"ids":["wb_aaaaaaaaaaaaaaaaaaaaaaaaaa"],"fields":["number"],"purpose":"deliver","ticket":"CS-1"})",
     "operator"},
    {"GET", "/v1/waybills/wb_aaaaaaaaaaaaaaaaaaaaaaaaaa", "", "operator"},
    {"GET", "/v1/ledger/entries", "", "auditor"},
    {"GET", "/v1/ledger/entries/0/proof", "", "auditor"},
    {"GET", "/tile/entries/000.p/1", "", "auditor"},
};

TEST_F(Doors, WithoutAKeyEveryGuardedRouteSaysTheSame) {
    for (const auto& [method, target, body, role] : kGuarded) {
        auto missing = send(business, method, target, "", body);
        auto unknown = send(business, method, target, "nobody", body);
        EXPECT_EQ(missing.status, 401) << target;
        EXPECT_EQ(missing.headers.find("www-authenticate"), "Bearer realm=\"huoqi\"");
        EXPECT_EQ(unknown.status, 401) << target;
        EXPECT_EQ(unknown.body, missing.body);
    }
    EXPECT_EQ(get("/v1/policy/articles", "").status, 401);
    EXPECT_EQ(send(operations, "GET", "/metrics", "").status, 401);
}

TEST_F(Doors, EveryOtherRoleIsRefusedAndTheRefusalIsRecorded) {
    for (const auto& [method, target, body, role] : kGuarded) {
        for (const std::string other : {"integrator", "operator", "auditor", "operations"}) {
            if (other == role) continue;
            auto answer = send(business, method, target, other, body);
            EXPECT_EQ(answer.status, 403) << other << " " << target;
            EXPECT_EQ(answer.code(), "role.action") << other << " " << target;
            auto entry = last_entry();
            EXPECT_EQ(entry["outcome"], "refused") << target;
            EXPECT_EQ(entry["actor"]["person"], "person-" + other) << target;
        }
    }
    for (const std::string other : {"auditor", "operations"}) {
        EXPECT_EQ(post("/v1/waybills:search", other, R"({"by":"number","value":"HQ0000000001"})").status,
                  403);
    }
    for (const std::string other : {"integrator", "operator", "auditor"}) {
        EXPECT_EQ(send(operations, "GET", "/metrics", other).status, 403);
    }
}

TEST_F(Doors, RevokedKeyIsRefusedAsSoonAsTheCacheIsOld) {
    EXPECT_EQ(get("/v1/policy/articles", "operator").status, 200);
    ASSERT_TRUE(office_->revoke_key("ak_operator", clock_.now(), "test"));
    clock_.advance(kKeyCacheNanoseconds);
    auto answer = get("/v1/policy/articles", "operator");
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.body, get("/v1/policy/articles", "nobody").body);
    EXPECT_EQ(activity_.of(metrics::KeyCheck::revoked), 1U);
}

TEST_F(Doors, AKeyEndsWithItsDayAndAsksNoFasterThanItMay) {
    constexpr std::int64_t kSecond = 1'000'000'000;
    auto add = [&](const std::string& who, std::int64_t seconds, std::int64_t rate) {
        std::string secret = "secret-of-" + who;
        office::AccessKey key{
            "ak_" + who, "p",          "operator", "main",
            "",          clock_.now(), {},         Time{clock_.now().nanoseconds + seconds * kSecond},
            rate};
        ASSERT_TRUE(office_->add_key(key, SecretBytes(Bytes(secret.begin(), secret.end())), "test"));
    };
    add("short", 60, 0);
    add("slow", 3600, 3);
    EXPECT_EQ(get("/v1/policy/articles", "short").status, 200);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(get("/v1/policy/articles", "slow").status, 200);
    auto over = get("/v1/policy/articles", "slow");
    EXPECT_EQ(over.status, 429);
    EXPECT_EQ(over.code(), "rate_limited");
    EXPECT_TRUE(over.headers.find("retry-after"));
    clock_.advance(kSecond);
    EXPECT_EQ(get("/v1/policy/articles", "slow").status, 200);
    clock_.advance(60 * kSecond);
    auto ended = get("/v1/policy/articles", "short");
    EXPECT_EQ(ended.status, 401);
    EXPECT_EQ(ended.body, get("/v1/policy/articles", "nobody").body);
}

TEST_F(Doors, FailedKeysOfOnePeerAreOneEntryAMinute) {
    auto before = entries();
    for (int i = 0; i < 5; ++i) get("/v1/policy/articles", "nobody");
    clock_.advance(kTallyNanoseconds);
    get("/v1/policy/articles", "nobody");
    // What was counted is written when its minute is over; another entry makes the committer's queue empty
    // before it.
    get("/v1/ledger/entries", "auditor");
    std::vector<std::uint64_t> times;
    for (auto i = before; i < entries(); ++i) {
        auto entry = nlohmann::json::parse(*ledger_->entry(EntryIndex{i}));
        if (entry["action"] != "key.use") continue;
        EXPECT_EQ(entry["rule"], "key.unknown");
        EXPECT_EQ(entry["place"]["address"], "127.0.0.1");
        times.push_back(entry["counts"]["times"].get<std::uint64_t>());
    }
    std::uint64_t sum = 0;
    for (auto one : times) sum += one;
    EXPECT_EQ(sum, 6U);
    EXPECT_LE(times.size(), 3U);
}

TEST_F(Doors, AuthorizationOfAnotherShapeIsNoKey) {
    http::ClientOptions options;
    options.address = server_->addresses()[business];
    for (const auto* value : {"Bearer", "Bearer ", "Basic secret-of-operator", "secret-of-operator",
                              "Bearer secret of operator"}) {
        auto client = http::Client::connect(options);
        ASSERT_TRUE(client);
        EXPECT_EQ(client->get("/v1/policy/articles", {{"authorization", value}})->status, 401) << value;
    }
    auto client = http::Client::connect(options);
    auto twice = client->get("/v1/policy/articles", {{"authorization", "Bearer secret-of-operator"},
                                                     {"authorization", "Bearer secret-of-operator"}});
    EXPECT_NE(twice->status, 200);
    EXPECT_EQ(client->get("/v1/policy/articles", {{"authorization", "bearer secret-of-operator"}})->status,
              200);
}

TEST_F(Doors, CheckpointAndHashTilesAreForEveryone) {
    seal("HQ0000000081");
    for (auto door : {business, open_to_public}) {
        auto checkpoint = send(door, "GET", "/checkpoint", "");
        EXPECT_EQ(checkpoint.status, 200);
        EXPECT_EQ(checkpoint.headers.find("content-type"), "text/plain; charset=utf-8");
        EXPECT_EQ(checkpoint.headers.find("cache-control"), "no-store");
        auto note = tlog::parse_note(checkpoint.body);
        ASSERT_TRUE(note);
        EXPECT_TRUE(tlog::verify_note(*note, ledger_->keys()));
        auto head = tlog::parse_checkpoint_text(note->text);
        auto tile = send(door, "GET", "/tile/0/000.p/" + std::to_string(head->size.value), "");
        EXPECT_EQ(tile.status, 200);
        EXPECT_EQ(tile.headers.find("content-type"), "application/octet-stream");
        EXPECT_EQ(tile.body.size(), head->size.value * 32);
        EXPECT_EQ(tile.headers.find("cache-control")->find("immutable"), std::string_view::npos);
        for (const auto* path : {"/tile/0/000", "/tile/0/001", "/tile/0/0", "/tile/64/000", "/tile/x"}) {
            EXPECT_EQ(send(door, "GET", path, "").status, 404) << path;
        }
    }
}

TEST_F(Doors, FullTilesMayBeKeptForever) {
    for (int i = 0; i < 256; ++i) {
        ledger::Entry entry;
        entry.action = "test";
        ASSERT_TRUE(ledger_->append(std::move(entry)));
    }
    auto tile = send(open_to_public, "GET", "/tile/0/000", "");
    EXPECT_EQ(tile.status, 200);
    EXPECT_EQ(tile.body.size(), 8192U);
    EXPECT_EQ(tile.headers.find("cache-control"), "public, max-age=31536000, immutable");
}

TEST_F(Doors, BundlesAreForAuditorsOnTheBusinessListenerAlone) {
    seal("HQ0000000082");
    auto path = "/tile/entries/000.p/1";
    auto bundle = get(path, "auditor");
    ASSERT_EQ(bundle.status, 200);
    EXPECT_EQ(bundle.headers.find("cache-control"), "private, no-store");
    auto split = tlog::split_bundle(bytes_of(bundle.body));
    ASSERT_TRUE(split);
    EXPECT_EQ(text_of(split->front()), *ledger_->entry(EntryIndex{0}));
    EXPECT_EQ(send(open_to_public, "GET", path, "auditor").status, 404);
    EXPECT_EQ(send(open_to_public, "GET", path, "").status, 404);
    // Neither tells whether the bundle is there.
    EXPECT_EQ(get("/tile/entries/999", "").status, 401);
    EXPECT_EQ(get("/tile/entries/999", "operator").status, 403);
}

TEST_F(Doors, EntriesComeNewestFirstInPages) {
    auto id = seal("HQ0000000091");
    for (int i = 0; i < 5; ++i) get("/v1/waybills/" + id, "operator");
    std::string target = "/v1/ledger/entries?action=read&limit=2";
    std::vector<std::uint64_t> seen;
    for (std::string cursor;;) {
        auto page = get(target + (cursor.empty() ? "" : "&cursor=" + cursor), "auditor");
        ASSERT_EQ(page.status, 200) << page.body;
        auto json = page.json();
        for (const auto& one : json["entries"]) {
            seen.push_back(one["index"].get<std::uint64_t>());
            EXPECT_EQ(one["entry"]["action"], "read");
        }
        if (!json.contains("next")) break;
        cursor = json["next"].get<std::string>();
    }
    EXPECT_EQ(seen.size(), 5U);
    EXPECT_TRUE(std::is_sorted(seen.rbegin(), seen.rend()));
    EXPECT_EQ(last_entry()["action"], "ledger.read");
    auto by_waybill = get("/v1/ledger/entries?waybill=" + id, "auditor");
    EXPECT_EQ(by_waybill.json()["entries"].size(), 6U) << by_waybill.body;
    EXPECT_EQ(get("/v1/ledger/entries?person=nobody", "auditor").json()["entries"].size(), 0U);
}

TEST_F(Doors, AuditorReadsTheWordsOfAReason) {
    auto id = seal("HQ0000000092");
    auto revealed =
        post("/v1/waybills:reveal", "operator",
             R"({"ids":[")" + id + R"("],"fields":["recipient.name"],"purpose":"deliver","ticket":"T-1",)" +
                 R"("reason":"派件前核对 138-1234 5678，第2次"})");
    ASSERT_EQ(revealed.status, 200) << revealed.body;
    auto page = get("/v1/ledger/entries?action=reveal", "auditor");
    ASSERT_EQ(page.json()["entries"].size(), 1U);
    EXPECT_EQ(page.json()["entries"][0]["reason_text"], "派件前核对 ***，第2次");
    EXPECT_EQ(page.json()["entries"][0]["entry"].dump().find("派件"), std::string::npos);
}

TEST_F(Doors, WrongQueriesOfTheLedgerAreRefused) {
    for (const auto* query : {"cursor=0", "cursor=c00000000000000zz", "cursor=c0000000000000001x", "limit=0",
                              "limit=201", "limit=x", "limit=", "from=yesterday", "until=2026",
                              "waybill=wb_aaaaaaaaaaaaaaaaaaaaaaaaaa", "action=Reveal", "person="}) {
        auto answer = get(std::string("/v1/ledger/entries?") + query, "auditor");
        EXPECT_EQ(answer.status, 400) << query;
        EXPECT_EQ(answer.code(), "bad_input") << query;
    }
    EXPECT_EQ(
        get("/v1/ledger/entries?limit=200&from=2026-11-23T00:00:00Z&until=2026-11-24T00:00:00Z", "auditor")
            .status,
        200);
}

TEST_F(Doors, ProofOfAnEntryHolds) {
    seal("HQ0000000093");
    auto answer = get("/v1/ledger/entries/1/proof", "auditor");
    ASSERT_EQ(answer.status, 200) << answer.body;
    auto proof = tlog::parse_proof(answer.body);
    ASSERT_TRUE(proof);
    auto note = tlog::parse_note(proof->checkpoint);
    ASSERT_TRUE(note);
    auto head = tlog::parse_checkpoint_text(note->text);
    EXPECT_TRUE(tlog::verify_inclusion(proof->index, head->size, tlog::leaf_hash(proof->extra), proof->hashes,
                                       head->root));
    for (const auto* index : {"999999", "x", "-1", "1x", "99999999999999999999999"}) {
        EXPECT_EQ(get(std::string("/v1/ledger/entries/") + index + "/proof", "auditor").status, 404) << index;
    }
}

TEST_F(Doors, ArticlesAreForAnyKey) {
    for (const auto* role : {"integrator", "operator", "auditor", "operations"}) {
        auto answer = get("/v1/policy/articles", role);
        ASSERT_EQ(answer.status, 200);
        EXPECT_EQ(answer.json()["articles"].size(), 53U);
        EXPECT_FALSE(answer.json()["articles"][0]["title"]["zh"].get<std::string>().empty());
    }
}

TEST_F(Doors, HealthFollowsTheNode) {
    auto answer = send(operations, "GET", "/healthz", "");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.json(), (nlohmann::json{{"status", "ok"}}));
    ready_ = false;
    answer = send(operations, "GET", "/healthz", "");
    EXPECT_EQ(answer.status, 503);
    EXPECT_TRUE(answer.headers.find("retry-after"));
}

TEST_F(Doors, MetricsCountWithoutNames) {
    auto id = seal("HQ0000000094", "18677775555");
    post("/v1/waybills:search", "operator", R"({"by":"phone","value":"18677775555"})");
    auto page = send(operations, "GET", "/metrics", "operations");
    ASSERT_EQ(page.status, 200);
    EXPECT_EQ(page.headers.find("content-type"), metrics::kContentType);
    EXPECT_NE(page.body.find("huoqi_deeds_total{deed=\"seal\",ending=\"done\"} 1\n"), std::string::npos);
    EXPECT_NE(page.body.find("huoqi_deeds_total{deed=\"search\",ending=\"done\"} 1\n"), std::string::npos);
    EXPECT_NE(page.body.find("huoqi_http_requests_total{listener=\"all\"}"), std::string::npos);
    for (const auto& word :
         {id, std::string("18677775555"), std::string("person-"), std::string("127.0.0.1")}) {
        EXPECT_EQ(page.body.find(word), std::string::npos) << word;
    }
}

TEST_F(Doors, PublicFrontPageSpeaksBothLanguages) {
    auto page = send(open_to_public, "GET", "/", "");
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.headers.find("content-type"), "text/html; charset=utf-8");
    EXPECT_NE(page.body.find("火漆"), std::string::npos);
    EXPECT_NE(page.body.find("Huoqi"), std::string::npos);
}

TEST_F(Doors, NoPersonalRouteIsOnThePublicOrOperationsListener) {
    for (auto door : {open_to_public, operations}) {
        EXPECT_EQ(send(door, "POST", "/v1/waybills:search", "operator", "{}").status, 404);
        EXPECT_EQ(send(door, "GET", "/v1/ledger/entries", "auditor").status, 404);
    }
    EXPECT_EQ(send(business, "GET", "/metrics", "operations").status, 404);
}

TEST_F(Doors, CrowdIsSentAwayWithRetryAfter) {
    std::promise<void> open;
    auto gate = open.get_future().share();
    std::latch busy(kWorkers);  // every worker is held before the queue is filled
    for (unsigned i = 0; i < kWorkers; ++i) {
        ASSERT_TRUE(pool_->try_post([&busy, gate] {
            busy.count_down();
            gate.wait();
        }));
    }
    busy.wait();
    while (pool_->try_post([] {})) {
    }
    auto answer = get("/v1/policy/articles", "operator");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.headers.find("retry-after"), "1");
    EXPECT_EQ(activity_.overloads(), 1U);
    open.set_value();
}

}  // namespace
}  // namespace huoqi::api

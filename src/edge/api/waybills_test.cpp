// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include "edge/api/testing/test_node.h"

namespace huoqi::api {
namespace {

// Unusual enough to be found wherever it turns up.
constexpr const char* kPlanted = "18677775555";

class Waybills : public TestNode {
  protected:
    Answer reveal(const std::string& ids, const std::string& fields, const std::string& purpose,
                  const std::string& who = "operator") {
        return post("/v1/waybills:reveal", who,
                    R"({"ids":)" + ids + R"(,"fields":)" + fields + R"(,"purpose":")" + purpose +
                        R"(","ticket":"CS-2026-0042","reason":"收件人来电"})");
    }
};

TEST_F(Waybills, SealedWaybillIsFoundMaskedAndRevealedForAPurpose) {
    auto id = seal("HQ0000000017", kPlanted);
    auto found = post("/v1/waybills:search", "operator", R"({"by":"phone","value":"18677775555"})");
    ASSERT_EQ(found.status, 200) << found.body;
    ASSERT_EQ(found.json()["waybills"].size(), 1U);
    EXPECT_EQ(found.json()["waybills"][0]["id"], id);
    EXPECT_EQ(found.json()["more"], false);
    EXPECT_EQ(found.body.find(kPlanted), std::string::npos);
    EXPECT_TRUE(found.json()["waybills"][0]["recipient"].contains("phone"));
    auto read = get("/v1/waybills/" + id, "operator");
    EXPECT_EQ(read.status, 200);
    EXPECT_EQ(read.json(), found.json()["waybills"][0]);
    auto revealed = reveal("[\"" + id + "\"]", R"(["recipient.phone"])", "customer_service");
    ASSERT_EQ(revealed.status, 200) << revealed.body;
    EXPECT_EQ(revealed.json()["waybills"][0]["fields"]["recipient.phone"], kPlanted);
    auto entry =
        nlohmann::json::parse(*ledger_->entry(EntryIndex{revealed.json()["entry"].get<std::uint64_t>()}));
    EXPECT_EQ(entry["action"], "reveal");
    EXPECT_EQ(entry["actor"]["person"], "person-operator");
    EXPECT_EQ(entry["actor"]["account"], "ak_operator");
    EXPECT_EQ(entry["place"]["address"], "127.0.0.1");
    EXPECT_EQ(entry["objects"][0], id);
}

TEST_F(Waybills, SealingTheSameNumberAgainIsRecognised) {
    auto id = seal("HQ0000000018");
    auto again = post("/v1/waybills", "integrator", waybill_json("HQ0000000018"));
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.json(), (nlohmann::json{{"id", id}, {"outcome", "repeated"}, {"version", 0}}));
    auto changed = post("/v1/waybills", "integrator", waybill_json("HQ0000000018", "13800001111"));
    EXPECT_EQ(changed.status, 200);
    EXPECT_EQ(changed.json(), (nlohmann::json{{"id", id}, {"outcome", "changed"}, {"version", 1}}));
}

TEST_F(Waybills, BrokenRulesAreNamedWithoutTheValue) {
    auto before = entries();
    auto answer = post("/v1/waybills", "integrator", waybill_json("HQ0000000019", "1867777555X"));
    EXPECT_EQ(answer.status, 422);
    EXPECT_EQ(answer.code(), "rejected");
    EXPECT_EQ(answer.json()["findings"][0]["field"], "recipient.mobile");
    EXPECT_EQ(answer.json()["findings"][0]["rule"], "mobile.shape");
    EXPECT_EQ(answer.body.find("1867777"), std::string::npos);
    EXPECT_EQ(entries(), before);
}

TEST_F(Waybills, ProblemsOfTheBodyNamePlaceAndRuleButNeverTheValue) {
    struct Case {
        const char* body;
        const char* pointer;
        const char* rule;
    };
    const Case cases[] = {
        {R"({"number":"18677775555")", "", "json.syntax"},
        {R"({"number":"18677775555"} x)", "", "json.syntax"},
        {"{\"number\":\"18677775555\xff\"}", "", "json.syntax"},
        {R"(["18677775555"])", "", "json.object"},
        {R"({"number":18677775555})", "/number", "json.type"},
        {R"({"recipient":{"mobile":["18677775555"]}})", "/recipient/mobile", "json.type"},
        {R"({"recipient":"18677775555"})", "/recipient", "json.type"},
        {R"({"18677775555":1})", "", "json.unknown_member"},
        {R"({"recipient":{"phone":"18677775555"}})", "/recipient/phone", "json.unknown_member"},
        {R"({"recipient":{"张18677775555":""}})", "/recipient", "json.unknown_member"},
        {R"({"number":"1","number":"18677775555"})", "/number", "json.duplicate_key"},
        {R"({"items":[[[[[[[[["18677775555"]]]]]]]]]})", "/items/0/0/0/0/0/0/0", "json.depth"},
    };
    for (const auto& [body, pointer, rule] : cases) {
        auto answer = post("/v1/waybills", "integrator", body);
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_EQ(answer.pointer(), pointer) << body;
        EXPECT_EQ(answer.rule(), rule) << body;
        EXPECT_EQ(answer.body.find(kPlanted), std::string::npos) << answer.body;
        EXPECT_EQ(answer.headers.find("content-type"), "application/problem+json");
    }
}

TEST_F(Waybills, OversizeBodyIsRefused) {
    std::string body = R"({"items":")" + std::string(kMaxWaybillBody, 'x') + "\"}";
    auto answer = post("/v1/waybills", "integrator", body);
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.headers.find("content-type"), "application/problem+json");
}

TEST_F(Waybills, OnlyJsonIsTakenAsJson) {
    auto answer =
        send(business, "POST", "/v1/waybills", "integrator", waybill_json("HQ0000000020"), "text/plain");
    EXPECT_EQ(answer.status, 415);
    answer = send(business, "POST", "/v1/waybills", "integrator", waybill_json("HQ0000000020"),
                  "Application/JSON; charset=utf-8");
    EXPECT_EQ(answer.status, 201);
}

TEST_F(Waybills, SearchOfFourDigitsNeedsAnOutletAndStaysInIt) {
    EXPECT_EQ(post("/v1/waybills?outlet=gz-01", "integrator", waybill_json("HQ0000000021")).status, 201);
    auto none = post("/v1/waybills:search", "operator", R"({"by":"phone_last4","value":"5678"})");
    EXPECT_EQ(none.status, 400);
    EXPECT_EQ(none.pointer(), "/outlet");
    auto here =
        post("/v1/waybills:search", "operator", R"({"by":"phone_last4","value":"5678","outlet":"gz-01"})");
    EXPECT_EQ(here.json()["waybills"].size(), 1U) << here.body;
    EXPECT_EQ(here.json()["waybills"][0]["outlet"], "gz-01");
    auto elsewhere =
        post("/v1/waybills:search", "operator", R"({"by":"phone_last4","value":"5678","outlet":"gz-02"})");
    EXPECT_EQ(elsewhere.json()["waybills"].size(), 0U);
}

TEST_F(Waybills, KeyOfOneOutletWorksForNoOther) {
    add_key("operator", "-gz", "gz-01");
    auto answer =
        post("/v1/waybills:search", "operator-gz", R"({"by":"phone_last4","value":"5678","outlet":"gz-02"})");
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.code(), "scope.outlet");
    EXPECT_EQ(last_entry()["rule"], "scope.outlet");
    EXPECT_EQ(post("/v1/waybills:search", "operator-gz", R"({"by":"phone_last4","value":"5678"})").status,
              200);
}

TEST_F(Waybills, SearchRefusesWhatCannotBeThere) {
    auto shape = post("/v1/waybills:search", "operator", R"({"by":"phone","value":"18677775555-x"})");
    EXPECT_EQ(shape.status, 400);
    EXPECT_EQ(shape.rule(), "query.shape");
    EXPECT_EQ(shape.body.find("1867777"), std::string::npos);
    EXPECT_EQ(last_entry()["outcome"], "refused");
    EXPECT_EQ(post("/v1/waybills:search", "operator", R"({"by":"blood","value":"A"})").pointer(), "/by");
    EXPECT_EQ(post("/v1/waybills:search", "operator", R"({"by":"name","value":"张样例","limit":101})").rule(),
              "json.range");
    EXPECT_EQ(post("/v1/waybills:search", "operator", R"({"by":"name","value":"张样例","limit":-1})").rule(),
              "json.range");
}

TEST_F(Waybills, LimitOfASearchIsKeptAndToldAbout) {
    for (int i = 0; i < 3; ++i) seal("HQ000000003" + std::to_string(i), kPlanted);
    auto found = post("/v1/waybills:search", "operator", R"({"by":"phone","value":"18677775555","limit":2})");
    EXPECT_EQ(found.json()["waybills"].size(), 2U);
    EXPECT_EQ(found.json()["more"], true);
}

TEST_F(Waybills, RevealOfAnUnjustifiedFieldIsRefusedAndRecorded) {
    auto id = seal("HQ0000000041", kPlanted);
    auto answer = reveal("[\"" + id + "\"]", R"(["recipient.address"])", "customer_service");
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.code(), "purpose.field");
    EXPECT_EQ(last_entry()["rule"], "purpose.field");
    EXPECT_EQ(last_entry()["outcome"], "refused");
    // Whose waybill somebody was after is what an investigation asks first.
    EXPECT_EQ(last_entry()["objects"], nlohmann::json::array({id}));
    EXPECT_EQ(last_entry()["counts"]["shown"], 0);
    EXPECT_EQ(reveal("[\"" + id + "\"]", R"(["recipient.phone"])", "curiosity").code(), "purpose.unknown");
    EXPECT_EQ(reveal("[\"" + id + "\"]", R"(["recipient.phone"])", "customer_service", "auditor").code(),
              "role.action");
}

TEST_F(Waybills, TwentyOneTokensAreTooMany) {
    auto ids = nlohmann::json::array();
    for (int i = 0; i < 21; ++i) ids.push_back("wb_" + std::string(25, 'a') + static_cast<char>('a' + i));
    auto answer = reveal(ids.dump(), R"(["recipient.phone"])", "deliver");
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.code(), "tokens.too_many");
    EXPECT_EQ(last_entry()["counts"]["asked"], 21);
    ids.erase(ids.begin());
    answer = reveal(ids.dump(), R"(["recipient.phone"])", "deliver");
    EXPECT_EQ(answer.status, 200) << answer.body;
}

TEST_F(Waybills, UnknownIdsAreToldOneByOne) {
    auto id = seal("HQ0000000042", kPlanted);
    std::string unknown = "wb_" + std::string(26, 'a');
    auto answer = reveal(R"([")" + unknown + R"(",")" + id + R"("])", R"(["recipient.phone"])", "deliver");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.json()["waybills"][0],
              (nlohmann::json{{"id", unknown}, {"error", {{"code", "not_found"}}}}));
    EXPECT_EQ(answer.json()["waybills"][1]["fields"]["recipient.phone"], kPlanted);
    EXPECT_EQ(get("/v1/waybills/" + unknown, "operator").status, 404);
    EXPECT_EQ(last_entry()["outcome"], "not_found");
}

TEST_F(Waybills, WhatIsNoTokenDoesNotComeBack) {
    auto answer = reveal(R"(["18677775555"])", R"(["recipient.phone"])", "deliver");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.pointer(), "/ids/0");
    EXPECT_EQ(answer.body.find(kPlanted), std::string::npos);
    EXPECT_EQ(reveal(R"([])", R"(["recipient.phone"])", "deliver").pointer(), "/ids");
    std::string id = "wb_" + std::string(26, 'a');
    EXPECT_EQ(reveal(R"([")" + id + R"(",")" + id + R"("])", R"(["number"])", "deliver").rule(),
              "json.repeated");
    EXPECT_EQ(reveal(R"([")" + id + R"("])", R"(["recipient.blood"])", "deliver").rule(), "field.unknown");
}

TEST_F(Waybills, ImportAnswersLineByLine) {
    seal("HQ0000000051");
    std::string body = waybill_json("HQ0000000051") + "\n" + waybill_json("HQ0000000052") + "\n" +
                       waybill_json("HQ0000000053", "1867777555X") + "\n";
    auto answer = send(business, "POST", "/v1/waybills:import", "integrator", body, "application/x-ndjson");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.headers.find("content-type"), "application/x-ndjson");
    std::vector<nlohmann::json> lines;
    std::istringstream in(answer.body);
    for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
    ASSERT_EQ(lines.size(), 4U) << answer.body;
    EXPECT_EQ(lines[0]["outcome"], "repeated");
    EXPECT_EQ(lines[1]["outcome"], "sealed");
    EXPECT_EQ(lines[1]["line"], 2);
    EXPECT_TRUE(vault_->place(lines[1]["id"].get<std::string>()));
    EXPECT_EQ(lines[2]["outcome"], "rejected");
    EXPECT_EQ(lines[2]["findings"][0]["field"], "recipient.mobile");
    EXPECT_EQ(lines[3]["summary"],
              (nlohmann::json{
                  {"sealed", 1}, {"repeated", 1}, {"changed", 0}, {"rejected", 1}, {"stopped", false}}));
    EXPECT_EQ(answer.body.find("1867777"), std::string::npos);
}

TEST_F(Waybills, ImportStopsAtABadLineWhenAsked) {
    std::string body = waybill_json("HQ0000000061") + "\n{}\n" + waybill_json("HQ0000000062") + "\n";
    auto answer = send(business, "POST", "/v1/waybills:import?on_error=stop", "integrator", body,
                       "application/x-ndjson");
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_NE(answer.body.find("\"stopped\":true"), std::string::npos) << answer.body;
    auto found = post("/v1/waybills:search", "operator", R"({"by":"number","value":"HQ0000000062"})");
    EXPECT_EQ(found.json()["waybills"].size(), 0U);
}

TEST_F(Waybills, ImportNeedsAFormatThatIsKnown) {
    auto import = [&](const std::string& query, const std::string& type) {
        return send(business, "POST", "/v1/waybills:import" + query, "integrator", "{}\n", type);
    };
    EXPECT_EQ(import("", "image/png").status, 415);
    EXPECT_EQ(import("?format=carrier-pigeon", "text/csv").rule(), "format.unknown");
    EXPECT_EQ(import("?on_error=explode", "text/csv").rule(), "on_error.unknown");
    EXPECT_EQ(import("?outlet=13912345678", "text/csv").rule(), "outlet.shape");
}

TEST_F(Waybills, ImportThatCannotBeReadSaysWhyWithoutTheValue) {
    auto answer =
        send(business, "POST", "/v1/waybills:import", "integrator", "18677775555,x\n1,2\n", "text/csv");
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_EQ(answer.code(), "bad_input");
    EXPECT_EQ(answer.body.find(kPlanted), std::string::npos) << answer.body;
}

TEST_F(Waybills, ResultsOfManyLinesComeBackWhole) {
    constexpr int kLines = 5000;
    std::string body;
    for (int i = 0; i < kLines; ++i) body += "{}\n";
    auto answer = send(business, "POST", "/v1/waybills:import", "integrator", body, "application/x-ndjson");
    ASSERT_EQ(answer.status, 200);
    EXPECT_GT(answer.body.size(), 256U * 1024);
    int line = 0;
    std::istringstream in(answer.body);
    for (std::string text; std::getline(in, text); ++line) {
        auto json = nlohmann::json::parse(text);
        if (line < kLines) {
            ASSERT_EQ(json["line"], line + 1);
        } else {
            EXPECT_EQ(json["summary"]["rejected"], kLines);
        }
    }
    EXPECT_EQ(line, kLines + 1);
}

TEST_F(Waybills, KeyRevokedDuringAnImportEndsIt) {
    http::ClientOptions options;
    options.address = server_->addresses()[business];
    auto client = http::Client::connect(options);
    ASSERT_TRUE(client);
    int part = 0;
    auto source = [&]() -> Result<std::string> {
        if (part++ == 0) return waybill_json("HQ0000000065") + "\n";
        if (part > 2) return "";
        while (activity_.of(metrics::KeyCheck::accepted) == 0) std::this_thread::yield();
        EXPECT_TRUE(office_->revoke_key("ak_integrator", clock_.now(), "test"));
        clock_.advance(kKeyCacheNanoseconds);
        return waybill_json("HQ0000000066") + "\n";
    };
    auto answer = client->upload(
        "/v1/waybills:import", source,
        {{"authorization", "Bearer secret-of-integrator"}, {"content-type", "application/x-ndjson"}});
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 403) << answer->body;
    EXPECT_NE(answer->body.find("{\"error\":{\"code\":\"refused\"}}\n{\"summary\":"), std::string::npos)
        << answer->body;
}

TEST_F(Waybills, ImportLeavesNoFileBehind) {
    auto body = waybill_json("HQ0000000071") + "\n";
    send(business, "POST", "/v1/waybills:import", "integrator", body, "application/x-ndjson");
    for (const auto& at : std::filesystem::directory_iterator(folder_)) {
        EXPECT_FALSE(at.path().filename().string().starts_with("spool")) << at.path();
    }
}

}  // namespace
}  // namespace huoqi::api

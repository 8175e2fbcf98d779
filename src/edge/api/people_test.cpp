// SPDX-License-Identifier: Apache-2.0
// Organisations, people and devices at the doors, their import, and leavers.
#include "edge/api/internal/sheet.h"
#include "edge/api/testing/staffed_node.h"
#include "lib/tabular/testing/workbook.h"

namespace huoqi::api {
namespace {

class People : public StaffedNode {
  protected:
    static std::vector<std::string> ids(const Answer& answer, const char* list, const char* id) {
        std::vector<std::string> out;
        EXPECT_EQ(answer.status, 200) << answer.body;
        const auto json = answer.json();
        for (const auto& one : json[list]) out.push_back(one.value(id, ""));
        return out;
    }
    using Ids = std::vector<std::string>;
};

TEST_F(People, AManagerSeesWhatIsBelowHimAndNothingElse) {
    auto boss = somebody("boss", "manager", "gz");
    add_person("ann", "gz-1");
    add_person("sue", "sz");
    EXPECT_EQ(ids(call(boss, "GET", "/v1/people"), "people", "id"), (Ids{"ann", "boss"}));
    EXPECT_EQ(ids(call(boss, "GET", "/v1/organisations"), "organisations", "code"), (Ids{"gz", "gz-1"}));
    EXPECT_EQ(ids(call(boss, "GET", "/v1/devices"), "devices", "id"), (Ids{"gun-main"}));
    EXPECT_EQ(last_entry()["action"], "people.read");
    EXPECT_EQ(last_entry()["counts"]["shown"], 1);
    auto sec = somebody("sec", "security_administrator", "hq");
    EXPECT_EQ(ids(call(sec, "GET", "/v1/people"), "people", "id"), (Ids{"ann", "boss", "sec", "sue"}));
    EXPECT_EQ(call(boss, "GET", "/v1/people").json()["people"][1]["roles"], nlohmann::json({"manager"}));
}

TEST_F(People, PagesEndWhereTheyShould) {
    auto sec = somebody("sec", "security_administrator", "hq");
    for (const auto* id : {"a", "b", "c", "d"}) add_person(id);
    Ids seen;
    std::string next;
    std::size_t pages = 0;
    do {
        const auto page = call(sec, "GET", "/v1/people?limit=2" + next);
        for (auto& id : ids(page, "people", "id")) seen.push_back(std::move(id));
        next = page.json().value("next", "");
        if (!next.empty()) next = "&cursor=" + next;
        ++pages;
    } while (!next.empty() && pages < 9);
    EXPECT_EQ(seen, (Ids{"a", "b", "c", "d", "sec"}));
    EXPECT_EQ(pages, 3U);
    for (const auto* query : {"limit=0", "limit=201", "limit=x", "cursor=", "cursor=cz", "cursor=c"})
        EXPECT_EQ(call(sec, "GET", std::string("/v1/people?") + query).status, 400) << query;
}

TEST_F(People, WhatIsPutIsThereAndSaysWhatIsWrong) {
    auto sec = somebody("sec", "security_administrator", "hq");
    EXPECT_EQ(call(sec, "PUT", "/v1/organisations/gz-2",
                   R"({"name":"二部","kind":"outlet","parent":"gz","areas":["440106"]})")
                  .status,
              201);
    const auto made =
        call(sec, "PUT", "/v1/people/1002", R"({"organisation":"gz-2","entered":"2026-11-01"})");
    EXPECT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.json()["entered"], "2026-10-31T16:00:00.000000000Z");
    EXPECT_EQ(call(sec, "PUT", "/v1/people/1002", R"({"organisation":"gz-1","post":"快递员"})").status, 200);
    EXPECT_EQ(call(sec, "PUT", "/v1/devices/gun-9", R"({"kind":"hand_held","outlet":"gz-2"})").status, 201);
    auto revoked =
        call(sec, "PUT", "/v1/devices/gun-9", R"({"kind":"hand_held","outlet":"gz-2","revoked":true})");
    EXPECT_TRUE(revoked.json().contains("revoked")) << revoked.body;
    // A personnel system that does not know of it does not bring it back.
    revoked = call(sec, "PUT", "/v1/devices/gun-9", R"({"kind":"hand_held","outlet":"gz-1"})");
    EXPECT_TRUE(revoked.json().contains("revoked")) << revoked.body;
    struct Wrong {
        const char *target, *body, *pointer, *rule;
    };
    for (const auto& [target, body, pointer, rule] :
         {Wrong{"/v1/people/1", R"({"organisation":"none"})", "/organisation", "organisation.unknown"},
          Wrong{"/v1/people/13900000000", R"({"organisation":"gz"})", "/id", "id.shape"},
          Wrong{"/v1/people/1", R"({"organisation":"gz","left":"2026-01-01"})", "/left",
                "json.unknown_member"},
          Wrong{"/v1/organisations/hq", R"({"name":"x","kind":"region","parent":"gz"})", "", "parent.circle"},
          Wrong{"/v1/organisations/x", R"({"name":"x","kind":"shop"})", "/kind", "kind.unknown"},
          Wrong{"/v1/devices/x", R"({"kind":"printer","outlet":"no"})", "/outlet", "outlet.unknown"}}) {
        const auto answer = call(sec, "PUT", target, body);
        EXPECT_EQ(answer.status, 400) << target << answer.body;
        EXPECT_EQ(answer.pointer(), pointer) << answer.body;
        EXPECT_EQ(answer.rule(), rule) << answer.body;
    }
    EXPECT_EQ(call(sec, "PUT", "/v1/people/sec", R"({"organisation":"sz"})").code(), "self");
    EXPECT_EQ(last_entry()["rule"], "self");
}

TEST_F(People, AProgramOfThePersonnelOfficeMayPutAndReadsNothing) {
    EXPECT_EQ(send(business, "PUT", "/v1/people/1002", "integrator", R"({"organisation":"gz"})").status, 415);
    const auto csv =
        "\xEF\xBB\xBFkind,id,organisation,name,type,parent,post,entered\r\n"
        "person,1002,gz-2,,,,快递员,2026-11-01\r\n"
        "organisation,gz-2,,\"二部, 天河\",outlet,gz,,\r\n"
        "device,gun-2,gz-2,,printer,,,\r\n";
    const auto taken = send(business, "POST", "/v1/people:import", "integrator", csv, "text/csv");
    EXPECT_EQ(taken.status, 200) << taken.body;
    EXPECT_EQ(taken.json(), (nlohmann::json{{"organisations", 1}, {"people", 1}, {"devices", 1}}));
    EXPECT_NE(staff_->directory().now()->person("main", "1002"), nullptr);
    EXPECT_EQ(get("/v1/people", "integrator").status, 403);
}

TEST_F(People, OfAFileWithOneBadLineNothingIsTaken) {
    const auto bad = send(business, "POST", "/v1/people:import", "integrator",
                          "{\"kind\":\"person\",\"id\":\"1\",\"organisation\":\"gz\"}\n"
                          "{\"kind\":\"person\",\"id\":\"2\",\"organisation\":\"none\"}\n"
                          "\n"
                          "{\"kind\":\"ghost\",\"id\":\"3\"}\n"
                          "{\"kind\":\"person\",\"id\":\"1\",\"organisation\":\"gz\"}\n"
                          "{\"kind\":\"person\",\"phone\":\"13900000000\"}\n",
                          "application/x-ndjson");
    EXPECT_EQ(bad.status, 422);
    EXPECT_EQ(bad.json()["findings"], nlohmann::json::parse(R"([{"line":2,"rule":"organisation.unknown"},
        {"line":4,"rule":"kind.unknown"},{"line":5,"rule":"id.repeated"},{"line":6,"rule":"json.unknown_member"}])"))
        << bad.body;
    EXPECT_EQ(staff_->directory().now()->person("main", "1"), nullptr);
    EXPECT_EQ(bad.body.find("139"), std::string::npos);
    for (const auto* csv : {"", "kind,name2\n", "kind,kind\n", "kind,id\nperson\n"}) {
        EXPECT_EQ(send(business, "POST", "/v1/people:import", "integrator", csv, "text/csv").status, 422)
            << csv;
    }
}

TEST_F(People, AWorkbookSaysTheSameAsACsvFile) {
    const auto put = [&](const std::string& book) {
        return send(business, "POST", "/v1/people:import", "integrator", book, std::string(kWorkbookType));
    };
    const auto taken =
        put(tabular::workbook_of({{"kind", "id", "organisation", "name", "type", "parent", "entered"},
                                  {"person", "1002", "gz-2", "", "", "", "2026-11-01"},
                                  {"person", "1003", "gz-2", "", "", "", "2026-11-01T09:30:00"},
                                  {},
                                  {"organisation", "gz-2", "", "二部", "outlet", "gz"},
                                  {"device", "gun-2", "gz-2", "", "printer"}}));
    EXPECT_EQ(taken.status, 200) << taken.body;
    EXPECT_EQ(taken.json(), (nlohmann::json{{"organisations", 1}, {"people", 2}, {"devices", 1}}));
    const auto there = staff_->directory().now();
    ASSERT_NE(there->person("main", "1003"), nullptr);
    EXPECT_EQ(rfc3339(there->person("main", "1002")->entered), "2026-10-31T16:00:00.000000000Z");
    EXPECT_EQ(rfc3339(there->person("main", "1003")->entered), "2026-11-01T01:30:00.000000000Z");
    struct Wrong {
        std::string book;
        const char* findings;
    };
    for (const auto& [book, findings] :
         {Wrong{tabular::workbook_of(
                    {{}, {"kind", "id", "organisation"}, {"person", "7", "gz"}, {}, {"person", "8"}}),
                R"([{"line":5,"rule":"organisation.shape"}])"},
          Wrong{tabular::workbook_of({{"kind", "id"}, {"person", "7", "gz"}}),
                R"([{"line":2,"rule":"columns.count"}])"},
          Wrong{tabular::workbook_of({{"kind", "", "id"}}), R"([{"line":1,"rule":"column.unknown"}])"},
          Wrong{tabular::workbook_of({{"kind", "phone"}, {"person", "13900000000"}}),
                R"([{"line":1,"rule":"column.unknown"}])"},
          Wrong{tabular::workbook_of({}), R"([{"line":0,"rule":"file.empty"}])"},
          Wrong{"kind,id", R"([{"line":0,"rule":"xlsx.archive"}])"}}) {
        const auto answer = put(book);
        EXPECT_EQ(answer.status, 422);
        EXPECT_EQ(answer.json()["findings"], nlohmann::json::parse(findings)) << answer.body;
        EXPECT_EQ(answer.body.find("139"), std::string::npos);
    }
    EXPECT_EQ(staff_->directory().now()->person("main", "7"), nullptr);
}

TEST_F(People, ALeaverLosesEverythingAtOnceAndTheAuditIsSignedByAnother) {
    auto ann = somebody("ann", "courier");
    auto sec = somebody("sec", "security_administrator", "hq");
    auto aud = somebody("aud", "security_auditor", "hq");
    EXPECT_EQ(call(ann, "POST", "/v1/access:explain", R"({"action":"read"})").status, 200);
    EXPECT_EQ(call(sec, "POST", "/v1/people/sec:leave", "{}").code(), "self");
    const auto left = call(sec, "POST", "/v1/people/ann:leave", "{}");
    ASSERT_EQ(left.status, 200) << left.body;
    EXPECT_EQ(call(ann, "POST", "/v1/access:explain", R"({"action":"read"})").status, 401);
    EXPECT_EQ(call(sec, "POST", "/v1/people/ann:leave", "{}").code(), "person.left");
    // What a personnel system sends afterwards brings nobody back.
    EXPECT_EQ(call(sec, "PUT", "/v1/people/ann", R"({"organisation":"gz"})").status, 200);
    EXPECT_TRUE(staff_->directory().now()->person("main", "ann")->left);

    EXPECT_EQ(call(sec, "GET", "/v1/leavers/ann/audit").code(), "role.action");
    const auto audit = call(aud, "GET", "/v1/leavers/ann/audit");
    ASSERT_EQ(audit.status, 200) << audit.body;
    EXPECT_EQ(audit.json()["person"], "ann");
    EXPECT_EQ(audit.json()["shown"], 0);
    EXPECT_EQ(call(aud, "GET", "/v1/leavers/sec/audit").status, 404);
    EXPECT_EQ(call(sec, "POST", "/v1/leavers/ann:sign", R"({"finding":"无异常"})").status, 403);
    EXPECT_EQ(call(aud, "POST", "/v1/leavers/ann:sign", R"({"finding":"无异常"})").status, 200);
    EXPECT_EQ(call(aud, "POST", "/v1/leavers/ann:sign", R"({"finding":"无异常"})").code(), "decided");
    EXPECT_EQ(call(aud, "GET", "/v1/leavers").json()["leavers"][0]["finding"], "无异常");
    EXPECT_FALSE(call(sec, "GET", "/v1/leavers").json()["leavers"][0].contains("finding"));
}

// What somebody may not see is not counted, and not told by errors either.
TEST_F(People, MaskedMeansMaskedForEveryRole) {
    const std::string phone = "18677775555";
    const auto mine = seal("HQ0000000017", phone);
    auto sorter = somebody("sort", "sorter");
    auto courier = somebody("cour", "courier");
    auto boss = somebody("boss", "manager", "gz");
    const auto query = R"({"by":"phone","value":")" + phone + R"("})";
    EXPECT_EQ(call(sorter, "POST", "/v1/waybills:search", query).code(), "role.action");
    EXPECT_EQ(call(courier, "POST", "/v1/waybills:search", query).code(), "role.action");
    // Sealed for no outlet: below nobody.
    const auto found = call(boss, "POST", "/v1/waybills:search", query);
    EXPECT_EQ(found.body, R"({"waybills":[],"more":false})");
    const auto none = call(boss, "POST", "/v1/waybills:search", R"({"by":"phone","value":"18600000000"})");
    EXPECT_EQ(none.body, found.body);
    const auto absent = vault_->token({VolumeId{1}, RecordId{4'000'000}});
    for (const auto* who : {&courier, &boss}) {
        const auto hidden = call(*who, "GET", "/v1/waybills/" + mine);
        EXPECT_EQ(hidden.status, 404);
        EXPECT_EQ(hidden.body, call(*who, "GET", "/v1/waybills/" + absent).body);
    }
    EXPECT_EQ(call(sorter, "GET", "/v1/waybills/" + mine).status, 403);
    ASSERT_EQ(post("/v1/waybills?outlet=gz-1", "integrator", waybill_json("HQ0000000018", phone)).status,
              201);
    const auto below = call(boss, "POST", "/v1/waybills:search", query);
    ASSERT_EQ(below.json()["waybills"].size(), 1U) << below.body;
    for (const auto* text : {phone.c_str(), "张样例", "502", "HQ0000000018", "样例图书"})
        EXPECT_EQ(below.body.find(text), std::string::npos) << text;
}

}  // namespace
}  // namespace huoqi::api

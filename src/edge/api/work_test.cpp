// SPDX-License-Identifier: Apache-2.0
// People who are logged in see of waybills what their work needs, and no more: by assignment, by outlet and
// by ticket; what they may not see is not found.
#include "core/powers/powers.h"
#include "edge/api/internal/sheet.h"
#include "edge/api/testing/staffed_node.h"
#include "lib/tabular/testing/workbook.h"

namespace huoqi::api {
namespace {

class Work : public StaffedNode {
  protected:
    void SetUp() override {
        StaffedNode::SetUp();
        for (const auto& [person, role] :
             {std::pair{"c-017", "courier"}, {"clerk", "counter_clerk"}, {"agent", "customer_service"}}) {
            add_person(person);
            add_grant(person, role);
        }
    }

    std::string seal_at(const std::string& number, const std::string& outlet) {
        auto answer = post("/v1/waybills?outlet=" + outlet, "integrator", waybill_json(number));
        EXPECT_EQ(answer.status, 201) << answer.body;
        return answer.json().value("id", "");
    }
    Answer give(const std::string& lines, std::string_view type = "application/x-ndjson") {
        return send(business, "POST", "/v1/assignments:import", "integrator", lines, std::string(type));
    }
    static std::string reveal_of(const std::string& id, const std::string& purpose,
                                 const std::string& ticket = "") {
        return R"({"ids":[")" + id + R"("],"fields":["recipient.name"],"purpose":")" + purpose +
               (ticket.empty() ? "\"}" : "\",\"ticket\":\"" + ticket + "\"}");
    }
};

TEST_F(Work, ACourierSeesAndOpensWhatIsAssignedToHimAndNothingElse) {
    auto mine = seal_at("HQ0000000101", "gz-1");
    auto other = seal_at("HQ0000000102", "gz-1");
    auto given = give(R"({"person":"c-017","kind":"deliver","number":"HQ0000000101"})");
    ASSERT_EQ(given.status, 200) << given.body;
    auto courier = log_in("c-017");
    auto read = call(courier, "GET", "/v1/waybills/" + mine);
    ASSERT_EQ(read.status, 200) << read.body;
    EXPECT_FALSE(read.json()["recipient"].contains("id_number"));
    EXPECT_EQ(read.body.find("13912345678"), std::string::npos);
    auto hidden = call(courier, "GET", "/v1/waybills/" + other);
    EXPECT_EQ(hidden.status, 404);
    EXPECT_EQ(hidden.body, call(courier, "GET", "/v1/waybills/wb_aaaaaaaaaaaaaaaaaaaaaaaaaa").body);
    EXPECT_EQ(last_entry()["outcome"], "not_found");

    auto opened = call(courier, "POST", "/v1/waybills:reveal", reveal_of(mine, "deliver"));
    ASSERT_EQ(opened.status, 200) << opened.body;
    EXPECT_EQ(opened.json()["waybills"][0]["fields"]["recipient.name"], "张样例");
    EXPECT_EQ(last_entry()["actor"]["person"], "c-017");
    EXPECT_EQ(last_entry()["actor"]["role"], "courier");
    auto refused = call(courier, "POST", "/v1/waybills:reveal", reveal_of(other, "deliver"));
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.code(), "scope.assigned");
    EXPECT_EQ(last_entry()["objects"], nlohmann::json::array({other}));
    // Delivering is no reason to see the sender, and searching is nobody's on the road.
    EXPECT_EQ(call(courier, "POST", "/v1/waybills:reveal", reveal_of(mine, "collect")).status, 403);
    EXPECT_EQ(
        call(courier, "POST", "/v1/waybills:search", R"({"by":"number","value":"HQ0000000101"})").code(),
        "role.action");
    give(R"({"person":"c-017","kind":"deliver","number":"HQ0000000101","action":"take"})");
    EXPECT_EQ(call(courier, "POST", "/v1/waybills:reveal", reveal_of(mine, "deliver")).status, 403);
    EXPECT_EQ(call(courier, "GET", "/v1/waybills/" + mine).status, 404);
    // Given for ten minutes.
    constexpr std::int64_t kTenMinutes = 600'000'000'000;
    const auto until = rfc3339({clock_.now().nanoseconds + kTenMinutes});
    give(R"({"person":"c-017","kind":"deliver","number":"HQ0000000101","until":")" + until + "\"}");
    EXPECT_EQ(call(courier, "GET", "/v1/waybills/" + mine).status, 200);
    clock_.advance(kTenMinutes);
    EXPECT_EQ(call(courier, "GET", "/v1/waybills/" + mine).status, 404);
}

TEST_F(Work, ACourierWithoutTheRegisteredDeviceSeesNothing) {
    auto mine = seal_at("HQ0000000101", "gz-1");
    give(R"({"person":"c-017","kind":"deliver","number":"HQ0000000101"})");
    auto courier = log_in("c-017", "main", "");
    EXPECT_EQ(call(courier, "GET", "/v1/waybills/" + mine).status, 404);
    EXPECT_EQ(last_entry()["rule"], "device.registered");
}

TEST_F(Work, AClerkFindsTheOwnOutletsParcelsWithinTheWindow) {
    auto here = seal_at("HQ0000000111", "gz-1");
    seal_at("HQ0000000112", "sz");
    auto clerk = log_in("clerk");
    const std::string both = R"({"by":"phone","value":"13912345678"})";
    auto found = call(clerk, "POST", "/v1/waybills:search", both);
    ASSERT_EQ(found.status, 200) << found.body;
    ASSERT_EQ(found.json()["waybills"].size(), 1U) << found.body;
    EXPECT_EQ(found.json()["waybills"][0]["id"], here);
    EXPECT_EQ(found.json()["more"], false);
    EXPECT_EQ(last_entry()["counts"]["found"], 1);
    EXPECT_EQ(call(clerk, "POST", "/v1/waybills?outlet=sz", waybill_json("HQ0000000113")).status, 403);
    EXPECT_EQ(call(clerk, "POST", "/v1/waybills?outlet=gz-1", waybill_json("HQ0000000114")).status, 201);
    auto opened = call(clerk, "POST", "/v1/waybills:reveal", reveal_of(here, "hand_over"));
    EXPECT_EQ(opened.status, 200) << opened.body;
}

TEST_F(Work, CustomerServiceSeesWhatATicketNamesUntilItIsClosed) {
    auto id = seal_at("HQ0000000121", "sz");
    auto other = seal_at("HQ0000000122", "sz");
    auto ticket = post("/v1/tickets", "integrator",
                       R"({"number":"CS-1001","purpose":"customer_service","organisation":"gz-1",)"
                       R"("waybills":["HQ0000000121"]})");
    ASSERT_EQ(ticket.status, 200) << ticket.body;
    EXPECT_EQ(ticket.json()["waybills"][0], id);
    auto agent = log_in("agent");
    auto body = [](const std::string& waybill, const std::string& number) {
        return R"({"ids":[")" + waybill +
               R"("],"fields":["recipient.phone"],"purpose":"customer_service","ticket":")" + number + "\"}";
    };
    EXPECT_EQ(call(agent, "POST", "/v1/waybills:reveal", body(id, "CS-1001")).status, 200);
    EXPECT_EQ(call(agent, "POST", "/v1/waybills:reveal", body(other, "CS-1001")).code(), "evidence.ticket");
    EXPECT_EQ(call(agent, "POST", "/v1/waybills:reveal", body(id, "CS-9999")).code(), "evidence.ticket");
    const std::string read = "/v1/waybills/" + id + "?ticket=CS-1001&purpose=customer_service";
    EXPECT_EQ(call(agent, "GET", read).status, 200);
    EXPECT_EQ(call(agent, "GET", "/v1/waybills/" + id).status, 404);
    EXPECT_EQ(send(business, "DELETE", "/v1/tickets/CS-1001", "integrator").status, 204);
    EXPECT_EQ(call(agent, "POST", "/v1/waybills:reveal", body(id, "CS-1001")).code(), "evidence.ticket");
    EXPECT_EQ(call(agent, "GET", read).status, 404);
    EXPECT_EQ(send(business, "DELETE", "/v1/tickets/CS-1001", "integrator").status, 404);
}

TEST_F(Work, AQuotaIsCumulativeAndReachingItIsARefusal) {
    auto id = seal_at("HQ0000000131", "gz-1");
    post(
        "/v1/tickets", "integrator",
        R"({"number":"CS-1002","purpose":"address_change","organisation":"gz-1","waybills":["HQ0000000131"]})");
    auto agent = log_in("agent");
    const std::string body =
        R"({"ids":[")" + id +
        R"("],"fields":["recipient.address"],"purpose":"address_change","ticket":"CS-1002"})";
    const auto most = policy_->now()->purpose("address_change")->per_day;
    for (std::int64_t i = 0; i < most; ++i)
        ASSERT_EQ(call(agent, "POST", "/v1/waybills:reveal", body).status, 200) << i;
    auto refused = call(agent, "POST", "/v1/waybills:reveal", body);
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.code(), "quota.day");
    EXPECT_EQ(last_entry()["rule"], "quota.day");
    // A restart does not forget it: it is counted again from the ledger.
    staff::Staff again({*people_rows_, *work_rows_, *accounts_, *office_, *ledger_, *policy_, clock_,
                        [] { return Status(); }},
                       {"main"});
    ASSERT_TRUE(again.load());
    EXPECT_EQ(again.quota().used("main", "agent", "address_change", clock_.now()).today, most);
}

TEST_F(Work, BadLinesOfAListLeaveAllOfItOut) {
    seal_at("HQ0000000141", "gz-1");
    auto answer = give(R"({"person":"c-017","kind":"deliver","number":"HQ0000000141"})"
                       "\n"
                       R"({"person":"nobody","kind":"deliver","number":"HQ0000000141"})"
                       "\n"
                       R"({"person":"c-017","kind":"fly","number":"HQ0000000141"})"
                       "\n"
                       R"({"person":"c-017","kind":"deliver","number":"HQ0000099999"})"
                       "\n");
    EXPECT_EQ(answer.status, 422);
    EXPECT_EQ(
        answer.json()["rejected"],
        nlohmann::json::parse(R"([{"line":2,"rule":"person.inactive"},{"line":3,"rule":"assignment.kind"},
                                        {"line":4,"rule":"waybill.unknown"}])"));
    EXPECT_EQ(staff_->directory().assignments(), 0U);
    EXPECT_EQ(answer.body.find("HQ0000"), std::string::npos);
}

TEST_F(Work, AListMayComeAsASheet) {
    auto first = seal_at("HQ0000000161", "gz-1");
    auto second = seal_at("HQ0000000162", "gz-1");
    auto courier = log_in("c-017");
    // The clock's day in China; in force from its morning to the next one.
    constexpr std::size_t kDayLetters = 10;
    const auto day = [&](std::int64_t days) {
        const Time time{clock_.now().nanoseconds + days * kDay + kDay / 3};  // UTC+8
        return rfc3339(time).substr(0, kDayLetters);
    };
    auto given = give(tabular::workbook_of({{"person", "kind", "number", "id", "from", "until"},
                                            {},
                                            {"c-017", "deliver", "HQ0000000161", "", day(0), day(1)},
                                            {"c-017", "deliver", "", second, "", day(1) + "T00:00:00"}}),
                      kWorkbookType);
    ASSERT_EQ(given.status, 200) << given.body;
    EXPECT_EQ(given.body, R"({"given":2,"taken":0})");
    for (const auto& id : {first, second}) EXPECT_EQ(call(courier, "GET", "/v1/waybills/" + id).status, 200);
    given = give("\xEF\xBB\xBFperson,kind,number,action\r\nc-017,deliver,HQ0000000161,take\r\n", kCsvType);
    EXPECT_EQ(given.body, R"({"given":0,"taken":1})");
    EXPECT_EQ(call(courier, "GET", "/v1/waybills/" + first).status, 404);
}

TEST_F(Work, ASheetWithABadRowIsLeftOutAsAWhole) {
    seal_at("HQ0000000171", "gz-1");
    const auto rejected = [&](const std::string& body, std::string_view type) {
        const auto answer = give(body, type);
        EXPECT_EQ(answer.status, 422) << answer.body;
        EXPECT_EQ(answer.body.find("HQ0000"), std::string::npos);
        return answer.json()["rejected"];
    };
    EXPECT_EQ(rejected(tabular::workbook_of({{"person", "kind", "number", "until"},
                                             {"c-017", "deliver", "HQ0000000171"},
                                             {"c-017", "deliver", "HQ0000000171", "18:00:00"},
                                             {},
                                             {"c-017", "deliver", "HQ0000000171", "", "x"},
                                             {"c-017", "", "HQ0000000171"},
                                             {"c-017", "deliver", "HQ0000099999"}}),
                       kWorkbookType),
              nlohmann::json::parse(R"([{"line":3,"rule":"time.shape"},{"line":5,"rule":"columns.count"},
                                        {"line":6,"rule":"json.missing"},{"line":7,"rule":"waybill.unknown"}])"));
    EXPECT_EQ(
        rejected("person,kind,number\nc-017,fly,HQ0000000171\n\"c-017,\n", kCsvType),
        nlohmann::json::parse(R"([{"line":2,"rule":"assignment.kind"},{"line":3,"rule":"csv.quote"}])"));
    EXPECT_EQ(rejected("", kCsvType), nlohmann::json::parse(R"([{"line":0,"rule":"file.empty"}])"));
    EXPECT_EQ(rejected("PK", kWorkbookType), nlohmann::json::parse(R"([{"line":0,"rule":"xlsx.archive"}])"));
    EXPECT_EQ(give("{}", "application/json").status, 415);
    EXPECT_EQ(give("x", "application/vnd.ms-excel").status, 415);
    EXPECT_EQ(staff_->directory().assignments(), 0U);
}

TEST_F(Work, WhoLeavesHasNothingLeftAtOnce) {
    auto id = seal_at("HQ0000000151", "gz-1");
    give(R"({"person":"c-017","kind":"deliver","number":"HQ0000000151"})");
    auto courier = log_in("c-017");
    ASSERT_EQ(call(courier, "GET", "/v1/waybills/" + id).status, 200);
    ASSERT_TRUE(staff_->act("main", "sec", [&](const powers::Standing& standing) {
        return powers::leave(standing, "c-017", clock_.now());
    }));
    clock_.advance(kKeyCacheNanoseconds);
    EXPECT_EQ(call(courier, "GET", "/v1/waybills/" + id).status, 401);
    EXPECT_FALSE(accounts_->enter({"main.c-017", kPassword, "", "gun-main", "127.0.0.1"}, clock_.now()));
}

}  // namespace
}  // namespace huoqi::api

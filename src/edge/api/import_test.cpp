// SPDX-License-Identifier: Apache-2.0
// Imports that break off, repeat and change what was sealed.
#include "edge/api/testing/test_node.h"
#include "lib/tabular/testing/gzip.h"

namespace huoqi::api {
namespace {

class Imports : public TestNode {
  protected:
    Answer import(const std::string& body, const std::string& query = "") {
        return send(business, "POST", "/v1/waybills:import" + query, "integrator", body,
                    "application/x-ndjson");
    }
    std::size_t found(const std::string& query) {
        return post("/v1/waybills:search", "operator", query).json()["waybills"].size();
    }
};

// What was sealed before a body turned out to be damaged is told line by line, and counted in the ledger.
TEST_F(Imports, DamagedGzipIsTheSendersFaultAndTellsWhatWasSealed) {
    std::string plain;
    for (int i = 0; i < 9000; ++i) plain += waybill_json("HQ000" + std::to_string(1'000'000 + i)) + "\n";
    std::string packed = tabular::gzip(plain);
    auto answer = import(packed.substr(0, packed.size() - packed.size() / 8));
    EXPECT_EQ(answer.status, 400) << answer.body.substr(0, 300);
    std::istringstream in(answer.body);
    std::uint64_t told = 0;
    nlohmann::json last;
    for (std::string text; std::getline(in, text);) {
        last = nlohmann::json::parse(text);
        if (last.contains("outcome")) {
            EXPECT_EQ(last["outcome"], "sealed");
            ++told;
        } else if (last.contains("error")) {
            EXPECT_EQ(last["error"]["code"], "bad_input");
        }
    }
    EXPECT_GT(told, 0U);
    EXPECT_EQ(last["summary"]["sealed"], told);
    EXPECT_EQ(last_entry()["outcome"], "failed");
    EXPECT_EQ(last_entry()["counts"]["sealed"], told);
    EXPECT_EQ(found(R"({"by":"number","value":"HQ0001000000"})"), 1U);
}

TEST_F(Imports, AnotherOutletIsAChangeAndNoOutletIsNone) {
    auto with = [&](const std::string& query) { return import(waybill_json("HQ0000000081"), query).body; };
    EXPECT_NE(with("?outlet=hz-01").find("\"sealed\",\"id\""), std::string::npos);
    EXPECT_NE(with("?outlet=hz-01").find("\"repeated\""), std::string::npos);
    EXPECT_NE(with("").find("\"repeated\""), std::string::npos);
    EXPECT_NE(with("?outlet=hz-02").find("\"changed\""), std::string::npos);
    auto at = [&](const std::string& outlet) {
        return found(R"({"by":"phone_last4","value":"5678","outlet":")" + outlet + R"("})");
    };
    EXPECT_EQ(at("hz-02"), 1U);
    EXPECT_EQ(at("hz-01"), 0U);
}

// Many changed waybills share writes and entries.
TEST_F(Imports, ChangedWaybillsAreWrittenTogether) {
    auto body = [&](const std::string& mobile) {
        std::string out;
        for (int i = 0; i < 1200; ++i)
            out += waybill_json("HQ000" + std::to_string(2'000'000 + i), mobile) + "\n";
        return out;
    };
    EXPECT_NE(import(body("13912345678")).body.find("\"sealed\":1200"), std::string::npos);
    auto before = entries();
    EXPECT_NE(import(body("13912345679")).body.find("\"changed\":1200"), std::string::npos);
    EXPECT_LE(entries() - before, 8U);
    EXPECT_NE(import(body("13912345679")).body.find("\"repeated\":1200"), std::string::npos);
    auto one = post("/v1/waybills:search", "operator", R"({"by":"number","value":"HQ0002000777"})");
    EXPECT_EQ(one.json()["waybills"][0]["version"], 1);
}

TEST_F(Imports, NamesAndLastDigitsAreFoundAsPeopleTypeThem) {
    std::string body = waybill_json("HQ0000000085");
    body.replace(body.find("张样例"), std::string("张样例").size(), "阿卜杜拉．买买提");
    auto sealed = post("/v1/waybills?outlet=hz-01", "integrator", body);
    ASSERT_EQ(sealed.status, 201) << sealed.body;
    for (const auto* query :
         {R"({"by":"name","value":"阿卜杜拉·买买提"})", R"({"by":"name","value":"阿卜杜拉.买买提"})",
          R"({"by":"phone_last4","value":"５６７８","outlet":"hz-01"})"}) {
        EXPECT_EQ(found(query), 1U) << query;
    }
}

}  // namespace
}  // namespace huoqi::api

// SPDX-License-Identifier: Apache-2.0
// Nothing in clear: values that occur nowhere by chance go through every door, the right way and the wrong
// way, a server is killed in the middle of its work, and then every byte that was left anywhere is searched
// for them in every encoding.
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <thread>

#include "lib/sql/testing/postgres_server.h"
#include "orders.h"
#include "planted.h"
#include "program.h"

namespace huoqi::promises {
namespace {

struct Kind {
    const char* suite;
    bool postgresql;
};

class Plaintext : public testing::TestWithParam<Kind> {
  protected:
    void SetUp() override {
        if (GetParam().postgresql) {
            server_ = std::make_unique<sql::PostgresServer>();
            place_.database = server_->url();
        }
        ASSERT_GE(planted_.values.size(), 200U);
        ASSERT_EQ(place_.init(GetParam().suite).code, 0);
    }

    Finished import(const std::string& name, const std::string& content) {
        auto file = place_.order_file(name, content);
        Words words{"import", file.string(), "--json", "--report",
                    (place_.root() / ("logs/report-" + name)).string()};
        return place_.run(words);
    }

    void import_all() {
        struct File {
            const char* name;
            const std::string& content;
            int sealed, rejected;
        };
        for (const auto& file :
             {File{"taobao.csv", planted_.taobao, 10, 0}, File{"kdniao.jsonl", planted_.kdniao, 8, 0},
              File{"kuaidi100.jsonl", planted_.kuaidi100, 8, 0}, File{"bad.csv", planted_.bad_taobao, 0, 4},
              File{"bad-kdniao.jsonl", planted_.bad_kdniao, 0, 3},
              File{"bad-kuaidi100.jsonl", planted_.bad_kuaidi100, 0, 4}}) {
            auto done = import(file.name, file.content);
            EXPECT_EQ(done.json().value("sealed", -1), file.sealed) << file.name << done.out << done.err;
            EXPECT_EQ(done.json().value("rejected", -1), file.rejected) << file.name << done.out << done.err;
        }
        // Without --json the rejected lines are told on standard error; a report cannot be written where
        // there is no folder.
        place_.run({"import", (place_.root() / "orders/bad-kuaidi100.jsonl").string()});
        place_.run({"import", (place_.root() / "orders/bad.csv").string(), "--on-error", "stop"});
        place_.run({"import", (place_.root() / "orders/taobao.csv").string(), "--format", "kdniao"});
    }

    // Finds one waybill by each of its values; what is shown is masked.
    std::string find_all() {
        std::string token;
        for (const auto& [option, value] : std::initializer_list<std::pair<const char*, std::string>>{
                 {"--number", planted_.number},
                 {"--phone", planted_.phone},
                 {"--person-name", planted_.name},
                 {"--id-number", planted_.id_number}}) {
            auto found = place_.run({"waybill", "find", option, "-", "--json"}, value + "\n");
            EXPECT_EQ(found.code, 0) << found.err;
            token = found.json().is_object() ? found.json().value("id", "") : "";
            EXPECT_FALSE(token.empty()) << option;
            place_.run({"waybill", "find", option, "-"}, value + "\n");
            for (std::size_t i = 0; i < 4; ++i)
                place_.run({"waybill", "find", option, "-"}, planted_.misplaced[i] + "\n");
        }
        return token;
    }

    void reveal_by_command(const std::string& token) {
        auto shown = place_.run({"waybill", "reveal", token, "--field", "recipient.phone", "--purpose",
                                 "customer_service", "--ticket", "CS-1", "--person", "wang.yl", "--json"},
                                {}, true);
        EXPECT_EQ(shown.code, 0) << shown.err;
        EXPECT_NE(shown.out.find(planted_.phone), shown.out.npos)
            << "the test must see the value where it belongs";
        EXPECT_EQ(shown.err.find(planted_.phone), shown.err.npos);
    }

    // Values on the command line where none belong. What the shell keeps of them is not ours; what we write
    // is.
    void wrong_commands(const std::string& token) {
        const auto& wrong = planted_.misplaced;
        EXPECT_NE(place_.run({"waybill", "find", "--phone", wrong[0]}).code, 0);
        EXPECT_NE(place_.run({"waybill", "find", "--number", wrong[1], "--json"}).code, 0);
        auto reveal = [&](const std::string& field, const std::string& purpose, const std::string& ticket) {
            auto refused = place_.run({"waybill", "reveal", token, "--field", field, "--purpose", purpose,
                                       "--ticket", ticket, "--person", "x"});
            EXPECT_NE(refused.code, 0);
        };
        reveal(wrong[1], "deliver", "T-1");
        reveal("recipient.phone", wrong[1], "T-1");
        reveal("recipient.phone", "customer_service", wrong[0]);
        reveal("recipient.phone", "customer_service", wrong[2]);
    }

    void use_server(const std::string& token, const std::string& integrator, const std::string& staff,
                    const std::string& auditor) {
        Server server(place_);
        ASSERT_TRUE(server.serves());
        auto at = server.business();
        Door door(at, staff);
        auto revealed = door.post("/v1/waybills:reveal", Json{{"ids", {token}},
                                                              {"fields", {"recipient.phone"}},
                                                              {"purpose", "customer_service"},
                                                              {"ticket", "CS-2"},
                                                              {"reason", planted_.reason}}
                                                             .dump());
        EXPECT_EQ(revealed.status, 200) << revealed.body;
        EXPECT_NE(revealed.body.find(planted_.phone), revealed.body.npos);
        Door audit(at, auditor);
        auto entries = audit.get("/v1/ledger/entries?action=reveal");
        // The auditor reads the reason without its digits.
        EXPECT_NE(entries.body.find("来电人自述"), entries.body.npos);
        EXPECT_EQ(entries.body.find(planted_.reason), entries.body.npos);
        for (const auto* by : {"number", "phone", "name", "id_number"}) {
            auto value = by[0] == 'n'   ? (by[1] == 'u' ? planted_.number : planted_.name)
                         : by[0] == 'p' ? planted_.phone
                                        : planted_.id_number;
            auto found = door.post("/v1/waybills:search", Json{{"by", by}, {"value", value}}.dump());
            EXPECT_EQ(found.status, 200);
            expect_clean("answer of a search", found.body);
        }
        for (const auto& key : {integrator, staff, auditor})
            wrong_requests(at, key);  // what one may not, another may
        auto through = place_.run({"waybill", "find", "--phone", "-", "--json"},
                                  planted_.phone + "\n");  // by way of the server
        EXPECT_EQ(through.json().value("id", ""), token);
        kill_in_the_middle(server, at, integrator);
    }

    void wrong_requests(const http::ClientOptions& at, const std::string& key) {
        const auto& wrong = planted_.misplaced;
        std::vector<Door::Answer> answers;
        auto post = [&](const std::string& target, const std::string& body,
                        std::string_view type = "application/json") {
            Door door(at, key);
            answers.push_back(door.post(target, body, type));
        };
        for (const auto& value : wrong) {
            // A word of letters alone has the shape of a ticket and would rightly be recorded as one.
            std::string ticket = value[0] == 'Z' ? "T 1 " + value : value;
            for (const auto* target : {"/v1/waybills", "/v1/waybills:search", "/v1/waybills:reveal"}) {
                post(target, "{\"" + value + "\":1}");
                post(target, "{\"by\":\"" + value + "\",\"value\":\"" + value + "\",\"number\":\"" + value +
                                 "\",\"recipient\":{\"" + value + "\":2}}");
                post(target, "{\"number\":\"" + value + "\",\"recipient\":{\"name\":\"" + value +
                                 "\",\"mobile\":\"" + value + "\"}");
                post(target, "[\"" + value + "\"]");
                post(target, value);
                post(target, "{}", value.size() < 20 && value[0] == 'Z' ? "text/" + value : "text/plain");
            }
            post("/v1/waybills",
                 Json{{"number", value},
                      {"recipient",
                       {{"name", value}, {"mobile", value}, {"id_type", value}, {"id_number", value}}}}
                     .dump());
            post("/v1/waybills:search", Json{{"by", "phone"}, {"value", "x" + value}}.dump());
            post("/v1/waybills:search",
                 Json{{"by", "phone_last4"}, {"value", value}, {"outlet", value}}.dump());
            post("/v1/waybills:reveal",
                 Json{{"ids", {value}}, {"fields", {value}}, {"purpose", value}, {"ticket", ticket}}.dump());
            post("/v1/waybills:reveal", Json{{"ids", {"wb_aaaaaaaaaaaaaaaaaaaaaaaaaa"}},
                                             {"fields", {"number"}},
                                             {"purpose", value},
                                             {"ticket", ticket}}
                                            .dump());
            post("/v1/waybills:import", value + "\n{\"number\":\"" + value + "\"}\n", "application/x-ndjson");
            post("/v1/waybills:import", value + "," + value + "\n" + value + "," + value + "\n", "text/csv");
        }
        for (const auto& value : {wrong[0], wrong[1], wrong[2]}) {  // ASCII: may stand in a target
            for (const auto& target :
                 {"/v1/waybills/" + value, "/" + value, "/v1/waybills:import?format=" + value,
                  "/v1/waybills:import?outlet=" + value, "/v1/ledger/entries?waybill=" + value,
                  "/v1/ledger/entries?cursor=" + value, "/tile/" + value,
                  "/v1/ledger/entries/" + value + "/proof"}) {
                Door door(at, key);
                answers.push_back(door.get(target));
                post(target, "{}");
            }
            Door stranger(at, value);
            answers.push_back(stranger.get("/v1/waybills/" + value));
        }
        std::size_t refused = 0;
        for (const auto& answer : answers) {
            if (answer.status >= 400 || answer.status == 200) ++refused;
            expect_clean("answer of a wrong request", answer.body);
        }
        EXPECT_EQ(refused, answers.size());
    }

    // Kills the server while it takes in a large file that holds the planted orders too.
    void kill_in_the_middle(Server& server, const http::ClientOptions& at, const std::string& integrator) {
        auto all = orders(1, 20'000);
        std::string text = planted_.kuaidi100 + lines_of(all) + planted_.bad_kuaidi100;
        std::size_t sent = 0;
        std::atomic<bool> half = false;
        auto client = http::Client::connect(at);
        ASSERT_TRUE(client);
        std::thread sending([&] {
            auto source = [&]() -> Result<std::string> {
                std::string part = text.substr(sent, 65'536);
                sent += part.size();
                if (sent > text.size() / 2) half = true;
                return part;
            };
            std::string authorization = "Bearer " + integrator;
            auto broken = client->upload(
                "/v1/waybills:import?format=kuaidi100", source,
                {{"authorization", authorization}, {"content-type", "application/octet-stream"}});
            EXPECT_FALSE(broken && broken->status == 200) << "it was over before it was killed";
            half = true;
        });
        while (!half) std::this_thread::yield();
        server.kill();
        sending.join();
    }

    void expect_clean(const std::string& what, std::string_view bytes) {
        for (const auto& hit : detector_.search(bytes))
            ADD_FAILURE() << what << " holds planted value " << hit.value << " in " << hit.form;
    }

    // Every file under a folder, symbolic names too.
    std::size_t search_folder(const fs::path& folder) {
        std::size_t bytes = 0;
        for (const auto& at : fs::recursive_directory_iterator(folder)) {
            expect_clean("name of " + at.path().string(), at.path().filename().string());
            if (!at.is_regular_file()) continue;
            auto content = read_text(at.path());
            bytes += content.size();
            for (const auto& hit : detector_.search(content)) {
                ADD_FAILURE() << at.path() << " holds planted value " << hit.value << " in " << hit.form
                              << " at byte " << hit.at;
            }
        }
        return bytes;
    }

    // The database's tables, its write-ahead log and its own log.
    std::size_t search_database() {
        return server_ ? search_folder(server_->data_directory().parent_path()) : 0;
    }

    std::unique_ptr<sql::PostgresServer> server_;
    Place place_;
    Planted planted_ = plant();
    Detector detector_{planted_.values};
};

TEST_P(Plaintext, NothingOfWhatWasSealedAskedOrRefusedLiesAnywhereInClear) {
    import_all();
    auto token = find_all();
    ASSERT_FALSE(token.empty());
    reveal_by_command(token);
    wrong_commands(token);
    auto integrator = place_.key("integrator");
    auto staff = place_.key("operator");
    auto auditor = place_.key("auditor");
    use_server(token, integrator, staff, auditor);
    // As the killed server left it, and again when it was opened and the ledger was read.
    std::size_t searched = search_folder(place_.home()) + search_database();
    auto shown = place_.run({"ledger", "show", "--json"});
    EXPECT_EQ(shown.code, 0);
    EXPECT_GT(shown.lines().size(), 100U);
    place_.run({"ledger", "show"});
    place_.run({"ledger", "export", (place_.root() / "logs/ledger").string()});
    place_.run({"check"});
    for (const auto* folder : {"home", "tmp", "logs"}) searched += search_folder(place_.root() / folder);
    searched += search_database();
    EXPECT_GT(searched, std::size_t{1} << 20);
    std::printf("%zu values in %zu bytes\n", planted_.values.size(), searched);
}

TEST_P(Plaintext, ThePassphraseLiesNowhere) {
    Detector passphrase({std::string(kPassphrase)});
    auto auditor = place_.key("auditor");
    auto secret = auditor.substr(3);
    Detector key({auditor, secret});
    for (const auto* folder : {"home", "tmp", "logs"}) {
        for (const auto& at : fs::recursive_directory_iterator(place_.root() / folder)) {
            if (!at.is_regular_file()) continue;
            auto content = read_text(at.path());
            EXPECT_TRUE(passphrase.search(content).empty()) << at.path();
            EXPECT_TRUE(key.search(content).empty()) << at.path();
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Suites, Plaintext,
                         testing::Values(Kind{"sm", false}, Kind{"intl", false}, Kind{"sm", true}),
                         [](const auto& with) {
                             return std::string(with.param.suite) +
                                    (with.param.postgresql ? "Postgresql" : "");
                         });

// The search finds what it looks for: each value in each form, in the middle of other bytes.
TEST(Detector, FindsEveryValueInEveryForm) {
    auto planted = plant();
    Detector detector(planted.values);
    Place place;
    for (std::size_t i = 0; i < planted.values.size(); ++i) {
        for (const auto& form : forms_of(planted.values[i])) {
            ASSERT_GE(form.bytes.size(), 8U) << form.name;
            std::string content = std::string(1 + i % 7, '\x11') + form.bytes + "\x22\x33";
            auto file = place.root() / "scratch";
            std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
            auto hits = detector.search(read_text(file));
            bool found = std::any_of(hits.begin(), hits.end(), [&](const auto& hit) {
                return hit.value == i && hit.form == form.name;
            });
            ASSERT_TRUE(found) << "value " << i << " as " << form.name;
        }
    }
    EXPECT_TRUE(detector.search(read_text(HUOQI_SOURCE_DIR "/api/openapi.yaml")).empty());
}

// base64 as any program would write it, with other text before and after.
TEST(Detector, FindsBase64OfALongerText) {
    auto planted = plant();
    Detector detector({planted.name});
    for (std::size_t before = 0; before < 6; ++before) {
        std::string text = std::string(before, 'q') + planted.name + "more";
        EXPECT_FALSE(detector.search(base64(bytes_of(text))).empty()) << before;
    }
}

}  // namespace
}  // namespace huoqi::promises

// SPDX-License-Identifier: Apache-2.0
// A node's certificate is renewed and its passphrase changed, also while it serves; both are on record.
#include <gtest/gtest.h>

#include <fstream>

#include "lib/http/certificate.h"
#include "orders.h"
#include "program.h"

namespace huoqi::promises {
namespace {

constexpr const char* kNew = "Pewter-mongoose-7720-lantern";

class Upkeep : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_EQ(place_.init("intl").code, 0);
        std::ofstream(fresh_) << kNew << "\n";
    }
    Finished change() {
        place_.environment["HUOQI_NEW_PASSPHRASE_FILE"] = fresh_.string();
        auto done = place_.run({"passphrase", "change"});
        place_.environment.erase("HUOQI_NEW_PASSPHRASE_FILE");
        return done;
    }
    void use_new() { place_.environment["HUOQI_PASSPHRASE_FILE"] = fresh_.string(); }
    std::size_t entries(const std::string& action) {
        return place_.run({"ledger", "show", "--action", action, "--json"}).lines().size();
    }
    Place place_;
    fs::path fresh_ = place_.root() / "secret/new";
};

TEST_F(Upkeep, ANewPassphraseOpensTheNodeAndTheOldOneDoesNot) {
    auto file = place_.order_file("some.jsonl", lines_of(orders(1, 50)));
    ASSERT_EQ(place_.run({"import", file.string()}).code, 0);
    auto changed = change();
    ASSERT_EQ(changed.code, 0) << changed.err;
    EXPECT_EQ(place_.run({"check"}).code, 77) << "the old passphrase still opens";
    use_new();
    auto check = place_.run({"check", "--json"});
    EXPECT_EQ(check.code, 0) << check.err;
    EXPECT_EQ(check.json().value("records", 0U), 50U);
    EXPECT_EQ(entries("passphrase.change"), 1U);
    EXPECT_EQ(place_.run({"ledger", "verify"}).code, 0);
}

TEST_F(Upkeep, ANewPassphraseThatIsNoneChangesNothing) {
    std::ofstream(fresh_) << "short\n";
    EXPECT_EQ(change().code, 64);
    std::ofstream(fresh_) << kPassphrase << "\n";
    EXPECT_EQ(change().code, 64) << "the same";
    fs::remove(fresh_);
    EXPECT_EQ(change().code, 70);
    EXPECT_EQ(place_.run({"passphrase", "change"}).code, 64) << "no file and no terminal";
    EXPECT_EQ(place_.run({"check"}).code, 0);
    EXPECT_EQ(entries("passphrase.change"), 0U);
}

TEST_F(Upkeep, BothWorkWhileTheNodeServesWithTheCallersFile) {
    auto certificate = [](const fs::path& file) { return read_text(file); };
    auto before = certificate(place_.home() / "tls/server.key");
    {
        Server server(place_);
        ASSERT_TRUE(server.serves());
        ASSERT_EQ(change().code, 0);
        EXPECT_EQ(place_.run({"key", "list"}).code, 77) << "commands must bring the new one";
        use_new();
        auto renewed = place_.run({"tls", "renew", "--json"});
        EXPECT_EQ(renewed.code, 0) << renewed.err;
        EXPECT_EQ(renewed.json().value("sha256", "").size(), 64U);
        EXPECT_EQ(server.stop(), 0);
    }
    EXPECT_NE(certificate(place_.home() / "tls/server.key"), before);
    Server server(place_);
    ASSERT_TRUE(server.serves()) << place_.last_output().err;
    EXPECT_EQ(server.stop(), 0);
}

TEST_F(Upkeep, ARenewedCertificateIsTrustedByOldClientsAndOnRecord) {
    auto operators = place_.key("operator");
    auto authority = read_text(place_.home() / "tls/ca.pem");
    auto renewed = place_.run({"tls", "renew", "--json"});
    ASSERT_EQ(renewed.code, 0) << renewed.err;
    EXPECT_EQ(read_text(place_.home() / "tls/ca.pem"), authority) << "clients would have to be told";
    auto shown = place_.run({"ledger", "show", "--action", "tls.renew", "--json"}).json();
    EXPECT_EQ(shown["detail"].value("sha256", ""), renewed.json().value("sha256", "-"));
    EXPECT_EQ(shown["detail"].value("until", ""), renewed.json().value("until", "-"));
    EXPECT_EQ(place_.run({"check"}).code, 0);
    Server server(place_);
    ASSERT_TRUE(server.serves()) << place_.last_output().err;
    auto options = server.business();
    for (const char* name : {"localhost", ""}) {
        options.server_name = name;
        auto connected = http::Client::connect(options);
        EXPECT_TRUE(connected) << name << ": " << (connected ? "" : connected.error().message);
    }
    Door door(server.business(), operators);
    EXPECT_EQ(door.post("/v1/waybills:search", R"({"by":"number","value":"YT0000000001"})").status, 200);
    EXPECT_EQ(server.stop(), 0);
}

}  // namespace
}  // namespace huoqi::promises

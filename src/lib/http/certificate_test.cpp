// SPDX-License-Identifier: Apache-2.0
#include "lib/http/certificate.h"

#include "lib/http/internal/test_server.h"

namespace huoqi::http {
namespace {

constexpr Time kNow{1'795'000'000'000'000'000};
constexpr std::int64_t kDay = 86'400'000'000'000;

TEST(Certificate, StatesNameAndValidity) {
    const auto authority = make_authority("火漆 authority", {kNow, 3650});
    ASSERT_TRUE(authority);
    const auto facts = inspect_certificate(authority->certificate_pem);
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->subject, "火漆 authority");
    EXPECT_EQ(facts->from, kNow);
    EXPECT_EQ(facts->until.nanoseconds - facts->from.nanoseconds, 3650 * kDay);
    EXPECT_EQ(facts->sha256.size(), 64U);
}

TEST(Certificate, NamesAreReadAsTheyWereWritten) {
    const auto authority = make_authority("a", {kNow, 10});
    ASSERT_TRUE(authority);
    EXPECT_TRUE(inspect_certificate(authority->certificate_pem)->names.dns.empty());
    const ServerNames names{"s", {"localhost", "huoqi.example"}, {"127.0.0.1", "::1", "2001:db8::7"}};
    const auto server = make_server_certificate(*authority, names, {kNow, 1});
    ASSERT_TRUE(server);
    const auto facts = inspect_certificate(server->certificate_pem);
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->names.common_name, "s");
    EXPECT_EQ(facts->names.dns, names.dns);
    EXPECT_EQ(facts->names.ip_addresses, names.ip_addresses);
}

TEST(Certificate, TwoOfTheSameNameDiffer) {
    const auto one = make_authority("a", {kNow, 1});
    const auto two = make_authority("a", {kNow, 1});
    EXPECT_NE(inspect_certificate(one->certificate_pem)->sha256,
              inspect_certificate(two->certificate_pem)->sha256);
}

TEST(Certificate, NamesThatAreNoneAreRefused) {
    const auto authority = make_authority("a", {kNow, 1});
    ASSERT_TRUE(authority);
    const auto make = [&](ServerNames names) {
        return make_server_certificate(*authority, names, {kNow, 1});
    };
    EXPECT_TRUE(make({"s", {"a.example"}, {"::1"}}));
    EXPECT_FALSE(make({"s", {}, {}}));
    EXPECT_FALSE(make({"s", {"a.example,IP:10.0.0.1"}, {}}));
    EXPECT_FALSE(make({"s", {}, {"300.1.1.1"}}));
    EXPECT_FALSE(make({"", {"a.example"}, {}}));
    EXPECT_FALSE(make_authority(std::string(65, 'a'), {kNow, 1}));
    EXPECT_FALSE(make_authority("a", {kNow, 0}));
}

TEST(Certificate, AuthorityThatDoesNotFitItsKeyIsRefused) {
    auto one = make_authority("one", {kNow, 1});
    const auto two = make_authority("two", {kNow, 1});
    one->private_key_pem = two->private_key_pem.clone();
    const auto made = make_server_certificate(*one, {"s", {"a"}, {}}, {kNow, 1});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, Code::bad_input);
    EXPECT_FALSE(inspect_certificate("no PEM at all"));
}

TEST(Certificate, ClientAcceptsOnlyItsAuthorityAndName) {
    TestServer server{Router()};
    ClientOptions options = server.options();
    EXPECT_TRUE(Client::connect(options));
    options.server_name = "localhost";
    EXPECT_TRUE(Client::connect(options));
    options.server_name = "other.example";
    const auto wrong_name = Client::connect(options);
    ASSERT_FALSE(wrong_name);
    EXPECT_EQ(wrong_name.error().code, Code::refused);
    options.server_name.clear();
    options.authority_pem = make_authority("stranger", test_validity())->certificate_pem;
    const auto stranger = Client::connect(options);
    ASSERT_FALSE(stranger);
    EXPECT_EQ(stranger.error().code, Code::refused);
}

TEST(Certificate, ExpiredIsRefusedByTheClient) {
    TestIdentity identity;
    identity.authority = make_authority("a", {Time{kNow.nanoseconds - 10'000 * kDay}, 20'000}).value();
    auto old = make_server_certificate(identity.authority, {"s", {}, {"127.0.0.1"}}, {Time{0}, 1});
    ASSERT_TRUE(old);
    std::vector<Listener> listeners(1);
    listeners[0].address = "127.0.0.1:0";
    listeners[0].router = std::make_shared<Router>();
    listeners[0].tls = TlsIdentity{old->certificate_pem, std::move(old->private_key_pem)};
    auto server = Server::start(std::move(listeners), 1);
    ASSERT_TRUE(server);
    ClientOptions options;
    options.address = (*server)->addresses()[0];
    options.authority_pem = identity.authority.certificate_pem;
    const auto connected = Client::connect(options);
    ASSERT_FALSE(connected);
    EXPECT_EQ(connected.error().code, Code::refused);
}

}  // namespace
}  // namespace huoqi::http

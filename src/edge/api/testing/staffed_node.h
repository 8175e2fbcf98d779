// SPDX-License-Identifier: Apache-2.0
// A small node with two enterprises, their organisations, and people who are logged in.
#pragma once

#include "edge/api/internal/session_check.h"
#include "edge/api/testing/test_node.h"
#include "lib/otp/otp.h"

namespace huoqi::api {

class StaffedNode : public TestNode {
  protected:
    static constexpr const char* kPassword = "correct-Horse-9-staple";
    static constexpr std::int64_t kDay = 86'400'000'000'000;

    // Organisations of both enterprises:  hq > gz > gz-1 ; hq > sz. People belong to gz-1 when not told.
    void SetUp() override {
        TestNode::SetUp();
        for (const std::string enterprise : {"main", "other"}) {
            people::Changes tree;
            for (const auto& [code, parent] :
                 {std::pair{"hq", ""}, {"gz", "hq"}, {"gz-1", "gz"}, {"sz", "hq"}}) {
                tree.contents.organisations.push_back({enterprise,
                                                       code,
                                                       enterprise + "-" + code,
                                                       people::OrganisationKind::outlet,
                                                       parent,
                                                       {}});
            }
            tree.contents.devices.push_back(
                {enterprise, "gun-" + enterprise, people::DeviceKind::hand_held, "gz-1", clock_.now(), {}});
            keep(enterprise, tree);
        }
    }

    // As it is in the store, without any rule.
    void keep(const std::string& enterprise, const people::Changes& changes) {
        auto held = people_rows_->held(enterprise);
        ASSERT_TRUE(held);
        auto kept = people_rows_->apply(enterprise, held->revision, changes,
                                        {{0, "test", "test", "test", "", {{"enterprise", enterprise}}}});
        ASSERT_TRUE(kept) << kept.error().message;
        ASSERT_TRUE(services_->drain());
        ASSERT_TRUE(staff_->follow());
    }
    void add_person(const std::string& id, const std::string& organisation = "gz-1",
                    const std::string& enterprise = "main") {
        people::Changes changes;
        changes.contents.people.push_back({enterprise, id, organisation, "", "", clock_.now(), {}});
        keep(enterprise, changes);
    }
    // Gives the grant's id.
    std::string add_grant(const std::string& id, const std::string& role,
                          const std::string& organisation = "gz-1", const std::string& enterprise = "main") {
        people::Changes changes;
        const auto grant = "gr_" + role + "_" + id;
        changes.contents.grants.push_back(
            {enterprise, grant, id, role, organisation, clock_.now(), {}, clock_.now()});
        keep(enterprise, changes);
        return grant;
    }

    struct LoggedIn {
        std::string cookie;
        std::string csrf;
        std::string device;
    };
    // An account with a second factor, and its session; both are made once. Without a device when that is
    // empty, on the enterprise's when it is not said.
    LoggedIn log_in(const std::string& id, const std::string& enterprise = "main",
                    const std::optional<std::string>& on = {}) {
        const auto account = enterprise + "/" + id;
        const std::string device = on.value_or("gun-" + enterprise);
        const auto login = enterprise + "." + id;
        if (!factors_.contains(account)) make_account(account, login, device);
        clock_.advance(30'000'000'000);  // a code works once
        auto entered = accounts_->enter(
            {login, kPassword, otp::totp(factors_[account], clock_.now()), device, "127.0.0.1"},
            clock_.now());
        EXPECT_TRUE(entered) << entered.error().rule;
        return entered ? shown(*entered, device) : LoggedIn{};
    }
    // A person with one role, logged in.
    LoggedIn somebody(const std::string& id, const std::string& role,
                      const std::string& organisation = "gz-1", const std::string& enterprise = "main") {
        add_person(id, organisation, enterprise);
        add_grant(id, role, organisation, enterprise);
        return log_in(id, enterprise);
    }

    Answer call(const LoggedIn& who, const std::string& method, const std::string& target,
                const std::string& body = {}, Door door = business,
                const std::string& type = "application/json") {
        http::ClientOptions options;
        options.address = server_->addresses()[door];
        auto client = http::Client::connect(options);
        EXPECT_TRUE(client);
        if (!client) return {};
        http::ClientHeaders headers;
        headers.emplace_back("cookie", who.cookie);
        headers.emplace_back(kCsrfHeader, who.csrf);
        if (!who.device.empty()) headers.emplace_back(kDeviceHeader, who.device);
        if (method != "GET") headers.emplace_back("content-type", type);
        auto response = client->send(method, target, body, headers);
        EXPECT_TRUE(response) << method << " " << target;
        if (!response) return {};
        return {response->status, std::move(response->body), std::move(response->headers)};
    }

  private:
    static std::string text(const SecretBytes& secret) { return std::string(text_of(secret.view())); }
    LoggedIn shown(const accounts::Entered& entered, const std::string& device) {
        const auto token = text(entered.token);
        return {std::string(kSessionCookie) + "=" + token, accounts_->csrf_of(token), device};
    }
    void make_account(const std::string& account, const std::string& login, const std::string& device) {
        std::string code;
        auto invited = accounts_->invite(account, login, "test", clock_.now(),
                                         [&](const accounts::Account&, const SecretBytes& secret, Time) {
                                             code = text(secret);
                                             return Status{};
                                         });
        ASSERT_TRUE(invited) << invited.error().message;
        auto redeemed = accounts_->redeem(code, kPassword, "127.0.0.1", clock_.now());
        ASSERT_TRUE(redeemed) << redeemed.error().message;
        auto entered = accounts_->enter({login, kPassword, "", device, "127.0.0.1"}, clock_.now());
        ASSERT_TRUE(entered) << entered.error().rule;
        auto proposed = accounts_->propose_factor(entered->session);
        ASSERT_TRUE(proposed) << proposed.error().message;
        factors_[account] = *otp::unbase32(text(proposed->key));
        auto confirmed = accounts_->confirm_factor(entered->session,
                                                   otp::totp(factors_[account], clock_.now()), clock_.now());
        ASSERT_TRUE(confirmed) << confirmed.error().message;
    }

    std::map<std::string, Bytes> factors_;  // by account person
};

}  // namespace huoqi::api

// SPDX-License-Identifier: Apache-2.0
// Accounts over a store in memory, with the repository's policy, a cheap hash that is counted, and a day to
// walk through.
#pragma once

#include <gtest/gtest.h>

#include "core/accounts/testing/memory_store.h"
#include "lib/otp/otp.h"

namespace huoqi::accounts {

inline constexpr std::string_view kPassword = "Gongche-huiyi-72";
inline constexpr std::string_view kOther = "Mihoutao:31:zhishu";
inline constexpr std::string_view kAddress = "10.1.2.3";

inline std::string text(const SecretBytes& secret) { return std::string(text_of(secret.view())); }

class World : public testing::Test {
  protected:
    World() : key_(crypto::random_key()) {
        auto policy = policy::load(std::filesystem::path(HUOQI_SOURCE_DIR) / "policy");
        EXPECT_TRUE(policy) << policy.error().message;
        if (policy) policy_ = std::make_unique<policy::InForce>(std::move(*policy));
        rules_ = *rules_at(*policy_->now(), now_);
        start();
    }

    // Again after a stop: the store is all that is left.
    void start(std::function<void(Options&)> change = {}) {
        Options options;
        options.cost = {8, 1, 1};
        options.argon2 = [this](const SecretBytes& password, ByteView salt,
                                const crypto::PassphraseCost& cost) {
            ++hashes_;
            if (auto once = std::exchange(while_hashing_, nullptr)) once();
            return crypto::key_from_passphrase(password, salt, cost);
        };
        options.needs_second_factor = [](std::string_view person) { return person.starts_with("admin"); };
        if (change) change(options);
        accounts_ = std::make_unique<Accounts>(store_, *policy_, crypto::Suite::sm, key_, std::move(options));
    }
    void wait(std::chrono::nanoseconds time) { now_.nanoseconds += time.count(); }

    Deliver deliver() {
        return [this](const Account&, const SecretBytes& code, Time) {
            code_ = text(code);
            return Status{};
        };
    }
    // An active account.
    std::string account(std::string_view person, std::string_view login) {
        auto invited = accounts_->invite(person, login, "sec", now_, deliver());
        EXPECT_TRUE(invited) << invited.error().message;
        auto set = accounts_->redeem(code_, kPassword, "10.9.9.9", now_);
        EXPECT_TRUE(set) << set.error().message;
        return invited ? invited->id : "";
    }
    std::expected<Entered, Refusal> enter(std::string_view login, std::string_view password,
                                          std::string_view code = "", std::string_view address = kAddress,
                                          std::string_view device = "") {
        return accounts_->enter({login, password, code, device, address}, now_);
    }
    // The rule that a log-in broke.
    std::string broken(std::string_view login, std::string_view password, std::string_view code = "",
                       std::string_view address = kAddress) {
        auto entered = enter(login, password, code, address);
        return entered ? "none" : entered.error().rule;
    }
    // The session of a log-in that works.
    Entered inside(std::string_view login, std::string_view code = "", std::string_view device = "") {
        auto entered = enter(login, kPassword, code, kAddress, device);
        EXPECT_TRUE(entered) << entered.error().rule;
        return entered ? std::move(*entered) : Entered{};
    }
    Account stored(std::string_view login) { return *store_.account(By::login, login); }
    std::vector<std::string> told() const {
        std::vector<std::string> out;
        for (const auto& entry : store_.now.told) out.push_back(entry.action);
        return out;
    }

    Time now_ = *parse_rfc3339("2026-11-23T01:00:00Z");
    crypto::Key key_;
    std::unique_ptr<policy::InForce> policy_;
    Rules rules_{};
    MemoryStore store_;
    std::unique_ptr<Accounts> accounts_;
    std::string code_;  // the last that was delivered
    int hashes_ = 0;
    std::function<void()> while_hashing_;  // called once
};

}  // namespace huoqi::accounts

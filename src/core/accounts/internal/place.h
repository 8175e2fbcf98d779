// SPDX-License-Identifier: Apache-2.0
// What the parts of a log-in hand to each other, and small things that all parts need.
#pragma once

#include <atomic>
#include <string>
#include <utility>

#include "core/accounts/accounts.h"

namespace huoqi::accounts {

// Where an attempt stands after it was counted. `rule` says why it cannot succeed, whatever was typed.
struct Accounts::Place {
    std::optional<Account> account;  // as it is stored now
    std::string rule;
    crypto::Mac address{};
};

// One of the few hash computations that may run at a time; false when there is none to have.
class HashPermit {
  public:
    HashPermit(std::atomic<std::size_t>& running, std::size_t most) : running_(running) {
        std::size_t now = running_.load();
        while (now < most && !held_) held_ = running_.compare_exchange_weak(now, now + 1);
    }
    HashPermit(const HashPermit&) = delete;
    HashPermit& operator=(const HashPermit&) = delete;
    ~HashPermit() {
        if (held_) running_.fetch_sub(1);
    }
    explicit operator bool() const { return held_; }

  private:
    std::atomic<std::size_t>& running_;
    bool held_ = false;
};

inline constexpr std::size_t kIdBytes = 10;
inline constexpr std::size_t kTokenBytes = 32;

std::string new_id(std::string_view prefix);
SecretBytes random_secret(std::size_t bytes);
Time after(Time time, std::chrono::nanoseconds later);

std::unexpected<Error> too_busy();

// For the ledger: who did what to an account.
office::Outgoing told(std::string_view action, std::string_view by, const Account& account,
                      std::map<std::string, std::string> detail = {});

// The password becomes one of those that may not come again.
void retire_password(Account& account, std::int64_t keep);
void forget_failures(Account& account);

}  // namespace huoqi::accounts

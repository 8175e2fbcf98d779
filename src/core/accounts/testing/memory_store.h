// SPDX-License-Identifier: Apache-2.0
// Accounts in memory for tests of core, with a seam: something can be made to happen just before a change.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "core/accounts/accounts.h"

namespace huoqi::accounts {

class MemoryStore final : public Store {
  public:
    struct Kept {
        std::vector<Account> accounts;
        std::vector<Slip> slips;
        std::vector<Session> sessions;
        std::map<crypto::Mac, std::pair<Time, std::int64_t>> addresses;
        std::vector<office::Outgoing> told;
    };
    Kept now;
    int changes = 0;                    // applied
    std::function<void()> before_next;  // called once, before the next change

    Result<std::int64_t> apply(const Change& change) override {
        if (auto first = std::exchange(before_next, nullptr)) first();
        std::lock_guard lock(mutex_);
        Kept next = now;
        if (auto done = carry_out(change, next); !done) return pass(done);
        now = std::move(next);
        ++changes;
        return static_cast<std::int64_t>(now.told.size());
    }
    Result<Account> account(By by, std::string_view value) override {
        return one(now.accounts, [&](const Account& account) {
            return (by == By::id ? account.id : by == By::person ? account.person : account.login) == value;
        });
    }
    Result<std::vector<Account>> accounts() override {
        std::lock_guard lock(mutex_);
        return now.accounts;
    }
    Result<Slip> slip(const crypto::Mac& hash) override {
        return one(now.slips, [&](const Slip& slip) { return slip.hash == hash; });
    }
    Result<Session> session(const crypto::Mac& token_hash) override {
        return one(now.sessions, [&](const Session& session) { return session.token_hash == token_hash; });
    }
    Result<std::vector<Session>> sessions(std::string_view account) override {
        std::lock_guard lock(mutex_);
        std::vector<Session> out;
        std::ranges::copy_if(now.sessions, std::back_inserter(out),
                             [&](const Session& session) { return session.account == account; });
        return out;
    }
    Status seen(const Session& session, Time when) override {
        std::lock_guard lock(mutex_);
        for (auto& kept : now.sessions) {
            if (kept.id == session.id) kept.seen = when;
        }
        return {};
    }
    Status check() override { return {}; }

  private:
    template <class T, class Fits>
    Result<T> one(const std::vector<T>& all, Fits fits) {
        std::lock_guard lock(mutex_);
        const auto at = std::ranges::find_if(all, fits);
        if (at == all.end()) return fail(Code::not_found, "memory: there is none");
        return *at;
    }

    static Status count(const AddressAttempt& attempt, Kept& next) {
        auto& [since, count] = next.addresses.try_emplace(attempt.address, attempt.at, 0).first->second;
        if (since < attempt.window_start) {
            since = attempt.at;
            count = 0;
        }
        if (++count > attempt.most) return fail(Code::refused, "memory: too many attempts of one address");
        return {};
    }
    static Status put(const Change& change, Kept& next) {
        if (change.add) {
            for (const auto& other : next.accounts) {
                if (other.id == change.add->id || other.person == change.add->person ||
                    other.login == change.add->login)
                    return fail(Code::conflict, "memory: there is such an account");
            }
            next.accounts.push_back(*change.add);
        }
        if (change.update) {
            const auto at = std::ranges::find(next.accounts, change.update->id, &Account::id);
            if (at == next.accounts.end() || at->version != change.update->version)
                return fail(Code::conflict, "memory: another change was first");
            *at = *change.update;
            ++at->version;
        }
        return {};
    }
    static Status carry_out(const Change& change, Kept& next) {
        if (change.attempt) {
            if (auto counted = count(*change.attempt, next); !counted) return counted;
        }
        if (change.forgive && next.addresses[*change.forgive].second > 0)
            --next.addresses[*change.forgive].second;
        if (auto done = put(change, next); !done) return done;
        std::erase_if(next.slips, [&](const Slip& slip) { return slip.account == change.end_slips_of; });
        if (change.use_slip &&
            std::erase_if(next.slips, [&](const Slip& slip) { return slip.hash == *change.use_slip; }) == 0)
            return fail(Code::not_found, "memory: there is no such slip");
        if (change.add_slip) next.slips.push_back(*change.add_slip);
        std::erase_if(next.sessions,
                      [&](const Session& session) { return session.account == change.end_sessions_of; });
        for (const auto& id : change.end_sessions) {
            if (std::erase_if(next.sessions, [&](const Session& session) { return session.id == id; }) == 0)
                return fail(Code::not_found, "memory: there is no such session");
        }
        if (change.add_session) next.sessions.push_back(*change.add_session);
        next.told.insert(next.told.end(), change.tell.begin(), change.tell.end());
        return {};
    }

    std::mutex mutex_;
};

}  // namespace huoqi::accounts

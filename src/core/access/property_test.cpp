// SPDX-License-Identifier: Apache-2.0
// What holds for every request: taking something away from it never shows more.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <random>

#include "core/access/access.h"

namespace huoqi::access {
namespace {

using policy::Action;
using policy::Form;

constexpr int kRounds = 40'000;
constexpr std::string_view kGates[] = {"training", "archive_site", "contract"};

std::unique_ptr<const policy::Policy> real_policy() {
    return std::move(policy::load(std::filesystem::path(HUOQI_SOURCE_DIR) / "policy").value());
}

// 0 refused, then what is shown.
int shown(const Decision& decision) { return decision.allowed ? 1 + static_cast<int>(decision.form) : 0; }

class Properties : public testing::Test {
  protected:
    // The request refers to fields_, which stays until the next one.
    Request random_request() {
        const auto coin = [&](unsigned of) { return random_() % of != 0; };
        Request out;
        const auto& role = policy_->roles[random_() % policy_->roles.size()];
        out.actor = {"sf", "S001", role.name, "hz-01", coin(8), coin(8), coin(4), coin(8)};
        const auto& purpose = policy_->purposes[random_() % policy_->purposes.size()];
        // Mostly something that the role may, else nearly everything would be refused at once.
        out.action = coin(4) ? role.grants[random_() % role.grants.size()].action
                             : static_cast<Action>(random_() % policy::kActions);
        fields_.clear();
        for (std::size_t i = random_() % 3; i < 2; ++i) {
            const bool justified = !purpose.fields.empty() && coin(4);
            fields_.push_back(justified ? purpose.fields[random_() % purpose.fields.size()]
                                        : static_cast<waybill::Field>(random_() % waybill::kFields));
        }
        out.fields = fields_;
        out.now = {1'000'000};
        if (coin(16))
            out.bill = Bill{coin(16) ? "sf" : "yt", coin(3) ? "hz-01" : "gz-01", {coin(3) ? 999'999 : 0}};
        out.relation = {coin(2), coin(2), coin(2), coin(2)};
        out.purpose = purpose.code;
        out.tokens = random_() % 4;
        if (coin(16)) out.used = Used{coin(8) ? 0 : purpose.per_day, coin(8) ? 0 : purpose.per_month};
        if (coin(16)) out.outlet_window_ns = 1000;
        return out;
    }
    // Runs `change` on copies of random requests and compares.
    void never_shows_more(const std::function<void(Request&)>& change) {
        for (int round = 0; round < kRounds; ++round) {
            const auto request = random_request();
            auto less = request;
            change(less);
            const auto before = evaluate(*policy_, request), after = evaluate(*policy_, less);
            ASSERT_LE(shown(after), shown(before))
                << request.actor.role << " " << policy::name(request.action) << " " << request.purpose << ": "
                << before.rule << " became " << after.rule;
        }
    }

    std::unique_ptr<const policy::Policy> policy_ = real_policy();
    std::mt19937 random_{20261124};
    std::vector<waybill::Field> fields_;
};

TEST_F(Properties, TheRequestsAreWorthAsking) {
    int by_form[4] = {};
    for (int round = 0; round < kRounds; ++round) ++by_form[shown(evaluate(*policy_, random_request()))];
    for (const int count : by_form) EXPECT_GT(count, 50);
}

TEST_F(Properties, MoreGatesClosedNeverShowMore) {
    for (std::size_t closed = 1; closed <= std::size(kGates); ++closed) {
        never_shows_more([&](Request& request) { request.closed = std::span(kGates).first(closed); });
        if (HasFatalFailure()) return;
    }
    for (int round = 0; round < kRounds; ++round) {
        auto request = random_request();
        request.closed = kGates;
        EXPECT_EQ(evaluate(*policy_, request).form, Form::none);
    }
}

TEST_F(Properties, AMissingAttributeNeverShowsMore) {
    const std::function<void(Request&)> missing[] = {
        [](auto& r) { r.actor.enterprise = {}; },
        [](auto& r) { r.actor.person = {}; },
        [](auto& r) { r.actor.role = {}; },
        [](auto& r) { r.actor.organisation = {}; },
        [](auto& r) { r.actor.active = false; },
        [](auto& r) { r.actor.granted = false; },
        [](auto& r) { r.actor.device = false; },
        [](auto& r) { r.actor.second_factor = false; },
        [](auto& r) { r.fields = {}; },
        [](auto& r) { r.bill.reset(); },
        [](auto& r) {
            if (r.bill) r.bill->enterprise = {};
        },
        [](auto& r) {
            if (r.bill) r.bill->outlet = {};
        },
        [](auto& r) { r.relation.assigned = false; },
        [](auto& r) { r.relation.subtree = false; },
        [](auto& r) { r.relation.ticket = false; },
        [](auto& r) { r.relation.case_file = false; },
        [](auto& r) { r.purpose = {}; },
        [](auto& r) { r.tokens = 0; },
        [](auto& r) { r.used.reset(); },
        [](auto& r) { r.outlet_window_ns.reset(); },
        [](auto& r) { r = Request{}; },
    };
    for (const auto& change : missing) {
        never_shows_more(change);
        if (HasFatalFailure()) return;
    }
}

TEST_F(Properties, MoreUsedMoreAskedAndLaterNeverShowMore) {
    never_shows_more([](auto& r) {
        if (r.used) r.used->today += 1'000'000;
    });
    never_shows_more([](auto& r) {
        if (r.used) r.used->month += 1'000'000;
    });
    never_shows_more([](auto& r) {
        if (r.tokens > 0) r.tokens += 5;
    });
    never_shows_more([](auto& r) { r.now.nanoseconds += 5000; });
}

TEST_F(Properties, RemovingAGrantNeverShowsMore) {
    for (int round = 0; round < 300; ++round) {
        auto less = *policy_;
        auto& role = less.roles[random_() % less.roles.size()];
        role.grants.erase(role.grants.begin() + static_cast<std::ptrdiff_t>(random_() % role.grants.size()));
        const std::string name = role.name;
        for (int i = 0; i < 200; ++i) {
            auto request = random_request();
            request.actor.role = name;
            ASSERT_LE(shown(evaluate(less, request)), shown(evaluate(*policy_, request))) << name;
        }
    }
}

TEST_F(Properties, RemovingARoleOrAPurposeNeverShowsMore) {
    for (std::size_t gone = 0; gone < policy_->roles.size(); ++gone) {
        auto less = *policy_;
        less.roles.erase(less.roles.begin() + static_cast<std::ptrdiff_t>(gone));
        if (gone < less.purposes.size())
            less.purposes.erase(less.purposes.begin() + static_cast<std::ptrdiff_t>(gone));
        for (int i = 0; i < 2000; ++i) {
            const auto request = random_request();
            ASSERT_LE(shown(evaluate(less, request)), shown(evaluate(*policy_, request)));
        }
    }
}

TEST_F(Properties, AdministratorsSeeNothingPersonalInAnyForm) {
    for (int round = 0; round < kRounds; ++round) {
        auto request = random_request();
        for (const auto* role : {"network_administrator", "security_administrator", "security_auditor"}) {
            request.actor.role = role;
            const auto decision = evaluate(*policy_, request);
            ASSERT_EQ(decision.form, Form::none);
            ASSERT_FALSE(decision.allowed && policy::shows(request.action));
        }
    }
}

TEST_F(Properties, ClearTextIsShownByRevealAlone) {
    for (int round = 0; round < kRounds; ++round) {
        const auto request = random_request();
        const bool clear = evaluate(*policy_, request).form == Form::clear;
        ASSERT_TRUE(!clear || request.action == Action::reveal);
    }
}

TEST_F(Properties, AnExplanationDecidesAsTheEvaluatorDoes) {
    for (int round = 0; round < kRounds; ++round) {
        const auto request = random_request();
        const auto decision = evaluate(*policy_, request);
        const auto explained = explain(*policy_, request);
        ASSERT_EQ(explained.decision.rule, decision.rule);
        ASSERT_EQ(explained.decision.form, decision.form);
        const auto failed = std::ranges::find(explained.lines, Verdict::failed, &Line::verdict);
        ASSERT_EQ(failed == explained.lines.end(), decision.allowed);
        ASSERT_TRUE(decision.allowed || failed->rule == decision.rule);
    }
}

}  // namespace
}  // namespace huoqi::access

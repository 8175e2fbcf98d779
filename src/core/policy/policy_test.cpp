// SPDX-License-Identifier: Apache-2.0
// The policy of this repository: complete, consistent, and what the program expects of it.
#include "core/policy/policy.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace huoqi::policy {
namespace {

namespace fs = std::filesystem;

const fs::path kPolicyDir = fs::path(HUOQI_SOURCE_DIR) / "policy";

Date date(int year, unsigned month, unsigned day) {
    return Date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
}

std::string all_of(const std::vector<Problem>& problems) {
    std::string out;
    for (const Problem& problem : problems) out += text(problem) + "\n";
    return out;
}

std::unique_ptr<const Policy> real_policy() {
    auto policy = load(kPolicyDir);
    if (policy) return std::move(*policy);
    ADD_FAILURE() << policy.error().message;
    return std::make_unique<const Policy>();
}

TEST(Policy, TheRealOneHasNoProblem) { EXPECT_EQ(all_of(check(kPolicyDir)), ""); }

TEST(Policy, HasEveryArticleInOrder) {
    const auto policy = real_policy();
    ASSERT_EQ(policy->articles.size(), 53u);
    for (int number = 1; number <= 53; ++number) {
        EXPECT_EQ(policy->articles[static_cast<std::size_t>(number - 1)].number, number);
        EXPECT_FALSE(policy->article(number)->asks.zh.empty());
        EXPECT_FALSE(policy->article(number)->asks.en.empty());
    }
    EXPECT_EQ(policy->article(54), nullptr);
    EXPECT_EQ(policy->article(37)->status, Status::partly);
}

TEST(Policy, EveryPartMeetsSomeArticle) {
    const auto policy = real_policy();
    for (const Part& part : policy->parts) {
        const bool named = std::ranges::any_of(policy->articles, [&](const Article& article) {
            return std::ranges::count(article.met_by, part.name) > 0;
        });
        EXPECT_TRUE(named) << part.name;
    }
}

TEST(Policy, UnknownFiguresSaySoAndNameNoSource) {
    const auto policy = real_policy();
    const Parameter* paper = policy->parameter("waybill.paper_retention", date(2026, 11, 23));
    ASSERT_NE(paper, nullptr);
    EXPECT_EQ(paper->basis.certainty, Certainty::unknown);
    EXPECT_EQ(paper->basis.cites, "");
    EXPECT_NE(paper->basis.note.zh.find("默认值"), std::string::npos);
}

TEST(Policy, FiguresAreLookedUpByDayAndUnit) {
    const auto policy = real_policy();
    const Time now = *parse_rfc3339("2026-11-23T00:00:00Z");
    EXPECT_EQ(policy->figure("reveal.tokens_max", Unit::token, now).value(), 20);
    EXPECT_EQ(policy->figure("ledger.retention", Unit::month, now).value(), 36);
    EXPECT_EQ(policy->figure("volume.period", Unit::month, now).value(), 1);
    EXPECT_EQ(policy->figure("complaint.answer", Unit::hour, now).error().code, Code::bad_input);
    EXPECT_EQ(policy->figure("complaint.reply", Unit::day, now).error().code, Code::not_found);
}

TEST(Policy, AFigureChangesOverAtMidnightInChina) {
    const auto policy = real_policy();
    const std::string id = "log.retention_min";
    EXPECT_EQ(policy->parameter(id, date(2025, 12, 31))->basis.cites, "cybersecurity_law_2016");
    EXPECT_EQ(policy->parameter(id, date(2026, 1, 1))->basis.cites, "cybersecurity_law_2026");
    const Time last_second = *parse_rfc3339("2025-10-31T15:59:59Z");  // 23:59:59 in China
    const Time midnight = *parse_rfc3339("2025-10-31T16:00:00Z");
    EXPECT_EQ(policy->figure("incident.cac_report", Unit::hour, last_second).error().code, Code::not_found);
    EXPECT_EQ(policy->figure("incident.cac_report", Unit::hour, midnight).value(), 4);
}

TEST(Policy, PurposesLimitFieldsAndNumber) {
    const auto policy = real_policy();
    const Purpose* change = policy->purpose("address_change");
    ASSERT_NE(change, nullptr);
    EXPECT_EQ(change->fields, std::vector{waybill::Field::recipient_address});
    EXPECT_TRUE(change->open_to("operator"));
    EXPECT_FALSE(change->open_to("auditor"));
    EXPECT_TRUE(policy->purpose("sort")->fields.empty());
    EXPECT_EQ(policy->purpose("curiosity"), nullptr);
    for (const Purpose& purpose : policy->purposes) {
        EXPECT_EQ(purpose.justifies(waybill::Field::recipient_id_number), purpose.code == "legal_request")
            << purpose.code;
    }
}

TEST(Policy, NoRoleBothWatchesAndIsWatched) {
    const auto policy = real_policy();
    for (const Role& role : policy->roles) {
        EXPECT_FALSE(role.may(Action::ledger_read) && role.may(Action::reveal)) << role.name;
        EXPECT_FALSE(role.may(Action::metrics_read) && (role.may(Action::read) || role.may(Action::search)))
            << role.name;
    }
    for (std::size_t i = 0; i < kActions; ++i) {
        const auto action = static_cast<Action>(i);
        EXPECT_EQ(action_named(name(action)), action);
    }
    EXPECT_EQ(action_named("ledger.read"), Action::ledger_read);
    EXPECT_EQ(action_named("ledger.write"), std::nullopt);
}

TEST(Policy, KnowsTheCommonPasswords) {
    const auto policy = real_policy();
    EXPECT_GE(policy->common_passwords.size(), 500u);
    for (const char* known : {"woaini1314", "password", "1qaz2wsx", "5201314", "zhongguo123", "qwertyuiop"})
        EXPECT_TRUE(std::ranges::binary_search(policy->common_passwords, known)) << known;
}

TEST(Policy, TheThreeAdministratorsExcludeEachOtherBothWays) {
    const auto policy = real_policy();
    const auto three = {"network_administrator", "security_administrator", "security_auditor"};
    for (const auto* one : three) {
        for (const auto* other : three) {
            EXPECT_EQ(policy->role(one)->excluded_by(other), std::string_view(one) != other)
                << one << " " << other;
        }
        EXPECT_EQ(policy->role(one)->kind, RoleKind::administration);
    }
}

TEST(Policy, NoRoleBothAsksAndDecides) {
    const auto policy = real_policy();
    for (const Role& role : policy->roles) {
        EXPECT_FALSE(role.may(Action::grant_ask) && role.may(Action::grant_decide)) << role.name;
        EXPECT_FALSE(role.may(Action::maintenance_ask) && role.may(Action::maintenance_decide)) << role.name;
        EXPECT_FALSE(role.may(Action::maintenance_close) && role.may(Action::maintenance_decide))
            << role.name;
    }
}

// The mask of a value that stands alone in a waybill.
std::string masked(const MaskVector& vector, const waybill::MaskRules& rules) {
    waybill::Waybill bill;
    const auto parts = waybill::parts_of(vector.field);
    const auto holds_all = [&](waybill::Part part) {
        const std::string_view name = waybill::name(part);
        return name.ends_with(vector.input.find('-') == 4 ? ".tel" : ".mobile") || name.ends_with(".detail");
    };
    const auto at = std::ranges::find_if(parts, holds_all);
    bill[at != parts.end() ? *at : parts.back()].assign(vector.input);
    waybill::normalise(bill);
    return waybill::mask(bill, vector.field, rules);
}

TEST(Masks, KeepEveryVector) {
    const auto policy = real_policy();
    EXPECT_GE(policy->mask_vectors.size(), 8u);
    EXPECT_GE(policy->masks.compound_surnames.size(), 60u);
    for (const MaskVector& vector : policy->mask_vectors) {
        const std::string output = masked(vector, policy->masks);
        EXPECT_GT(std::ranges::count(vector.acceptable, output), 0) << vector.input << " became " << output;
        EXPECT_EQ(std::ranges::count(vector.unacceptable, output), 0) << vector.input << " became " << output;
    }
}

}  // namespace
}  // namespace huoqi::policy

// SPDX-License-Identifier: Apache-2.0
#include "core/access/access.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "core/access/facts.h"
#include "core/access/quota.h"

namespace huoqi::access {
namespace {

using policy::Action;
using policy::Form;
using waybill::Field;

constexpr RecordPlace kBill{{3}, {77}};
const Time kNow = *parse_rfc3339("2026-11-24T02:00:00Z");
constexpr std::int64_t kDayNs = 86'400'000'000'000;
Time days_ago(std::int64_t days) { return {kNow.nanoseconds - days * kDayNs}; }

class Access : public testing::Test {
  protected:
    Access() : policy_(std::move(policy::load(std::filesystem::path(HUOQI_SOURCE_DIR) / "policy").value())) {
        people::Contents contents;
        using people::OrganisationKind;
        contents.organisations = {{"sf", "hq", "总部", OrganisationKind::headquarters, "", {}},
                                  {"sf", "hz-01", "杭州一部", OrganisationKind::outlet, "hq", {"330106"}},
                                  {"sf", "gz-01", "广州一部", OrganisationKind::outlet, "hq", {"440106"}}};
        contents.people = {{"sf", "S001", "hz-01", "快递员", "", days_ago(300), std::nullopt},
                           {"sf", "S002", "hz-01", "客服", "", days_ago(300), days_ago(0)}};
        contents.grants = {
            {"sf", "gr_1", "S001", "courier", "hz-01", days_ago(100), std::nullopt, days_ago(100)},
            {"sf", "gr_2", "S001", "manager", "hq", days_ago(200), std::nullopt, days_ago(181)},
            {"sf", "gr_3", "S001", "customer_service", "hz-01", days_ago(9), std::nullopt, days_ago(9)},
            {"sf", "gr_4", "S002", "courier", "hz-01", days_ago(9), std::nullopt, days_ago(9)}};
        contents.devices = {
            {"sf", "pda-1", people::DeviceKind::hand_held, "hz-01", days_ago(9), std::nullopt},
            {"sf", "pda-2", people::DeviceKind::hand_held, "hz-01", days_ago(9), days_ago(1)}};
        directory_.replace(people::Snapshot::of(std::move(contents)).value());
        EXPECT_TRUE(directory_.assign(
            {"sf", kBill, "S001", people::AssignmentKind::deliver, days_ago(1), {kNow.nanoseconds + 1}}));
    }
    Question deliver() const {
        Question out;
        out.enterprise = "sf";
        out.person = "S001";
        out.role = "courier";
        out.device = "pda-1";
        out.second_factor = true;
        out.action = Action::reveal;
        out.fields = kPhone;
        out.bill = Bill{"sf", "hz-01", days_ago(2)};
        out.waybill = kBill;
        out.purpose = "deliver";
        out.tokens = 1;
        out.used = Used{};
        return out;
    }
    Decision decide(const Question& question, Time at = kNow) const {
        const auto snapshot = directory_.now();
        return evaluate(*policy_, facts(directory_, *snapshot, terms(*policy_, at), question, at));
    }
    std::string rule(auto change) const {
        auto question = deliver();
        change(question);
        return std::string(decide(question).rule);
    }

    static constexpr Field kPhone[] = {Field::recipient_phone};
    static constexpr Field kSender[] = {Field::sender_phone};
    std::unique_ptr<const policy::Policy> policy_;
    people::Directory directory_;
};

TEST_F(Access, ACourierOpensWhatIsAssignedToHimNow) {
    EXPECT_EQ(decide(deliver()).rule, "allowed");
    EXPECT_EQ(decide(deliver()).form, Form::clear);
    EXPECT_EQ(decide(deliver(), {kNow.nanoseconds + 1}).rule, "scope.assigned");
}

TEST_F(Access, EachMissingFactIsNamed) {
    EXPECT_EQ(rule([](auto& q) { q.enterprise = "yt"; }), "person.unknown");
    EXPECT_EQ(rule([](auto& q) { q.person = "S009"; }), "person.unknown");
    EXPECT_EQ(rule([](auto& q) { q.person = "S002"; }), "person.inactive");
    EXPECT_EQ(rule([](auto& q) { q.role = "pilot"; }), "role.unknown");
    EXPECT_EQ(rule([](auto& q) { q.role = "sorter"; }), "role.action");
    EXPECT_EQ(rule([](auto& q) { q.role = "counter_clerk"; }), "role.granted");
    EXPECT_EQ(rule([](auto& q) { q.device = ""; }), "device.registered");
    EXPECT_EQ(rule([](auto& q) { q.device = "pda-2"; }), "device.registered");
    EXPECT_EQ(rule([](auto& q) { q.second_factor = false; }), "second_factor");
    static constexpr std::string_view kClosed[] = {"training"};
    EXPECT_EQ(rule([](auto& q) { q.closed = kClosed; }), "gate.closed");
    EXPECT_EQ(rule([](auto& q) { q.bill.reset(); }), "waybill.unknown");
    EXPECT_EQ(rule([](auto& q) { q.bill->enterprise = "yt"; }), "tenant");
    EXPECT_EQ(rule([](auto& q) { q.purpose = "gossip"; }), "purpose.unknown");
    EXPECT_EQ(rule([](auto& q) { q.purpose = "claim"; }), "purpose.role");
    EXPECT_EQ(rule([](auto& q) { q.fields = {}; }), "fields.none");
    EXPECT_EQ(rule([](auto& q) { q.fields = kSender; }), "purpose.field");
    EXPECT_EQ(rule([](auto& q) { q.tokens = 0; }), "tokens.none");
    EXPECT_EQ(rule([](auto& q) { q.tokens = 21; }), "tokens.too_many");
    EXPECT_EQ(rule([](auto& q) { q.waybill = RecordPlace{{3}, {78}}; }), "scope.assigned");
    EXPECT_EQ(rule([](auto& q) { q.waybill.reset(); }), "scope.assigned");
    EXPECT_EQ(rule([](auto& q) { q.used.reset(); }), "quota.unknown");
    EXPECT_EQ(rule([](auto& q) { q.used = Used{400, 400}; }), "quota.day");
    EXPECT_EQ(rule([](auto& q) { q.used = Used{0, 8000}; }), "quota.month");
    EXPECT_EQ(rule([](auto& q) { q.used = Used{399, 7999}; }), "allowed");
}

TEST_F(Access, AGrantThatWasNotConfirmedInTimeLapses) {
    Question read = deliver();
    read.role = "manager";
    read.action = Action::read;
    read.purpose = {};
    EXPECT_EQ(decide(read).rule, "role.granted");
    EXPECT_EQ(decide(read, days_ago(2)).rule, "allowed");
    EXPECT_EQ(decide(read, days_ago(2)).form, Form::masked);
}

TEST_F(Access, ATicketOpensItsWaybillsForItsPurpose) {
    Question claim = deliver();
    claim.role = "customer_service";
    claim.purpose = "claim";
    claim.ticket = "CS-1";
    EXPECT_EQ(decide(claim).rule, "evidence.ticket");
    ASSERT_TRUE(directory_.put({"sf", "CS-1", "claim", "hq", {}, {kBill}, {kNow.nanoseconds + 1}}));
    EXPECT_EQ(decide(claim).rule, "allowed");
    claim.purpose = "customer_service";
    EXPECT_EQ(decide(claim).rule, "evidence.ticket");
}

TEST_F(Access, ProgramsShowTheirEvidenceByANumber) {
    const std::vector<Field> phone{Field::recipient_phone}, id{Field::recipient_id_number};
    EXPECT_TRUE(may_reveal(*policy_, {"operator", "deliver", "CS-2026-1", phone, 20}).allowed);
    EXPECT_TRUE(may_reveal(*policy_, {"operator", "legal_request", "CS-2026-1", id, 1}).allowed);
    EXPECT_EQ(may_reveal(*policy_, {"operator", "deliver", "x", phone, 1}).rule, "evidence.ticket");
    EXPECT_EQ(may_reveal(*policy_, {"operator", "legal_request", "", id, 1}).rule, "evidence.ticket");
    EXPECT_EQ(may_reveal(*policy_, {"operator", "deliver", "CS-2026-1", id, 1}).rule, "purpose.field");
    EXPECT_EQ(may_reveal(*policy_, {"operator", "deliver", "CS-2026-1", {}, 1}).rule, "fields.none");
    EXPECT_EQ(may_reveal(*policy_, {"operator", "deliver", "CS-2026-1", phone, 0}).rule, "tokens.none");
    EXPECT_EQ(may_reveal(*policy_, {"operator", "deliver", "CS-2026-1", phone, 21}).rule, "tokens.too_many");
    EXPECT_EQ(may_reveal(*policy_, {"operator", "dinner", "CS-2026-1", phone, 1}).rule, "purpose.unknown");
    EXPECT_EQ(may_reveal(*policy_, {"courier", "deliver", "CS-2026-1", phone, 1}).rule, "role.not_program");
    EXPECT_EQ(may_reveal(*policy_, {"auditor", "deliver", "CS-2026-1", phone, 1}).rule, "role.action");
    EXPECT_EQ(may_reveal(*policy_, {"nobody", "deliver", "CS-2026-1", phone, 1}).rule, "role.unknown");
}

TEST_F(Access, AnExplanationNamesEveryStepInOrder) {
    auto question = deliver();
    question.device = "";
    question.tokens = 21;
    const auto snapshot = directory_.now();
    const auto explained =
        explain(*policy_, facts(directory_, *snapshot, terms(*policy_, kNow), question, kNow));
    ASSERT_EQ(explained.lines.size(), 16U);
    EXPECT_EQ(explained.lines.front().step, "person");
    EXPECT_EQ(explained.lines.back().step, "quota");
    EXPECT_EQ(explained.decision.rule, "device.registered");
    const auto failed = std::ranges::count(explained.lines, Verdict::failed, &Line::verdict);
    EXPECT_EQ(failed, 3);  // device, tokens, quota
}

TEST(Quota, CountsByDayAndMonthOfChina) {
    policy::Purpose purpose;
    purpose.code = "deliver";
    purpose.per_day = 10;
    purpose.per_month = 15;
    const auto at = [](const char* text) { return *parse_rfc3339(text); };
    Quota quota;
    EXPECT_EQ(quota.take(purpose, "sf", "S001", 8, at("2026-11-29T15:59:59Z")).rule, "allowed");
    EXPECT_EQ(quota.take(purpose, "sf", "S001", 3, at("2026-11-29T15:59:59Z")).rule, "quota.day");
    EXPECT_EQ(quota.used("sf", "S001", "deliver", at("2026-11-29T15:00:00Z")).today, 8);
    EXPECT_EQ(quota.used("yt", "S001", "deliver", at("2026-11-29T15:00:00Z")).today, 0);
    EXPECT_EQ(quota.used("sf", "S001", "collect", at("2026-11-29T15:00:00Z")).month, 0);
    EXPECT_EQ(quota.take(purpose, "sf", "S001", 8, at("2026-11-29T16:00:00Z")).rule, "quota.month");
    EXPECT_EQ(quota.take(purpose, "sf", "S001", 7, at("2026-11-29T16:00:00Z")).rule, "allowed");
    EXPECT_EQ(quota.used("sf", "S001", "deliver", at("2026-11-30T15:00:00Z")).month, 15);
    EXPECT_EQ(quota.used("sf", "S001", "deliver", at("2026-11-30T16:00:00Z")).month, 0);
    quota.give_back("sf", "S001", "deliver", 7, at("2026-11-29T16:00:00Z"));
    EXPECT_EQ(quota.used("sf", "S001", "deliver", at("2026-11-30T15:00:00Z")).month, 8);
    EXPECT_EQ(quota.take(purpose, "sf", "S001", 0, at("2026-11-29T16:00:00Z")).rule, "tokens.none");
    quota.forget_old(at("2026-12-01T00:00:00Z"));
    EXPECT_EQ(quota.used("sf", "S001", "deliver", at("2026-11-30T15:00:00Z")).month, 0);
}

TEST(Quota, IsRebuiltFromCounts) {
    Quota quota;
    const Day today = china_day(kNow);
    const Count counts[] = {{"sf", "S001", "deliver", today, 3},
                            {"sf", "S001", "deliver", today, 2},
                            {"sf", "S001", "deliver", today - std::chrono::days(1), 7}};
    quota.load(counts);
    EXPECT_EQ(quota.used("sf", "S001", "deliver", kNow).today, 5);
    EXPECT_EQ(quota.used("sf", "S001", "deliver", kNow).month, 12);
}

TEST(Quota, ManyAtOnceGetNoMoreThanThereIs) {
    policy::Purpose purpose;
    purpose.code = "deliver";
    purpose.per_day = purpose.per_month = 1000;
    Quota quota;
    std::atomic<int> taken = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int j = 0; j < 1000; ++j)
                taken += quota.take(purpose, "sf", "S001", 1, kNow).allowed ? 1 : 0;
        });
    }
    threads.clear();
    EXPECT_EQ(taken, 1000);
}

}  // namespace
}  // namespace huoqi::access

// SPDX-License-Identifier: Apache-2.0
// Decisions a second on one core: people and assignments picked at random, so that memory is as cold as it is
// in a day's work. The policy is HUOQI_POLICY_DIR or the folder policy/ where it is started.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <random>

#include "base/check.h"
#include "core/access/facts.h"

namespace huoqi::access {
namespace {

constexpr std::uint32_t kPeople = 100'000, kOutlets = 2'000, kAssigned = 10;  // a person: a million in all
constexpr std::int64_t kHour = 3'600'000'000'000;
const Time kNow = *parse_rfc3339("2026-11-24T02:00:00Z");

std::string outlet_of(std::uint32_t person) { return "outlet-" + std::to_string(person % kOutlets); }
std::string id_of(std::uint32_t person) { return "S" + std::to_string(1'000'000 + person); }
RecordPlace place_of(std::uint32_t person, std::uint32_t n) { return {{1}, {person * 100ULL + n}}; }

struct World {
    World() {
        const char* dir = std::getenv("HUOQI_POLICY_DIR");
        auto loaded = policy::load(dir != nullptr ? dir : "policy");
        HUOQI_CHECK(loaded);
        policy = std::move(*loaded);
        const Time before{kNow.nanoseconds - 240 * kHour}, after{kNow.nanoseconds + 24 * kHour};
        people::Contents contents;
        contents.organisations.push_back({"sf", "hq", "hq", people::OrganisationKind::headquarters, "", {}});
        for (std::uint32_t i = 0; i < kOutlets; ++i)
            contents.organisations.push_back({"sf", outlet_of(i), "outlet", {}, "hq", {}});
        for (std::uint32_t i = 0; i < kPeople; ++i) {
            contents.people.push_back({"sf", id_of(i), outlet_of(i), "courier", "", before, std::nullopt});
            contents.grants.push_back({"sf", "gr_" + std::to_string(i), id_of(i), "courier", outlet_of(i),
                                       before, std::nullopt, before});
            contents.devices.push_back(
                {"sf", "pda-" + std::to_string(i), {}, outlet_of(i), before, std::nullopt});
            for (std::uint32_t n = 0; n < kAssigned; ++n) {
                HUOQI_CHECK(directory.assign(
                    {"sf", place_of(i, n), id_of(i), people::AssignmentKind::deliver, before, after}));
            }
        }
        auto snapshot = people::Snapshot::of(std::move(contents));
        HUOQI_CHECK(snapshot);
        directory.replace(*snapshot);
        HUOQI_CHECK(directory.assignments() == std::size_t{kPeople} * kAssigned);
    }
    std::unique_ptr<const policy::Policy> policy;
    people::Directory directory;
};
World& world() {
    static World one;
    return one;
}

struct Names {
    std::string person, outlet, device;
    RecordPlace place;
};
// The questions of so many people.
std::vector<Names> names(std::uint32_t people) {
    std::mt19937 random(1);
    std::vector<Names> out;
    for (int i = 0; i < 100'000; ++i) {
        const std::uint32_t person = static_cast<std::uint32_t>(random() % people);
        out.push_back({id_of(person), outlet_of(person), "pda-" + std::to_string(person),
                       place_of(person, static_cast<std::uint32_t>(random() % kAssigned))});
    }
    return out;
}

Question question_of(const Names& one) {
    static constexpr waybill::Field kFields[] = {
        waybill::Field::recipient_name, waybill::Field::recipient_phone, waybill::Field::recipient_address};
    Question out;
    out.enterprise = "sf";
    out.person = one.person;
    out.role = "courier";
    out.device = one.device;
    out.second_factor = true;
    out.action = policy::Action::reveal;
    out.fields = kFields;
    out.bill = Bill{"sf", one.outlet, kNow};
    out.waybill = one.place;
    out.purpose = "deliver";
    out.tokens = 1;
    out.used = Used{};
    return out;
}

void gather_and_decide(benchmark::State& state) {
    auto& all = world();
    const auto who = names(static_cast<std::uint32_t>(state.range(0)));
    const auto figures = terms(*all.policy, kNow);
    std::size_t at = 0, allowed = 0;
    for (auto _ : state) {
        const auto snapshot = all.directory.now();
        const auto decision =
            evaluate(*all.policy, facts(all.directory, *snapshot, figures, question_of(who[at]), kNow));
        allowed += decision.allowed ? 1U : 0U;
        at = at + 1 == who.size() ? 0 : at + 1;
    }
    HUOQI_CHECK(allowed == static_cast<std::size_t>(state.iterations()));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(gather_and_decide)->Arg(1000)->Arg(10'000)->Arg(kPeople);

void decide_alone(benchmark::State& state) {
    auto& all = world();
    const auto who = names(1);
    const auto snapshot = all.directory.now();
    const auto request =
        facts(all.directory, *snapshot, terms(*all.policy, kNow), question_of(who.front()), kNow);
    for (auto _ : state) benchmark::DoNotOptimize(evaluate(*all.policy, request));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(decide_alone);

}  // namespace
}  // namespace huoqi::access

// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "core/waybill/waybill.h"

namespace huoqi::waybill {
namespace {

Waybill typical() {
    Waybill waybill;
    constexpr std::pair<Part, std::string_view> kParts[] = {
        {Part::number, "SF2000021000003"},
        {Part::time, "2026-11-04T14:16:22+08:00"},
        {Part::items, "婴儿奶粉3段、茶叶礼盒"},
        {Part::sender_name, "于熙涵"},
        {Part::sender_mobile, "17376787265"},
        {Part::sender_organisation, "深圳前海贸易有限公司"},
        {Part::sender_province, "吉林省"},
        {Part::sender_city, "白城市"},
        {Part::sender_district, "洮南市"},
        {Part::sender_detail, "东升乡滨江大道407号金地格林15幢2单元2501室"},
        {Part::sender_id_type, "1"},
        {Part::sender_id_number, "220881199712015993"},
        {Part::recipient_name, "许博俊"},
        {Part::recipient_mobile, "16144041511"},
        {Part::recipient_province, "广东省"},
        {Part::recipient_city, "中山市"},
        {Part::recipient_district, "中山市"},
        {Part::recipient_detail, "沙溪镇明珠路486号万科城39幢1单元3105室"}};
    for (auto [part, value] : kParts) waybill[part].assign(value);
    return waybill;
}

void BM_Normalise(benchmark::State& state) {
    Waybill from = typical();
    for (auto _ : state) {
        Waybill waybill = from.clone();
        benchmark::DoNotOptimize(normalise(waybill));
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Normalise);

void BM_MaskAddress(benchmark::State& state) {
    Waybill waybill = typical();
    normalise(waybill);
    MaskRules rules;
    for (auto _ : state) benchmark::DoNotOptimize(mask(waybill, Field::recipient_address, rules));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_MaskAddress);

}  // namespace
}  // namespace huoqi::waybill

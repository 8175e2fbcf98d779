// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "core/formats/order_file.h"

namespace huoqi::formats {
namespace {

constexpr std::int64_t kOrders = 20'000;

// The shape and length of a real label order.
constexpr std::string_view kFront =
    R"({"recMan":{"name":"许博俊","mobile":"16144041511","tel":"","printAddr":"广东省中山市中山市沙溪镇明珠路486号万科城39幢1单元3105室","company":"","province":"广东省","city":"中山市","district":"中山市","addr":"沙溪镇明珠路486号万科城39幢1单元3105室"},"sendMan":{"name":"于熙涵","mobile":"17376787265","tel":"","printAddr":"吉林省白城市洮南市东升乡滨江大道407号金地格林15幢2单元2501室","company":"深圳前海贸易有限公司","province":"吉林省","city":"白城市","district":"洮南市","addr":"东升乡滨江大道407号金地格林15幢2单元2501室"},"kuaidicom":"shunfeng","kuaidinum":")";
constexpr std::string_view kBack =
    R"(","orderId":"4781320682409000000","payType":"SHIPPER","expType":"标准快递","weight":"1.0","count":1,"cargo":"茶叶礼盒","remark":"小心轻放","realName":"于熙涵","sendIdCardType":"1","sendIdCard":"220881199712015993","needDesensitization":false})";
constexpr std::string_view kFormat = R"(version = "2026-11-23"
kind = "jsonl"
title.zh = "快递100"
title.en = "Kuaidi100"
source = "benchmark"
encodings = ["utf-8"]
required = ["kuaidinum"]
[parts]
"number" = { from = "kuaidinum" }
"items" = { from = "cargo" }
"sender.name" = { from = "sendMan.name" }
"sender.mobile" = { from = "sendMan.mobile" }
"sender.tel" = { from = "sendMan.tel" }
"sender.organisation" = { from = "sendMan.company" }
"sender.province" = { from = "sendMan.province" }
"sender.city" = { from = "sendMan.city" }
"sender.district" = { from = "sendMan.district" }
"sender.detail" = { from = ["sendMan.addr", "sendMan.printAddr"] }
"sender.id_type" = { from = "sendIdCardType", transforms = ["id_type_kuaidi100"] }
"sender.id_number" = { from = "sendIdCard" }
"recipient.name" = { from = "recMan.name" }
"recipient.mobile" = { from = "recMan.mobile" }
"recipient.tel" = { from = "recMan.tel" }
"recipient.province" = { from = "recMan.province" }
"recipient.city" = { from = "recMan.city" }
"recipient.district" = { from = "recMan.district" }
"recipient.detail" = { from = ["recMan.addr", "recMan.printAddr"] }
)";

std::string orders() {
    std::string text;
    for (std::int64_t i = 0; i < kOrders; ++i) {
        text += kFront;
        text += "SF" + std::to_string(2'000'000'000'000 + i);
        text += kBack;
        text += '\n';
    }
    return text;
}

// One core: records to checked waybills.
void BM_ReadKuaidi100(benchmark::State& state) {
    Format format = parse_format("kuaidi100", kFormat).value();
    std::string text = orders();
    auto file = OrderFile::open(tabular::Source::of_memory(text), {}, {.format = &format}).value();
    auto reader = file.reader().value();
    std::vector<Batch> batches;
    while (auto batch = file.next_batch(1 << 20).value()) batches.push_back(std::move(*batch));
    waybill::Waybill waybill;
    for (auto _ : state) {
        for (const Batch& batch : batches) {
            for (const auto& record : batch.records) {
                if (!reader.read(record.text, waybill).empty()) std::abort();
            }
        }
    }
    state.SetItemsProcessed(state.iterations() * kOrders);
}
BENCHMARK(BM_ReadKuaidi100)->Unit(benchmark::kMillisecond);

// One thread: bytes to batches of records.
void BM_Batches(benchmark::State& state) {
    Format format = parse_format("kuaidi100", kFormat).value();
    std::string text = orders();
    for (auto _ : state) {
        auto file = OrderFile::open(tabular::Source::of_memory(text), {}, {.format = &format}).value();
        while (auto batch = file.next_batch(1 << 20).value()) benchmark::DoNotOptimize(batch->records.size());
    }
    state.SetItemsProcessed(state.iterations() * kOrders);
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(BM_Batches)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace huoqi::formats

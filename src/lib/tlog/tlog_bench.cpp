// SPDX-License-Identifier: Apache-2.0
// Verifying a ledger is a leaf hash and an edge step for each entry; a checkpoint is one root.
#include <benchmark/benchmark.h>

#include "lib/tlog/tlog.h"

namespace huoqi::tlog {
namespace {

void leaf(benchmark::State& state) {
    const Bytes entry(static_cast<std::size_t>(state.range(0)), 'x');
    for (auto _ : state) benchmark::DoNotOptimize(leaf_hash(entry));
}
BENCHMARK(leaf)->Arg(200)->Arg(400);

void leaf_and_edge(benchmark::State& state) {
    const Bytes entry(static_cast<std::size_t>(state.range(0)), 'x');
    Edge edge;
    const auto drop = [](const Edge::FullTile&) {};
    for (auto _ : state) edge.add(leaf_hash(entry), drop);
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(leaf_and_edge)->Arg(200)->Arg(400);

void edge_root(benchmark::State& state) {
    Edge edge;
    for (int i = 0; i < 1'000'000 - 1; ++i) edge.add(Hash{}, {});
    for (auto _ : state) benchmark::DoNotOptimize(edge.root());
}
BENCHMARK(edge_root);

}  // namespace
}  // namespace huoqi::tlog

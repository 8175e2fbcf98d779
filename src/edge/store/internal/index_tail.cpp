// SPDX-License-Identifier: Apache-2.0
#include "edge/store/internal/index_tail.h"

#include <algorithm>

namespace huoqi::store {
namespace {

void find_in(const Chunk& chunk, const IndexEntry& first, std::vector<RecordId>& out) {
    for (auto at = std::lower_bound(chunk.begin(), chunk.end(), first); at != chunk.end(); ++at) {
        if (at->volume != first.volume || at->kind != first.kind || at->token != first.token) break;
        out.push_back(RecordId{at->record});
    }
}

std::shared_ptr<Chunk> merged(const Chunk& a, const Chunk& b) {
    auto out = std::make_shared<Chunk>();
    out->resize(a.size() + b.size());
    std::merge(a.begin(), a.end(), b.begin(), b.end(), out->begin());
    return out;
}

}  // namespace

const Chunk& IndexTail::Taken::sorted() const {
    std::call_once(once, [this] { std::sort(entries.begin(), entries.end()); });
    return entries;
}

void IndexTail::State::settle() {
    if (fresh.empty()) return;
    auto chunk = std::make_shared<Chunk>(std::move(fresh));
    fresh.clear();
    std::sort(chunk->begin(), chunk->end());
    while (!chunks.empty() && chunks.back()->size() < 2 * chunk->size()) {
        chunk = merged(*chunks.back(), *chunk);
        chunks.pop_back();
    }
    chunks.push_back(std::move(chunk));
}

std::size_t IndexTail::State::size() const {
    std::size_t total = fresh.size();
    for (const auto& chunk : chunks) total += chunk->size();
    return total;
}

void IndexTail::add(const Chunk& entries) {
    state_.with([&](State& state) { state.fresh.insert(state.fresh.end(), entries.begin(), entries.end()); });
}

void IndexTail::find(VolumeId volume, archive::IndexKind kind, archive::IndexToken token,
                     std::vector<RecordId>& out) const {
    auto [chunks, taken] = state_.with([](State& state) {
        state.settle();
        return std::pair(state.chunks, state.taken);
    });
    IndexEntry first{token, 0, volume.value, kind};
    for (const auto& chunk : chunks) find_in(*chunk, first, out);
    if (taken) find_in(taken->sorted(), first, out);
}

std::size_t IndexTail::size() const {
    return state_.with([](const State& state) { return state.size(); });
}

void IndexTail::take() {
    state_.with([](State& state) {
        auto taken = std::make_shared<Taken>();
        taken->entries = std::move(state.fresh);
        state.fresh.clear();
        for (const auto& chunk : state.chunks) {
            taken->entries.insert(taken->entries.end(), chunk->begin(), chunk->end());
        }
        state.chunks.clear();
        state.taken = std::move(taken);
    });
}

std::shared_ptr<const Chunk> IndexTail::sorted() const {
    auto taken = state_.with([](const State& state) { return state.taken; });
    return {taken, &taken->sorted()};
}

void IndexTail::release() {
    state_.with([](State& state) { state.taken.reset(); });
}

}  // namespace huoqi::store

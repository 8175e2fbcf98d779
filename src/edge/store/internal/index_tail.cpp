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

void IndexTail::add(Chunk entries) {
    if (entries.empty()) return;
    std::sort(entries.begin(), entries.end());
    auto chunk = std::make_shared<Chunk>(std::move(entries));
    state_.with([&](State& state) {
        state.size += chunk->size();
        while (!state.chunks.empty() && state.chunks.back()->size() < 2 * chunk->size()) {
            chunk = merged(*state.chunks.back(), *chunk);
            state.chunks.pop_back();
        }
        state.chunks.push_back(std::move(chunk));
    });
}

void IndexTail::find(VolumeId volume, archive::IndexKind kind, archive::IndexToken token,
                     std::vector<RecordId>& out) const {
    auto [chunks, taken] =
        state_.with([](const State& state) { return std::pair(state.chunks, state.taken); });
    IndexEntry first{token, 0, volume.value, kind};
    for (const auto& chunk : chunks) find_in(*chunk, first, out);
    if (taken) find_in(*taken, first, out);
}

std::size_t IndexTail::size() const {
    return state_.with([](const State& state) { return state.size; });
}

std::shared_ptr<const Chunk> IndexTail::take() {
    return state_.with([](State& state) {
        auto all = std::make_shared<Chunk>();
        while (!state.chunks.empty()) {
            all = all->empty() ? state.chunks.back() : merged(*state.chunks.back(), *all);
            state.chunks.pop_back();
        }
        state.size = 0;
        state.taken = all;
        return state.taken;
    });
}

void IndexTail::release() {
    state_.with([](State& state) { state.taken.reset(); });
}

}  // namespace huoqi::store

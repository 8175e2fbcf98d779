// SPDX-License-Identifier: Apache-2.0
// The committer: one thread that turns queued works into groups, each written and synced at once.
#include <future>

#include "base/check.h"
#include "core/ledger/internal/state.h"

namespace huoqi::ledger {

void Ledger::submit(Work work) {
    std::unique_lock lock(state_->mutex);
    auto& queue = state_->queue;
    if (queue.stopping || queue.works.size() >= kMaxQueuedWorks) {
        lock.unlock();
        work.done(fail(Code::unavailable, "ledger: too many requests wait, or the node is stopping"));
        return;
    }
    queue.works.push_back(std::move(work));
    lock.unlock();
    state_->wake.notify_one();
}

Result<EntryIndex> Ledger::commit(Work work) {
    std::promise<Result<EntryIndex>> promise;
    auto answer = promise.get_future();
    auto done = std::move(work.done);
    work.done = [&promise, done = std::move(done)](Result<EntryIndex> result) {
        if (done) done(result);
        promise.set_value(std::move(result));
    };
    submit(std::move(work));
    return answer.get();
}

Result<EntryIndex> Ledger::append(Entry entry) { return commit({std::move(entry), 1, {}, {}}); }

void Ledger::stop() {
    {
        std::lock_guard lock(state_->mutex);
        state_->queue.stopping = true;
    }
    state_->wake.notify_all();
    if (state_->committer.joinable()) state_->committer.join();
}

void Ledger::run() {
    for (;;) {
        std::vector<Work> group;
        {
            std::unique_lock lock(state_->mutex);
            auto& queue = state_->queue;
            state_->wake.wait(lock, [&] { return queue.stopping || !queue.works.empty(); });
            if (queue.works.empty()) return;
            for (std::size_t weight = 0; !queue.works.empty() && group.size() < kMaxWorksInGroup;) {
                weight += queue.works.front().weight;
                if (!group.empty() && weight > kMaxRowsInGroup) break;
                group.push_back(std::move(queue.works.front()));
                queue.works.pop_front();
            }
        }
        write_group(std::move(group));
    }
}

void Ledger::write_group(std::vector<Work> works) {
    Group group;
    auto edge = state_->edge.with([](const tlog::Edge& current) { return current; });
    std::vector<std::pair<Work*, EntryIndex>> written;
    Time time = state_->last_time;
    for (auto& work : works) {
        Entry entry = std::move(work.entry);
        if (work.fill) {
            if (auto filled = work.fill(group, entry); !filled) {
                work.done(pass(filled));
                continue;
            }
        }
        time = std::max(Time{time.nanoseconds + 1}, clock_.now());
        entry.time = time;
        entry.policy = policy_version_;
        std::string json = canonical(entry, token_of_);
        HUOQI_CHECK(json.size() <= tlog::kMaxEntryBytes);
        EntryIndex index{edge.size().value};
        edge.add(tlog::leaf_hash(bytes_of(json)), [&](tlog::Edge::FullTile tile) {
            group.set.tiles.push_back({tile.level, tile.index, std::move(tile.hashes)});
        });
        auto bytes = bytes_of(json);
        group.set.entries.push_back({index, Bytes(bytes.begin(), bytes.end()), search_keys(entry)});
        written.emplace_back(&work, index);
    }
    if (written.empty()) return;
    if (auto done = archive_.write(group.set); !done) {
        for (auto& [work, index] : written) work->done(std::unexpected(done.error()));
        return;
    }
    state_->last_time = time;
    state_->edge.with([&](tlog::Edge& current) { current = std::move(edge); });
    for (auto& [work, index] : written) work->done(index);
}

}  // namespace huoqi::ledger

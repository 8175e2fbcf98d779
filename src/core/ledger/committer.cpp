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

// A group ready to be written, the works that are in it, and what the ledger will be when it is.
struct Ledger::Prepared {
    Group group;
    tlog::Edge edge;
    Time last_time;
    std::vector<std::pair<Work*, EntryIndex>> works;
    // Those whose fill() said no. It may have said so because of another work of the group, so they are
    // answered when that is durable.
    std::vector<std::pair<Work*, Error>> refused;
    bool again =
        false;  // a work was turned away after it had been filled in: the group must be made without it
};

// Works whose fill() says no are answered and left out.
Ledger::Prepared Ledger::prepare(std::vector<Work>& works) {
    Prepared out;
    out.edge = state_->edge.with([](const tlog::Edge& current) { return current; });
    out.last_time = state_->last_time;
    for (auto& work : works) {
        if (!work.done) continue;  // answered before
        Entry entry = work.entry;
        if (work.fill) {
            if (auto filled = work.fill(out.group, entry); !filled) {
                out.refused.emplace_back(&work, filled.error());
                continue;
            }
        }
        out.last_time = std::max(Time{out.last_time.nanoseconds + 1}, clock_.now());
        entry.time = out.last_time;
        entry.policy = policy_version_();
        std::string json = canonical(entry, token_of_);
        if (json.size() > tlog::kMaxEntryBytes) {
            work.done(fail(Code::too_large, "ledger: what was asked for does not fit into an entry"));
            work.done = nullptr;
            out.again = true;
            return out;
        }
        EntryIndex index{out.edge.size().value};
        out.edge.add(tlog::leaf_hash(bytes_of(json)), [&](tlog::Edge::FullTile tile) {
            out.group.set.tiles.push_back({tile.level, tile.index, std::move(tile.hashes)});
        });
        auto bytes = bytes_of(json);
        out.group.set.entries.push_back({index, Bytes(bytes.begin(), bytes.end()), search_keys(entry)});
        out.works.emplace_back(&work, index);
    }
    return out;
}

// After a write whose outcome is not known the ledger in memory may be behind the stored one.
Status Ledger::restore_if_doubtful() {
    if (!state_->doubtful) return {};
    auto restored = restore({});
    if (restored) state_->doubtful = false;
    return restored;
}

void Ledger::write_group(std::vector<Work> works) {
    constexpr int kTries = 4;  // others of the same archive may be first again and again
    Status done = restore_if_doubtful();
    Prepared ready;
    for (int tried = 0; done && tried < kTries; ++tried) {
        do ready = prepare(works);
        while (ready.again);
        if (ready.works.empty()) break;
        done = archive_.write(ready.group.set);
        if (done || done.error().code != Code::conflict) break;
        // What a work's fill() did not see is there now; or the write before this one came through after all.
        state_->doubtful = true;
        done = tried + 1 < kTries
                   ? restore_if_doubtful()
                   : Status(fail(Code::unavailable, "ledger: others write the same; try again"));
    }
    if (!done) {
        if (done.error().code == Code::unavailable) state_->doubtful = true;
        for (auto& work : works) {
            if (work.done) work.done(std::unexpected(done.error()));
        }
        return;
    }
    if (!ready.works.empty()) {
        state_->last_time = ready.last_time;
        state_->edge.with([&](tlog::Edge& current) { current = std::move(ready.edge); });
    }
    for (auto& [work, index] : ready.works) work->done(index);
    for (auto& [work, error] : ready.refused) work->done(std::unexpected(error));
}

}  // namespace huoqi::ledger

// SPDX-License-Identifier: Apache-2.0
// What a ledger changes while it runs: the queue of works, the tree's edge, and the checkpoint last signed.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/guarded.h"
#include "core/ledger/ledger.h"

namespace huoqi::ledger {

struct Ledger::State {
    struct Queue {
        std::deque<Work> works;
        bool stopping = false;
    };
    struct Signed {
        TreeSize size{~0ULL};
        std::string note;
    };

    std::mutex mutex;  // of `queue`
    std::condition_variable wake;
    Queue queue;
    std::thread committer;

    Guarded<tlog::Edge> edge;  // of what is durable
    Guarded<Signed> checkpoint;
    // The committer's:
    Time last_time;
    bool doubtful = false;  // the outcome of the last write is not known
};

}  // namespace huoqi::ledger

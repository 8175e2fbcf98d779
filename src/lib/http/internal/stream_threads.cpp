// SPDX-License-Identifier: Apache-2.0
#include "lib/http/internal/stream_threads.h"

#include <system_error>

namespace huoqi::http::internal {

std::shared_ptr<void> StreamPermits::take() {
    if (taken_.fetch_add(1) >= limit_) {
        taken_.fetch_sub(1);
        return nullptr;
    }
    return {this, [self = shared_from_this()](void*) { self->taken_.fetch_sub(1); }};
}

Status StreamThreads::run(std::move_only_function<void()> work) {
    std::lock_guard lock(mutex_);
    for (auto worker = workers_.begin(); worker != workers_.end();) {
        if (worker->done) {
            worker->thread.join();
            worker = workers_.erase(worker);
        } else {
            ++worker;
        }
    }
    Worker& worker = workers_.emplace_back();
    try {
        worker.thread = std::thread([&worker, job = std::move(work)]() mutable {
            job();
            job = nullptr;  // what it holds is let go before it counts as done
            worker.done = true;
        });
    } catch (const std::system_error&) {
        workers_.pop_back();
        return fail(Code::unavailable, "no thread for a stream");
    }
    return {};
}

void StreamThreads::join_all() {
    std::list<Worker> workers;
    {
        std::lock_guard lock(mutex_);
        workers.swap(workers_);
    }
    for (Worker& worker : workers) worker.thread.join();
}

}  // namespace huoqi::http::internal

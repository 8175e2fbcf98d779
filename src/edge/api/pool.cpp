// SPDX-License-Identifier: Apache-2.0
#include "edge/api/pool.h"

#include <exception>

#include "base/check.h"
#include "base/log.h"

namespace huoqi::api {

Pool::Pool(unsigned threads, std::size_t max_waiting) : max_waiting_(max_waiting) {
    HUOQI_CHECK(threads > 0);
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

Pool::~Pool() { stop(); }

bool Pool::try_post(Task task) {
    {
        std::lock_guard lock(mutex_);
        if (stopping_ || tasks_.size() >= max_waiting_) return false;
        tasks_.push_back(std::move(task));
    }
    wake_.notify_one();
    return true;
}

void Pool::post(Task task) {
    {
        std::lock_guard lock(mutex_);
        if (stopping_) return;
        continuations_.push_back(std::move(task));
    }
    wake_.notify_one();
}

void Pool::stop() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

std::size_t Pool::waiting() const {
    std::lock_guard lock(mutex_);
    return tasks_.size() + continuations_.size();
}

void Pool::run() {
    for (;;) {
        Task task;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [&] { return stopping_ || !tasks_.empty() || !continuations_.empty(); });
            auto& from = continuations_.empty() ? tasks_ : continuations_;
            if (from.empty()) return;
            task = std::move(from.front());
            from.pop_front();
        }
        try {
            task();
        } catch (const std::exception&) {  // its text may repeat what was being worked on
            log::error("pool.task_threw");
        }
    }
}

}  // namespace huoqi::api

// SPDX-License-Identifier: Apache-2.0
#include "lib/http/internal/part_feed.h"

#include "base/log.h"

namespace huoqi::http::internal {
namespace {

Result<std::string> next_part(BodySource& source) {
    try {
        return source();
    } catch (...) {  // its text may repeat what was being sent
        log::error("http.body_source_threw");
        return fail(Code::unavailable, "body source threw an exception");
    }
}

}  // namespace

void PartFeed::run(BodySource source) {
    bool last = false;
    while (!last) {
        Result<std::string> part = next_part(source);
        last = !part || part->empty();
        bool wake = false;
        {
            std::unique_lock lock(mutex_);
            taken_.wait(lock, [&] { return cancelled_ || !part_; });
            if (cancelled_) return;
            part_.emplace(std::move(part));
            wake = std::exchange(taker_waits_, false);
        }
        if (!wake) continue;
        if (const auto taker = taker_.lock()) taker->wake_from_any_thread();
    }
}

std::optional<Result<std::string>> PartFeed::take() {
    std::lock_guard lock(mutex_);
    if (!part_) {
        taker_waits_ = true;
        return std::nullopt;
    }
    std::optional<Result<std::string>> part(std::move(part_));
    part_.reset();
    taken_.notify_one();
    return part;
}

void PartFeed::cancel() {
    std::lock_guard lock(mutex_);
    cancelled_ = true;
    taken_.notify_one();
}

}  // namespace huoqi::http::internal

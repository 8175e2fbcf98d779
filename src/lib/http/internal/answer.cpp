// SPDX-License-Identifier: Apache-2.0
#include "lib/http/internal/answer.h"

#include <utility>

#include "base/log.h"

namespace huoqi::http {
namespace internal {

bool Answer::give(Response response) {
    bool wake = false;
    {
        std::lock_guard lock(mutex_);
        if (over_) return false;
        over_ = true;
        response_.emplace(std::move(response));
        wake = std::exchange(waiting_, false);
    }
    // Outside the lock: waking may run the connection's destructor.
    if (!wake) return true;
    if (const auto waiter = waiter_.lock()) waiter->wake_from_any_thread();
    return true;
}

std::optional<Response> Answer::take() {
    std::lock_guard lock(mutex_);
    if (!response_) {
        waiting_ = true;
        return std::nullopt;
    }
    return std::exchange(response_, std::nullopt);
}

void Answer::abandon() {
    std::lock_guard lock(mutex_);
    over_ = true;
    waiting_ = false;
    response_.reset();
}

}  // namespace internal

namespace {

void answer_dropped(internal::Answer& answer) {
    if (answer.give(problem(500, "no_answer", "服务器内部错误 / internal error")))
        log::error("http.reply_dropped");
}

}  // namespace

Reply::Reply(std::shared_ptr<internal::Answer> answer) : answer_(std::move(answer)) {}

Reply& Reply::operator=(Reply&& other) noexcept {
    if (this != &other) {
        if (answer_) answer_dropped(*answer_);
        answer_ = std::move(other.answer_);
    }
    return *this;
}

Reply::~Reply() {
    if (answer_) answer_dropped(*answer_);
}

void Reply::send(Response response) {
    if (const auto answer = std::move(answer_)) answer->give(std::move(response));
}

}  // namespace huoqi::http

// SPDX-License-Identifier: Apache-2.0
#include "lib/http/internal/body_pipe.h"

#include <algorithm>
#include <cstring>

#include "base/secret.h"

namespace huoqi::http {
namespace internal {

BodyPipe::~BodyPipe() { wipe(buffer_.data(), buffer_.size()); }

void BodyPipe::put(std::string_view bytes) {
    std::lock_guard lock(mutex_);
    if (reader_gone_ || failure_) return;
    if (read_at_ > 0) {
        buffer_.erase(0, read_at_);
        read_at_ = 0;
    }
    buffer_.append(bytes);
    changed_.notify_one();
}

bool BodyPipe::has_room() {
    std::lock_guard lock(mutex_);
    writer_waits_ = size() >= capacity_ && !reader_gone_;
    return !writer_waits_;
}

bool BodyPipe::reader_gone() {
    std::lock_guard lock(mutex_);
    return reader_gone_;
}

void BodyPipe::end() {
    std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_one();
}

void BodyPipe::fail(Error error) {
    std::lock_guard lock(mutex_);
    if (ended_ || failure_) return;
    failure_ = std::move(error);
    changed_.notify_one();
}

Result<std::size_t> BodyPipe::read(ByteSpan into) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failure_ || ended_ || size() > 0; });
    if (failure_) return std::unexpected(*failure_);
    const std::size_t n = std::min(size(), into.size());
    if (n == 0) return std::size_t{0};
    std::memcpy(into.data(), buffer_.data() + read_at_, n);
    wipe(buffer_.data() + read_at_, n);
    read_at_ += n;
    if (size() == 0) {
        buffer_.clear();
        read_at_ = 0;
    }
    if (writer_waits_ && size() <= capacity_ / 2) wake_writer(lock);
    return n;
}

void BodyPipe::leave() {
    std::unique_lock lock(mutex_);
    reader_gone_ = true;
    if (writer_waits_) wake_writer(lock);
}

void BodyPipe::wake_writer(std::unique_lock<std::mutex>& lock) {
    writer_waits_ = false;
    lock.unlock();  // waking may run the connection's destructor
    if (const auto writer = writer_.lock()) writer->wake_from_any_thread();
}

}  // namespace internal

BodyReader::BodyReader(std::shared_ptr<internal::BodyPipe> pipe) : pipe_(std::move(pipe)) {}
BodyReader::~BodyReader() {
    if (pipe_) pipe_->leave();
}
Result<std::size_t> BodyReader::read(ByteSpan into) { return pipe_->read(into); }

}  // namespace huoqi::http

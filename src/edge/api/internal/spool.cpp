// SPDX-License-Identifier: Apache-2.0
#include "edge/api/internal/spool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace huoqi::api {
namespace {

constexpr std::size_t kPartBytes = 64 * 1024;

Status file_error(std::string_view doing) {
    return fail(errno == ENOSPC || errno == EDQUOT ? Code::no_space : Code::storage,
                "spool: " + std::string(doing));
}

}  // namespace

Result<Spool> Spool::make(const std::filesystem::path& folder) {
    int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {  // a file system without nameless files
        std::string name = (folder / "spool-XXXXXX").string();
        file = ::mkostemp(name.data(), O_CLOEXEC);
        if (file >= 0) ::unlink(name.c_str());
    }
    if (file < 0) return std::unexpected(file_error("cannot make a file").error());
    return Spool(file);
}

Spool::Spool(Spool&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      waiting_(std::move(other.waiting_)),
      size_(other.size_),
      read_(other.read_) {}

Spool::~Spool() {
    if (file_ >= 0) ::close(file_);
}

Status Spool::write(std::string_view text) {
    if (size_ + waiting_.size() + text.size() > kMaxSpoolBytes)
        return fail(Code::too_large, "spool: it is full");
    waiting_.append(text);
    return waiting_.size() >= kPartBytes ? flush() : Status{};
}

Status Spool::flush() {
    std::string_view rest = waiting_;
    while (!rest.empty()) {
        auto written = ::write(file_, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return file_error("cannot write");
        rest.remove_prefix(static_cast<std::size_t>(written));
        size_ += static_cast<std::uint64_t>(written);
    }
    waiting_.clear();
    return {};
}

Status Spool::rewind() {
    read_ = 0;
    return flush();
}

Result<std::string> Spool::next() {
    std::string part(kPartBytes, '\0');
    for (;;) {
        auto got = ::pread(file_, part.data(), part.size(), static_cast<off_t>(read_));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::unexpected(file_error("cannot read").error());
        read_ += static_cast<std::uint64_t>(got);
        part.resize(static_cast<std::size_t>(got));
        return part;
    }
}

}  // namespace huoqi::api

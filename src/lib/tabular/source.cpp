// SPDX-License-Identifier: Apache-2.0
#include "lib/tabular/source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/check.h"

namespace huoqi::tabular {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{256} << 10;
constexpr int kGzipOnly = 16 + MAX_WBITS;

class File {
  public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    ~File() {
        if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int descriptor() const { return descriptor_; }

  private:
    int descriptor_;
};

Result<std::size_t> read_some(const File& file, ByteSpan out, const std::string& name) {
    while (true) {
        ssize_t got = ::read(file.descriptor(), out.data(), out.size());
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) return fail(Code::storage, name + ": " + std::strerror(errno));
    }
}

}  // namespace

class Source::State {
  public:
    State(ReadBytes read, std::string name, std::optional<std::uint64_t> total)
        : read_(std::move(read)), name_(std::move(name)), total_(total), block_(kBlockBytes) {}
    ~State() {
        if (packed_) inflateEnd(&stream_);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    Result<std::size_t> read(ByteSpan out) {
        if (!started_) {
            if (auto status = start(); !status) return pass(status);
        }
        if (packed_) return unpack(out);
        if (at_ == size_) {
            if (auto status = fill(); !status) return pass(status);
        }
        std::size_t count = std::min(out.size(), size_ - at_);
        std::memcpy(out.data(), block_.data() + at_, count);
        at_ += count;
        return count;
    }

    Progress progress() const { return {consumed_.load(std::memory_order_relaxed), total_}; }
    const std::string& name() const { return name_; }

  private:
    // Reads the next block; size_ is 0 at the end.
    Status fill() {
        at_ = size_ = 0;
        return more();
    }

    Status more() {
        auto got = read_(ByteSpan(block_).subspan(size_));
        if (!got) return pass(got);
        size_ += *got;
        ended_ = *got == 0;
        consumed_.fetch_add(*got, std::memory_order_relaxed);
        return {};
    }

    Status start() {
        started_ = true;
        while (size_ < 2 && !ended_) {
            if (auto status = more(); !status) return status;
        }
        packed_ = size_ >= 2 && block_[0] == 0x1F && block_[1] == 0x8B;
        if (packed_) HUOQI_CHECK(inflateInit2(&stream_, kGzipOnly) == Z_OK);
        return {};
    }

    Result<std::size_t> unpack(ByteSpan out) {
        stream_.next_out = out.data();
        stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(out.size(), 1u << 30));
        std::size_t room = stream_.avail_out;
        while (stream_.avail_out == room && !finished_) {
            if (at_ == size_) {
                if (auto status = fill(); !status) return pass(status);
                if (size_ == 0) return end();
            }
            if (auto status = inflate_block(); !status) return pass(status);
        }
        return room - stream_.avail_out;
    }

    // The end of the input: right behind a member or before anything of the next one.
    Result<std::size_t> end() {
        if (in_member_) return fail(Code::bad_input, name_ + ": the gzip data ends in the middle");
        finished_ = true;
        return 0;
    }

    Status inflate_block() {
        if (!in_member_) {
            // Zero bytes behind the last member are padding (tar, tape blocks).
            while (at_ < size_ && members_ > 0 && block_[at_] == 0) ++at_;
            if (at_ == size_) return {};
            HUOQI_CHECK(inflateReset(&stream_) == Z_OK);
            in_member_ = true;
        }
        stream_.next_in = block_.data() + at_;
        stream_.avail_in = static_cast<uInt>(size_ - at_);
        int result = inflate(&stream_, Z_NO_FLUSH);
        at_ = size_ - stream_.avail_in;
        if (result == Z_STREAM_END) {
            in_member_ = false;
            ++members_;
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            return fail(Code::bad_input, name_ + ": the gzip data is damaged");
        }
        return {};
    }

    ReadBytes read_;
    std::string name_;
    std::optional<std::uint64_t> total_;
    std::atomic<std::uint64_t> consumed_ = 0;
    Bytes block_;
    std::size_t at_ = 0;
    std::size_t size_ = 0;
    bool started_ = false;
    bool ended_ = false;
    bool packed_ = false;
    bool in_member_ = false;
    bool finished_ = false;
    std::uint64_t members_ = 0;
    z_stream stream_{};
};

Source::Source(std::unique_ptr<State> state) : state_(std::move(state)) {}
Source::Source(Source&&) noexcept = default;
Source& Source::operator=(Source&&) noexcept = default;
Source::~Source() = default;

Result<Source> Source::open(const std::string& path) {
    bool standard_input = path == "-";
    int descriptor = standard_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    std::string name = standard_input ? "standard input" : path;
    if (descriptor < 0) {
        return fail(errno == ENOENT ? Code::not_found : Code::storage, name + ": " + std::strerror(errno));
    }
    auto file = std::make_shared<File>(descriptor);
    struct stat status{};
    std::optional<std::uint64_t> total;
    if (::fstat(descriptor, &status) == 0) {
        if (S_ISDIR(status.st_mode)) return fail(Code::bad_input, name + ": is a directory");
        if (S_ISREG(status.st_mode)) total = static_cast<std::uint64_t>(status.st_size);
    }
    auto read = [file, name](ByteSpan out) { return read_some(*file, out, name); };
    return of_function(read, name, total);
}

Source Source::of_memory(std::string_view bytes, std::string name) {
    std::uint64_t size = bytes.size();
    auto read = [bytes](ByteSpan out) mutable -> Result<std::size_t> {
        std::size_t count = std::min(out.size(), bytes.size());
        std::memcpy(out.data(), bytes.data(), count);
        bytes.remove_prefix(count);
        return count;
    };
    return of_function(read, std::move(name), size);
}

Source Source::of_function(ReadBytes read, std::string name, std::optional<std::uint64_t> total) {
    return Source(std::make_unique<State>(std::move(read), std::move(name), total));
}

Result<std::size_t> Source::read(ByteSpan out) { return state_->read(out); }
Progress Source::progress() const { return state_->progress(); }
const std::string& Source::name() const { return state_->name(); }

}  // namespace huoqi::tabular

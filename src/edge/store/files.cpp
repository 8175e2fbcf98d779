// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "edge/store/store.h"

namespace huoqi::store {
namespace {

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const { return fd_; }

  private:
    int fd_;
};

std::unexpected<Error> failed(const std::filesystem::path& file) {
    int error = errno;
    Code code = error == ENOSPC || error == EDQUOT ? Code::no_space
                : error == ENOENT                  ? Code::not_found
                                                   : Code::storage;
    return fail(code, file.filename().string() + ": " + std::strerror(error));
}

Status sync_folder(const std::filesystem::path& folder) {
    Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0 || ::fsync(fd.get()) != 0) return failed(folder);
    return {};
}

Status write_all(int fd, ByteView content, const std::filesystem::path& file) {
    while (!content.empty()) {
        auto written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failed(file);
        content = content.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

class KeyFiles final : public keys::KeyStore {
  public:
    explicit KeyFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

    Result<Bytes> get(std::string_view name) const override {
        constexpr std::size_t kMaxKeyFile = 64 * 1024;
        return read_file(path(name), kMaxKeyFile);
    }

    Status put(std::string_view name, ByteView wrapped) override {
        auto file = path(name);
        std::error_code error;
        std::filesystem::create_directories(file.parent_path(), error);
        if (error) return fail(Code::storage, "keys: cannot make the folder: " + error.message());
        std::filesystem::permissions(file.parent_path(), std::filesystem::perms::owner_all, error);
        return write_file(file, wrapped);
    }

    Status remove(std::string_view name) override {
        auto file = path(name);
        auto old = get(name);
        if (!old) return pass(old);
        // Overwritten in place first: on media that write in place nothing is left of the wrapped key.
        {
            Descriptor fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
            if (fd.get() < 0) return failed(file);
            Bytes zeros(old->size());
            if (auto written = write_all(fd.get(), zeros, file); !written) return written;
            if (::fsync(fd.get()) != 0) return failed(file);
        }
        if (::unlink(file.c_str()) != 0) return failed(file);
        return sync_folder(file.parent_path());
    }

    Result<std::vector<std::string>> list(std::string_view prefix) const override {
        std::vector<std::string> out;
        std::error_code error;
        for (std::filesystem::recursive_directory_iterator at(folder_, error), end; !error && at != end;
             at.increment(error)) {
            if (!at->is_regular_file()) continue;
            auto name = at->path().lexically_relative(folder_).replace_extension().string();
            if (name.starts_with(prefix)) out.push_back(name);
        }
        if (error) return fail(Code::storage, "keys: cannot list the folder: " + error.message());
        return out;
    }

  private:
    std::filesystem::path path(std::string_view name) const { return folder_ / (std::string(name) + ".key"); }

    std::filesystem::path folder_;
};

}  // namespace

Result<Bytes> read_file(const std::filesystem::path& file, std::size_t limit) {
    Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0) return failed(file);
    Bytes out;
    for (;;) {
        std::size_t have = out.size();
        out.resize(have + 16384);
        auto got = ::read(fd.get(), &out[have], out.size() - have);
        if (got < 0 && errno != EINTR) return failed(file);
        out.resize(have + static_cast<std::size_t>(got < 0 ? 0 : got));
        if (got == 0) return out;
        if (out.size() > limit)
            return fail(Code::too_large, file.filename().string() + ": larger than expected");
    }
}

Status write_file(const std::filesystem::path& file, ByteView content) {
    auto aside = file;
    aside += ".new";
    {
        Descriptor fd(::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (fd.get() < 0) return failed(aside);
        if (auto written = write_all(fd.get(), content, aside); !written) return written;
        if (::fsync(fd.get()) != 0) return failed(aside);
    }
    if (::rename(aside.c_str(), file.c_str()) != 0) return failed(file);
    return sync_folder(file.parent_path());
}

std::unique_ptr<keys::KeyStore> open_key_files(const std::filesystem::path& folder) {
    return std::make_unique<KeyFiles>(folder);
}

}  // namespace huoqi::store

// SPDX-License-Identifier: Apache-2.0
#include "edge/api/internal/slip_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace huoqi::api {
namespace {

std::unexpected<Error> failed(std::string_view what) {
    return fail(Code::storage, "slips: cannot " + std::string(what) + ": " +
                                   std::error_code(errno, std::generic_category()).message());
}

class File {
  public:
    explicit File(int number) : number_(number) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (number_ >= 0) ::close(number_);
    }
    int get() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }

  private:
    int number_;
};

SecretBytes slip_text(const accounts::Account& account, const SecretBytes& code, Time expires) {
    constexpr std::size_t kAround = 512;
    Bytes out;
    out.reserve(kAround + account.login.size() + code.view().size());  // growing would leave the code behind
    auto add = [&out](std::string_view text) { out.insert(out.end(), text.begin(), text.end()); };
    add("火漆 Huoqi\n登录名 / log-in: ");
    add(account.login);
    add("\n一次性口令 / one-time code: ");
    add(text_of(code.view()));
    add("\n有效期至 / valid until: ");
    add(rfc3339(expires));
    add("\n请本人用此口令设置密码，勿告知他人。 / Set your password with it, and tell nobody.\n");
    return SecretBytes(std::move(out));
}

Status write_all(int file, ByteView bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failed("write a slip");
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

}  // namespace

std::string slip_name(const accounts::Account& account) { return account.id + ".txt"; }

Status write_slip(const std::filesystem::path& folder, const accounts::Account& account,
                  const SecretBytes& code, Time expires) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failed("make the folder");
    const File place(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!place) return failed("open the folder");
    const std::string name = slip_name(account);
    const std::string aside = name + ".new";
    ::unlinkat(place.get(), aside.c_str(), 0);  // of a process that was killed here
    const File file(::openat(place.get(), aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) return failed("make a slip");
    const SecretBytes text = slip_text(account, code, expires);
    if (auto written = write_all(file.get(), text.view()); !written) return written;
    if (::fsync(file.get()) != 0 || ::renameat(place.get(), aside.c_str(), place.get(), name.c_str()) != 0 ||
        ::fsync(place.get()) != 0)
        return failed("keep a slip");
    return {};
}

}  // namespace huoqi::api

// SPDX-License-Identifier: Apache-2.0
#include "app/huoqi/shell.h"

#include <termios.h>
#include <unistd.h>

#include <cerrno>

namespace huoqi::cli {
namespace {

constexpr std::size_t kMaxLine = 64 * 1024;

void write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        auto written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return;  // the reader has gone; nobody is left to tell
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

class NoEcho {
  public:
    explicit NoEcho(int fd) : fd_(fd) {
        active_ = ::isatty(fd) == 1 && ::tcgetattr(fd, &before_) == 0;
        if (!active_) return;
        auto hidden = before_;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(fd, TCSAFLUSH, &hidden);
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;
    ~NoEcho() {
        if (active_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
    }

  private:
    int fd_;
    bool active_ = false;
    termios before_{};
};

std::string_view in_chinese(Code code) {
    switch (code) {
        case Code::bad_input:
            return "输入不符合要求";
        case Code::not_found:
            return "没有找到";
        case Code::refused:
            return "不允许";
        case Code::conflict:
            return "冲突";
        case Code::too_large:
            return "超出限制";
        case Code::unavailable:
            return "暂时不可用";
        case Code::no_space:
            return "磁盘已满，未作任何更改";
        case Code::storage:
            return "存储出错";
        case Code::corrupt:
            return "数据被损坏或篡改";
        case Code::wrong_key:
            return "口令或密钥不对";
        case Code::unsupported:
            return "版本不支持";
        case Code::cancelled:
            return "已取消";
    }
    return "出错";
}

}  // namespace

void Shell::print(std::string_view text) { write_all(out_, text); }
void Shell::complain(std::string_view text) { write_all(err_, text); }
bool Shell::out_is_terminal() const { return ::isatty(out_) == 1; }
bool Shell::err_is_terminal() const { return ::isatty(err_) == 1; }
bool Shell::in_is_terminal() const { return ::isatty(in_) == 1; }

Result<SecretBytes> Shell::read_hidden_line(std::string_view prompt) {
    NoEcho hidden(in_);
    if (in_is_terminal()) complain(prompt);
    Bytes line;
    line.reserve(256);
    for (std::uint8_t byte = 0; line.size() < kMaxLine;) {
        auto got = ::read(in_, &byte, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(Code::storage, "cannot read standard input");
        if (got == 0 || byte == '\n') break;
        line.push_back(byte);
    }
    if (in_is_terminal()) complain("\n");
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return SecretBytes(std::move(line));
}

int report(Shell& shell, const Error& error) {
    shell.complain("huoqi: " + std::string(in_chinese(error.code)) + " / " + error.message + "\n");
    switch (error.code) {
        case Code::refused:
        case Code::wrong_key:
            return kRefused;
        case Code::corrupt:
            return kRejected;
        case Code::bad_input:
            return kWrongUse;
        default:
            return kFailed;
    }
}

}  // namespace huoqi::cli

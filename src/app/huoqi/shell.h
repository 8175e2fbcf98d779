// SPDX-License-Identifier: Apache-2.0
// Where a command reads and writes: the caller's descriptors, which may belong to another process when the
// command runs inside a serving node. Commands use nothing else of the surroundings.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace huoqi::cli {

class Shell {
  public:
    Shell(int in, int out, int err, std::filesystem::path directory)
        : in_(in), out_(out), err_(err), directory_(std::move(directory)) {}

    void print(std::string_view text);     // standard output
    void complain(std::string_view text);  // standard error
    bool out_is_terminal() const;
    bool err_is_terminal() const;
    bool in_is_terminal() const;
    int in() const { return in_; }
    // A path as the caller meant it.
    std::filesystem::path path(const std::filesystem::path& given) const { return directory_ / given; }
    const std::filesystem::path& directory() const { return directory_; }
    // One line of input; from a terminal without echo, after a prompt on standard error.
    Result<SecretBytes> read_hidden_line(std::string_view prompt);

  private:
    int in_, out_, err_;
    std::filesystem::path directory_;
};

// Exit codes, the same for every command (docs/cli.md).
enum Exit : int {
    kDone = 0,
    kRejected = 1,  // done, but some lines or entries were not good; or: tampered
    kCannotTell = 2,
    kWrongUse = 64,
    kRefused = 77,
    kFailed = 70,
};

// Prints an error in both languages and gives the exit code for it.
int report(Shell& shell, const Error& error);

}  // namespace huoqi::cli

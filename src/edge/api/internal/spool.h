// SPDX-License-Identifier: Apache-2.0
// Text that is written once and then read once, in a file without a name: gone with the process, whatever
// happens. It holds what may lie in clear (line numbers, rules, tokens). For one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace huoqi::api {

inline constexpr std::uint64_t kMaxSpoolBytes = std::uint64_t{16} << 30;

class Spool {
  public:
    // Code::storage when the folder cannot be written to.
    static Result<Spool> make(const std::filesystem::path& folder);
    Spool(Spool&& other) noexcept;
    Spool& operator=(Spool&&) = delete;
    ~Spool();

    // Code::no_space, Code::storage, Code::too_large.
    Status write(std::string_view text);
    bool empty() const { return size_ + waiting_.size() == 0; }
    // To be called after the last write; from then on parts come from the beginning, empty at the end.
    Status rewind();
    Result<std::string> next();

  private:
    explicit Spool(int file) : file_(file) {}
    Status flush();

    int file_;
    std::string waiting_;
    std::uint64_t size_ = 0;
    std::uint64_t read_ = 0;
};

}  // namespace huoqi::api

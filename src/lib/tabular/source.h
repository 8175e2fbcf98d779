// SPDX-License-Identifier: Apache-2.0
// Bytes from a file, standard input, memory or a function; gzip (RFC 1952, also several members) is unpacked
// on the way. Streaming: memory does not depend on size or compression ratio. Errors name the source. One
// thread at a time, but progress() may be called from another.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace huoqi::tabular {

// Fills the front of the span; 0 at the end.
using ReadBytes = std::function<Result<std::size_t>(ByteSpan)>;

struct Progress {
    std::uint64_t read = 0;              // bytes as they lie on disk (compressed ones of a .gz)
    std::optional<std::uint64_t> total;  // unknown for pipes
};

class Source {
  public:
    // "-" is standard input. Whether it is gzip is seen by its first bytes, not by its name.
    static Result<Source> open(const std::string& path);
    // `bytes` must outlive the source.
    static Source of_memory(std::string_view bytes, std::string name = "memory");
    static Source of_function(ReadBytes read, std::string name,
                              std::optional<std::uint64_t> total = std::nullopt);

    Source(Source&&) noexcept;
    Source& operator=(Source&&) noexcept;
    ~Source();

    // Up to out.size() unpacked bytes; 0 at the end. Error: storage (cannot be read), bad_input (gzip cut
    // or damaged).
    Result<std::size_t> read(ByteSpan out);
    Progress progress() const;
    const std::string& name() const;

  private:
    class State;
    explicit Source(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace huoqi::tabular

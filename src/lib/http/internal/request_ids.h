// SPDX-License-Identifier: Apache-2.0
// Random request ids, drawn from the generator in large pieces. For one thread.
#pragma once

#include <openssl/rand.h>

#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/check.h"

namespace huoqi::http::internal {

class RequestIds {
  public:
    std::string next() {
        if (at_ == pool_.size()) {
            HUOQI_CHECK(RAND_bytes(pool_.data(), static_cast<int>(pool_.size())) == 1);
            at_ = 0;
        }
        at_ += kBytes;
        return hex(ByteView(pool_).subspan(at_ - kBytes, kBytes));
    }

  private:
    static constexpr std::size_t kBytes = 16;
    std::array<std::uint8_t, 4096> pool_{};
    std::size_t at_ = 4096;
};

}  // namespace huoqi::http::internal

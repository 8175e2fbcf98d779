// SPDX-License-Identifier: Apache-2.0
#include <openssl/rand.h>
#include <pthread.h>

#include <atomic>
#include <climits>
#include <cstring>

#include "base/check.h"
#include "lib/crypto/crypto.h"

namespace huoqi::crypto {

namespace {

// Going on without randomness would be worse than stopping, so a failing generator ends the program.
void draw(ByteSpan out) {
    HUOQI_CHECK(out.size() <= INT_MAX);
    HUOQI_CHECK(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

// A forked child must not hand out the bytes that its parent drew before. Counts the forks above this
// process.
std::atomic<unsigned>& forks() {
    static std::atomic<unsigned> count{0};
    static const int registered = pthread_atfork(nullptr, nullptr, [] { forks().fetch_add(1); });
    HUOQI_CHECK(registered == 0);
    return count;
}

// A call of OpenSSL's generator costs 1.5 us whether it asks for one nonce or for fifty, so each thread draws
// some ahead. What was handed out is wiped, what was not is wiped when the thread ends.
class Reserve {
  public:
    static constexpr std::size_t kBytes = 2048;
    static constexpr std::size_t kLargestRequest = 256;

    ~Reserve() { wipe(bytes_.data(), bytes_.size()); }
    void take(ByteSpan out) {
        const unsigned forks_now = forks().load();
        if (kBytes - used_ < out.size() || forks_ != forks_now) {
            draw(bytes_);
            used_ = 0;
            forks_ = forks_now;
        }
        std::memcpy(out.data(), bytes_.data() + used_, out.size());
        wipe(bytes_.data() + used_, out.size());
        used_ += out.size();
    }

  private:
    std::array<std::uint8_t, kBytes> bytes_{};
    std::size_t used_ = kBytes;
    unsigned forks_ = 0;
};

}  // namespace

void random_fill(ByteSpan out) {
    if (out.empty()) return;
    if (out.size() > Reserve::kLargestRequest) return draw(out);
    thread_local Reserve reserve;
    reserve.take(out);
}

// Keys come straight from the generator that OpenSSL keeps apart from the one whose output is seen as nonces.
Key random_key() {
    Key key;
    HUOQI_CHECK(RAND_priv_bytes(key.fill().data(), static_cast<int>(kKeyBytes)) == 1);
    return key;
}

}  // namespace huoqi::crypto

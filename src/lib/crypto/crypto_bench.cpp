// SPDX-License-Identifier: Apache-2.0
// What one call costs at the sizes that sealing uses: about five seals of 100 bytes and nine MACs of 20 bytes
// a record.
#include <benchmark/benchmark.h>

#include "lib/crypto/crypto.h"

namespace huoqi::crypto {
namespace {

const Bytes kMessage(4096, 0x5a);

void seal(benchmark::State& state, Suite suite) {
    const auto aead = make_aead(suite, random_key());
    Nonce nonce{};
    Bytes out;
    const ByteView plaintext = ByteView(kMessage).first(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        out.clear();
        ++nonce[0];
        aead->seal(nonce, ByteView(kMessage).first(30), plaintext, out);
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK_CAPTURE(seal, intl, Suite::intl)->Arg(100)->Arg(1000);
BENCHMARK_CAPTURE(seal, sm, Suite::sm)->Arg(100)->Arg(1000);

void open(benchmark::State& state, Suite suite) {
    const auto aead = make_aead(suite, random_key());
    const Nonce nonce{};
    Bytes sealed;
    aead->seal(nonce, ByteView(kMessage).first(30), ByteView(kMessage).first(100), sealed);
    Bytes out;
    for (auto _ : state) {
        out.clear();
        benchmark::DoNotOptimize(aead->open(nonce, ByteView(kMessage).first(30), sealed, out).has_value());
    }
}
BENCHMARK_CAPTURE(open, intl, Suite::intl);
BENCHMARK_CAPTURE(open, sm, Suite::sm);

void hmac(benchmark::State& state, Suite suite) {
    const auto mac = make_hmac(suite, random_key());
    for (auto _ : state) benchmark::DoNotOptimize(mac->mac(ByteView(kMessage).first(20)));
}
BENCHMARK_CAPTURE(hmac, intl, Suite::intl);
BENCHMARK_CAPTURE(hmac, sm, Suite::sm);

void block(benchmark::State& state, Suite suite) {
    const auto cipher = make_block_cipher(suite, random_key());
    std::array<std::uint8_t, 16> bytes{};
    for (auto _ : state) {
        cipher->encrypt(bytes);
        benchmark::DoNotOptimize(bytes);
    }
}
BENCHMARK_CAPTURE(block, intl, Suite::intl);
BENCHMARK_CAPTURE(block, sm, Suite::sm);

void derive_key(benchmark::State& state, Suite suite) {
    const Key key = random_key();
    for (auto _ : state) benchmark::DoNotOptimize(derive(suite, key, "bench/label").view().data());
}
BENCHMARK_CAPTURE(derive_key, intl, Suite::intl);
BENCHMARK_CAPTURE(derive_key, sm, Suite::sm);

void sha256_reused(benchmark::State& state) {
    Sha256 context;
    Digest out{};
    const ByteView message = ByteView(kMessage).first(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        context.hash(message, {}, out);
        benchmark::DoNotOptimize(out);
    }
}
BENCHMARK(sha256_reused)->Arg(65)->Arg(300)->Arg(4096);

void random_bytes(benchmark::State& state) {
    Bytes out(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) random_fill(out);
}
BENCHMARK(random_bytes)->Arg(kNonceBytes)->Arg(5 * kNonceBytes)->Arg(4096);

void ed25519(benchmark::State& state, bool verify) {
    const auto seed = ed25519_seed();
    const auto key = ed25519_public(seed);
    const auto signature = ed25519_sign(seed, ByteView(kMessage).first(120));
    for (auto _ : state) {
        if (verify) {
            benchmark::DoNotOptimize(ed25519_verify(key, ByteView(kMessage).first(120), signature));
        } else {
            benchmark::DoNotOptimize(ed25519_sign(seed, ByteView(kMessage).first(120)));
        }
    }
}
BENCHMARK_CAPTURE(ed25519, sign, false);
BENCHMARK_CAPTURE(ed25519, verify, true);

void sm2(benchmark::State& state, bool verify) {
    const auto secret = sm2_private();
    const auto key = sm2_public(secret);
    const auto signature = sm2_sign(secret, ByteView(kMessage).first(120));
    for (auto _ : state) {
        if (verify) {
            benchmark::DoNotOptimize(sm2_verify(key, ByteView(kMessage).first(120), signature));
        } else {
            benchmark::DoNotOptimize(sm2_sign(secret, ByteView(kMessage).first(120)));
        }
    }
}
BENCHMARK_CAPTURE(sm2, sign, false);
BENCHMARK_CAPTURE(sm2, verify, true);

}  // namespace
}  // namespace huoqi::crypto

// SPDX-License-Identifier: Apache-2.0
// huoqi-specimen: writes made-up orders to standard output. Exit codes: 0 done, 1 output failed, 2 wrong
// usage.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>

#include "core/specimen/specimen.h"
#include "lib/text/encoder.h"

namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 20;

bool flush(const huoqi::specimen::Options& options, std::string& block) {
    if (options.kind == huoqi::specimen::Kind::taobao) block = huoqi::text::to_gb18030(block);
    bool written = std::fwrite(block.data(), 1, block.size(), stdout) == block.size();
    block.clear();
    return written;
}

bool write_orders(const huoqi::specimen::Options& options, std::uint64_t count) {
    std::string block;
    block.reserve(kBlockBytes + 65536);
    huoqi::specimen::append_header(options.kind, block);
    for (std::uint64_t i = 0; i < count; ++i) {
        huoqi::specimen::append_order(options, i, block);
        if (block.size() >= kBlockBytes && !flush(options, block)) return false;
    }
    return flush(options, block) && std::fflush(stdout) == 0;
}

}  // namespace

int main(int argc, char** argv) {
    huoqi::specimen::Options options;
    std::string format = "kuaidi100";
    std::uint64_t count = 1000;
    CLI::App app("Writes made-up orders in the format of a platform. The same options give the same file.");
    app.add_option("--format", format, "taobao (GB18030 CSV), kdniao or kuaidi100 (JSON lines)")
        ->check(CLI::IsMember({"taobao", "kdniao", "kuaidi100"}))
        ->capture_default_str();
    app.add_option("--count", count, "orders")->capture_default_str();
    app.add_option("--seed", options.seed, "another seed gives other people")->capture_default_str();
    app.add_option("--first-number", options.first_number, "first waybill number; keep ranges of files apart")
        ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{90'000'000'000}))
        ->capture_default_str();
    app.add_option("--month", options.month, "of the order times, as 2026-11")
        ->check([](const std::string& month) {
            bool fits = month.size() == 7 && month[4] == '-' &&
                        std::ranges::count_if(month, [](char c) { return c >= '0' && c <= '9'; }) == 6;
            return fits ? "" : "must read like 2026-11";
        })
        ->capture_default_str();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    options.kind = *huoqi::specimen::kind_named(format);
    if (write_orders(options, count)) return 0;
    std::perror("huoqi-specimen: standard output");
    return 1;
}

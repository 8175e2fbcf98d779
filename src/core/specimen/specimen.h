// SPDX-License-Identifier: Apache-2.0
// Made-up orders in the formats of real platforms, with their quirks: for tests, benchmarks, demonstrations
// and training. Place names are real; people, phones, house numbers and ID numbers (with right check digits)
// are random.
//
// Deterministic: the same options and index give the same order on every machine, whatever was made before,
// so that several threads may make parts of one file. Waybill numbers are unique within first_number + index.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace huoqi::specimen {

enum class Kind { taobao, kdniao, kuaidi100 };
std::optional<Kind> kind_named(std::string_view name);

struct Options {
    Kind kind = Kind::kuaidi100;
    std::uint64_t seed = 1;
    std::uint64_t first_number = 1;
    std::string month = "2026-11";  // of order times
};

// Appends the header line, if the format has one. Everything is UTF-8; taobao files go out as GB18030
// (lib/text/encoder.h).
void append_header(Kind kind, std::string& out);
// Appends order `index` with its line end.
void append_order(const Options& options, std::uint64_t index, std::string& out);

}  // namespace huoqi::specimen

// SPDX-License-Identifier: Apache-2.0
// Order files into the vault: reads, checks, seals and tells what became of each record. Constant memory at
// any size. A bad record is never stored half; sealing the same file again changes nothing (art. 14, 36(2)).
//
// Threads: one call uses threads of its own; calls do not disturb each other.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/formats/order_file.h"
#include "core/ledger/ledger.h"
#include "core/vault/vault.h"

namespace huoqi::intake {

struct LineFinding {
    std::string_view field;  // name of the part; empty when the record as a whole is meant
    std::string_view rule;
};
// One record's result. `sealed` is durable; without it the record was rejected for its findings.
struct LineResult {
    std::uint64_t line = 0;
    std::uint64_t lines = 1;  // more when a quoted field holds line ends, or an unclosed quote swallowed them
    std::optional<vault::Sealed> sealed;
    std::vector<LineFinding> findings;
};

struct Summary {
    std::uint64_t sealed = 0;
    std::uint64_t repeated = 0;
    std::uint64_t changed = 0;
    std::uint64_t rejected = 0;
    bool stopped = false;  // at the first rejected record, as asked
    // What ended the import early. What is counted above was done nevertheless.
    std::optional<Error> broken_off{};
    std::uint64_t records() const { return sealed + repeated + changed + rejected; }
};

struct Options {
    std::string enterprise;
    std::string outlet;
    bool bound = false;  // to this outlet: a waybill of another is rejected ("scope.outlet")
    // Nothing behind the first rejected record is sealed. Slower: records are then taken strictly in order.
    bool stop_on_error = false;
    ledger::Actor actor;
    // Called in the order of the file, by one thread at a time, when what it says is durable. An error ends
    // the import and these calls. After another error it is still called for what was sealed before that
    // came out; batches that were not sealed are then missing in between.
    std::function<Status(const LineResult&)> result;
    // Called now and then with what has been done so far.
    std::function<void(const Summary&, const tabular::Progress&)> progress;
    unsigned workers = 0;  // 0: as many as fit the machine
};

// What was sealed before an error stays sealed and is counted. Ends with one ledger entry of counts
// ("import"); when the ledger does not take it, that is what broke the import off. Error: bad_input, nothing
// was begun.
Result<Summary> import(formats::OrderFile& file, vault::Vault& vault, ledger::Ledger& ledger,
                       const Options& options);

}  // namespace huoqi::intake

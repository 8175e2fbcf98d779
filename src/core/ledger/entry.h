// SPDX-License-Identifier: Apache-2.0
// One line of the ledger: who, when, where, what, why and with what outcome (art. 34, 37;
// docs/spec/ledger-entry.md). Tokens and numbers only: no personal information, so that it can be kept longer
// than the data it speaks of.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

namespace huoqi::ledger {

// Who acts, and from where. Fixed for a session or a command.
struct Actor {
    std::string person;
    std::string account;
    std::string role;
    std::string organisation;
    std::string outlet;
    std::string terminal;
    std::string address;  // network address
};

// Records first..last of a volume that one entry speaks of.
struct Range {
    RecordPlace first;
    RecordPlace last;
};

struct Entry {
    Time time;  // set when the entry is written; never goes backwards
    Actor actor;
    std::string action;                // "seal", "search", "read", "reveal", "ledger.read", "key.add", ...
    std::vector<RecordPlace> objects;  // the waybills it speaks of one by one
    std::optional<Range> range;        // or a run of them
    std::vector<std::string> fields;
    std::map<std::string, std::uint64_t> counts;
    std::string purpose;
    std::string ticket;
    std::string reason;                         // sealed, base64: words of a person may hold anything
    std::string outcome = "allowed";            // "allowed", "refused", "not_found", "failed"
    std::string rule;                           // which rule decided, when it was not allowed
    std::string policy;                         // version in force
    std::map<std::string, std::string> detail;  // further names and codes the action needs
};

// Turns a place into the opaque token that API and ledger use.
using TokenOf = std::function<std::string(RecordPlace)>;

// Canonical JSON: keys sorted, no blanks, empty members left out, UTF-8.
std::string canonical(const Entry& entry, const TokenOf& token_of);

// ---- Search keys under which the archive files an entry ----
Bytes person_key(std::string_view person);
Bytes action_key(std::string_view action);
Bytes waybill_key(RecordPlace place);
// Ranges are filed under their last record, so that the next key at or above a record is the range that holds
// it.
Bytes range_prefix(VolumeId volume);
Bytes range_key(RecordPlace last);
RecordPlace range_end(ByteView key);
std::vector<Bytes> search_keys(const Entry& entry);
// The same of an entry as it is stored; for moving a ledger to another engine. Code::corrupt when it is not
// one.
Result<std::vector<Bytes>> search_keys_of(
    std::string_view json, const std::function<std::optional<RecordPlace>(std::string_view)>& place_of);

}  // namespace huoqi::ledger

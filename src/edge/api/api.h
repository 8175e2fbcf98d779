// SPDX-License-Identifier: Apache-2.0
// The doors: what each listener answers, as api/openapi.yaml says (art. 29: business, public and operations
// apart). Turns requests into calls of core and results into answers; decides nothing itself but who is
// calling.
//
// Errors become problem details that never repeat what was sent. Everything that blocks runs on the pool,
// imports on the server's stream threads; I/O threads only hand over. Threads: routers are made by one thread
// and used by any.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/accounts/accounts.h"
#include "core/archive/archive.h"
#include "core/formats/formats.h"
#include "core/ledger/ledger.h"
#include "core/office/office.h"
#include "core/policy/policy.h"
#include "core/staff/staff.h"
#include "core/vault/vault.h"
#include "edge/api/pool.h"
#include "edge/metrics/metrics.h"
#include "lib/http/http.h"

namespace huoqi::api {

// ---- Limits; those that are not here are figures of the policy ----
inline constexpr std::size_t kMaxWaybillBody = 64 * 1024;
inline constexpr std::size_t kMaxSmallBody = 16 * 1024;
inline constexpr std::size_t kMaxPage = 200;  // ledger entries; less when the figure ledger.page_max says so
inline constexpr std::size_t kDefaultPage = 50;
inline constexpr std::size_t kMaxAccountPage = 200;
inline constexpr std::size_t kDefaultResults = 20;              // of a search
inline constexpr std::size_t kMaxFindings = 25;                 // told of one line of an import
inline constexpr std::size_t kMaxPeopleBody = 4 * 1024 * 1024;  // import of people; kept in memory
inline constexpr std::size_t kMaxPeopleFindings = 200;          // told of such an import
// A revoked key is refused after at most this time.
inline constexpr std::int64_t kKeyCacheNanoseconds = 2'000'000'000;
inline constexpr std::size_t kMaxCachedKeys = 4096;
// Failed keys of one peer, and bundles read by one key, are one ledger entry in this time, with a count.
inline constexpr std::int64_t kTallyNanoseconds = 60'000'000'000;
inline constexpr std::size_t kMaxTallies = 4096;

// What the doors work with. Must outlive the routers made from it.
struct Services {
    vault::Vault& vault;
    ledger::Ledger& ledger;
    archive::Archive& archive;
    office::Office& office;
    accounts::Accounts& accounts;
    accounts::Store& account_rows;
    staff::Staff& staff;
    std::function<Status()> drain;  // brings what the office did into the ledger
    const policy::InForce& policy;
    const formats::FormatSet& formats;
    const Clock& clock;
    Pool& pool;
    metrics::Activity& activity;
    std::function<bool()> ready;  // asked on I/O threads: must not block
    std::function<std::vector<metrics::ListenerCounters>()> listeners;
    std::string openapi;                 // text of api/openapi.yaml
    std::filesystem::path spool_folder;  // for results of imports; they hold lines, rules and tokens alone
    // Rises when this or another process changed something in the office: what is remembered of it is asked
    // again at once.
    std::shared_ptr<std::atomic<std::uint64_t>> news = std::make_shared<std::atomic<std::uint64_t>>(0);
    // Where one-time codes wait for the person they are for, a file each; nobody's, when empty: then there
    // are no new codes.
    std::filesystem::path slips_folder{};
    // What may be run while a maintenance window is open for it, by task; gives what to tell whoever ran it.
    // Runs on the pool and may take minutes.
    std::map<std::string, std::function<Result<std::string>()>> tasks{};
};

http::Router business_router(const Services& services);
http::Router public_router(const Services& services);
http::Router operations_router(const Services& services);

}  // namespace huoqi::api

// SPDX-License-Identifier: Apache-2.0
// The vault: seals waybills into volumes, finds them again by blind indexes, shows them masked, and opens
// fields for a named person and purpose (promises 1 to 3; art. 34, 36(2), 37). Storage below sees ciphertext;
// no value leaves here unless its ledger entry is durable.
//
// Threads: all calls from any thread. seal(), search(), read() wait for the committer; reveal() does not.
#pragma once

#include <bitset>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/access/access.h"
#include "core/archive/archive.h"
#include "core/keys/keys.h"
#include "core/ledger/ledger.h"
#include "core/policy/policy.h"
#include "core/waybill/waybill.h"

namespace huoqi::vault {

using archive::Volume;

enum class Outcome {
    sealed,     // new
    repeated,   // known already, with the same content; nothing was written
    changed,    // known already, with other content: a new version
    elsewhere,  // known already at another outlet, which only that one may change; nothing was written
};
std::string_view name(Outcome outcome);

struct Sealed {
    Outcome outcome = Outcome::sealed;
    RecordPlace place;
    Version version;
};

enum class SearchBy { number, phone, name, id_number, phone_last4 };
std::string_view name(SearchBy by);
std::optional<SearchBy> search_by_named(std::string_view name);

// A waybill somebody asks for, as far as it is known before anything of it is opened.
struct Candidate {
    RecordPlace place;
    std::string_view outlet;  // that handles it; empty: none
    Time sealed;              // to the hour
};
// What somebody may see masked of a waybill: these fields, or nothing, not even that it is there.
struct View {
    std::bitset<waybill::kFields> fields;
    std::string_view rule = "allowed";  // that decided
};
using Sight = std::function<View(const Candidate&)>;
// Decides a reveal of these waybills; `known` are those of the request that the enterprise has.
struct Judgement {
    access::Decision decision;
    std::string role;              // in which the person acts; written into the entry when it is not empty
    std::function<void()> undo{};  // called when nothing was shown after all, because recording failed
};
using Judge = std::function<Judgement(const policy::Policy&, std::span<const Candidate> known)>;

struct Query {
    SearchBy by = SearchBy::number;
    Personal value;
    std::string enterprise;
    std::string outlet;  // for phone_last4: its search space is this outlet alone
};

struct MaskedField {
    waybill::Field field;
    std::string text;
};
struct Masked {
    RecordPlace place;
    Version version;
    std::string outlet;
    std::vector<MaskedField> fields;  // those that the waybill has
};
struct SearchResult {
    std::vector<Masked> waybills;  // newest first
    bool more = false;             // there are more than the limit
};

struct RevealRequest {
    std::string enterprise;
    std::vector<std::string> tokens;
    std::vector<waybill::Field> fields;
    std::string purpose;
    std::string ticket;
    Personal reason;  // the person's own words; kept sealed in the ledger entry
    // Of people; programs, which act by a key, are judged by the policy alone (access::may_reveal).
    Judge judge;
};
struct RevealedField {
    waybill::Field field;
    Personal text;
};
struct RevealedWaybill {
    std::string token;
    std::optional<Error> error;  // not_found
    std::vector<RevealedField> fields;
};
struct Revealed {
    EntryIndex entry;
    std::vector<RevealedWaybill> waybills;  // in the order asked
};

inline constexpr std::size_t kMaxSealBatch = 10'000;
inline constexpr std::size_t kMaxReasonBytes = 400;
// How old the list of volumes may be when other processes open some too. Who opens one seals nothing into it
// for twice as long, so that no search misses what was acknowledged.
inline constexpr std::chrono::milliseconds kVolumeNews{250};

// Where work goes on after the committer has answered; the server's threads, or the caller's own.
using Post = std::function<void(std::function<void()>)>;

class Vault {
  public:
    struct Parts {
        archive::Archive& archive;
        const keys::KeyRing& keys;
        const policy::InForce& policy;
        const Clock& clock;
    };
    static Result<std::unique_ptr<Vault>> open(const Parts& parts);
    ~Vault();
    // The ledger needs tokens before it can be opened, and the vault needs the ledger to do anything.
    void attach(ledger::Ledger& ledger) { ledger_ = &ledger; }

    // Opaque token of a place, "wb_" and 26 letters and digits; nothing about the place can be told from it.
    std::string token(RecordPlace place) const;
    std::optional<RecordPlace> place(std::string_view token) const;

    // Seals a batch of normalised waybills, all or nothing per write; one answer for each, in order. Durable
    // on return. `bound`: who seals works for this outlet alone and changes no waybill of another.
    Result<std::vector<Sealed>> seal(std::span<const waybill::Waybill> batch, std::string_view enterprise,
                                     std::string_view outlet, const ledger::Actor& actor, bool bound = false);

    // Without `sight` everything is seen masked. What is not seen is not counted either.
    Result<SearchResult> search(const Query& query, const ledger::Actor& actor, std::size_t limit,
                                const Sight& sight = {});
    // One waybill, masked. Code::not_found, also when `sight` shows nothing of it; the entry tells them
    // apart.
    Result<Masked> read(std::string_view token, std::string_view enterprise, const ledger::Actor& actor,
                        const Sight& sight = {});

    // Where the waybills of these numbers are, without opening anything; nothing for a number that is not
    // there or has not its shape. For assignments and tickets, which name waybills by number.
    Result<std::vector<std::optional<RecordPlace>>> places(std::string_view enterprise,
                                                           std::span<const Personal> numbers) const;

    // What is known of a waybill before anything is opened; nothing when the enterprise has none of this
    // token. Not a look: no entry.
    struct Known {
        RecordPlace place;
        std::string outlet;
        Time sealed;
    };
    Result<std::optional<Known>> known(std::string_view token, std::string_view enterprise) const;

    // Opens fields. The answer comes through `post` when the entry is durable; a refusal is recorded as well
    // and comes as Code::refused, its message naming the rule.
    void reveal(RevealRequest request, ledger::Actor actor, Post post,
                std::function<void(Result<Revealed>)> done);

    // The words of a sealed reason, for an auditor.
    Result<Personal> open_reason(std::string_view sealed) const;

    Result<std::vector<Volume>> volumes() const;
    // Opens every stored row of a volume, every group, and gives how many; for checks after damage or
    // restore.
    Result<std::uint64_t> check_volume(const Volume& volume) const;

    // Opens every stored row of a volume from a record on and gives it with the index entries that belong to
    // it, in sets of about `limit` rows, all versions of a record in one set; for moving a volume to another
    // engine. Stops when `visit` fails.
    Status indexed_rows(const Volume& volume, RecordId from, std::size_t limit,
                        const std::function<Status(archive::WriteSet)>& visit) const;

  private:
    struct State;
    explicit Vault(const Parts& parts);
    Result<Volume> current_volume(std::string_view enterprise, const ledger::Actor& actor);
    Result<Volume> open_volume(const Volume& volume, const ledger::Actor& actor);
    // Of one enterprise, newest first.
    Result<std::vector<Volume>> volumes_of(std::string_view enterprise) const;
    Result<std::optional<Volume>> volume_at(RecordPlace place, std::string_view enterprise) const;
    friend class Sealing;
    friend class Search;
    friend class Look;

    Parts parts_;
    ledger::Ledger* ledger_ = nullptr;
    std::unique_ptr<State> state_;
};

}  // namespace huoqi::vault

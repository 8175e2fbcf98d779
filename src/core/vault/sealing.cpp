// SPDX-License-Identifier: Apache-2.0
// Life of a seal: tokens and ciphertexts are made on the caller's thread under record numbers reserved for
// the batch; on the committer's thread numbers that exist already are left out; rows, indexes and the entry
// are written at once. What existed is compared afterwards: the same is "repeated", other content becomes a
// new version.
#include <unordered_map>

#include "base/check.h"
#include "core/vault/internal/state.h"

namespace huoqi::vault {

// One call of Vault::seal().
class Sealing {
  public:
    Sealing(Vault& vault, std::span<const waybill::Waybill> batch, const Volume& volume,
            std::string_view outlet, const ledger::Actor& actor, bool bound)
        : vault_(vault),
          batch_(batch),
          volume_(volume),
          outlet_(outlet),
          actor_(actor),
          bound_(bound),
          out_(batch.size()) {}

    Result<std::vector<Sealed>> run() {
        if (auto prepared = prepare(); !prepared) return pass(prepared);
        if (auto written = write_new(); !written) return pass(written);
        if (auto settled = settle_existing(); !settled) return pass(settled);
        return std::move(out_);
    }

  private:
    struct Prepared {
        Tokens tokens;
        Bytes sealed;
        std::vector<archive::NumberToken> earlier;  // the number's token in each earlier volume of the window
    };

    Status prepare() {
        auto cipher = vault_.state_->pool.borrow(volume_);
        if (!cipher) return pass(cipher);
        if (auto window = earlier_volumes(); !window) return window;
        first_ = vault_.state_->next_record.fetch_add(batch_.size());
        prepared_.resize(batch_.size());
        existing_.resize(batch_.size());
        const auto hour = hour_of(vault_.parts_.clock.now());
        for (std::size_t i = 0; i < batch_.size(); ++i) {
            RecordPlace place{volume_.id, RecordId{first_ + i}};
            prepared_[i].tokens = (*cipher)->tokens(batch_[i], outlet_);
            prepared_[i].sealed =
                (*cipher)->seal(batch_[i], {outlet_, hour}, {volume_.enterprise, place, Version{0}});
            out_[i].place = place;
            for (auto& lease : window_ciphers_) {
                prepared_[i].earlier.push_back(
                    lease->number_token(batch_[i][waybill::Part::number].reading()));
            }
        }
        // Where a question travels it is asked beside the committer, not by it; who was first is settled by
        // the write.
        looked_ = vault_.parts_.archive.shared();
        return looked_ ? find_existing() : Status();
    }

    // Earlier volumes in which a repeated number is looked for; a figure of the policy.
    Status earlier_volumes() {
        auto months = vault_.parts_.policy.now()->figure("seal.repeat_window", policy::Unit::month,
                                                         vault_.parts_.clock.now());
        if (!months) return pass(months);
        auto volumes = vault_.volumes_of(volume_.enterprise);
        if (!volumes) return pass(volumes);
        for (const auto& volume : *volumes) {
            if (volume.period >= volume_.period || window_.size() + 1 >= static_cast<std::size_t>(*months))
                continue;
            auto lease = vault_.state_->pool.borrow(volume);
            if (!lease) return pass(lease);
            window_.push_back(volume);
            window_ciphers_.push_back(std::move(*lease));
        }
        return {};
    }

    Status write_new() {
        ledger::Work work;
        work.weight = batch_.size();
        work.entry.actor = actor_;
        work.entry.action = "seal";
        work.fill = [this](ledger::Group& group, ledger::Entry& entry) { return fill(group, entry); };
        auto written = vault_.ledger_->commit(std::move(work));
        // Nothing new is not an error: all were there already.
        if (!written && written.error().code != Code::conflict) return pass(written);
        return {};
    }

    // Committer's thread.
    Status fill(ledger::Group& group, ledger::Entry& entry) {
        if (!looked_) {
            if (auto found = find_existing(); !found) return found;
        }
        looked_ = false;  // should it run again, another writer was first
        std::vector<std::size_t> fresh;
        fresh.reserve(batch_.size());
        group.numbers.reserve(group.numbers.size() + batch_.size());
        for (std::size_t i = 0; i < batch_.size(); ++i) {
            if (existing_[i]) continue;
            auto [at, added] = group.numbers.emplace(prepared_[i].tokens.number, out_[i].place);
            if (added) {
                fresh.push_back(i);
            } else {
                existing_[i] = at->second;  // the same number twice in one group
            }
        }
        if (fresh.empty()) return fail(Code::conflict, "vault: nothing new to seal");
        for (auto i : fresh) add(group.set, i);
        entry.range = {out_[fresh.front()].place, out_[fresh.back()].place};
        entry.counts["sealed"] = fresh.size();
        entry.counts["span"] = fresh.back() - fresh.front() + 1;
        entry.detail["enterprise"] = volume_.enterprise;
        if (!outlet_.empty()) entry.detail["outlet"] = outlet_;
        Bytes next;
        put_be(next, std::max(vault_.state_->next_record.load(), first_ + batch_.size()));
        group.set.settings.push_back({"next_record", std::move(next)});
        return {};
    }

    Status find_existing() {
        std::fill(existing_.begin(), existing_.end(), std::nullopt);
        std::vector<archive::NumberToken> tokens(batch_.size());
        for (std::size_t v = 0; v <= window_.size(); ++v) {
            for (std::size_t i = 0; i < batch_.size(); ++i) {
                tokens[i] = v == 0 ? prepared_[i].tokens.number : prepared_[i].earlier[v - 1];
            }
            VolumeId volume = v == 0 ? volume_.id : window_[v - 1].id;
            auto found = vault_.parts_.archive.find_numbers(volume, tokens);
            if (!found) return pass(found);
            for (std::size_t i = 0; i < batch_.size(); ++i) {
                if (!existing_[i] && (*found)[i]) existing_[i] = RecordPlace{volume, *(*found)[i]};
            }
        }
        return {};
    }

    void add(archive::WriteSet& set, std::size_t i) {
        RecordPlace place = out_[i].place;
        set.rows.push_back({place, Version{0}, prepared_[i].sealed});
        set.numbers.push_back({place.volume, prepared_[i].tokens.number, place.record});
        for (auto [kind, token] : prepared_[i].tokens.indexes) {
            set.indexes.push_back({place.volume, static_cast<archive::IndexKind>(kind), token, place.record});
        }
    }

    // A version that a known number is to get.
    struct Change {
        std::size_t item = 0;  // of the batch
        RecordPlace place;
        Version version;
        Bytes sealed;
        std::vector<archive::BlindIndex> indexes;  // those that the version before did not have
        bool overtaken = false;                    // by another change of the same waybill
    };

    // Numbers that were there: each is compared with what is sealed; those that differ get a version, many in
    // one write. Who was overtaken is compared again.
    Status settle_existing() {
        constexpr int kTries = 5;
        std::vector<std::size_t> open;
        for (std::size_t i = 0; i < batch_.size(); ++i) {
            if (existing_[i]) open.push_back(i);
        }
        for (int tried = 0; !open.empty(); ++tried) {
            if (tried == kTries)
                return fail(Code::conflict, "vault: others change the same waybill; try again");
            std::vector<Change> changes;
            for (auto i : open) {
                auto change = compare(i, *existing_[i]);
                if (!change) return pass(change);
                if (*change) changes.push_back(std::move(**change));
            }
            if (auto written = write_versions(changes); !written) return written;
            open.clear();
            for (const auto& change : changes) {
                if (change.overtaken) open.push_back(change.item);
            }
        }
        return {};
    }

    // Nothing when the waybill is the same. An outlet that is not said changes none.
    Result<std::optional<Change>> compare(std::size_t i, RecordPlace place) {
        auto row = vault_.parts_.archive.fetch(place);
        if (!row) return pass(row);
        auto volume = vault_.volume_at(place, volume_.enterprise);
        if (!volume) return pass(volume);
        if (!*volume)
            return fail(Code::corrupt, "vault: a number points into a volume of another enterprise");
        auto cipher = vault_.state_->pool.borrow(**volume);
        if (!cipher) return pass(cipher);
        waybill::Waybill known;
        auto opened =
            (*cipher)->open(row->sealed, {volume_.enterprise, place, row->version}, kAllGroups, known);
        if (!opened) return pass(opened);
        auto header = read_header(row->sealed);
        if (!header) return pass(header);
        if (bound_ && !header->label.outlet.empty() && header->label.outlet != outlet_) {
            out_[i] = Sealed{Outcome::elsewhere, {}, {}};
            return std::nullopt;
        }
        const std::string outlet(outlet_.empty() ? header->label.outlet : std::string_view(outlet_));
        if (known == batch_[i] && outlet == header->label.outlet) {
            out_[i] = Sealed{Outcome::repeated, place, row->version};
            return std::nullopt;
        }
        if (row->version.value == 0xffff)
            return fail(Code::too_large, "vault: a waybill has too many versions");
        Change change{i, place, Version{static_cast<std::uint16_t>(row->version.value + 1)}, {}, {}, false};
        out_[i] = Sealed{Outcome::changed, place, change.version};
        auto before = (*cipher)->tokens(known, header->label.outlet);
        for (const auto& index : (*cipher)->tokens(batch_[i], outlet).indexes) {
            if (std::find(before.indexes.begin(), before.indexes.end(), index) != before.indexes.end())
                continue;
            change.indexes.push_back(
                {place.volume, static_cast<archive::IndexKind>(index.first), index.second, place.record});
        }
        change.sealed = (*cipher)->seal(batch_[i], {outlet, header->label.hour},
                                        {volume_.enterprise, place, change.version});
        return change;
    }

    Status write_versions(std::span<Change> changes) {
        constexpr std::size_t kInOneEntry = 500;  // an entry names each waybill it speaks of
        for (std::size_t at = 0; at < changes.size(); at += kInOneEntry) {
            auto some = changes.subspan(at, std::min(kInOneEntry, changes.size() - at));
            ledger::Work work;
            work.weight = some.size();
            work.entry.actor = actor_;
            work.entry.action = "seal";
            work.entry.detail["enterprise"] = volume_.enterprise;
            if (!outlet_.empty()) work.entry.detail["outlet"] = outlet_;
            work.fill = [&](ledger::Group& group, ledger::Entry& entry) { return add(group, entry, some); };
            auto written = vault_.ledger_->commit(std::move(work));
            // All of them overtaken is no error yet.
            if (!written && written.error().code != Code::conflict) return pass(written);
        }
        return {};
    }

    // Committer's thread; may run again when another process was first.
    Status add(ledger::Group& group, ledger::Entry& entry, std::span<Change> changes) {
        for (auto& change : changes) {
            auto latest = vault_.parts_.archive.fetch(change.place);
            if (!latest) return pass(latest);
            change.overtaken = latest->version.value + 1 != change.version.value ||
                               !group.changed.insert(change.place).second;
        }
        entry.objects.clear();
        for (const auto& change : changes) {
            if (change.overtaken) continue;
            entry.objects.push_back(change.place);
            group.set.rows.push_back({change.place, change.version, change.sealed});
            group.set.indexes.insert(group.set.indexes.end(), change.indexes.begin(), change.indexes.end());
        }
        if (entry.objects.empty()) return fail(Code::conflict, "vault: changed meanwhile");
        entry.counts["changed"] = entry.objects.size();
        return {};
    }

    Vault& vault_;
    std::span<const waybill::Waybill> batch_;
    const Volume& volume_;
    std::string outlet_;
    const ledger::Actor& actor_;
    bool bound_;
    std::uint64_t first_ = 0;
    std::vector<Prepared> prepared_;
    std::vector<std::optional<RecordPlace>> existing_;
    bool looked_ = false;  // existing_ is filled
    std::vector<Volume> window_;
    std::vector<CipherPool::Lease> window_ciphers_;
    std::vector<Sealed> out_;
};

Result<std::vector<Sealed>> Vault::seal(std::span<const waybill::Waybill> batch, std::string_view enterprise,
                                        std::string_view outlet, const ledger::Actor& actor, bool bound) {
    if (batch.empty()) return std::vector<Sealed>{};
    if (batch.size() > kMaxSealBatch) return fail(Code::too_large, "vault: the batch has too many waybills");
    if (outlet.size() > kMaxOutletBytes)
        return fail(Code::bad_input, "vault: an outlet's code is at most 32 bytes");
    auto volume = current_volume(enterprise, actor);
    if (!volume) return pass(volume);
    return Sealing(*this, batch, *volume, outlet, actor, bound).run();
}

}  // namespace huoqi::vault

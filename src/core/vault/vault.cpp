// SPDX-License-Identifier: Apache-2.0
#include "core/vault/vault.h"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include "base/check.h"
#include "core/vault/internal/state.h"

namespace huoqi::vault {
namespace {

constexpr std::string_view kNextRecord = "next_record";
constexpr std::string_view kTokenPrefix = "wb_";
constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";  // RFC 4648 base32, lower case
constexpr std::size_t kTokenLetters = 26;                                   // 128 bits

using Block = std::array<std::uint8_t, 16>;

std::string letters(const Block& block) {
    std::string out(kTokenPrefix);
    std::uint32_t bits = 0;
    int have = 0;
    for (auto byte : block) {
        bits = bits << 8 | byte;
        have += 8;
        while (have >= 5) {
            have -= 5;
            out += kAlphabet[bits >> have & 31];
        }
    }
    out += kAlphabet[bits << (5 - have) & 31];
    return out;
}

std::optional<Block> unletters(std::string_view token) {
    if (!token.starts_with(kTokenPrefix)) return std::nullopt;
    token.remove_prefix(kTokenPrefix.size());
    if (token.size() != kTokenLetters) return std::nullopt;
    Block block{};
    std::size_t at = 0;
    std::uint32_t bits = 0;
    int have = 0;
    for (char c : token) {
        auto value = kAlphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = bits << 5 | static_cast<std::uint32_t>(value);
        have += 5;
        if (have >= 8 && at < block.size()) {
            have -= 8;
            block[at++] = static_cast<std::uint8_t>(bits >> have);
        }
    }
    if ((bits & ((1U << have) - 1)) != 0) return std::nullopt;  // one spelling a token
    return block;
}

// Numbers of different writers never meet: the writer's own stands in their upper bits.
constexpr unsigned kWriterShiftOfRecords = 40;
constexpr unsigned kWriterShiftOfVolumes = 16;

}  // namespace

std::string_view name(Outcome outcome) {
    switch (outcome) {
        case Outcome::sealed:
            return "sealed";
        case Outcome::repeated:
            return "repeated";
        case Outcome::changed:
            return "changed";
        case Outcome::elsewhere:
            return "elsewhere";
    }
    return "sealed";
}

Result<CipherPool::Lease> CipherPool::borrow(const Volume& volume) {
    auto cipher = free_.with([&](auto& free) -> std::unique_ptr<VolumeCipher> {
        auto& idle = free[volume.id];
        if (idle.empty()) return nullptr;
        auto one = std::move(idle.back());
        idle.pop_back();
        return one;
    });
    if (!cipher) {
        auto keys = keys_.volume(volume.enterprise, volume.id);
        if (!keys) return pass(keys);
        cipher = std::make_unique<VolumeCipher>(keys_.suite(), *keys);
    }
    return Lease(*this, volume.id, std::move(cipher));
}

void CipherPool::give_back(VolumeId volume, std::unique_ptr<VolumeCipher> cipher) {
    constexpr std::size_t kIdlePerVolume = 8;
    free_.with([&](auto& free) {
        if (free[volume].size() < kIdlePerVolume) free[volume].push_back(std::move(cipher));
    });
}

Vault::Vault(const Parts& parts) : parts_(parts), state_(std::make_unique<State>(parts.keys)) {}
Vault::~Vault() = default;

Result<std::unique_ptr<Vault>> Vault::open(const Parts& parts) {
    std::unique_ptr<Vault> vault(new Vault(parts));
    if (auto listed = vault->volumes(); !listed) return pass(listed);
    auto next = parts.archive.setting(kNextRecord);
    if (!next) return pass(next);
    vault->state_->next_record = std::uint64_t{parts.archive.writer()} << kWriterShiftOfRecords;
    if (*next) {
        if ((*next)->size() != 8) return fail(Code::corrupt, "vault: the record counter is damaged");
        vault->state_->next_record = get_be<std::uint64_t>((*next)->data());
    }
    return vault;
}

std::string Vault::token(RecordPlace place) const {
    // An AEAD is not needed: four zero bytes inside a 128-bit permutation make a guessed token fail.
    Bytes plain;
    put_be(plain, place.volume.value);
    put_be(plain, place.record.value);
    put_be(plain, std::uint32_t{0});
    Block block;
    std::copy(plain.begin(), plain.end(), block.begin());
    crypto::make_block_cipher(parts_.keys.suite(), parts_.keys.node().tokens)->encrypt(block);
    return letters(block);
}

std::optional<RecordPlace> Vault::place(std::string_view token) const {
    auto block = unletters(token);
    if (!block) return std::nullopt;
    crypto::make_block_cipher(parts_.keys.suite(), parts_.keys.node().tokens)->decrypt(*block);
    if (get_be<std::uint32_t>(&(*block)[12]) != 0) return std::nullopt;
    return RecordPlace{{get_be<std::uint32_t>(block->data())}, {get_be<std::uint64_t>(&(*block)[4])}};
}

Result<std::vector<Volume>> Vault::volumes() const {
    auto now = std::chrono::steady_clock::now();
    auto known = state_->volumes.with([&](const State::Listed& listed) -> std::optional<std::vector<Volume>> {
        bool fresh = listed.asked && (!parts_.archive.shared() || now - *listed.asked < kVolumeNews);
        return fresh ? std::optional(listed.volumes) : std::nullopt;
    });
    if (known) return *std::move(known);
    auto listed = parts_.archive.volumes();
    if (!listed) return listed;
    state_->volumes.with([&](State::Listed& kept) { kept = {*listed, now}; });
    return listed;
}

Result<std::vector<Volume>> Vault::volumes_of(std::string_view enterprise) const {
    auto all = volumes();
    if (!all) return all;
    std::erase_if(*all, [&](const Volume& volume) { return volume.enterprise != enterprise; });
    std::reverse(all->begin(), all->end());
    return all;
}

Result<std::optional<Volume>> Vault::volume_at(RecordPlace place, std::string_view enterprise) const {
    auto all = volumes_of(enterprise);
    if (!all) return pass(all);
    auto at = std::find_if(all->begin(), all->end(), [&](const Volume& v) { return v.id == place.volume; });
    if (at == all->end()) return std::nullopt;
    return *at;
}

Result<Volume> Vault::current_volume(std::string_view enterprise, const ledger::Actor& actor) {
    std::string period = china_month(parts_.clock.now());
    auto find = [&]() -> Result<std::optional<Volume>> {
        auto known = volumes_of(enterprise);
        if (!known) return pass(known);
        auto at =
            std::find_if(known->begin(), known->end(), [&](const Volume& v) { return v.period == period; });
        if (at == known->end()) return std::nullopt;
        return *at;
    };
    auto known = find();
    if (!known) return pass(known);
    if (*known) return **known;
    std::lock_guard lock(state_->opening_volume);
    state_->volumes.with([](State::Listed& listed) { listed.asked.reset(); });
    known = find();
    if (!known) return pass(known);
    if (*known) return **known;
    if (!parts_.keys.has_enterprise(enterprise))
        return fail(Code::not_found, "vault: there is no such enterprise");
    std::uint32_t next = (std::uint32_t{parts_.archive.writer()} << kWriterShiftOfVolumes) + 1;
    auto all = volumes();
    if (!all) return pass(all);
    for (const auto& volume : *all) {
        if (volume.id.value >> kWriterShiftOfVolumes == parts_.archive.writer())
            next = std::max(next, volume.id.value + 1);
    }
    auto opened = open_volume({VolumeId{next}, std::string(enterprise), period}, actor);
    if (opened || opened.error().code != Code::conflict) return opened;
    // Another process opened one for the same month; that one is everybody's.
    state_->volumes.with([](State::Listed& listed) { listed.asked.reset(); });
    known = find();
    if (!known) return pass(known);
    if (!*known) return fail(Code::unavailable, "vault: the month's volume is being opened; try again");
    std::this_thread::sleep_for(2 * kVolumeNews);
    return **known;
}

Result<Volume> Vault::open_volume(const Volume& volume, const ledger::Actor& actor) {
    auto& keys = const_cast<keys::KeyRing&>(parts_.keys);
    auto made = keys.add_volume(volume.enterprise, volume.id);
    if (!made && made.error().code == Code::conflict) {
        // Keys of a volume that never came to be: the node stopped between the two writes. Nothing is sealed
        // under them.
        if (auto removed = keys.destroy_volume(volume.id); !removed) return pass(removed);
        made = keys.add_volume(volume.enterprise, volume.id);
    }
    if (!made) return pass(made);
    ledger::Work work;
    work.entry.actor = actor;
    work.entry.action = "volume.open";
    work.entry.detail = {{"enterprise", volume.enterprise}, {"period", volume.period}};
    work.fill = [&](ledger::Group& group, ledger::Entry&) -> Status {
        auto all = parts_.archive.volumes();
        if (!all) return pass(all);
        for (const auto& one : *all) {
            if (one.enterprise == volume.enterprise && one.period == volume.period)
                return fail(Code::conflict, "vault: there is such a volume");
        }
        group.set.volumes.push_back(volume);
        return {};
    };
    auto written = ledger_->commit(std::move(work));
    state_->volumes.with([](State::Listed& listed) { listed.asked.reset(); });
    if (!written) {
        if (written.error().code == Code::conflict) {
            if (auto removed = keys.destroy_volume(volume.id); !removed) return pass(removed);
        }
        return pass(written);
    }
    if (parts_.archive.shared()) std::this_thread::sleep_for(2 * kVolumeNews);
    return volume;
}

Result<std::uint64_t> Vault::check_volume(const Volume& volume) const {
    auto cipher = state_->pool.borrow(volume);
    if (!cipher) return pass(cipher);
    std::uint64_t count = 0;
    Status problem;
    waybill::Waybill waybill;
    auto read = parts_.archive.scan(volume.id, RecordId{0}, [&](const archive::Row& row) {
        problem =
            (*cipher)->open(row.sealed, {volume.enterprise, row.place, row.version}, kAllGroups, waybill);
        waybill.forget();
        ++count;
        return problem.has_value();
    });
    if (!read) return pass(read);
    if (!problem)
        return fail(problem.error().code, "record " + std::to_string(count - 1) + " of volume " +
                                              std::to_string(volume.id.value) + ": " +
                                              problem.error().message);
    return count;
}

Status Vault::indexed_rows(const Volume& volume, RecordId from, std::size_t limit,
                           const std::function<Status(archive::WriteSet)>& visit) const {
    auto cipher = state_->pool.borrow(volume);
    if (!cipher) return pass(cipher);
    archive::WriteSet set;
    Status done;
    waybill::Waybill waybill;
    auto add = [&](const archive::Row& row) -> Status {
        auto header = read_header(row.sealed);
        if (!header) return pass(header);
        waybill.forget();
        auto opened =
            (*cipher)->open(row.sealed, {volume.enterprise, row.place, row.version}, kAllGroups, waybill);
        if (!opened) return opened;
        auto tokens = (*cipher)->tokens(waybill, header->label.outlet);
        if (row.version.value == 0) set.numbers.push_back({volume.id, tokens.number, row.place.record});
        for (auto [kind, token] : tokens.indexes)
            set.indexes.push_back(
                {volume.id, static_cast<archive::IndexKind>(kind), token, row.place.record});
        set.rows.push_back(row);
        return {};
    };
    auto read = parts_.archive.scan(volume.id, from, [&](const archive::Row& row) {
        if (set.rows.size() >= limit && row.version.value == 0) done = visit(std::exchange(set, {}));
        if (done) done = add(row);
        return done.has_value();
    });
    if (!read) return read;
    if (done && !set.rows.empty()) done = visit(std::move(set));
    return done;
}

}  // namespace huoqi::vault

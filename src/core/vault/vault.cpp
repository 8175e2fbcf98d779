// SPDX-License-Identifier: Apache-2.0
#include "core/vault/vault.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "core/vault/internal/state.h"

namespace huoqi::vault {
namespace {

constexpr std::string_view kVolumesSetting = "volumes";
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

Bytes volumes_json(const std::vector<Volume>& volumes) {
    auto json = nlohmann::json::array();
    for (const auto& volume : volumes) {
        json.push_back(
            {{"id", volume.id.value}, {"enterprise", volume.enterprise}, {"period", volume.period}});
    }
    auto text = json.dump();
    return {text.begin(), text.end()};
}

}  // namespace

std::string_view name(Outcome outcome) {
    switch (outcome) {
        case Outcome::sealed:
            return "sealed";
        case Outcome::repeated:
            return "repeated";
        case Outcome::changed:
            return "changed";
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
    if (auto loaded = vault->load_volumes(); !loaded) return pass(loaded);
    auto next = parts.archive.setting("next_record");
    if (!next) return pass(next);
    if (*next) {
        if ((*next)->size() != 8) return fail(Code::corrupt, "vault: the record counter is damaged");
        vault->state_->next_record = get_be<std::uint64_t>((*next)->data());
    }
    return vault;
}

Status Vault::load_volumes() {
    auto stored = parts_.archive.setting(kVolumesSetting);
    if (!stored) return pass(stored);
    if (!*stored) return {};
    auto json = nlohmann::json::parse(**stored, nullptr, false);
    if (!json.is_array()) return fail(Code::corrupt, "vault: the list of volumes is damaged");
    state_->volumes.with([&](auto& volumes) {
        for (const auto& one : json) {
            volumes.push_back(
                {VolumeId{one.value("id", 0U)}, one.value("enterprise", ""), one.value("period", "")});
        }
    });
    return {};
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

std::vector<Volume> Vault::volumes() const {
    return state_->volumes.with([](const auto& volumes) { return volumes; });
}

std::vector<Volume> Vault::volumes_of(std::string_view enterprise) const {
    auto all = volumes();
    std::erase_if(all, [&](const Volume& volume) { return volume.enterprise != enterprise; });
    std::reverse(all.begin(), all.end());
    return all;
}

std::optional<Volume> Vault::volume_at(RecordPlace place, std::string_view enterprise) const {
    return state_->volumes.with([&](const auto& volumes) -> std::optional<Volume> {
        for (const auto& volume : volumes) {
            if (volume.id == place.volume && volume.enterprise == enterprise) return volume;
        }
        return std::nullopt;
    });
}

Result<Volume> Vault::current_volume(std::string_view enterprise, const ledger::Actor& actor) {
    std::string period = china_month(parts_.clock.now());
    auto find = [&]() -> std::optional<Volume> {
        auto known = volumes_of(enterprise);
        auto at =
            std::find_if(known.begin(), known.end(), [&](const Volume& v) { return v.period == period; });
        if (at == known.end()) return std::nullopt;
        return *at;
    };
    if (auto known = find()) return *known;
    std::lock_guard lock(state_->opening_volume);
    if (auto known = find()) return *known;
    if (!parts_.keys.has_enterprise(enterprise))
        return fail(Code::not_found, "vault: there is no such enterprise");
    auto all = volumes();
    Volume volume{VolumeId{all.empty() ? 1 : all.back().id.value + 1}, std::string(enterprise), period};
    auto& keys = const_cast<keys::KeyRing&>(parts_.keys);
    auto made = keys.add_volume(enterprise, volume.id);
    if (!made && made.error().code == Code::conflict) {
        // Keys of a volume that never came to be: the node stopped between the two writes. Nothing is sealed
        // under them.
        if (auto removed = keys.destroy_volume(volume.id); !removed) return pass(removed);
        made = keys.add_volume(enterprise, volume.id);
    }
    if (!made) return pass(made);
    all.push_back(volume);
    ledger::Work work;
    work.entry.actor = actor;
    work.entry.action = "volume.open";
    work.entry.detail = {{"enterprise", volume.enterprise}, {"period", period}};
    work.fill = [&](ledger::Group& group, ledger::Entry&) -> Status {
        group.set.settings.push_back({std::string(kVolumesSetting), volumes_json(all)});
        return {};
    };
    if (auto written = ledger_->commit(std::move(work)); !written) return pass(written);
    state_->volumes.with([&](auto& volumes) { volumes.push_back(volume); });
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

}  // namespace huoqi::vault

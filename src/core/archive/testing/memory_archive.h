// SPDX-License-Identifier: Apache-2.0
// An archive in memory for tests of core, with a seam for failure: writes can be made to fail, and what was
// written can be altered behind core's back.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <tuple>
#include <utility>

#include "core/archive/archive.h"

namespace huoqi::archive {

class MemoryArchive final : public Archive {
  public:
    // The next writes fail with this code until it is reset.
    std::optional<Code> failing;
    int others_first = 0;       // so many writes come after another writer's
    bool loses_answer = false;  // the next write is kept, and its answer lost
    int writes = 0;
    std::map<std::pair<RecordPlace, std::uint16_t>, Bytes> rows;
    std::map<std::uint64_t, Bytes> ledger;
    std::map<std::pair<std::uint8_t, std::uint64_t>, Bytes> tiles;

    Status write(const WriteSet& set) override {
        std::lock_guard lock(mutex_);
        if (failing) return fail(*failing, "archive: made to fail");
        if (others_first > 0) {
            --others_first;
            return fail(Code::conflict, "archive: another was first");
        }
        for (const auto& volume : set.volumes) {
            for (const auto& known : volumes_) {
                if (known.enterprise == volume.enterprise && known.period == volume.period)
                    return fail(Code::conflict, "archive: there is such a volume");
            }
        }
        ++writes;
        volumes_.insert(volumes_.end(), set.volumes.begin(), set.volumes.end());
        for (const auto& row : set.rows) rows[{row.place, row.version.value}] = row.sealed;
        for (const auto& number : set.numbers) numbers_[{number.volume, number.token}] = number.record;
        for (const auto& index : set.indexes) {
            indexes_.emplace(std::tuple(index.volume, index.kind, index.token), index.record);
        }
        for (const auto& entry : set.entries) {
            ledger[entry.index.value] = entry.entry;
            for (const auto& key : entry.keys) keys_.emplace(key, entry.index);
        }
        for (const auto& tile : set.tiles) tiles[{tile.level, tile.index}] = tile.hashes;
        for (const auto& setting : set.settings) settings_[setting.key] = setting.value;
        if (std::exchange(loses_answer, false)) return fail(Code::unavailable, "archive: gone");
        return {};
    }
    WriterId writer() const override { return 0; }
    bool shared() const override { return false; }
    Result<std::vector<Volume>> volumes() const override {
        std::lock_guard lock(mutex_);
        return volumes_;
    }
    Status drop_volume(VolumeId volume) override {
        std::lock_guard lock(mutex_);
        std::erase_if(rows, [&](const auto& row) { return row.first.first.volume == volume; });
        std::erase_if(numbers_, [&](const auto& number) { return number.first.first == volume; });
        return {};
    }
    Result<std::vector<std::optional<RecordId>>> find_numbers(
        VolumeId volume, const std::vector<NumberToken>& tokens) const override {
        std::lock_guard lock(mutex_);
        std::vector<std::optional<RecordId>> out;
        for (const auto& token : tokens) {
            auto at = numbers_.find({volume, token});
            out.push_back(at == numbers_.end() ? std::nullopt : std::optional(at->second));
        }
        return out;
    }
    Result<std::vector<RecordId>> find(VolumeId volume, IndexKind kind, IndexToken token,
                                       std::size_t limit) const override {
        std::lock_guard lock(mutex_);
        std::set<RecordId, std::greater<>> found;
        auto [begin, end] = indexes_.equal_range({volume, kind, token});
        for (auto at = begin; at != end; ++at) found.insert(at->second);
        std::vector<RecordId> out(found.begin(), found.end());
        if (out.size() > limit) out.resize(limit);
        return out;
    }
    Result<Row> fetch(RecordPlace place) const override {
        std::lock_guard lock(mutex_);
        auto at = rows.upper_bound({place, 0xffff});
        if (at == rows.begin() || (--at)->first.first != place)
            return fail(Code::not_found, "archive: no such record");
        return Row{place, Version{at->first.second}, at->second};
    }
    Status scan(VolumeId volume, RecordId from, const std::function<bool(const Row&)>& visit) const override {
        std::lock_guard lock(mutex_);
        for (auto at = rows.lower_bound({{volume, from}, 0});
             at != rows.end() && at->first.first.volume == volume; ++at) {
            if (!visit(Row{at->first.first, Version{at->first.second}, at->second})) break;
        }
        return {};
    }
    Status entries(EntryIndex from, const std::function<bool(EntryIndex, ByteView)>& visit) const override {
        std::lock_guard lock(mutex_);
        for (auto at = ledger.lower_bound(from.value); at != ledger.end(); ++at) {
            if (!visit(EntryIndex{at->first}, at->second)) break;
        }
        return {};
    }
    Result<Bytes> entry(EntryIndex index) const override {
        std::lock_guard lock(mutex_);
        auto at = ledger.find(index.value);
        if (at == ledger.end()) return fail(Code::not_found, "archive: no such entry");
        return at->second;
    }
    Result<Bytes> tile(std::uint8_t level, std::uint64_t index) const override {
        std::lock_guard lock(mutex_);
        auto at = tiles.find({level, index});
        if (at == tiles.end()) return fail(Code::not_found, "archive: no such tile");
        return at->second;
    }
    Result<std::vector<EntryIndex>> entries_with(ByteView key, EntryIndex before,
                                                 std::size_t limit) const override {
        std::lock_guard lock(mutex_);
        std::vector<EntryIndex> out;
        auto [begin, end] = keys_.equal_range(Bytes(key.begin(), key.end()));
        for (auto at = begin; at != end; ++at) {
            if (at->second < before) out.push_back(at->second);
        }
        std::sort(out.begin(), out.end(), std::greater<>());
        if (out.size() > limit) out.resize(limit);
        return out;
    }
    Result<std::optional<std::pair<Bytes, EntryIndex>>> next_key(ByteView prefix,
                                                                 ByteView from) const override {
        std::lock_guard lock(mutex_);
        auto at = keys_.lower_bound(Bytes(from.begin(), from.end()));
        if (at == keys_.end() || !std::equal(prefix.begin(), prefix.end(), at->first.begin()))
            return std::nullopt;
        return std::pair(at->first, at->second);
    }
    Result<TreeSize> ledger_size() const override {
        std::lock_guard lock(mutex_);
        return TreeSize{ledger.empty() ? 0 : ledger.rbegin()->first + 1};
    }
    Result<std::optional<Bytes>> setting(std::string_view key) const override {
        std::lock_guard lock(mutex_);
        auto at = settings_.find(std::string(key));
        if (at == settings_.end()) return std::nullopt;
        return at->second;
    }
    Status copy_to(const std::filesystem::path&) override {
        return fail(Code::unsupported, "archive: in memory");
    }
    Status check() const override { return {}; }
    Stats stats() const override { return {}; }

  private:
    mutable std::recursive_mutex mutex_;
    std::map<std::pair<VolumeId, NumberToken>, RecordId> numbers_;
    std::multimap<std::tuple<VolumeId, IndexKind, IndexToken>, RecordId> indexes_;
    std::multimap<Bytes, EntryIndex> keys_;
    std::map<std::string, Bytes> settings_;
    std::vector<Volume> volumes_;
};

}  // namespace huoqi::archive

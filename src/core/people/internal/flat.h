// SPDX-License-Identifier: Apache-2.0
// Hash tables in one piece of memory: a decision asks half a dozen of them, and what it costs is the cache
// lines that it touches. std::unordered_map, with a node for each entry, took twice the time
// (access_bench.cpp).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace huoqi::people {

// Begins to fetch all cache lines of a value.
template <class T>
void prefetch(const T* value) {
    constexpr std::size_t kLine = 64;
    const auto* bytes = reinterpret_cast<const char*>(value);
    for (std::size_t at = 0; at < sizeof(T); at += kLine) __builtin_prefetch(bytes + at);
    __builtin_prefetch(bytes + sizeof(T) - 1);
}

// From a hash to the row of a table that somebody else keeps. Rows are only added.
class RowIndex {
  public:
    explicit RowIndex(std::size_t rows = 0) { grow(rows); }

    // `is` says whether a row with this hash is the one.
    template <class Is>
    std::optional<std::uint32_t> find(std::uint64_t hash, Is&& is) const {
        for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
            const Slot& slot = slots_[at];
            if (slot.row == kFree) return std::nullopt;
            if (slot.tag == tag(hash) && is(slot.row)) return slot.row;
        }
    }
    void prefetch(std::uint64_t hash) const { __builtin_prefetch(&slots_[hash & mask()]); }
    // A row with this hash as far as the index knows; only for fetching it beforehand.
    std::optional<std::uint32_t> likely(std::uint64_t hash) const {
        return find(hash, [](std::uint32_t) { return true; });
    }
    void add(std::uint64_t hash, std::uint32_t row) {
        if ((hashes_.size() + 1) * 2 > slots_.size()) grow(hashes_.size() + 1);
        hashes_.emplace_back(hash, row);
        put(hash, row);
    }

  private:
    static constexpr std::uint32_t kFree = UINT32_MAX;
    struct Slot {
        std::uint32_t tag = 0;
        std::uint32_t row = kFree;
    };
    static std::uint32_t tag(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }
    std::size_t mask() const { return slots_.size() - 1; }
    void put(std::uint64_t hash, std::uint32_t row) {
        std::size_t at = hash & mask();
        while (slots_[at].row != kFree) at = (at + 1) & mask();
        slots_[at] = {tag(hash), row};
    }
    // Room for so many rows at half full.
    void grow(std::size_t rows) {
        std::size_t size = 16;
        while (size < rows * 4) size *= 2;
        slots_.assign(size, Slot{});
        for (const auto& [hash, row] : hashes_) put(hash, row);
    }

    std::vector<Slot> slots_;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> hashes_;  // for growing
};

// A map whose entries lie in the table; an entry that goes lets those behind it move up.
template <class Key, class Value, class Hash>
class FlatMap {
  public:
    std::size_t size() const { return size_; }
    const Value* find(const Key& key) const {
        if (slots_.empty()) return nullptr;
        const std::size_t at = place(key);
        return slots_[at].used ? &slots_[at].value : nullptr;
    }
    // The entry of a hash for which `is` holds, for asking without building a key.
    template <class Is>
    const Value* find(std::uint64_t hash, Is&& is) const {
        if (slots_.empty()) return nullptr;
        for (std::size_t at = hash & mask(); slots_[at].used; at = next(at)) {
            if (is(slots_[at].key)) return &slots_[at].value;
        }
        return nullptr;
    }
    void put(const Key& key, const Value& value) {
        if ((size_ + 1) * 2 > slots_.size()) grow();
        Slot& slot = slots_[place(key)];
        if (!slot.used) ++size_;
        slot = {key, value, true};
    }
    void erase(const Key& key) {
        if (slots_.empty()) return;
        std::size_t hole = place(key);
        if (!slots_[hole].used) return;
        for (std::size_t at = next(hole); slots_[at].used; at = next(at)) {
            // What may stand in the hole as well as where it stands moves there.
            if (((at - home(slots_[at].key)) & mask()) >= ((at - hole) & mask())) {
                slots_[hole] = slots_[at];
                hole = at;
            }
        }
        slots_[hole] = Slot{};
        --size_;
    }
    template <class Goes>
    void erase_if(Goes&& goes) {
        std::vector<Slot> old;
        old.swap(slots_);
        size_ = 0;
        for (const Slot& slot : old) {
            if (slot.used && !goes(slot.value)) put(slot.key, slot.value);
        }
    }

  private:
    struct Slot {
        Key key{};
        Value value{};
        bool used = false;
    };
    std::size_t mask() const { return slots_.size() - 1; }
    std::size_t next(std::size_t at) const { return (at + 1) & mask(); }
    std::size_t home(const Key& key) const { return Hash{}(key)&mask(); }
    std::size_t place(const Key& key) const {
        std::size_t at = home(key);
        while (slots_[at].used && !(slots_[at].key == key)) at = next(at);
        return at;
    }
    void grow() {
        std::vector<Slot> old(slots_.empty() ? 16 : slots_.size() * 2);
        old.swap(slots_);
        for (const Slot& slot : old) {
            if (slot.used) slots_[place(slot.key)] = slot;
        }
    }

    std::vector<Slot> slots_;
    std::size_t size_ = 0;
};

}  // namespace huoqi::people

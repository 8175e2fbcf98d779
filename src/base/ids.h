// SPDX-License-Identifier: Apache-2.0
// Distinct types for numbers that must not be mixed up. Everything counts from 0.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace huoqi {

template <class Tag, class T>
struct Id {
    T value{};
    constexpr auto operator<=>(const Id&) const = default;
};

using VolumeId = Id<struct VolumeTag, std::uint32_t>;  // a volume of this archive
using RecordId = Id<struct RecordTag, std::uint64_t>;  // a waybill's record, unique in the archive, ascending
using Version = Id<struct VersionTag, std::uint16_t>;  // of a record, 0 is the first
using EntryIndex = Id<struct EntryTag, std::uint64_t>;   // leaf index of a ledger entry
using TreeSize = Id<struct TreeSizeTag, std::uint64_t>;  // number of leaves

// Where a waybill stands in the archive.
struct RecordPlace {
    VolumeId volume;
    RecordId record;
    constexpr auto operator<=>(const RecordPlace&) const = default;
};

}  // namespace huoqi

template <class Tag, class T>
struct std::hash<huoqi::Id<Tag, T>> {
    std::size_t operator()(const huoqi::Id<Tag, T>& id) const noexcept { return std::hash<T>{}(id.value); }
};

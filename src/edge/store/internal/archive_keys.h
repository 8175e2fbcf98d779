// SPDX-License-Identifier: Apache-2.0
// Keys of the archive's families (docs/spec/storage.md). All numbers big-endian, so that keys sort as numbers
// do.
#pragma once

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "core/archive/archive.h"

namespace huoqi::store {

enum ArchiveFamily : std::size_t {
    kRows,
    kNumbers,
    kPages,
    kTail,
    kEntries,
    kEntryKeys,
    kTiles,
    kSettings,
    kChanged,
    kVolumes
};

// volume (4) record (8) version (2).
inline Bytes row_key(RecordPlace place, Version version) {
    Bytes key;
    put_be(key, place.volume.value);
    put_be(key, place.record.value);
    put_be(key, version.value);
    return key;
}
// volume (4) record (8): the latest version of a record that has more than one.
inline Bytes changed_key(RecordPlace place) {
    Bytes key;
    put_be(key, place.volume.value);
    put_be(key, place.record.value);
    return key;
}
inline Bytes volume_bytes(VolumeId volume) {
    Bytes key;
    put_be(key, volume.value);
    return key;
}
// Period (7 bytes), then the enterprise's name.
inline Bytes volume_value(const archive::Volume& volume) {
    Bytes out;
    append(out, volume.period);
    append(out, volume.enterprise);
    return out;
}
inline constexpr std::size_t kPeriodBytes = 7;

inline Result<archive::Volume> volume_of(ByteView key, ByteView value) {
    if (key.size() != 4 || value.size() <= kPeriodBytes)
        return fail(Code::corrupt, "archive: an entry of the list of volumes is damaged");
    return archive::Volume{{get_be<std::uint32_t>(key.data())},
                           std::string(text_of(value.subspan(kPeriodBytes))),
                           std::string(text_of(value.first(kPeriodBytes)))};
}

inline Bytes number_key(VolumeId volume, const archive::NumberToken& token) {
    Bytes key;
    put_be(key, volume.value);
    append(key, ByteView(token));
    return key;
}
inline Bytes number_bytes(std::uint64_t number) {
    Bytes key;
    put_be(key, number);
    return key;
}
// search key, then the entry's index.
inline Bytes entry_key(ByteView search_key, EntryIndex index) {
    Bytes key(search_key.begin(), search_key.end());
    put_be(key, index.value);
    return key;
}
inline Bytes tile_key(std::uint8_t level, std::uint64_t index) {
    Bytes key{level};
    put_be(key, index);
    return key;
}

}  // namespace huoqi::store

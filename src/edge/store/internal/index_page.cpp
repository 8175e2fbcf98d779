// SPDX-License-Identifier: Apache-2.0
#include "edge/store/internal/index_page.h"

#include <algorithm>

namespace huoqi::store {
namespace {

constexpr std::size_t kTokenBytes = 8;
constexpr std::size_t kOffsetBytes = 5;  // record, counted from the page's lowest
constexpr std::size_t kEntryBytes = kTokenBytes + kOffsetBytes;
constexpr std::size_t kHeaderBytes = 8;  // lowest record

std::uint16_t bucket(archive::IndexToken token) { return static_cast<std::uint16_t>(token >> 52); }

Bytes page_of(Chunk::const_iterator begin, Chunk::const_iterator end) {
    std::uint64_t lowest = begin->record;
    for (auto at = begin; at != end; ++at) lowest = std::min(lowest, at->record);
    Bytes page;
    page.reserve(kHeaderBytes + kEntryBytes * static_cast<std::size_t>(end - begin));
    put_be(page, lowest);
    for (auto at = begin; at != end; ++at) {
        put_be(page, at->token);
        std::uint64_t offset = at->record - lowest;
        page.push_back(static_cast<std::uint8_t>(offset >> 32));
        put_be(page, static_cast<std::uint32_t>(offset));
    }
    return page;
}

}  // namespace

Bytes page_prefix(VolumeId volume, archive::IndexKind kind, archive::IndexToken token) {
    Bytes key;
    key.reserve(16);
    put_be(key, volume.value);
    key.push_back(kind);
    put_be(key, bucket(token));
    return key;
}

Status for_each_page(const Chunk& sorted, std::uint64_t run,
                     const std::function<Status(ByteView, ByteView)>& put) {
    for (auto begin = sorted.begin(); begin != sorted.end();) {
        auto end = std::find_if(begin, sorted.end(), [&](const IndexEntry& entry) {
            return entry.volume != begin->volume || entry.kind != begin->kind ||
                   bucket(entry.token) != bucket(begin->token);
        });
        Bytes key = page_prefix(VolumeId{begin->volume}, begin->kind, begin->token);
        put_be(key, run);
        if (auto done = put(key, page_of(begin, end)); !done) return done;
        begin = end;
    }
    return {};
}

Status find_in_page(ByteView page, archive::IndexToken token, std::vector<RecordId>& out) {
    if (page.size() < kHeaderBytes || (page.size() - kHeaderBytes) % kEntryBytes != 0) {
        return fail(Code::corrupt, "archive: an index page has a wrong length");
    }
    auto lowest = get_be<std::uint64_t>(page.data());
    const std::uint8_t* entries = page.data() + kHeaderBytes;
    std::size_t count = (page.size() - kHeaderBytes) / kEntryBytes;
    std::size_t low = 0;
    for (std::size_t high = count; low < high;) {
        std::size_t middle = (low + high) / 2;
        if (get_be<std::uint64_t>(entries + middle * kEntryBytes) < token) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < count && get_be<std::uint64_t>(entries + low * kEntryBytes) == token; ++low) {
        const std::uint8_t* at = entries + low * kEntryBytes + kTokenBytes;
        out.push_back(
            RecordId{lowest + (static_cast<std::uint64_t>(*at) << 32 | get_be<std::uint32_t>(at + 1))});
    }
    return {};
}

}  // namespace huoqi::store

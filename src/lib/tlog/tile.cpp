// SPDX-License-Identifier: Apache-2.0
// Names of tiles and the layout of entry bundles, https://c2sp.org/tlog-tiles.
#include <charconv>

#include "lib/tlog/tlog.h"

namespace huoqi::tlog {

namespace {

constexpr std::string_view kTilePrefix = "tile/";
constexpr std::string_view kEntries = "entries";
constexpr std::string_view kPartial = ".p/";
constexpr unsigned kMaxLevel = 63;

std::string three_digits(std::uint64_t number) {
    std::string text = std::to_string(number);
    return std::string(3 - text.size(), '0') + text;
}

// 1234067 becomes x001/x234/067.
std::string spelled_index(std::uint64_t index) {
    std::string text = three_digits(index % 1000);
    for (index /= 1000; index > 0; index /= 1000) text = "x" + three_digits(index % 1000) + "/" + text;
    return text;
}

template <class T>
std::optional<T> decimal(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// Takes the index apart loosely; parse_tile_path() compares the whole with its one spelling.
std::optional<std::uint64_t> index_in(std::string_view text) {
    std::string digits;
    for (const char c : text) {
        if (c != 'x' && c != '/') digits += c;
    }
    return decimal<std::uint64_t>(digits);
}

}  // namespace

std::string to_string(const TilePath& path) {
    std::string text(kTilePrefix);
    text += path.entries ? std::string(kEntries) : std::to_string(path.level);
    text += "/" + spelled_index(path.index);
    if (path.width != kTileWidth) text += std::string(kPartial) + std::to_string(path.width);
    return text;
}

Result<TilePath> parse_tile_path(std::string_view path) {
    const auto bad = [] { return fail(Code::bad_input, "not the path of a tile"); };
    constexpr std::size_t kLongestPath = 64;
    if (path.size() > kLongestPath || !path.starts_with(kTilePrefix)) return bad();
    std::string_view rest = path.substr(kTilePrefix.size());
    const auto slash = rest.find('/');
    if (slash == rest.npos) return bad();
    TilePath out;
    out.entries = rest.substr(0, slash) == kEntries;
    if (!out.entries) {
        const auto level = decimal<std::uint8_t>(rest.substr(0, slash));
        if (!level || *level > kMaxLevel) return bad();
        out.level = *level;
    }
    rest.remove_prefix(slash + 1);
    if (const auto partial = rest.find(kPartial); partial != rest.npos) {
        const auto width = decimal<std::uint32_t>(rest.substr(partial + kPartial.size()));
        if (!width || *width < 1 || *width >= kTileWidth) return bad();
        out.width = *width;
        rest = rest.substr(0, partial);
    }
    const auto index = index_in(rest);
    if (!index) return bad();
    out.index = *index;
    if (to_string(out) != path) return bad();
    return out;
}

TileSpan tiles_at(TreeSize size, std::uint8_t level) {
    if (level >= 8) return {};  // 256^8 leaves do not fit 64 bits
    const std::uint64_t hashes = size.value >> (8 * level);
    return {hashes / kTileWidth, static_cast<std::uint32_t>(hashes % kTileWidth)};
}

Status append_to_bundle(Bytes& bundle, ByteView entry) {
    if (entry.size() > kMaxEntryBytes)
        return fail(Code::too_large, "a ledger entry has more than 65535 bytes");
    put_be<std::uint16_t>(bundle, static_cast<std::uint16_t>(entry.size()));
    append(bundle, entry);
    return {};
}

Result<std::vector<ByteView>> split_bundle(ByteView bundle) {
    std::vector<ByteView> entries;
    while (!bundle.empty()) {
        if (entries.size() == kTileWidth)
            return fail(Code::corrupt, "an entry bundle holds more than 256 entries");
        if (bundle.size() < 2) return fail(Code::corrupt, "an entry bundle ends inside a length");
        const std::size_t size = get_be<std::uint16_t>(bundle.data());
        if (bundle.size() - 2 < size) return fail(Code::corrupt, "an entry bundle ends inside an entry");
        entries.push_back(bundle.subspan(2, size));
        bundle = bundle.subspan(2 + size);
    }
    return entries;
}

}  // namespace huoqi::tlog

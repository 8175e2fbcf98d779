// SPDX-License-Identifier: Apache-2.0
#include "lib/tabular/records.h"

#include <algorithm>
#include <cstring>

namespace huoqi::tabular {
namespace {

constexpr auto kNone = std::string_view::npos;

std::uint64_t newlines(std::string_view text) {
    std::uint64_t count = 0;
    for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) ++count;
    return count;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r") == kNone; }

// A quote opens only at the start of a field (RFC 4180); elsewhere it is a character, as in: 5" screen.
std::size_t csv_record_size(std::string_view text) {
    bool quoted = false;
    bool field_start = true;
    for (std::size_t at = 0; at < text.size(); ++at) {
        char c = text[at];
        if (quoted) {
            const void* quote = std::memchr(text.data() + at, '"', text.size() - at);
            if (quote == nullptr) return kNone;
            at = static_cast<std::size_t>(static_cast<const char*>(quote) - text.data());
            // A doubled quote closes and opens again.
            if (at + 1 < text.size() && text[at + 1] == '"') {
                ++at;
            } else {
                quoted = false;
            }
            field_start = false;
            continue;
        }
        if (c == '"' && field_start) {
            quoted = true;
        } else if (c == '\n') {
            return at;
        }
        field_start = c == ',';
    }
    return kNone;
}

}  // namespace

std::size_t Splitter::record_size(std::string_view text) const {
    std::size_t end = text.find('\n');
    if (kind_ == Kind::jsonl || end == kNone) return end;
    if (std::memchr(text.data(), '"', end) == nullptr) return end;
    return csv_record_size(text.substr(0, kMaxRecordBytes + 1));
}

std::size_t Splitter::too_long(std::string_view text, std::vector<Record>& records) {
    std::size_t end = std::min(text.find('\n', kMaxRecordBytes), text.size());
    std::uint64_t lines = newlines(text.substr(0, end)) + 1;
    records.push_back({line_, lines, {}, true});
    line_ += lines - 1;
    skipping_ = true;  // its newline, or what is left of its last line
    return end;
}

std::size_t Splitter::split(std::string_view text, bool last, std::vector<Record>& records) {
    std::size_t at = 0;
    while (at < text.size()) {
        auto rest = text.substr(at);
        if (skipping_) {
            std::size_t end = rest.find('\n');
            at += end == kNone ? rest.size() : end + 1;
            if (end == kNone) continue;
            skipping_ = false;
            ++line_;
            continue;
        }
        std::size_t size = record_size(rest);
        if (size == kNone && rest.size() <= kMaxRecordBytes) {
            if (!last) return at;
            size = rest.size();
        }
        if (size == kNone || size > kMaxRecordBytes) {
            at += too_long(rest, records);
            continue;
        }
        auto record = rest.substr(0, size);
        std::uint64_t lines = kind_ == Kind::jsonl ? 1 : newlines(record) + 1;
        at += std::min(size + 1, rest.size());
        if (record.ends_with('\r')) record.remove_suffix(1);
        if (!is_blank(record)) records.push_back({line_, lines, record, false});
        line_ += lines;
    }
    return at;
}

}  // namespace huoqi::tabular

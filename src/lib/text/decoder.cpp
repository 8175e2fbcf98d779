// SPDX-License-Identifier: Apache-2.0
#include "lib/text/decoder.h"

#include <algorithm>
#include <utility>

#include "lib/text/internal/gb18030.h"
#include "lib/text/text.h"

namespace huoqi::text {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";

std::string_view rule_of(Encoding encoding) {
    return encoding == Encoding::utf8 ? "encoding.utf8" : "encoding.gb18030";
}

std::uint64_t newlines(std::string_view text) {
    std::uint64_t count = 0;
    for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) ++count;
    return count;
}

// Bytes at the end that may be the beginning of a UTF-8 sequence still to come.
std::size_t cut_sequence(std::string_view bytes) {
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, bytes.size()); ++back) {
        auto c = static_cast<unsigned char>(bytes[bytes.size() - back]);
        if ((c & 0xC0) == 0x80) continue;
        std::size_t needs = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
        return needs > back ? back : 0;
    }
    return 0;
}

// Whether more whole sequences of three or four bytes stand in `bytes` than places that break UTF-8. Pairs of
// bytes count for nothing: in GB18030 every sixth character looks like one.
bool mostly_utf8(std::string_view bytes) {
    std::size_t whole = 0;
    std::size_t broken = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t from = at;
        const char32_t code_point = next(bytes, at);
        if (code_point == kReplacement) {
            ++broken;
        } else if (at - from >= 3) {
            ++whole;
        }
    }
    return whole > broken;
}

// Whether at most one in twenty characters beside ASCII was replaced.
bool mostly_decoded(std::string_view text) {
    constexpr std::size_t kGoodForOneBad = 19;
    std::size_t good = 0;
    std::size_t bad = 0;
    for (std::size_t at = 0; at < text.size();) {
        const char32_t code_point = next(text, at);
        if (code_point == kReplacement) {
            ++bad;
        } else if (code_point >= 0x80) {
            ++good;
        }
    }
    return good >= kGoodForOneBad * bad && good > 0;
}

// What cannot be text in an encoding that is taken, by its first bytes; empty when it may be.
std::string_view refusal(std::string_view bytes) {
    if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
        return "the file is UTF-16; save it as UTF-8 or GB18030";
    }
    if (bytes.starts_with("PK\x03\x04") || bytes.starts_with("\xD0\xCF\x11\xE0")) {
        return "the file is a spreadsheet or an archive; export it as CSV";
    }
    if (bytes.find('\0') != std::string_view::npos) {
        return "the file holds zero bytes: UTF-16 without a mark, or no text; save it as UTF-8 or GB18030";
    }
    return {};
}

}  // namespace

std::string_view name(Encoding encoding) { return encoding == Encoding::utf8 ? "utf-8" : "gb18030"; }

std::optional<Encoding> encoding_named(std::string_view name) {
    if (name == "utf-8") return Encoding::utf8;
    if (name == "gb18030" || name == "gbk") return Encoding::gb18030;
    return std::nullopt;
}

class Decoder::State {
  public:
    explicit State(std::optional<Encoding> encoding) : encoding_(encoding) {}

    Status feed(std::string_view bytes, bool last, std::string& out) {
        pending_.append(bytes);
        if (probing_) {
            if (!last && pending_.size() < kProbeBytes) return {};
            if (auto status = probe(last); !status) return status;
        }
        if (!encoding_) decode_open(last, out);
        if (encoding_) decode(pending_, last, out);
        return {};
    }

    std::optional<Encoding> encoding() const { return encoding_; }
    std::vector<BadLine> take_bad_lines() { return std::exchange(bad_lines_, {}); }

  private:
    Status probe(bool last) {
        probing_ = false;
        if (auto why = refusal(pending_); !why.empty()) return fail(Code::bad_input, std::string(why));
        if (pending_.starts_with(kBom)) {
            pending_.erase(0, kBom.size());
            if (!encoding_) encoding_ = Encoding::utf8;
        }
        // Exactly kProbeBytes, so that the answer does not depend on how the input was cut.
        auto seen = std::string_view(pending_).substr(0, kProbeBytes);
        if (encoding_ || is_ascii(seen)) return {};
        encoding_ = choose(seen, last && seen.size() == pending_.size());
        if (encoding_) return {};
        return fail(Code::bad_input, "the text is neither UTF-8 (line " +
                                         std::to_string(first_bad_utf8(seen)) + " breaks it) nor GB18030");
    }

    std::optional<Encoding> choose(std::string_view text, bool whole) {
        auto utf8 = whole ? text : text.substr(0, text.size() - cut_sequence(text));
        if (is_valid_utf8(utf8) || mostly_utf8(utf8)) return Encoding::utf8;
        std::string decoded;
        bool valid = gb18030_.decode(text, whole, decoded);
        gb18030_.reset();
        if (valid || mostly_decoded(decoded)) return Encoding::gb18030;
        return std::nullopt;
    }

    static std::uint64_t first_bad_utf8(std::string_view text) {
        std::uint64_t line = 1;
        for (std::size_t from = 0; from < text.size(); ++line) {
            std::size_t end = std::min(text.find('\n', from), text.size());
            if (!is_valid_utf8(text.substr(from, end - from))) return line;
            from = end + 1;
        }
        return line;
    }

    // Only ASCII was seen so far: passes ASCII lines on; the first other line, once it is whole, decides.
    void decode_open(bool last, std::string& out) {
        while (!encoding_ && !pending_.empty()) {
            std::size_t other = 0;
            while (other < pending_.size() && static_cast<unsigned char>(pending_[other]) < 0x80) ++other;
            std::size_t start = other == 0 ? 0 : pending_.rfind('\n', other - 1) + 1;
            if (other == pending_.size()) start = other;
            pass_on(start, out);
            if (pending_.empty()) return;
            std::size_t end = pending_.find('\n');
            if (end == std::string::npos && !last && pending_.size() < kProbeBytes) return;
            std::size_t size = end == std::string::npos ? pending_.size() : end + 1;
            encoding_ = choose(std::string_view(pending_).substr(0, size), end != std::string::npos || last);
            if (!encoding_) replace_open_line(size, out);
        }
    }

    void pass_on(std::size_t size, std::string& out) {
        out.append(pending_, 0, size);
        line_ += newlines(std::string_view(pending_).substr(0, size));
        pending_.erase(0, size);
    }

    void replace_open_line(std::size_t size, std::string& out) {
        bad(line_, "encoding.unknown");
        for (char c : std::string_view(pending_).substr(0, size)) {
            append(out, static_cast<unsigned char>(c) < 0x80 ? static_cast<unsigned char>(c) : kReplacement);
        }
        line_ += newlines(std::string_view(pending_).substr(0, size));
        pending_.erase(0, size);
    }

    void decode(std::string& bytes, bool last, std::string& out) {
        std::size_t from = out.size();
        bool valid = true;
        if (*encoding_ == Encoding::gb18030) {
            valid = gb18030_.decode(bytes, last, out);
            bytes.clear();
        } else {
            std::size_t kept = last ? 0 : cut_sequence(bytes);
            auto whole = std::string_view(bytes).substr(0, bytes.size() - kept);
            valid = is_valid_utf8(whole);
            valid ? static_cast<void>(out.append(whole)) : repair(whole, out);
            bytes.erase(0, whole.size());
        }
        auto decoded = std::string_view(out).substr(from);
        valid ? static_cast<void>(line_ += newlines(decoded)) : find_bad(decoded);
    }

    static void repair(std::string_view bytes, std::string& out) {
        for (std::size_t at = 0; at < bytes.size();) append(out, next(bytes, at));
    }

    // Called only when something in `decoded` was replaced, so that a U+FFFD of the input itself is also
    // reported then.
    void find_bad(std::string_view decoded) {
        for (std::size_t at = 0; at < decoded.size();) {
            std::size_t end = std::min(decoded.find('\n', at), decoded.size());
            auto line = decoded.substr(at, end - at);
            if (line.find("\uFFFD") != std::string_view::npos) bad(line_, rule_of(*encoding_));
            if (end < decoded.size()) ++line_;
            at = end + 1;
        }
    }

    void bad(std::uint64_t line, std::string_view rule) {
        if (bad_lines_.empty() || bad_lines_.back().line != line) bad_lines_.push_back({line, rule});
    }

    std::optional<Encoding> encoding_;
    bool probing_ = true;
    std::uint64_t line_ = 1;
    std::string pending_;
    std::vector<BadLine> bad_lines_;
    Gb18030 gb18030_;
};

Decoder::Decoder(std::optional<Encoding> encoding) : state_(std::make_unique<State>(encoding)) {}
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;
Decoder::~Decoder() = default;

Status Decoder::feed(std::string_view bytes, bool last, std::string& out) {
    return state_->feed(bytes, last, out);
}
std::optional<Encoding> Decoder::encoding() const { return state_->encoding(); }
std::vector<BadLine> Decoder::take_bad_lines() { return state_->take_bad_lines(); }

}  // namespace huoqi::text

// SPDX-License-Identifier: Apache-2.0
#include "core/waybill/internal/tidy.h"

#include "core/waybill/waybill.h"
#include "lib/text/text.h"

namespace huoqi::waybill {
namespace {

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }
// Marks that change the direction or order of what is shown, and the replacement of what could not be
// decoded.
bool is_deceiving(char32_t c) {
    return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) ||
           c == text::kReplacement;
}
bool is_free(char32_t c) { return !is_control(c) && !is_deceiving(c); }
bool is_private_use(char32_t c) { return c >= 0xE000 && c <= 0xF8FF; }  // rare characters in older GBK files
bool is_letter(char32_t c) { return text::is_han(c) || text::is_other_letter(c) || is_private_use(c); }

// '*' is what platforms mask with.
bool in_name(char32_t c) {
    return is_letter(c) || c == U'·' || c == U' ' || c == U'\'' || c == U'.' || c == U'-' || c == U'(' ||
           c == U')' || c == U'*' || c == U',';
}
bool in_place(char32_t c) {
    return is_letter(c) || c == U'·' || c == U' ' || c == U'\'' || c == U'.' || c == U'-' || c == U'(' ||
           c == U')';
}
bool in_town(char32_t c) { return in_place(c) || (c >= U'0' && c <= U'9') || c == U'、' || c == U'*'; }

bool is_middle_dot(char32_t c) {
    return c == U'\u2022' || c == U'\u30FB' || c == U'\u2027' || c == U'\uFF65' || c == U'\u0387' ||
           c == U'\u22C5';
}

// Digits, letters and blanks lose their width everywhere; other signs only in names, where Chinese
// punctuation has no meaning of its own.
char32_t fold(char32_t c, bool name) {
    if (c < 0x80) return c == U'\t' || c == U'\n' || c == U'\r' ? U' ' : c;
    char32_t narrow = text::narrow(c);
    if (narrow == c) return name && is_middle_dot(c) ? U'·' : c;
    bool plain = narrow == U' ' || narrow == U'#' || narrow == U'-' || narrow == U'*' ||
                 (narrow >= U'0' && narrow <= U'9') || ((narrow | 0x20) >= U'a' && (narrow | 0x20) <= U'z');
    return plain || name ? narrow : c;
}

bool blank_goes(char32_t before, char32_t after, bool name) {
    return before == 0 || after == 0 || after == U' ' ||
           (name && text::is_han(before) && text::is_han(after));
}

// Writes the normal form; used only when it differs from the text.
std::string rewrite(std::string_view text, bool name) {
    std::string out;
    out.reserve(text.size());
    char32_t before = 0;
    bool blank = false;
    for (std::size_t at = 0; at < text.size();) {
        char32_t c = fold(text::next(text, at), name);
        if (c == U' ') {
            blank = true;
            continue;
        }
        if (blank && !blank_goes(before, c, name)) out.push_back(' ');
        blank = false;
        text::append(out, c);
        before = c;
    }
    return out;
}

// The Han characters U+5000..U+9FFF, which are nearly all of Chinese text, need no decoding: they are allowed
// everywhere and have one form.
bool is_common_han(std::string_view text, std::size_t at) {
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    return at + 2 < text.size() && byte(0) >= 0xE5 && byte(0) <= 0xE9 && (byte(1) & 0xC0) == 0x80 &&
           (byte(2) & 0xC0) == 0x80;
}

enum class State { good, untidy, broken };

// One reading decides both: whether the text is in normal form, and whether what it holds is allowed.
State read(std::string_view text, const TextKind& kind, std::size_t& count) {
    char32_t before = 0;  // the last character that is no blank
    bool blank = false;
    State state = State::good;
    for (std::size_t at = 0; at < text.size(); ++count) {
        char32_t c = U'\u5000';
        if (is_common_han(text, at)) {
            at += 3;
        } else {
            c = text::next(text, at);
            if (fold(c, kind.name) != c) return State::untidy;
            if (!kind.allowed(c)) state = State::broken;
        }
        if (c == U' ') {
            if (blank || before == 0) return State::untidy;
            blank = true;
            continue;
        }
        if (blank && blank_goes(before, c, kind.name)) return State::untidy;
        blank = false;
        before = c;
    }
    return blank ? State::untidy : state;
}

}  // namespace

const TextKind kName = {64, true, in_name, "name.characters", "name.length"};
const TextKind kOrganisation = {128, false, is_free, "organisation.characters", "organisation.length"};
const TextKind kPlace = {32, false, in_place, "address.characters", "address.length"};
const TextKind kTown = {64, false, in_town, "address.characters", "address.length"};
const TextKind kDetail = {256, false, is_free, "address.characters", "address.length"};
const TextKind kItems = {2000, false, is_free, "items.characters", "items.length"};

std::string_view tidy(Personal& text, const TextKind& kind) {
    std::size_t count = 0;
    State state = read(text.reading(), kind, count);
    if (state == State::untidy) {
        text = Personal(rewrite(text.reading(), kind.name));
        count = 0;
        state = read(text.reading(), kind, count);
    }
    if (state != State::good) return kind.rule;
    return count > kind.most ? kind.length_rule : std::string_view();
}

std::string name_key(std::string_view name) {
    std::string out;
    out.reserve(name.size());
    for (char c : name) {
        if (c == ' ') continue;
        if (c == '.') {
            out += "·";
        } else {
            out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
        }
    }
    return out;
}

std::string normal_name(std::string_view text) {
    Personal name{std::string(text)};
    if (name.empty() || !tidy(name, kName).empty()) return {};
    return std::string(name.reading());
}

}  // namespace huoqi::waybill

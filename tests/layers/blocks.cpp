// SPDX-License-Identifier: Apache-2.0
#include "blocks.h"

#include <algorithm>
#include <cctype>
#include <regex>

namespace huoqi::layers {
namespace {

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

// The end of a quoted text that begins at `at`.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
    char quote = text[at++];
    while (at < text.size() && text[at] != quote && text[at] != '\n') at += text[at] == '\\' ? 2 : 1;
    return std::min(at + 1, text.size());
}

// R"word( … )word"
std::size_t end_of_raw(std::string_view text, std::size_t at) {
    auto open = text.find('(', at);
    if (open == text.npos) return text.size();
    std::string close = ")" + std::string(text.substr(at + 2, open - at - 2)) + "\"";
    auto end = text.find(close, open);
    return end == text.npos ? text.size() : end + close.size();
}

// 1'000: a mark between digits, whose word begins with one. u8'x' begins with none.
bool between_digits(std::string_view text, std::size_t at) {
    auto begin = at;
    while (begin > 0 && (in_word(text[begin - 1]) || text[begin - 1] == '\'')) --begin;
    return begin < at && std::isdigit(static_cast<unsigned char>(text[begin])) != 0;
}

// From `at`, what is no code: a comment, a quoted text, a preprocessor line. Nothing: `at` itself.
std::size_t end_of_other(std::string_view text, std::size_t at) {
    auto rest = text.substr(at);
    bool after_word = at > 0 && in_word(text[at - 1]);
    if (rest.starts_with("//")) return std::min(text.find('\n', at), text.size());
    if (rest.starts_with("/*")) return std::min(text.find("*/", at), text.size() - 2) + 2;
    if (rest.starts_with("R\"") && !after_word) return end_of_raw(text, at);
    if (rest.front() == '"') return end_of_quoted(text, at);
    if (rest.front() == '\'') return between_digits(text, at) ? at : end_of_quoted(text, at);
    if (rest.front() != '#') return at;
    auto end = text.find('\n', at);
    while (end != text.npos && end > 0 && text[end - 1] == '\\') end = text.find('\n', end + 1);
    return std::min(end, text.size());
}

// The same lines with everything that is no code blanked out.
std::string code_of(std::string_view text) {
    std::string out(text);
    for (std::size_t at = 0; at < text.size();) {
        auto end = end_of_other(text, at);
        for (auto i = at; i < end; ++i) {
            if (out[i] != '\n') out[i] = ' ';
        }
        at = std::max(end, at + 1);
    }
    return out;
}

// Whether what follows a head is a namespace or class, whose own blocks count.
bool opens_scope(const std::string& head) {
    static const std::regex kTemplate(R"(^\s*template\s*<[^()]*?>\s*(?=(class|struct|union)\b))");
    static const std::regex kScope(
        R"(^\s*((static|const|constexpr|inline|typedef)\s+)*(namespace|class|struct|union|enum)\b[^()=]*$)");
    static const std::regex kLanguage(R"(^\s*extern\s*$)");
    auto bare = std::regex_replace(head, kTemplate, "");
    return std::regex_match(bare, kScope) || std::regex_match(bare, kLanguage);
}

std::string on_one_line(std::string text) {
    std::replace_if(text.begin(), text.end(), blank, ' ');
    text.erase(std::unique(text.begin(), text.end(), [](char a, char b) { return a == ' ' && b == ' '; }),
               text.end());
    return text;
}

class Counter {
  public:
    explicit Counter(std::string code) : code_(std::move(code)) {}

    Blocks run() {
        for (at_ = 0; at_ < code_.size() && !wrong_; ++at_) {
            char c = code_[at_];
            if (c == '{') {
                open();
            } else if (c == '}') {
                close();
            } else if (inside_ == 0 && (c == ';' || label())) {
                begin_head();
            } else if (inside_ == 0 && (!head_.empty() || !blank(c))) {
                if (head_.empty()) line_ = lines_;
                head_ += c;
            }
            if (c == '\n') ++lines_;
        }
        out_.balanced = !wrong_ && inside_ == 0 && scopes_ == 0;
        return std::move(out_);
    }

  private:
    void begin_head() { head_.clear(); }
    // "public:" and the like stand before the next head and are none of it.
    bool label() const {
        static const std::regex kLabel(R"(\s*(public|protected|private)\s*)");
        return code_[at_] == ':' && std::regex_match(head_, kLabel);
    }
    void open() {
        if (inside_ == 0 && opens_scope(head_)) {
            ++scopes_;
            begin_head();
            return;
        }
        if (inside_++ == 0 && head_.empty()) line_ = lines_;
    }
    void close() {
        if (inside_ == 0) {
            wrong_ = scopes_-- == 0;
            begin_head();
            return;
        }
        if (--inside_ > 0) return;
        // A member's initializer belongs to the constructor whose body follows.
        auto next = code_.find_first_not_of(" \n", at_ + 1);
        if (next != code_.npos && (code_[next] == ',' || code_[next] == '{')) return;
        out_.all.push_back({on_one_line(head_), line_, lines_ - line_ + 1});
        begin_head();
    }

    std::string code_;
    Blocks out_;
    std::string head_;
    std::size_t at_ = 0, lines_ = 1, line_ = 1, inside_ = 0, scopes_ = 0;
    bool wrong_ = false;
};

}  // namespace

Blocks blocks_of(std::string_view source) { return Counter(code_of(source)).run(); }

}  // namespace huoqi::layers

// SPDX-License-Identifier: Apache-2.0
// One TOML table being read against a schema. Asking for a key is the schema: a key that is missing, of
// another type or outside its range is reported where it stands, and so is every key that nobody asked for.
// Reading goes on after a problem with a neutral value, so that one run finds them all.
#pragma once

#include <toml++/toml.h>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/policy/internal/words.h"
#include "core/policy/policy.h"

namespace huoqi::policy {

struct Range {
    std::int64_t least = 0;
    std::int64_t most = 0;
};

// Names that others may refer to. While the file that defines them cannot be read, every name passes, so that
// one broken file does not make all the others look wrong.
struct Known {
    bool whole = false;
    std::set<std::string, std::less<>> names;

    bool has(std::string_view name) const { return !whole || names.contains(name); }
};

// Text from a file made fit for a message: quoted, short, without control characters.
std::string in_quotes(std::string_view text);
std::optional<Date> parse_date(std::string_view text);

class Reader {
  public:
    Reader(const toml::table& table, std::string_view file, std::string what, std::vector<Problem>& problems);

    // What the table is about, for messages: "article 7".
    void called(std::string what) { what_ = std::move(what); }
    const std::string& what() const { return what_; }
    // Where it begins.
    std::size_t line() const;

    std::string text(std::string_view key);     // not empty
    std::string text_if(std::string_view key);  // empty when the key is not there
    bool boolean(std::string_view key);
    std::int64_t integer(std::string_view key, Range range);
    Date date(std::string_view key);
    std::optional<Date> date_if(std::string_view key);
    Bilingual bilingual(std::string_view key);
    // Lists hold nothing twice.
    std::vector<std::string> texts(std::string_view key);
    std::vector<int> integers(std::string_view key, Range range);

    // A name that this table brings into the world, not yet in `known`: a-z, 0-9, "_", "." and ":".
    std::string new_name(std::string_view key, std::string_view kind, Known& known);
    // Names of things that exist.
    std::vector<std::string> names(std::string_view key, std::string_view kind, const Known& known);

    template <class E>
    E choice(std::string_view key) {
        const std::string word = text(key);
        const auto value = value_of<E>(word);
        if (!value && !word.empty()) unknown(Words<E>::kind, word, line_of(key));
        return value.value_or(E{});
    }
    template <class E>
    std::vector<E> choices(std::string_view key) {
        std::vector<E> out;
        list<std::string>(key, "a list of texts", [&](const std::string& word, std::size_t line) {
            if (auto value = value_of<E>(word)) {
                out.push_back(*value);
            } else {
                unknown(Words<E>::kind, word, line);
            }
        });
        return out;
    }

    // A sub-table, and each table of an array of tables; what `visit` does not ask for is reported.
    void section(std::string_view key, const std::function<void(Reader&)>& visit);
    void each(std::string_view key, const std::function<void(Reader&)>& visit);

    // Reports something about a key of this table, or about the table itself when it has no such key.
    void wrong(std::string_view key, std::string reason);
    void wrong_at(std::size_t line, std::string reason);
    void report_unread();

  private:
    const toml::node* take(std::string_view key);
    const toml::node* need(std::string_view key);
    template <class T>
    std::optional<T> value(std::string_view key, const toml::node* node, std::string_view kind);
    template <class T>
    void list(std::string_view key, std::string_view kind,
              const std::function<void(const T&, std::size_t line)>& visit);
    void unknown(std::string_view kind, std::string_view word, std::size_t line);
    std::size_t line_of(std::string_view key) const;

    const toml::table& table_;
    std::string_view file_;
    std::string what_;
    std::vector<Problem>& problems_;
    std::set<std::string, std::less<>> taken_;
};

}  // namespace huoqi::policy

// SPDX-License-Identifier: Apache-2.0
// sources.toml, parts.toml and articles.toml: what the law says and which part of the system answers it.
#include <algorithm>
#include <map>

#include "core/policy/internal/schema.h"

namespace huoqi::policy {
namespace {

constexpr Range kArticles{1, 999};

// An article's status may not promise more, or less, than the parts it names.
std::string_view contradiction(const Article& article, const Policy& policy) {
    if (article.status == Status::document) return "";
    if (article.met_by.empty()) return "is not 'document', but names no part that meets it";
    std::size_t built = 0, planned = 0;
    for (const std::string& name : article.met_by) {
        const Part* part = policy.part(name);
        built += part && part->status == Status::built;
        planned += part && part->status == Status::planned;
    }
    if (article.status == Status::built && built < article.met_by.size())
        return "is 'built', but a part of it is not";
    if (article.status == Status::partly && planned == article.met_by.size()) {
        return "is 'partly' there, but every part of it is planned";
    }
    if (article.status == Status::planned && planned < article.met_by.size()) {
        return "is 'planned', but a part of it is there";
    }
    return "";
}

void read_article(Reader& reader, Draft& draft) {
    Article article;
    article.number = static_cast<int>(reader.integer("number", {1, draft.articles}));
    reader.called("article " + std::to_string(article.number));
    article.chapter = static_cast<int>(reader.integer("chapter", kArticles));
    article.title = reader.bilingual("title");
    article.asks = reader.bilingual("asks");
    article.binds = reader.choices<Binds>("binds");
    article.met_by = reader.names("met_by", "part", draft.parts);
    article.status = reader.choice<Status>("status");
    article.note = reader.bilingual("note");
    if (article.binds.empty()) reader.wrong("binds", reader.what() + " binds nobody");
    const bool chapter_known = std::ranges::any_of(
        draft.policy.chapters, [&](const Chapter& chapter) { return chapter.number == article.chapter; });
    if (!chapter_known)
        reader.wrong("chapter", "no chapter " + std::to_string(article.chapter) + " for " + reader.what());
    if (draft.parts.whole) {
        const std::string_view wrong = contradiction(article, draft.policy);
        if (!wrong.empty()) reader.wrong("status", reader.what() + " " + std::string(wrong));
    }
    if (draft.policy.article(article.number)) reader.wrong("number", reader.what() + " stands twice");
    draft.policy.articles.push_back(std::move(article));
}

}  // namespace

void read_sources(Reader& file, Draft& draft) {
    file.each("source", [&](Reader& reader) {
        Source source;
        source.id = reader.new_name("id", "source", draft.sources);
        source.title = reader.bilingual("title");
        source.address = reader.text("address");
        source.read = reader.choice<Certainty>("read");
        if (source.read != Certainty::text && source.read != Certainty::press) {
            reader.wrong("read", reader.what() + " can only be read as 'text' or 'press'");
        }
        draft.policy.sources.push_back(std::move(source));
    });
    draft.sources.whole = true;
}

void read_parts(Reader& file, Draft& draft) {
    file.each("part", [&](Reader& reader) {
        Part part;
        part.name = reader.new_name("name", "part", draft.parts);
        part.title = reader.bilingual("title");
        part.status = reader.choice<Status>("status");
        if (part.status == Status::document)
            reader.wrong("status", reader.what() + " is a part, not a document");
        draft.policy.parts.push_back(std::move(part));
    });
    draft.parts.whole = true;
}

void read_articles(Reader& file, Draft& draft) {
    file.section("regulation", [&](Reader& regulation) {
        draft.policy.regulation = regulation.bilingual("title");
        draft.articles = static_cast<int>(regulation.integer("articles", kArticles));
    });
    file.each("chapter", [&](Reader& reader) {
        Chapter chapter;
        chapter.number = static_cast<int>(reader.integer("number", kArticles));
        reader.called("chapter " + std::to_string(chapter.number));
        chapter.title = reader.bilingual("title");
        if (chapter.number != static_cast<int>(draft.policy.chapters.size()) + 1) {
            reader.wrong("number", "chapters must count 1, 2, 3, ...");
        }
        draft.policy.chapters.push_back(std::move(chapter));
    });
    if (draft.articles < 1) return;
    std::map<int, std::size_t> lines;
    file.each("article", [&](Reader& reader) {
        read_article(reader, draft);
        lines.emplace(draft.policy.articles.back().number, reader.line());
    });
    for (int number = 1; number <= draft.articles && !lines.empty(); ++number) {
        // Where it should stand: before the next one, or after the last.
        const auto next = lines.lower_bound(number);
        const std::size_t line = next == lines.end() ? lines.rbegin()->second : next->second;
        if (!draft.policy.article(number)) file.wrong_at(line, "missing article " + std::to_string(number));
    }
    std::ranges::sort(draft.policy.articles, {}, &Article::number);
}

Range article_range(const Draft& draft) { return {1, draft.articles > 0 ? draft.articles : kArticles.most}; }

}  // namespace huoqi::policy

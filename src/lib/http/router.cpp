// SPDX-License-Identifier: Apache-2.0
// A tree of path segments. Finding walks it depth first in the order of precedence and goes back when a
// branch has no route for the method, so that a literal never hides a pattern that would answer.
#include <algorithm>

#include "base/check.h"
#include "lib/http/http.h"
#include "lib/http/internal/target.h"

namespace huoqi::http {

struct Router::Node {
    struct Literal {
        std::string text;
        std::unique_ptr<Node> next;
    };
    struct Action {  // "{id}:reveal"
        std::string suffix;
        std::unique_ptr<Node> next;
    };
    std::vector<Literal> literals;
    std::vector<Action> actions;
    std::unique_ptr<Node> parameter;
    std::vector<const Route*> here;  // routes that end at this node
    std::vector<const Route*> rest;  // routes that end here with {name*}
};

namespace {

enum class Kind { literal, parameter, action, rest };

struct Piece {
    Kind kind;
    std::string_view text;  // the literal, or the action with its colon
    std::string_view name;
};

Piece piece_of(std::string_view segment) {
    if (!segment.starts_with('{')) {
        HUOQI_CHECK(!segment.empty() && segment.find_first_of("{}*%") == segment.npos);
        return {Kind::literal, segment, {}};
    }
    const std::size_t close = segment.find('}');
    HUOQI_CHECK(close != segment.npos && close > 1);
    const std::string_view name = segment.substr(1, close - 1);
    const std::string_view suffix = segment.substr(close + 1);
    if (name.ends_with('*')) {
        HUOQI_CHECK(name.size() > 1 && suffix.empty());
        return {Kind::rest, {}, name.substr(0, name.size() - 1)};
    }
    if (suffix.empty()) return {Kind::parameter, {}, name};
    HUOQI_CHECK(suffix.front() == ':' && suffix.size() > 1);
    return {Kind::action, suffix, name};
}

std::vector<Piece> pieces_of(std::string_view pattern) {
    HUOQI_CHECK(pattern.starts_with('/'));
    std::vector<Piece> pieces;
    pattern.remove_prefix(1);
    bool more = !pattern.empty();
    while (more) {
        const std::size_t slash = pattern.find('/');
        more = slash != pattern.npos;
        HUOQI_CHECK(pieces.empty() || pieces.back().kind != Kind::rest);
        pieces.push_back(piece_of(pattern.substr(0, slash)));
        if (more) pattern.remove_prefix(slash + 1);
    }
    return pieces;
}

const Route* for_method(const std::vector<const Route*>& routes, std::string_view method) {
    for (const Route* route : routes) {
        if (route->method == method) return route;
    }
    return method == "HEAD" ? for_method(routes, "GET") : nullptr;
}

void add_method(std::vector<std::string_view>& methods, std::string_view method) {
    if (std::find(methods.begin(), methods.end(), method) == methods.end()) methods.push_back(method);
}

}  // namespace

struct Router::Search {
    const internal::PathSegments& path;
    std::string_view method;
    std::vector<std::string_view> allowed;

    const Route* pick(const std::vector<const Route*>& routes) {
        if (const Route* route = for_method(routes, method)) return route;
        for (const Route* route : routes) {
            add_method(allowed, route->method);
            if (route->method == "GET") add_method(allowed, "HEAD");
        }
        return nullptr;
    }

    const Route* walk(const Node& node, std::size_t depth) {
        if (depth == path.count) return pick(node.here);
        const std::string_view segment = path.segments[depth];
        for (const Node::Literal& literal : node.literals) {
            if (literal.text != segment) continue;
            if (const Route* route = walk(*literal.next, depth + 1)) return route;
        }
        for (const Node::Action& action : node.actions) {
            if (segment.size() <= action.suffix.size() || !segment.ends_with(action.suffix)) continue;
            if (const Route* route = walk(*action.next, depth + 1)) return route;
        }
        if (node.parameter && !segment.empty()) {
            if (const Route* route = walk(*node.parameter, depth + 1)) return route;
        }
        return pick(node.rest);
    }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;
Router::~Router() = default;

void Router::add(std::string_view method, std::string_view pattern, Handler handler, RouteLimits limits) {
    HUOQI_CHECK(handler != nullptr);
    insert(std::make_unique<Route>(
        Route{std::string(method), std::string(pattern), limits, std::move(handler), {}}));
}

void Router::add_stream(std::string_view method, std::string_view pattern, StreamHandler handler,
                        RouteLimits limits) {
    HUOQI_CHECK(handler != nullptr);
    insert(std::make_unique<Route>(
        Route{std::string(method), std::string(pattern), limits, {}, std::move(handler)}));
}

void Router::insert(std::unique_ptr<Route> route) {
    Node* node = root_.get();
    std::vector<const Route*>* end = nullptr;
    for (const Piece& piece : pieces_of(route->pattern)) {
        if (piece.kind == Kind::rest) {
            end = &node->rest;
            break;
        }
        if (piece.kind == Kind::parameter) {
            if (!node->parameter) node->parameter = std::make_unique<Node>();
            node = node->parameter.get();
        } else if (piece.kind == Kind::action) {
            auto at = std::find_if(node->actions.begin(), node->actions.end(),
                                   [&](const Node::Action& action) { return action.suffix == piece.text; });
            if (at == node->actions.end()) {
                at = node->actions.insert(at, {std::string(piece.text), std::make_unique<Node>()});
            }
            node = at->next.get();
        } else {
            auto at = std::find_if(node->literals.begin(), node->literals.end(),
                                   [&](const Node::Literal& literal) { return literal.text == piece.text; });
            if (at == node->literals.end()) {
                at = node->literals.insert(at, {std::string(piece.text), std::make_unique<Node>()});
            }
            node = at->next.get();
        }
    }
    if (end == nullptr) end = &node->here;
    for (const Route* other : *end) HUOQI_CHECK(other->method != route->method);
    end->push_back(route.get());
    routes_.push_back(std::move(route));
}

Result<Router::Match> Router::find(std::string_view method, std::string_view path) const {
    internal::PathSegments segments;
    if (Status split = internal::split_path(path, segments); !split) return pass(split);
    Search search{segments, method, {}};
    Match match;
    match.route = search.walk(*root_, 0);
    if (match.route == nullptr) {
        for (const std::string_view allowed : search.allowed) {
            match.allow.append(match.allow.empty() ? "" : ", ").append(allowed);
        }
        return match;
    }
    std::size_t depth = 0;
    for (const Piece& piece : pieces_of(match.route->pattern)) {
        if (piece.kind == Kind::rest) {
            std::string rest(segments.segments[depth]);
            while (++depth < segments.count) rest.append("/").append(segments.segments[depth]);
            match.parameters.emplace_back(piece.name, std::move(rest));
        } else if (piece.kind != Kind::literal) {
            const std::string_view segment = segments.segments[depth];
            match.parameters.emplace_back(piece.name, segment.substr(0, segment.size() - piece.text.size()));
        }
        ++depth;
    }
    return match;
}

}  // namespace huoqi::http

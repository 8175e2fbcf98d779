// SPDX-License-Identifier: Apache-2.0
// From bytes to a Request. Beast's parser does the grammar; what it lets pass and a proxy in front may read
// otherwise (request smuggling, RFC 9112 11.2) is refused before it and after it. No sockets here, so that it
// can be fuzzed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lib/http/http.h"

namespace huoqi::http::internal {

// Looks for the end of a head in what has come so far.
struct HeadScan {
    enum State { incomplete, complete, malformed } state = incomplete;
    std::size_t size = 0;  // of the head with its empty line, when complete
};
// `from` is where to go on when more has come; 0 at first. Malformed: a bare LF, or a folded line (RFC
// 9112 5.2).
HeadScan scan_head(std::string_view text, std::size_t& from);

struct Head {
    int minor_version = 1;
    bool keep_alive = false;
    bool expects_continue = false;
    bool has_body = false;
    std::optional<std::uint64_t> content_length;  // nullopt with has_body: chunked
};

class RequestParser {
  public:
    RequestParser();
    ~RequestParser();

    // One whole head, as scan_head found it. Fills method, path, query and headers. On failure the status to
    // answer with: 400, 431, or 505 for another version.
    std::expected<Head, int> parse_head(std::string_view text, std::size_t max_fields, Request& request);

    enum class Body { more, complete, malformed };
    // Takes what it can of `text`, appends body bytes to `out` and tells in `taken` how much of `text` is
    // done with. `more` with taken == 0: it needs more bytes behind these.
    Body parse_body(std::string_view text, std::string& out, std::size_t& taken);

  private:
    class Parser;
    struct Slot;
    std::unique_ptr<Slot> slot_;
};

}  // namespace huoqi::http::internal

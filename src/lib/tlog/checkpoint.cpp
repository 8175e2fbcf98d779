// SPDX-License-Identifier: Apache-2.0
// The signed text of a tree's head, https://c2sp.org/tlog-checkpoint.
#include "lib/tlog/internal/lines.h"
#include "lib/tlog/tlog.h"

namespace huoqi::tlog {

std::string checkpoint_text(const Checkpoint& checkpoint) {
    std::string out = checkpoint.origin + "\n" + std::to_string(checkpoint.size.value) + "\n";
    out += base64(checkpoint.root) + "\n";
    for (const std::string& line : checkpoint.extensions) out += line + "\n";
    return out;
}

Result<Checkpoint> parse_checkpoint_text(std::string_view text) {
    const auto bad = [](const char* what) {
        return fail(Code::bad_input, std::string("checkpoint: ") + what);
    };
    if (text.size() > kMaxNoteBytes) return fail(Code::too_large, "checkpoint: more than 65536 bytes");
    if (!is_plain_text(text)) return bad("not plain UTF-8 text");
    Checkpoint out;
    const auto origin = take_line(text);
    if (!origin || origin->empty()) return bad("no origin in line 1");
    out.origin = *origin;
    const auto size_line = take_line(text);
    const auto size = size_line ? parse_decimal(*size_line) : std::nullopt;
    if (!size) return bad("no tree size in line 2");
    out.size = TreeSize{*size};
    const auto root_line = take_line(text);
    const auto root = root_line ? parse_hash(*root_line) : std::nullopt;
    if (!root) return bad("no root hash in line 3");
    out.root = *root;
    while (!text.empty()) {
        const auto line = take_line(text);
        if (!line || line->empty()) return bad("an empty or unfinished extension line");
        out.extensions.emplace_back(*line);
    }
    return out;
}

}  // namespace huoqi::tlog

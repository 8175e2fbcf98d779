// SPDX-License-Identifier: Apache-2.0
// Notes, checkpoints and verifier keys: what parses is written back byte for byte.
#include "base/check.h"
#include "lib/tlog/tlog.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace huoqi::tlog;
    const auto text = huoqi::text_of({data, size});
    if (const auto note = parse_note(text)) {
        HUOQI_CHECK(format_note(*note) == text);
        HUOQI_CHECK(!verify_note(*note, {}));
        if (const auto checkpoint = parse_checkpoint_text(note->text)) {
            HUOQI_CHECK(checkpoint_text(*checkpoint) == note->text);
        }
    }
    if (const auto checkpoint = parse_checkpoint_text(text))
        HUOQI_CHECK(checkpoint_text(*checkpoint) == text);
    if (const auto key = parse_verifier_key(text)) HUOQI_CHECK(to_string(*key) == text);
    return 0;
}

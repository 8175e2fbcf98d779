// SPDX-License-Identifier: Apache-2.0
// What the verifier finds. "Tampered" is said only when bytes that were signed or hashed contradict each
// other; what is missing, signed by nobody known or not readable leads to "cannot tell". One thread.
#pragma once

#include <filesystem>
#include <iostream>

#include "lib/tlog/tlog.h"

namespace huoqi::verify {

enum class Verdict { valid = 0, tampered = 1, cannot_tell = 2 };  // the exit codes

// Prints each reason as it is found. One contradiction outweighs anything that is merely missing.
struct Report {
    Verdict verdict = Verdict::valid;
    void tampered(const std::string& reason) {
        verdict = Verdict::tampered;
        std::cout << "tampered: " << reason << '\n';
    }
    void cannot_tell(const std::string& reason) {
        if (verdict == Verdict::valid) verdict = Verdict::cannot_tell;
        std::cout << "cannot tell: " << reason << '\n';
    }
};

// At most `limit` bytes of a file; nothing when it cannot be read or is longer.
std::optional<Bytes> read_file(const std::filesystem::path& file, std::size_t limit);

// Whether the tiles and entries in `folder` are those of the tree heads. Both must have been verified.
void check_ledger(const std::filesystem::path& folder, const tlog::Checkpoint& head,
                  const std::optional<tlog::Checkpoint>& older, Report& report);

}  // namespace huoqi::verify

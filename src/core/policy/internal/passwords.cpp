// SPDX-License-Identifier: Apache-2.0
// common_passwords.txt: one a line, sorted by bytes, so that two edits of it can be compared and merged.
#include <algorithm>

#include "core/policy/internal/schema.h"

namespace huoqi::policy {
namespace {

constexpr std::size_t kLeastBytes = 4;
constexpr std::size_t kMostBytes = 64;
constexpr std::size_t kMostPasswords = 100'000;

std::string_view wrong(std::string_view line, std::string_view before) {
    const auto out_of_place = [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || (c >= 'A' && c <= 'Z');
    };
    if (line.empty()) return "empty line";
    if (std::ranges::any_of(line, out_of_place)) return "blank, control character or capital in a password";
    if (line.size() < kLeastBytes || line.size() > kMostBytes)
        return "a common password must have 4 to 64 bytes";
    if (line == before) return "password stands twice";
    if (line < before) return "passwords must be sorted by their bytes";
    return {};
}

}  // namespace

void read_common_passwords(std::string_view content, std::string_view file, Draft& draft,
                           std::vector<Problem>& problems) {
    const auto report = [&](std::size_t line, std::string_view reason) {
        problems.push_back({std::string(file), line, std::string(reason)});
    };
    auto& all = draft.policy.common_passwords;
    if (content.empty()) return report(0, "no password in it");
    if (!content.ends_with('\n')) report(0, "the last line does not end");
    for (std::size_t number = 1; !content.empty(); ++number) {
        const std::size_t end = std::min(content.find('\n'), content.size());
        const std::string_view line = content.substr(0, end);
        content.remove_prefix(std::min(end + 1, content.size()));
        const std::string_view reason = wrong(line, all.empty() ? std::string_view() : all.back());
        if (!reason.empty()) {
            report(number, reason);
            continue;
        }
        if (all.size() == kMostPasswords) return report(number, "more than 100000 passwords");
        all.emplace_back(line);
    }
}

}  // namespace huoqi::policy

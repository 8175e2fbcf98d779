// SPDX-License-Identifier: Apache-2.0
// huoqi-verify: checks an exported proof or a whole ledger offline.
#include "app/verify/check.h"

namespace huoqi::verify {

constexpr const char* kUsage =
    "usage: huoqi-verify proof FILE --key VKEY [--key VKEY]...\n"
    "       huoqi-verify ledger DIR --key VKEY [--key VKEY]... [--from OLD_CHECKPOINT_FILE]\n"
    "VKEY: <name>+<id>+<key> or @FILE with one in it. Exit codes: 0 valid, 1 tampered, 2 cannot tell.\n";

using Keys = std::vector<tlog::VerifierKey>;

// The tree head in a signed note once a known key's signature holds; otherwise the report says why not.
std::optional<tlog::Checkpoint> signed_head(std::string_view text, const Keys& keys, Report& report) {
    if (text.empty()) report.cannot_tell("a checkpoint is missing, unreadable or too long");
    const auto note = tlog::parse_note(text);
    const auto verified = note ? tlog::verify_note(*note, keys) : Status(std::unexpected(note.error()));
    const auto head = verified ? tlog::parse_checkpoint_text(note->text) : std::unexpected(verified.error());
    if (head) return *head;
    const auto& [code, message] = head.error();
    code == Code::corrupt ? report.tampered(message) : report.cannot_tell(message);
    return std::nullopt;
}

Result<tlog::VerifierKey> key_in(const std::string& text) {
    if (!text.starts_with("@")) return tlog::parse_verifier_key(text);
    const auto bytes = read_file(text.substr(1), 4096);
    if (!bytes) return fail(Code::not_found, "the file of a verifier key cannot be read");
    return tlog::parse_verifier_key(text_of(*bytes).substr(0, text_of(*bytes).find_first_of("\r\n")));
}

void verify_proof(const std::string& file, const Keys& keys, Report& report) {
    const auto bytes = read_file(file, 256 * 1024);
    if (!bytes) return report.cannot_tell("the proof file cannot be read");
    const auto proof = tlog::parse_proof(text_of(*bytes));
    if (!proof) return report.cannot_tell(proof.error().message);
    const auto head = signed_head(proof->checkpoint, keys, report);
    if (!head) return;
    if (proof->extra.empty()) return report.cannot_tell("the proof file does not hold the entry");
    const auto leaf = tlog::leaf_hash(proof->extra);
    const auto included = tlog::verify_inclusion(proof->index, head->size, leaf, proof->hashes, head->root);
    if (!included) return report.tampered(included.error().message);
    std::string entry(text_of(proof->extra));
    for (char& c : entry) c = (c >= 0 && c < 0x20) || c == 0x7f ? '?' : c;  // nothing that steers a terminal
    std::cout << entry << "\nentry " << proof->index.value << " in " << head->origin << '\n';
}

void verify_ledger(const std::string& folder, const Keys& keys, const std::string& older_file,
                   Report& report) {
    const auto head_in = [&](const std::string& file) {
        const auto note = read_file(file, tlog::kMaxNoteBytes);
        return signed_head(note ? text_of(*note) : "", keys, report);
    };
    const auto head = head_in(folder + "/checkpoint");
    auto older = older_file.empty() ? std::nullopt : head_in(older_file);
    if (!head) return;
    if (older && (older->origin != head->origin || older->size > head->size)) {
        report.cannot_tell("the older checkpoint is of another ledger or counts more entries than this one");
        older.reset();
    }
    check_ledger(folder, *head, older, report);
    std::cout << head->size.value << " entries in " << head->origin << '\n';
}

}  // namespace huoqi::verify

int main(int count, char** arguments) {
    using namespace huoqi::verify;
    const std::vector<std::string> words(arguments + (count > 0 ? 1 : 0), arguments + count);
    const bool ledger = !words.empty() && words[0] == "ledger";
    bool understood = words.size() >= 4 && words.size() % 2 == 0 && (ledger || words[0] == "proof");
    Keys keys;
    std::string older;
    for (std::size_t i = 2; understood && i < words.size(); i += 2) {
        understood = words[i] == "--key" || (words[i] == "--from" && ledger);
        if (words[i] == "--from") older = words[i + 1];
        if (words[i] != "--key") continue;
        auto key = key_in(words[i + 1]);
        if (!key) std::cerr << key.error().message << '\n';
        understood = key.has_value();
        if (key) keys.push_back(std::move(*key));
    }
    if (!understood || keys.empty()) {
        std::cerr << kUsage;
        return static_cast<int>(Verdict::cannot_tell);
    }
    Report report;
    ledger ? verify_ledger(words[1], keys, older, report) : verify_proof(words[1], keys, report);
    constexpr const char* kAnswers[] = {"valid 有效", "tampered 被篡改", "cannot tell 无法判断"};
    std::cout << kAnswers[static_cast<int>(report.verdict)] << std::endl;
    return static_cast<int>(std::cout ? report.verdict : Verdict::cannot_tell);
}

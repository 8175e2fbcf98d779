// SPDX-License-Identifier: Apache-2.0
// huoqi-verify from outside: a ledger directory as it is exported, its damage, and the answer and exit code.
// More than 400 lines, because every case begins with the one ledger that the fixture writes.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

#include "lib/tlog/tlog.h"

namespace huoqi::tlog {
namespace {

namespace fs = std::filesystem;

constexpr int kValid = 0, kTampered = 1, kCannotTell = 2;
constexpr const char* kOrigin = "ledger.example/node";

struct Answer {
    int code = -1;
    std::string text;
};

Answer run(const std::string& arguments) {
    Answer answer;
    FILE* pipe = popen((std::string(HUOQI_VERIFY) + " " + arguments + " 2>&1").c_str(), "r");
    char buffer[4096];
    while (const auto size = fread(buffer, 1, sizeof buffer, pipe)) answer.text.append(buffer, size);
    const int status = pclose(pipe);
    if (WIFEXITED(status)) answer.code = WEXITSTATUS(status);
    return answer;
}

std::string read(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& file, std::string_view bytes) {
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
}

std::string entry_text(std::uint64_t index, const std::string& flavour) {
    return R"({"action":"look","index":)" + std::to_string(index) + R"(,"flavour":")" + flavour + "\"}";
}

class verify : public testing::Test {
  protected:
    // More than two levels would need 65536 entries; one test has them.
    static constexpr std::uint64_t kSize = 700;

    void SetUp() override {
        char name[] = "/tmp/huoqi-verify-test-XXXXXX";
        folder_ = mkdtemp(name);
        ledger_ = folder_ / "ledger";
        build(ledger_, kSize);
    }
    void TearDown() override { fs::remove_all(folder_); }

    std::string note(const Checkpoint& checkpoint) const {
        const std::string text = checkpoint_text(checkpoint);
        return format_note({.text = text, .signatures = {sign_ed25519(text, key_, seed_)}});
    }
    Checkpoint head(const Edge& edge) const {
        return {.origin = kOrigin, .size = edge.size(), .root = edge.root(), .extensions = {}};
    }

    // Writes a ledger of `size` entries; returns its signed checkpoint.
    std::string build(const fs::path& to, std::uint64_t size, const std::string& flavour = "vanilla") {
        Edge edge;
        Bytes bundle;
        for (std::uint64_t index = 0; index < size; ++index) {
            const std::string entry = entry_text(index, flavour);
            EXPECT_TRUE(append_to_bundle(bundle, bytes_of(entry)));
            edge.add(leaf_hash(bytes_of(entry)), [&](const Edge::FullTile& tile) {
                write(to / to_string(TilePath{.level = tile.level, .index = tile.index}),
                      text_of(tile.hashes));
            });
            if ((index + 1) % kTileWidth == 0 || index + 1 == size) {
                const auto width = static_cast<std::uint32_t>(index % kTileWidth + 1);
                write(to / to_string(TilePath{.entries = true, .index = index / kTileWidth, .width = width}),
                      text_of(bundle));
                bundle.clear();
            }
        }
        for (std::uint8_t level = 0; level < 8; ++level) {
            const auto [full, partial] = tiles_at(edge.size(), level);
            Bytes hashes;
            for (const Hash& hash : edge.partial(level)) append(hashes, hash);
            if (partial > 0) {
                write(to / to_string(TilePath{.level = level, .index = full, .width = partial}),
                      text_of(hashes));
            }
        }
        write(to / "checkpoint", note(head(edge)));
        return note(head(edge));
    }

    Answer check(const std::string& more = "") const {
        return run("ledger " + ledger_.string() + " --key " + to_string(key_) + more);
    }
    void expect(int code, const Answer& answer, const std::string& what) const {
        static const std::map<int, std::string> words = {{kValid, "valid 有效\n"},
                                                         {kTampered, "tampered 被篡改\n"},
                                                         {kCannotTell, "cannot tell 无法判断\n"}};
        EXPECT_EQ(answer.code, code) << what << "\n" << answer.text;
        EXPECT_TRUE(answer.text.ends_with("\n" + words.at(code))) << what << "\n" << answer.text;
    }
    std::vector<fs::path> files() const {
        std::vector<fs::path> out;
        for (const auto& file : fs::recursive_directory_iterator(ledger_)) {
            if (file.is_regular_file()) out.push_back(file.path());
        }
        std::ranges::sort(out);
        return out;
    }
    // Runs with `bytes` in the place of the file, then puts the file back.
    Answer with(const fs::path& file, const std::string& bytes, const std::string& more = "") const {
        const std::string before = read(file);
        write(file, bytes);
        const Answer answer = check(more);
        write(file, before);
        return answer;
    }

    crypto::Ed25519Seed seed_ = crypto::ed25519_seed();
    VerifierKey key_ = ed25519_verifier(kOrigin, crypto::ed25519_public(seed_));
    fs::path folder_, ledger_;
};

TEST_F(verify, AnIntactLedgerIsValid) {
    const Answer answer = check();
    expect(kValid, answer, "intact");
    EXPECT_NE(answer.text.find("700 entries in ledger.example/node"), std::string::npos) << answer.text;
    EXPECT_EQ(files().size(), 8u);  // checkpoint; 3 tiles and 3 bundles of level 0; 1 tile of level 1
}

TEST_F(verify, LedgersOfEverySpecialSizeAreValid) {
    for (const std::uint64_t size : {0, 1, 255, 256, 257, 512, 65536, 65793}) {
        fs::remove_all(ledger_);
        build(ledger_, size);
        expect(kValid, check(), std::to_string(size));
    }
}

TEST_F(verify, AFlippedBitInAHashTileIsTampered) {
    for (const auto& file : files()) {
        if (file.filename() == "checkpoint" || file.string().find("entries") != std::string::npos) continue;
        const std::string good = read(file);
        for (const std::size_t at : {std::size_t{0}, good.size() / 2, good.size() - 1}) {
            std::string bad = good;
            bad[at] = static_cast<char>(bad[at] ^ 1);
            expect(kTampered, with(file, bad), file.string() + " byte " + std::to_string(at));
        }
    }
}

TEST_F(verify, AFlippedBitInAnEntryOrItsLengthIsTampered) {
    for (const auto& file : files()) {
        if (file.string().find("entries") == std::string::npos) continue;
        const std::string good = read(file);
        for (std::size_t at :
             {std::size_t{0}, std::size_t{1}, std::size_t{2}, good.size() / 2, good.size() - 1}) {
            std::string bad = good;
            bad[at] = static_cast<char>(bad[at] ^ 1);
            expect(kTampered, with(file, bad), file.string() + " byte " + std::to_string(at));
        }
    }
}

TEST_F(verify, NoFlippedByteOfTheCheckpointIsValidAndThoseOfItsTextAreTampered) {
    const fs::path file = ledger_ / "checkpoint";
    const std::string good = read(file);
    const std::size_t text_end = good.find("\n\n");
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 1);
        const Answer answer = with(file, bad);
        EXPECT_NE(answer.code, kValid) << at;
        // A flipped newline becomes a control character, which makes the file unreadable.
        if (at < text_end && good[at] != '\n') expect(kTampered, answer, "byte " + std::to_string(at));
    }
}

TEST_F(verify, ATruncatedFileCannotBeTold) {
    for (const auto& file : files()) {
        const std::string good = read(file);
        for (const std::size_t size : {std::size_t{0}, std::size_t{1}, good.size() / 2, good.size() - 1}) {
            expect(kCannotTell, with(file, good.substr(0, size)), file.string() + " " + std::to_string(size));
        }
    }
}

TEST_F(verify, ALengthenedFileCannotBeTold) {
    for (const auto& file : files()) expect(kCannotTell, with(file, read(file) + "x"), file.string());
}

TEST_F(verify, AMissingFileCannotBeTold) {
    for (const auto& file : files()) {
        const fs::path away = folder_ / "away";
        fs::rename(file, away);
        expect(kCannotTell, check(), file.string());
        fs::rename(away, file);
    }
    fs::remove_all(ledger_ / "tile");
    expect(kCannotTell, check(), "no tiles at all");
    fs::remove_all(ledger_);
    expect(kCannotTell, check(), "no ledger at all");
}

TEST_F(verify, AContradictionOutweighsAMissingFile) {
    fs::remove(ledger_ / "tile/entries/000");
    const fs::path tile = ledger_ / "tile/0/001";
    std::string bytes = read(tile);
    bytes[100] = static_cast<char>(bytes[100] ^ 0x40);
    write(tile, bytes);
    expect(kTampered, check(), "both");
}

TEST_F(verify, TwoSwappedEntriesAreTampered) {
    const fs::path file = ledger_ / "tile/entries/001";
    const std::string bytes = read(file);
    const auto entries = split_bundle(bytes_of(bytes));
    ASSERT_TRUE(entries);
    auto swapped = *entries;
    std::swap(swapped[10], swapped[11]);
    Bytes bundle;
    for (const ByteView entry : swapped) ASSERT_TRUE(append_to_bundle(bundle, entry));
    expect(kTampered, with(file, std::string(text_of(bundle))), "swapped");
}

// Whoever can write the files but not sign: entries and all tiles agree with each other, not with the
// signature.
TEST_F(verify, ARewrittenLedgerUnderTheOldCheckpointIsTampered) {
    const std::string old = read(ledger_ / "checkpoint");
    fs::remove_all(ledger_);
    build(ledger_, kSize, "strawberry");
    write(ledger_ / "checkpoint", old);
    expect(kTampered, check(), "rewritten");
}

TEST_F(verify, AnotherKeyCannotTell) {
    const VerifierKey other = ed25519_verifier(kOrigin, crypto::ed25519_public(crypto::ed25519_seed()));
    expect(kCannotTell, run("ledger " + ledger_.string() + " --key " + to_string(other)), "other key");
    expect(kValid, check(" --key " + to_string(other)), "other key beside the right one");
}

TEST_F(verify, AKeyMayStandInAFile) {
    write(folder_ / "key", to_string(key_) + "\n");
    expect(kValid, run("ledger " + ledger_.string() + " --key @" + (folder_ / "key").string()), "key file");
    EXPECT_EQ(run("ledger " + ledger_.string() + " --key @" + (folder_ / "none").string()).code, kCannotTell);
}

TEST_F(verify, AnSm2LineVerifies) {
    const auto secret = crypto::sm2_private();
    const VerifierKey sm = sm2_verifier(kOrigin, crypto::sm2_public(secret));
    auto signed_note = parse_note(read(ledger_ / "checkpoint"));
    ASSERT_TRUE(signed_note);
    signed_note->signatures.push_back(sign_sm2(signed_note->text, sm, secret));
    write(ledger_ / "checkpoint", format_note(*signed_note));
    expect(kValid, run("ledger " + ledger_.string() + " --key " + to_string(sm)), "SM2 alone");
    expect(kValid, check(" --key " + to_string(sm)), "both");
    signed_note->signatures[1].bytes[7] ^= 1;
    write(ledger_ / "checkpoint", format_note(*signed_note));
    expect(kTampered, check(" --key " + to_string(sm)), "wrong SM2 line");
}

TEST_F(verify, AnOlderCheckpointOfTheSameLedgerIsValidOfAnotherTreeTampered) {
    const std::string from = " --from " + (folder_ / "older").string();
    for (const std::uint64_t size : {0, 1, 256, 699, 700}) {
        write(folder_ / "older", build(folder_ / "elsewhere", size));
        expect(kValid, check(from), std::to_string(size));
        if (size == 0) continue;
        write(folder_ / "older", build(folder_ / "elsewhere", size, "strawberry"));
        expect(kTampered, check(from), std::to_string(size) + " of another tree");
    }
}

TEST_F(verify, AnOlderCheckpointThatIsLargerForeignOrMissingCannotTell) {
    const fs::path older = folder_ / "older";
    const std::string from = " --from " + older.string();
    expect(kCannotTell, check(from), "missing");
    write(older, build(folder_ / "elsewhere", kSize + 1));
    expect(kCannotTell, check(from), "larger");
    Checkpoint foreign{
        .origin = "another.example", .size = TreeSize{1}, .root = empty_root(), .extensions = {}};
    write(older, note(foreign));
    expect(kCannotTell, check(from), "foreign");
}

TEST_F(verify, TilesThatHaveGrownSinceTheCheckpointServeIt) {
    const std::string checkpoint = read(ledger_ / "checkpoint");
    fs::remove_all(ledger_);
    build(ledger_, 1000);
    write(ledger_ / "checkpoint", checkpoint);
    // Level 1 has no full tile yet: its partial one of the older size is still there.
    const std::string tile = read(ledger_ / "tile/1/000.p/3");
    write(ledger_ / "tile/1/000.p/2", tile.substr(0, 64));
    expect(kValid, check(), "grown");
}

class proof : public verify {
  protected:
    void SetUp() override {
        verify::SetUp();
        const TileReader reader = [&](const TilePath& path) -> Result<Bytes> {
            const std::string bytes = huoqi::tlog::read(ledger_ / to_string(path));
            return Bytes(bytes.begin(), bytes.end());
        };
        const auto hashes = prove_inclusion(EntryIndex{77}, TreeSize{kSize}, reader);
        ASSERT_TRUE(hashes);
        const std::string entry = entry_text(77, "vanilla");
        proof_ = {.extra = Bytes(entry.begin(), entry.end()),
                  .index = EntryIndex{77},
                  .hashes = *hashes,
                  .checkpoint = huoqi::tlog::read(ledger_ / "checkpoint")};
    }
    Answer check_file(const std::string& bytes) const {
        write(folder_ / "it.tlog-proof", bytes);
        return run("proof " + (folder_ / "it.tlog-proof").string() + " --key " + to_string(key_));
    }
    Proof proof_;
};

TEST_F(proof, OfAnEntryIsValidAndShowsTheEntry) {
    const Answer answer = check_file(format_proof(proof_));
    expect(kValid, answer, "intact");
    EXPECT_TRUE(answer.text.starts_with(entry_text(77, "vanilla") + "\n")) << answer.text;
    EXPECT_NE(answer.text.find("entry 77 in ledger.example/node"), std::string::npos) << answer.text;
}

TEST_F(proof, OfAnotherEntryIndexOrPathIsTampered) {
    Proof changed = proof_;
    changed.extra[5] ^= 1;
    expect(kTampered, check_file(format_proof(changed)), "entry");
    changed = proof_;
    changed.index.value = 78;
    expect(kTampered, check_file(format_proof(changed)), "index");
    changed = proof_;
    changed.index.value = kSize;
    expect(kTampered, check_file(format_proof(changed)), "index outside");
    changed = proof_;
    changed.hashes[3][3] ^= 1;
    expect(kTampered, check_file(format_proof(changed)), "path");
    changed = proof_;
    changed.hashes.pop_back();
    expect(kTampered, check_file(format_proof(changed)), "shorter path");
}

TEST_F(proof, NoFlippedByteOfEveryThirdIsValid) {
    const std::string good = format_proof(proof_);
    for (std::size_t at = 0; at < good.size(); at += 3) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 1);
        const Answer answer = check_file(bad);
        EXPECT_TRUE(answer.code == kTampered || answer.code == kCannotTell) << at << "\n" << answer.text;
        EXPECT_EQ(answer.text.find("flavour"), std::string::npos)
            << "an entry that was not verified is shown";
    }
}

TEST_F(proof, ThatIsUnreadableIncompleteOrSignedByNobodyKnownCannotTell) {
    const std::string good = format_proof(proof_);
    expect(kCannotTell, check_file(""), "empty");
    expect(kCannotTell, check_file(good.substr(0, good.size() / 2)), "half");
    expect(kCannotTell, check_file(good + "more"), "more");
    Proof without = proof_;
    without.extra.clear();
    expect(kCannotTell, check_file(format_proof(without)), "no entry");
    const VerifierKey other = ed25519_verifier(kOrigin, crypto::ed25519_public(crypto::ed25519_seed()));
    write(folder_ / "good", good);
    expect(kCannotTell, run("proof " + (folder_ / "good").string() + " --key " + to_string(other)),
           "other key");
    expect(kCannotTell, run("proof " + (folder_ / "none").string() + " --key " + to_string(key_)), "no file");
}

TEST_F(proof, ControlCharactersOfAnEntryDoNotReachTheTerminal) {
    const std::string entry = "\x1b[2Jred\x7f\n";
    Edge edge;
    edge.add(leaf_hash(bytes_of(entry)), {});
    const Proof hostile{.extra = Bytes(entry.begin(), entry.end()),
                        .index = {},
                        .hashes = {},
                        .checkpoint = note(head(edge))};
    const Answer answer = check_file(format_proof(hostile));
    expect(kValid, answer, "hostile entry");
    EXPECT_TRUE(answer.text.starts_with("?[2Jred??\n")) << answer.text;
}

TEST(usage, WrongCallsAreExplainedWithExitCodeTwo) {
    for (const char* call :
         {"", "ledger", "proof", "ledger /tmp", "nonsense /tmp --key x", "ledger /tmp --key x",
          "ledger /tmp --key", "proof /tmp --from x --key y", "ledger /tmp --unknown x", "--help"}) {
        const Answer answer = run(call);
        EXPECT_EQ(answer.code, kCannotTell) << call;
        EXPECT_NE(answer.text.find("usage: huoqi-verify"), std::string::npos) << call;
    }
}

}  // namespace
}  // namespace huoqi::tlog

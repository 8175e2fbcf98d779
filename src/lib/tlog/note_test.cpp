// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "lib/tlog/tlog.h"

namespace huoqi::tlog {
namespace {

// The example of https://c2sp.org/signed-note.
constexpr const char* kExampleKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr const char* kExampleNote =
    "This is an example message.\n\n"
    "\xe2\x80\x94 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

struct Signer {
    crypto::Ed25519Seed seed = crypto::ed25519_seed();
    VerifierKey key;
    explicit Signer(const std::string& name) : key(ed25519_verifier(name, crypto::ed25519_public(seed))) {}
    Signature sign(std::string_view text) const { return sign_ed25519(text, key, seed); }
};

TEST(note, TheStandardsExampleVerifies) {
    const auto key = parse_verifier_key(kExampleKey);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(key->name, "example.com/foo");
    EXPECT_EQ(key->id, 0x530d903aU);
    const auto note = parse_note(kExampleNote);
    ASSERT_TRUE(note) << note.error().message;
    EXPECT_EQ(note->text, "This is an example message.\n");
    EXPECT_TRUE(verify_note(*note, {*key}));
    EXPECT_EQ(format_note(*note), kExampleNote);
    EXPECT_EQ(to_string(*key), kExampleKey);
}

TEST(note, EveryFlippedBitIsNoticed) {
    const auto key = parse_verifier_key(kExampleKey);
    const std::string original = kExampleNote;
    for (std::size_t bit = 0; bit < 8 * original.size(); ++bit) {
        std::string changed = original;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
        const auto note = parse_note(changed);
        EXPECT_FALSE(note && verify_note(*note, {*key})) << bit;
    }
}

TEST(note, AWrongSignatureOfAKnownKeyIsCorruptAndAnUnknownKeyIsNotFound) {
    const Signer one("one.example"), two("two.example"), impostor("one.example");
    Note note{.text = "text\n", .signatures = {one.sign("text\n"), two.sign("text\n")}};
    EXPECT_TRUE(verify_note(note, {one.key}));
    EXPECT_TRUE(verify_note(note, {two.key, one.key}));
    EXPECT_EQ(verify_note(note, {}).error().code, Code::not_found);
    EXPECT_EQ(verify_note(note, {impostor.key}).error().code, Code::not_found);  // same name, another id
    note.signatures[1].bytes[3] ^= 1;
    EXPECT_TRUE(verify_note(note, {one.key}));
    EXPECT_EQ(verify_note(note, {one.key, two.key}).error().code, Code::corrupt);
    note.signatures[0].bytes.clear();
    EXPECT_EQ(verify_note(note, {one.key}).error().code, Code::corrupt);
}

TEST(note, Sm2LinesVerifyBesideEd25519) {
    const Signer ed("log.example");
    const auto secret = crypto::sm2_private();
    const VerifierKey sm = sm2_verifier("log.example", crypto::sm2_public(secret));
    const std::string text = "log.example\n0\n" + base64(empty_root()) + "\n";
    const std::string bytes =
        format_note({.text = text, .signatures = {ed.sign(text), sign_sm2(text, sm, secret)}});
    const auto note = parse_note(bytes);
    ASSERT_TRUE(note);
    const auto sm_again = parse_verifier_key(to_string(sm));
    ASSERT_TRUE(sm_again) << sm_again.error().message;
    EXPECT_EQ(sm_again->type, SignatureType::sm2);
    EXPECT_EQ(sm_again->id, sm.id);
    EXPECT_TRUE(verify_note(*note, {*sm_again}));
    EXPECT_TRUE(verify_note(*note, {ed.key, *sm_again}));
    auto changed = *note;
    changed.text[0] = 'k';
    EXPECT_EQ(verify_note(changed, {*sm_again}).error().code, Code::corrupt);
}

TEST(note, MalformedNotesAreRefused) {
    const std::string line = std::string(kExampleNote).substr(std::string(kExampleNote).find("\xe2"));
    for (const std::string& note :
         std::vector<std::string>{"",
                                  "\n",
                                  "\n\n",
                                  "text\n",
                                  "text\n\n",
                                  "text\n" + line,
                                  "text" + line,
                                  line,
                                  "text\n\n" + line.substr(0, line.size() - 1),  // last newline missing
                                  "text\n\n" + line + "x",
                                  "text\n\n" + line + "\n",
                                  "te\txt\n\n" + line,
                                  "te\rxt\n\n" + line,
                                  std::string("te\0xt\n\n", 7) + line,  // control characters
                                  "te\xc3\n\n" + line,
                                  "te\xc0\xafxt\n\n" + line,
                                  "te\xed\xa0\x80xt\n\n" + line,  // not UTF-8, overlong, surrogate
                                  "te\xf4\x90\x80\x80\n\n" + line,
                                  "te\xff\n\n" + line,
                                  "te\x80\n\n" + line,
                                  "te\xe2\x80\n\n" + line,
                                  "text\n\n- example.com/foo Uw2QOkn8\n",
                                  "text\n\n\xe2\x80\x94 example.com/foo\n",
                                  "text\n\n\xe2\x80\x94  Uw2QOkn8\n",
                                  "text\n\n\xe2\x80\x94 a+b Uw2QOkn8\n",
                                  "text\n\n\xe2\x80\x94 a\xe3\x80\x80"
                                  "b Uw2QOkn8\n",                         // ideographic space
                                  "text\n\n\xe2\x80\x94 foo Uw2QOg==\n",  // an id without a signature
                                  "text\n\n\xe2\x80\x94 foo Uw2QOkn8=\n",
                                  "text\n\n\xe2\x80\x94 foo Uw2QOkn\n",
                                  "text\n\n\xe2\x80\x94 foo Uw2QOkn9 \n",
                                  "text\n\n\xe2\x80\x94 foo  Uw2QOkn8\n"}) {
        const auto parsed = parse_note(note);
        EXPECT_FALSE(parsed) << note;
    }
}

TEST(note, ChineseTextAndBlankLinesInsideTheTextAreKept) {
    const Signer signer("台账.example");
    const std::string text = "第一行\n\n第三行\n\n";
    const auto note = parse_note(format_note({.text = text, .signatures = {signer.sign(text)}}));
    ASSERT_TRUE(note);
    EXPECT_EQ(note->text, text);
    EXPECT_TRUE(verify_note(*note, {signer.key}));
}

TEST(note, SixteenSignaturesAreReadSeventeenAndHugeNotesAreNot) {
    const Signer signer("a.example");
    Note note{.text = "text\n",
              .signatures = std::vector<Signature>(kMaxNoteSignatures, signer.sign("text\n"))};
    EXPECT_TRUE(parse_note(format_note(note)));
    note.signatures.push_back(signer.sign("text\n"));
    EXPECT_EQ(parse_note(format_note(note)).error().code, Code::too_large);
    note.signatures.resize(1);
    note.text = std::string(kMaxNoteBytes, 'x') + "\n";
    EXPECT_EQ(parse_note(format_note(note)).error().code, Code::too_large);
}

TEST(verifier_key, OtherSpellingsAreRefused) {
    const std::string good = kExampleKey;
    for (const std::string& key : std::vector<std::string>{
             "", "example.com/foo", "example.com/foo+530d903a",
             "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
             "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",  // id of another key
             "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",  // capital hex
             "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
             "example.com /foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
             "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q==",
             "example.com/foo+530d903a+", good + "\n", good + " ", " " + good, good + "+x",
             std::string(5000, 'a') + good}) {
        EXPECT_FALSE(parse_verifier_key(key)) << key;
    }
    EXPECT_EQ(parse_verifier_key("example.com/foo+530d903a+BOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
                  .error()
                  .code,
              Code::unsupported);  // type 0x04
}

Checkpoint example() {
    return {.origin = "example.com/log", .size = TreeSize{20852163}, .root = empty_root(), .extensions = {}};
}

TEST(checkpoint, ComesBackByteForByte) {
    Checkpoint checkpoint = example();
    for (int i = 0; i < 3; ++i) {
        const std::string text = checkpoint_text(checkpoint);
        const auto parsed = parse_checkpoint_text(text);
        ASSERT_TRUE(parsed) << parsed.error().message;
        EXPECT_EQ(parsed->origin, checkpoint.origin);
        EXPECT_EQ(parsed->size, checkpoint.size);
        EXPECT_EQ(parsed->root, checkpoint.root);
        EXPECT_EQ(parsed->extensions, checkpoint.extensions);
        EXPECT_EQ(checkpoint_text(*parsed), text);
        checkpoint.extensions.push_back("extension " + std::to_string(i));
    }
}

TEST(checkpoint, OtherSpellingsAreRefused) {
    const std::string root = base64(empty_root());
    ASSERT_TRUE(parse_checkpoint_text("o\n0\n" + root + "\n"));
    for (const std::string& text : std::vector<std::string>{"",
                                                            "o\n",
                                                            "o\n0\n",
                                                            "o\n0\n" + root,
                                                            "\n0\n" + root + "\n",
                                                            "o\n00\n" + root + "\n",
                                                            "o\n01\n" + root + "\n",
                                                            "o\n-1\n" + root + "\n",
                                                            "o\n+1\n" + root + "\n",
                                                            "o\n 1\n" + root + "\n",
                                                            "o\n1 \n" + root + "\n",
                                                            "o\n\n" + root + "\n",
                                                            "o\n0x1\n" + root + "\n",
                                                            "o\n18446744073709551616\n" + root + "\n",
                                                            "o\n0\n" + root.substr(0, 43) + "\n",
                                                            "o\n0\n" + root.substr(0, 42) + "V=\n",
                                                            "o\n0\n" + root + "=\n",
                                                            "o\n0\n" + root + "\n\n",
                                                            "o\n0\n" + root + "\nx",
                                                            "o\n0\n" + root + "\n\nx\n",
                                                            "o\r\n0\r\n" + root + "\r\n"}) {
        EXPECT_FALSE(parse_checkpoint_text(text)) << text;
    }
}

Proof example_proof() {
    const Signer signer("example.com/log");
    const std::string text = checkpoint_text(example());
    return {.extra = Bytes{'{', '}'},
            .index = EntryIndex{73894},
            .hashes = {empty_root(), leaf_hash({})},
            .checkpoint = format_note({.text = text, .signatures = {signer.sign(text)}})};
}

TEST(proof_file, ComesBackByteForByte) {
    Proof proof = example_proof();
    for (int i = 0; i < 3; ++i) {
        const std::string text = format_proof(proof);
        const auto parsed = parse_proof(text);
        ASSERT_TRUE(parsed) << parsed.error().message;
        EXPECT_EQ(parsed->extra, proof.extra);
        EXPECT_EQ(parsed->index, proof.index);
        EXPECT_EQ(parsed->hashes, proof.hashes);
        EXPECT_EQ(parsed->checkpoint, proof.checkpoint);
        EXPECT_EQ(format_proof(*parsed), text);
        if (i == 0) proof.extra.clear();
        if (i == 1) proof.hashes.clear();
    }
}

TEST(proof_file, IsSpelledAsTheStandardSays) {
    const Proof proof = example_proof();
    EXPECT_EQ(format_proof(proof), "c2sp.org/tlog-proof@v1\nextra e30=\nindex 73894\n" +
                                       base64(proof.hashes[0]) + "\n" + base64(proof.hashes[1]) + "\n\n" +
                                       proof.checkpoint);
}

TEST(proof_file, MalformedFilesAreRefused) {
    const Proof proof = example_proof();
    const std::string good = format_proof(proof);
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        const auto at = text.find(from);
        EXPECT_NE(at, text.npos) << from;
        return text.replace(at, from.size(), to);
    };
    for (const std::string& text : std::vector<std::string>{
             "", with("@v1", "@v2"), with("@v1\n", "@v1\r\n"), with("extra e30=", "extra "),
             with("extra e30=", "extra"), with("extra e30=", "extra e31="),
             with("extra e30=\n", "extra e30=\nextra e30=\n"), with("index 73894\n", ""),
             with("index 73894", "index 073894"), with("index 73894", "index -1"),
             with("index 73894", "index"), with("index 73894", "Index 73894"),
             with(base64(proof.hashes[0]), "AAAA"), with("\n\n", "\n"), with(proof.checkpoint, ""),
             with(proof.checkpoint, "x"), good + "x", good.substr(0, good.size() - 1)}) {
        EXPECT_FALSE(parse_proof(text)) << text;
    }
    Proof long_path = proof;
    long_path.hashes.assign(65, empty_root());
    EXPECT_FALSE(parse_proof(format_proof(long_path)));
    Proof long_entry = proof;
    long_entry.extra.assign(kMaxEntryBytes + 1, 'x');
    EXPECT_FALSE(parse_proof(format_proof(long_entry)));
    long_entry.extra.assign(kMaxEntryBytes, 'x');
    EXPECT_TRUE(parse_proof(format_proof(long_entry)));
}

}  // namespace
}  // namespace huoqi::tlog

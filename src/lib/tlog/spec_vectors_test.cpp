// SPDX-License-Identifier: Apache-2.0
// docs/spec/vectors/ledger.json is a ledger of three entries as this code writes it.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "lib/tlog/tlog.h"

namespace huoqi::tlog {
namespace {

using Json = nlohmann::json;

class spec : public testing::Test {
  protected:
    void SetUp() override {
        std::ifstream in(HUOQI_SOURCE_DIR "/docs/spec/vectors/ledger.json");
        ASSERT_TRUE(in);
        ledger_ = Json::parse(in);
        for (const Json& entry : ledger_.at("entries")) {
            const auto text = entry.get<std::string>();
            ASSERT_TRUE(append_to_bundle(bundle_, bytes_of(text)));
            leaves_.push_back(leaf_hash(bytes_of(text)));
            append(tile_, leaves_.back());
            edge_.add(leaves_.back(), {});
        }
    }
    std::string text(const char* field) const { return ledger_.at(field).get<std::string>(); }
    Json ledger_;
    Bytes bundle_, tile_;
    std::vector<Hash> leaves_;
    Edge edge_;
};

TEST_F(spec, HashesTilesAndPathsAreThoseWrittenDown) {
    ASSERT_EQ(leaves_.size(), 3u);
    for (std::size_t i = 0; i < leaves_.size(); ++i)
        EXPECT_EQ(hex(leaves_[i]), ledger_.at("leaf_hashes")[i].get<std::string>());
    EXPECT_EQ(hex(bundle_), text("bundle"));
    EXPECT_EQ(hex(tile_), text("tile"));
    EXPECT_EQ(hex(edge_.root()), text("root"));
    EXPECT_EQ(to_string(TilePath{.entries = true, .width = 3}), text("bundle_path"));
    EXPECT_EQ(to_string(TilePath{.width = 3}), text("tile_path"));
}

TEST_F(spec, KeysAndCheckpointAreThoseWrittenDown) {
    crypto::Ed25519Seed seed;
    const auto seed_bytes = unhex(text("ed25519_seed"));
    std::copy(seed_bytes->begin(), seed_bytes->end(), seed.fill().begin());
    const auto ed25519 = ed25519_verifier("ledger.example/node", crypto::ed25519_public(seed));
    EXPECT_EQ(to_string(ed25519), text("ed25519_key"));
    crypto::Sm2Private secret;
    const auto secret_bytes = unhex(text("sm2_private"));
    std::copy(secret_bytes->begin(), secret_bytes->end(), secret.fill().begin());
    const auto sm2 = sm2_verifier("ledger.example/node", crypto::sm2_public(secret));
    EXPECT_EQ(to_string(sm2), text("sm2_key"));

    const auto note = parse_note(text("checkpoint"));
    ASSERT_TRUE(note);
    ASSERT_EQ(note->signatures.size(), 2u);
    const std::string head = checkpoint_text(
        {.origin = "ledger.example/node", .size = edge_.size(), .root = edge_.root(), .extensions = {}});
    EXPECT_EQ(note->text, head);
    EXPECT_EQ(note->signatures[0].bytes, sign_ed25519(head, ed25519, seed).bytes);
    EXPECT_TRUE(verify_note(*note, {ed25519}));
    EXPECT_TRUE(verify_note(*note, {sm2}));
}

TEST_F(spec, TheProofHoldsAndIsSpelledAsWrittenDown) {
    const auto proof = parse_proof(text("proof_of_entry_1"));
    ASSERT_TRUE(proof);
    EXPECT_EQ(format_proof(*proof), text("proof_of_entry_1"));
    EXPECT_EQ(text_of(proof->extra), ledger_.at("entries")[1].get<std::string>());
    EXPECT_TRUE(
        verify_inclusion(proof->index, edge_.size(), leaf_hash(proof->extra), proof->hashes, edge_.root()));
    EXPECT_EQ(proof->checkpoint, text("checkpoint"));
}

}  // namespace
}  // namespace huoqi::tlog

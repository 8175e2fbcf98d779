// SPDX-License-Identifier: Apache-2.0
// Inclusion and consistency vectors of transparency-dev/merkle, from the folder that HUOQI_VECTORS names.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "lib/tlog/tlog.h"

namespace huoqi::tlog {
namespace {

using Json = nlohmann::json;

// The vectors also have hashes that are not 32 bytes long, which this module's types cannot hold.
std::optional<Hash> hash_in(const Json& text) {
    const auto bytes = unbase64(text.get<std::string>());
    Hash hash{};
    if (!bytes || bytes->size() != hash.size()) return std::nullopt;
    std::copy(bytes->begin(), bytes->end(), hash.begin());
    return hash;
}

std::optional<std::vector<Hash>> hashes_in(const Json& list) {
    std::vector<Hash> out;
    if (list.is_null()) return out;
    for (const Json& item : list) {
        const auto hash = hash_in(item);
        if (!hash) return std::nullopt;
        out.push_back(*hash);
    }
    return out;
}

class outside_vectors : public testing::Test {
  protected:
    void SetUp() override {
        if (std::getenv("HUOQI_VECTORS") == nullptr) {
            GTEST_SKIP() << "\n*** OUTSIDE VECTORS NOT RUN: set HUOQI_VECTORS to a folder with wycheproof/ "
                            "and merkle/ ***\n";
        }
    }
    template <class Verify>
    void each(const char* folder, Verify verify) {
        const auto root = std::filesystem::path(std::getenv("HUOQI_VECTORS")) / "merkle" / folder;
        for (const auto& file : std::filesystem::recursive_directory_iterator(root)) {
            if (file.path().extension() != ".json") continue;
            std::ifstream in(file.path());
            const Json vector = Json::parse(in);
            const bool must_fail = vector.at("wantErr").get<bool>();
            EXPECT_EQ(verify(vector), !must_fail) << file.path() << ": " << vector.at("desc");
            ++(must_fail ? refused_ : accepted_);
        }
        EXPECT_GT(accepted_, 4);
        EXPECT_GT(refused_, 30);
    }
    int accepted_ = 0;
    int refused_ = 0;
};

TEST_F(outside_vectors, MerkleInclusion) {
    each("inclusion", [](const Json& v) {
        const auto root = hash_in(v.at("root")), leaf = hash_in(v.at("leafHash"));
        const auto proof = hashes_in(v.at("proof"));
        if (!root || !leaf || !proof) return false;
        return verify_inclusion(EntryIndex{v.at("leafIdx")}, TreeSize{v.at("treeSize")}, *leaf, *proof, *root)
            .has_value();
    });
}

// One vector takes two equal roots of 12 bytes for good, so shorter roots are filled up with zeros here.
TEST_F(outside_vectors, MerkleConsistency) {
    const auto filled = [](const Json& text) {
        auto bytes = unbase64(text.get<std::string>()).value_or(Bytes{});
        bytes.resize(32);
        Hash hash{};
        std::copy(bytes.begin(), bytes.end(), hash.begin());
        return hash;
    };
    each("consistency", [&](const Json& v) {
        const auto proof = hashes_in(v.at("proof"));
        if (!proof) return false;
        return verify_consistency(TreeSize{v.at("size1")}, TreeSize{v.at("size2")}, *proof,
                                  filled(v.at("root1")), filled(v.at("root2")))
            .has_value();
    });
}

}  // namespace
}  // namespace huoqi::tlog

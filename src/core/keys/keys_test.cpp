// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>

#include "core/keys/keys.h"

namespace huoqi::keys {
namespace {

class MemoryKeyStore final : public KeyStore {
  public:
    Result<Bytes> get(std::string_view name) const override {
        auto found = kept.find(std::string(name));
        if (found == kept.end()) return fail(Code::not_found, "no such key");
        return found->second;
    }
    Status put(std::string_view name, ByteView wrapped) override {
        kept[std::string(name)] = Bytes(wrapped.begin(), wrapped.end());
        return {};
    }
    Status remove(std::string_view name) override {
        if (kept.erase(std::string(name)) == 0) return fail(Code::not_found, "no such key");
        return {};
    }
    Result<std::vector<std::string>> list(std::string_view prefix) const override {
        std::vector<std::string> out;
        for (const auto& [name, bytes] : kept) {
            if (name.starts_with(prefix)) out.push_back(name);
        }
        return out;
    }
    std::map<std::string, Bytes> kept;
};

constexpr crypto::PassphraseCost kCheap{64, 1, 1};

SecretBytes passphrase(std::string_view text) {
    auto bytes = bytes_of(text);
    return SecretBytes(Bytes(bytes.begin(), bytes.end()));
}

class Keys : public testing::TestWithParam<Suite> {
  protected:
    Result<std::unique_ptr<KeyRing>> open(std::string_view words, std::string_view identity) {
        auto root = passphrase_root(store, passphrase(words), GetParam(), kCheap);
        return KeyRing::open(GetParam(), store, *root, bytes_of(identity));
    }
    void SetUp() override {
        auto root = passphrase_root(store, passphrase("correct horse"), GetParam(), kCheap);
        auto ring = KeyRing::create(GetParam(), store, *root, bytes_of("node a"));
        ASSERT_TRUE(ring);
        ASSERT_TRUE((*ring)->add_enterprise("main"));
        auto volume = (*ring)->add_volume("main", VolumeId{7});
        ASSERT_TRUE(volume);
        index = volume->index.clone();
    }
    MemoryKeyStore store;
    Key index;
};

TEST_P(Keys, ReopenWithTheSamePassphrase) {
    auto ring = open("correct horse", "node a");
    ASSERT_TRUE(ring);
    auto volume = (*ring)->volume("main", VolumeId{7});
    ASSERT_TRUE(volume);
    EXPECT_TRUE(equal_constant_time(volume->index.view(), index.view()));
    EXPECT_FALSE(equal_constant_time(volume->groups[0].view(), volume->groups[1].view()));
}

TEST_P(Keys, WrongPassphraseOrIdentityDoesNotOpen) {
    EXPECT_EQ(open("wrong horse", "node a").error().code, Code::wrong_key);
    EXPECT_EQ(open("correct horse", "node b").error().code, Code::wrong_key);
}

TEST_P(Keys, ANewPassphraseOpensTheSameRootAndTheOldOneNothing) {
    auto ring = open("correct horse", "node a");
    ASSERT_TRUE(ring);
    auto fresh = passphrase_root(store, passphrase("better horse"), GetParam(), kCheap);
    ASSERT_TRUE((*ring)->keep_root_by(*fresh, bytes_of("node a")));
    EXPECT_EQ(open("correct horse", "node a").error().code, Code::wrong_key);
    auto reopened = open("better horse", "node a");
    ASSERT_TRUE(reopened);
    auto volume = (*reopened)->volume("main", VolumeId{7});
    ASSERT_TRUE(volume);
    EXPECT_TRUE(equal_constant_time(volume->index.view(), index.view()));
}

TEST_P(Keys, EveryFlippedByteIsNoticed) {
    auto intact = store.kept;
    for (const auto& [name, bytes] : intact) {
        for (std::size_t at = 0; at < bytes.size(); at += 3) {
            store.kept = intact;
            store.kept[name][at] ^= 0x20;
            auto ring = open("correct horse", "node a");
            EXPECT_FALSE(ring && (*ring)->volume("main", VolumeId{7})) << name << " byte " << at;
        }
    }
}

TEST_P(Keys, AVolumesKeysDoNotOpenUnderAnotherEnterprise) {
    auto ring = open("correct horse", "node a");
    ASSERT_TRUE(ring && (*ring)->add_enterprise("other"));
    EXPECT_FALSE((*ring)->volume("other", VolumeId{7}));
}

TEST_P(Keys, ADestroyedVolumeHasNoKeys) {
    auto ring = open("correct horse", "node a");
    ASSERT_TRUE(ring && (*ring)->destroy_volume(VolumeId{7}));
    EXPECT_EQ((*ring)->volume("main", VolumeId{7}).error().code, Code::not_found);
}

TEST_P(Keys, ANodeIsNotMadeTwice) {
    auto root = passphrase_root(store, passphrase("correct horse"), GetParam(), kCheap);
    EXPECT_EQ(KeyRing::create(GetParam(), store, *root, bytes_of("node a")).error().code, Code::conflict);
}

INSTANTIATE_TEST_SUITE_P(Suites, Keys, testing::Values(Suite::intl, Suite::sm),
                         [](const auto& with) { return std::string(crypto::name(with.param)); });

}  // namespace
}  // namespace huoqi::keys

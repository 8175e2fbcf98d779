// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "edge/store/store.h"

namespace huoqi::store {
namespace {

class KeyFiles : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = std::filesystem::path(testing::TempDir()) / ("keys-" + std::to_string(::getpid()));
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::filesystem::path folder_;
};

TEST_F(KeyFiles, KeepListAndRemove) {
    auto keys = open_key_files(folder_);
    EXPECT_EQ(keys->get("volume/1").error().code, Code::not_found);
    ASSERT_TRUE(keys->put("volume/1", bytes_of("wrapped")));
    ASSERT_TRUE(keys->put("root", bytes_of("other")));
    EXPECT_EQ(text_of(*keys->get("volume/1")), "wrapped");
    EXPECT_EQ(*keys->list("volume/"), std::vector<std::string>{"volume/1"});
    ASSERT_TRUE(keys->remove("volume/1"));
    EXPECT_EQ(keys->get("volume/1").error().code, Code::not_found);
    EXPECT_EQ(keys->remove("volume/1").error().code, Code::not_found);
}

TEST_F(KeyFiles, OnlyTheOwnerMayRead) {
    auto keys = open_key_files(folder_);
    ASSERT_TRUE(keys->put("volume/1", bytes_of("wrapped")));
    struct stat facts{};
    ASSERT_EQ(::stat((folder_ / "volume/1.key").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 077U, 0U);
}

TEST_F(KeyFiles, TooLargeFilesAreNotRead) {
    ASSERT_TRUE(write_file(folder_ / "big", Bytes(5000)));
    EXPECT_EQ(read_file(folder_ / "big", 4999).error().code, Code::too_large);
    EXPECT_EQ(read_file(folder_ / "big", 5000)->size(), 5000U);
}

}  // namespace
}  // namespace huoqi::store

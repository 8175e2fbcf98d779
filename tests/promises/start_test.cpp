// SPDX-License-Identifier: Apache-2.0
// A policy that is damaged in any one file stops every command, and says where.
#include <gtest/gtest.h>

#include <fstream>

#include "orders.h"
#include "program.h"

namespace huoqi::promises {
namespace {

class Start : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_EQ(place_.init().code, 0);
        policy_ = place_.root() / "policy";
        place_.environment["HUOQI_POLICY"] = policy_.string();
        orders_ = place_.order_file("orders.jsonl", lines_of(orders(1, 5)));
        restore();
    }
    void restore() {
        fs::remove_all(policy_);
        fs::copy(HUOQI_SOURCE_DIR "/policy", policy_, fs::copy_options::recursive);
    }
    Finished import() { return place_.run({"import", orders_.string(), "--json"}); }

    Place place_;
    fs::path policy_, orders_;
};

TEST_F(Start, AWrongLineInAnyPolicyFileIsNamedWithFileAndLine) {
    std::vector<fs::path> files;
    for (const auto& at : fs::recursive_directory_iterator(policy_)) {
        if (at.path().extension() == ".toml") files.push_back(at.path());
    }
    ASSERT_GE(files.size(), 10U);
    for (const auto& file : files) {
        auto text = read_text(file);
        auto lines = std::count(text.begin(), text.end(), '\n');
        std::ofstream(file, std::ios::app) << "no_such_key_in_any_policy = 1\n";
        auto stopped = import();
        EXPECT_NE(stopped.code, 0) << file;
        EXPECT_NE(stopped.err.find(file.filename().string() + ":" + std::to_string(lines + 1)),
                  stopped.err.npos)
            << file << ": " << stopped.err;
        restore();
    }
    auto good = import();
    EXPECT_EQ(good.code, 0) << good.err;
    EXPECT_EQ(good.json().value("sealed", 0), 5);
}

TEST_F(Start, AMissingArticleIsNamed) {
    auto file = policy_ / "articles.toml";
    auto text = read_text(file);
    auto from = text.find("[[article]]\nnumber = 34");
    ASSERT_NE(from, text.npos);
    auto to = text.find("[[article]]", from + 1);
    std::ofstream(file, std::ios::trunc) << text.substr(0, from) + text.substr(to);
    auto stopped = import();
    EXPECT_NE(stopped.code, 0);
    EXPECT_NE(stopped.err.find("articles.toml"), stopped.err.npos) << stopped.err;
    EXPECT_NE(stopped.err.find("34"), stopped.err.npos) << stopped.err;
}

TEST_F(Start, AMissingFileIsNamed) {
    fs::remove(policy_ / "purposes.toml");
    auto stopped = import();
    EXPECT_NE(stopped.code, 0);
    EXPECT_NE(stopped.err.find("purposes.toml"), stopped.err.npos) << stopped.err;
}

TEST_F(Start, TheWrongPassphraseOpensNothing) {
    std::ofstream(place_.root() / "secret/passphrase", std::ios::trunc) << "quartz-flamingo-0391-undertow";
    auto stopped = import();
    EXPECT_EQ(stopped.code, 77) << stopped.err;
    EXPECT_EQ(stopped.err.find("flamingo"), stopped.err.npos);
}

}  // namespace
}  // namespace huoqi::promises

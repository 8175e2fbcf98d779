// SPDX-License-Identifier: Apache-2.0
// One byte turned in any stored file is reported, or makes no difference to what is answered; a wrong value
// is never served.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <random>

#include "orders.h"
#include "program.h"

namespace huoqi::promises {
namespace {

constexpr std::size_t kOrders = 3'000;
constexpr std::size_t kFlips = 120;

// The engine's copy of options holds no data; sockets hold nothing.
bool left_out(const fs::path& file) {
    auto name = file.filename().string();
    return name.starts_with("OPTIONS") || name == "IDENTITY" || name == "LOCK" || name.ends_with(".sock");
}

class Flip : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_EQ(place_.init("intl").code, 0);
        all_ = orders(1, kOrders);
        // Two runs, so that the engine has closed files and an open one.
        for (int half = 0; half < 2; ++half) {
            std::vector<Order> part(all_.begin() + half * static_cast<long>(kOrders / 2),
                                    all_.begin() + (half + 1) * static_cast<long>(kOrders / 2));
            auto file = place_.order_file("part.jsonl", lines_of(part));
            ASSERT_EQ(place_.run({"import", file.string(), "--json"}).json().value("sealed", 0U),
                      kOrders / 2);
        }
        auto integrator = place_.key("integrator");
        Server server(place_);
        ASSERT_TRUE(server.serves());
        Door door(server.business(), integrator);
        for (std::size_t i = 0; i < 300; ++i) {
            auto found =
                door.post("/v1/waybills:search", Json{{"by", "number"}, {"value", all_[i].number}}.dump());
            ASSERT_EQ(found.status, 200);
        }
        ASSERT_EQ(server.stop(), 0);
        right_ = answers(place_);
        for (const auto& [name, text] : right_) ASSERT_TRUE(text.size() > 20) << name << text;
        // After the last command: each leaves other files of the engine behind.
        for (const auto& at : fs::recursive_directory_iterator(place_.home())) {
            if (at.is_regular_file() && at.file_size() > 0 && !left_out(at.path()))
                files_.push_back(at.path());
        }
        std::sort(files_.begin(), files_.end());
    }

    // What searches of every kind and the ledger answer; a command that reports damage instead stands as its
    // error.
    static std::map<std::string, std::string> answers_of(Place& place, const std::vector<Order>& all) {
        std::map<std::string, std::string> out;
        auto ask = [&](const std::string& name, const std::string& option, const std::string& value) {
            auto found = place.run({"waybill", "find", option, "-", "--json"}, value + "\n");
            out[name] = found.code == 0 ? found.out : "error";
        };
        auto first_from = [&](std::size_t from, std::string Order::* what) {
            while ((all.at(from).*what).empty()) ++from;
            return all[from].*what;
        };
        ask("number", "--number", all[7].number);
        ask("phone", "--phone", first_from(1'600, &Order::phone));
        ask("name", "--person-name", first_from(2'900, &Order::name));
        ask("id", "--id-number", first_from(1'000, &Order::id_number));
        auto shown = place.run({"ledger", "show", "--action", "import", "--json"});
        out["ledger"] = shown.code == 0 ? shown.out : "error";
        return out;
    }
    std::map<std::string, std::string> answers(Place& place) const { return answers_of(place, all_); }

    void flip(const fs::path& file, std::size_t at, std::uint8_t bits) const {
        std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekg(static_cast<long>(at));
        char byte = 0;
        bytes.get(byte);
        bytes.seekp(static_cast<long>(at));
        bytes.put(static_cast<char>(static_cast<std::uint8_t>(byte) ^ bits));
        ASSERT_TRUE(bytes.flush());
    }

    // One flip in a copy of the home; the relative name of the file when check does not report it.
    bool reported(const fs::path& file, std::size_t at, std::uint8_t bits) {
        Place copy(place_.root() / "copy");
        fs::remove_all(copy.home());
        fs::copy(place_.home(), copy.home(), fs::copy_options::recursive);
        flip(copy.home() / file.lexically_relative(place_.home()), at, bits);
        auto check = copy.run({"check", "--json"});
        EXPECT_GE(check.code, 0) << "ended by a signal: " << check.err;
        if (check.code != 0) {
            EXPECT_FALSE(check.err.empty());
            return true;
        }
        EXPECT_EQ(check.json().value("records", std::size_t{0}), kOrders) << file;
        EXPECT_GE(check.json().value("entries", std::size_t{0}), 300U) << file;
        auto now = answers(copy);
        for (const auto& [name, text] : right_) {
            EXPECT_TRUE(now[name] == text || now[name] == "error")
                << file << " byte " << at << ": another answer by " << name << ": " << now[name]
                << " in place of " << text;
        }
        return false;
    }

    Place place_;
    std::vector<Order> all_;
    std::vector<fs::path> files_;
    std::map<std::string, std::string> right_;
};

TEST_F(Flip, NoFlippedByteMakesAWrongAnswer) {
    std::mt19937_64 random(7);
    std::map<std::string, std::pair<int, int>> unreported;  // of how many
    ASSERT_GE(files_.size(), 8U);
    std::size_t total = 0;
    for (const auto& file : files_) total += fs::file_size(file);
    for (const auto& file : files_) {
        auto size = fs::file_size(file);
        // Each file a few, the large ones more.
        std::size_t flips = 3 + size * (kFlips - std::min(kFlips, 3 * files_.size())) / total;
        for (std::size_t i = 0; i < flips; ++i) {
            std::size_t at = i == 0 ? size / 2 : random() % size;
            auto& [missed, tried] = unreported[file.lexically_relative(place_.home()).string()];
            ++tried;
            if (!reported(file, at, static_cast<std::uint8_t>(1U << (random() % 8)))) ++missed;
        }
    }
    for (const auto& [name, counts] : unreported) {
        std::printf("%-40s %d flips, %d not reported\n", name.c_str(), counts.second, counts.first);
        // Every byte is under some checksum, signature or seal; in the office that is every row and every
        // page's structure, but not the room between rows that SQLite leaves unused: there a flip changes no
        // answer.
        if (name == "office.db") continue;
        EXPECT_EQ(counts.first, 0) << name;
    }
}

}  // namespace
}  // namespace huoqi::promises

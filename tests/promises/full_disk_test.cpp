// SPDX-License-Identifier: Apache-2.0
// A disk that fills up: a clear error, nothing acknowledged lost, and the node goes on when there is room
// again, without a restart. Needs to mount a small tmpfs; where that is not allowed the test fails and says
// so, it does not pass by.
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>

#include "orders.h"
#include "program.h"

namespace huoqi::promises {
namespace {

// More than half of the disk: opening again after a crash writes the engine's log a second time, as tables.
constexpr std::size_t kBallastBytes = std::size_t{24} << 20;

// A tmpfs of 40 MiB for as long as it is held.
class SmallDisk {
  public:
    SmallDisk() {
        std::string name = (fs::temp_directory_path() / "huoqi-disk-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) return;
        path_ = name;
        mounted_ = ::mount("tmpfs", name.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "size=40m,mode=0700") == 0;
        error_ = errno;
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    ~SmallDisk() {
        if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    bool mounted() const { return mounted_; }
    const char* problem() const { return std::strerror(error_); }
    const fs::path& path() const { return path_; }

    void put_ballast() const {
        std::ofstream out(path_ / "ballast", std::ios::binary);
        std::string block(1 << 20, 'b');
        for (std::size_t i = 0; i < kBallastBytes; i += block.size()) out << block;
        ASSERT_TRUE(out.flush());
    }
    void drop_ballast() const { fs::remove(path_ / "ballast"); }

  private:
    fs::path path_;
    bool mounted_ = false;
    int error_ = 0;
};

class FullDisk : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(disk_.mounted())
            << "this test must be able to mount a small tmpfs (run it as root, or with CAP_SYS_ADMIN): "
            << disk_.problem();
        place_.environment["HUOQI_HOME"] = (disk_.path() / "home").string();
        ASSERT_EQ(place_.run({"init", "--suite", "intl", "--home", (disk_.path() / "home").string()}).code,
                  0);
        integrator_ = place_.key("integrator");
        disk_.put_ballast();
    }

    http::ClientOptions business(const Server& server) const {
        auto options = server.business();
        options.authority_pem = read_text(disk_.path() / "home/tls/ca.pem");
        return options;
    }

    // Numbers of a file that the node knows.
    std::size_t known(Door& door, const std::vector<Order>& orders, std::size_t from, std::size_t to) {
        std::size_t count = 0;
        for (std::size_t i = from; i < to; ++i) {
            auto answer =
                door.post("/v1/waybills:search", Json{{"by", "number"}, {"value", orders[i].number}}.dump());
            EXPECT_EQ(answer.status, 200) << answer.body;
            if (answer.status == 200 && !answer.json()["waybills"].empty()) ++count;
        }
        return count;
    }

    SmallDisk disk_;
    Place place_;
    std::string integrator_;
};

TEST_F(FullDisk, AnImportSaysSoLosesNothingAndGoesOnAfterwards) {
    constexpr std::size_t kFirst = 2'000;
    auto first = orders(1, kFirst);
    auto small = place_.order_file("small.jsonl", lines_of(first));
    ASSERT_EQ(place_.run({"import", small.string(), "--json"}).json().value("sealed", 0U), kFirst);

    auto many = orders(1'000'000, 40'000);
    auto file = place_.order_file("many.jsonl", lines_of(many));
    auto full = place_.run({"import", file.string(), "--json"});
    EXPECT_NE(full.code, 0);
    ASSERT_GT(full.code, 0) << "ended by a signal: " << full.err;
    ASSERT_TRUE(full.json().contains("error")) << full.out << full.err;
    EXPECT_EQ(full.json()["error"].value("code", ""), "no_space") << full.out << full.err;
    EXPECT_NE(full.err.find("磁盘已满"), full.err.npos) << full.err;
    EXPECT_NE(full.err.find("disk is full"), full.err.npos) << full.err;
    EXPECT_EQ(full.err.find("terminate"), full.err.npos) << full.err;
    auto told = full.json().value("sealed", 0U);

    disk_.drop_ballast();
    auto check = place_.run({"check", "--json"});
    EXPECT_EQ(check.code, 0) << check.err;
    auto stored = check.json().value("records", std::size_t{0});
    EXPECT_GE(stored, kFirst + told);

    auto again = place_.run({"import", small.string(), "--json"});
    EXPECT_EQ(again.code, 0) << again.err;
    EXPECT_EQ(again.json().value("repeated", 0U), kFirst) << again.out;
    // As much of the large file as was told as sealed stands at its front, and is recognised.
    auto front = place_.order_file("front.jsonl", lines_of({many.begin(), many.begin() + told}));
    auto repeated = place_.run({"import", front.string(), "--json"});
    EXPECT_EQ(repeated.json().value("repeated", 0U), told) << repeated.out << repeated.err;
    auto more = place_.order_file("more.jsonl", lines_of(orders(5'000'000, 1'000)));
    auto sealed = place_.run({"import", more.string(), "--json"});
    EXPECT_EQ(sealed.code, 0) << sealed.err;
    EXPECT_EQ(sealed.json().value("sealed", 0U), 1'000U);
    EXPECT_EQ(place_.run({"check", "--json"}).code, 0);
    EXPECT_EQ(place_.run({"ledger", "verify"}).code, 0);
    std::printf("sealed %u of 40000 before the disk was full\n", told);
}

TEST_F(FullDisk, AServerAnswersSoAndSealsAgainWithoutARestart) {
    Server server(place_);
    ASSERT_TRUE(server.serves()) << place_.last_output().err;
    Door door(business(server), integrator_);
    auto kept = orders(1, 20);
    for (const auto& order : kept) ASSERT_EQ(door.post("/v1/waybills", body_of(order)).status, 201);

    auto many = orders(1'000'000, 60'000);
    std::set<std::size_t> told;
    int status = 200;
    constexpr std::size_t kBatch = 2'000;
    for (std::size_t from = 0; from < many.size() && status == 200; from += kBatch) {
        Door importing(business(server), integrator_);
        auto body = lines_of(
            {many.begin() + static_cast<long>(from), many.begin() + static_cast<long>(from + kBatch)});
        auto answer =
            importing.post("/v1/waybills:import?format=kuaidi100", body, "application/octet-stream");
        status = answer.status;
        Finished lines{0, answer.body, {}};
        for (const auto& line : lines.lines()) {
            if (line.value("outcome", "") == "sealed")
                told.insert(from + line["line"].get<std::size_t>() - 1);
        }
    }
    ASSERT_TRUE(status == 507 || status == 503) << status << " " << place_.last_output().err;
    // The last bytes of the disk may still take a single waybill or two.
    auto later = orders(9'000'000, 400);
    Door::Answer refused;
    std::size_t taken = 0;
    for (; taken < later.size(); ++taken) {
        refused = door.post("/v1/waybills", body_of(later[taken]));
        if (refused.status != 201) break;
    }
    EXPECT_TRUE(refused.status == 507 || refused.status == 503) << refused.status;
    ASSERT_NE(refused.status, 0) << "the server is gone: " << place_.last_output().err;
    auto problem = refused.json();
    EXPECT_EQ(problem.value("status", 0), refused.status) << refused.body;
    EXPECT_FALSE(problem.value("code", "").empty());

    disk_.drop_ballast();
    auto after = orders(10'000'000, 20);
    for (const auto& order : after) {
        auto answer = door.post("/v1/waybills", body_of(order));
        EXPECT_EQ(answer.status, 201) << answer.body;
        if (answer.status != 201) break;
    }
    EXPECT_EQ(known(door, kept, 0, kept.size()), kept.size());
    EXPECT_EQ(known(door, after, 0, after.size()), after.size());
    EXPECT_EQ(known(door, later, 0, taken), taken);
    std::size_t lost = 0;
    for (auto i : told) {
        if (i % 37 == 0 || i + 50 > *told.rbegin()) lost += 1 - known(door, many, i, i + 1);
    }
    EXPECT_EQ(lost, 0U);
    EXPECT_EQ(server.stop(), 0);
    EXPECT_EQ(place_.run({"check", "--json"}).code, 0);
    std::printf("told %zu as sealed, then %d, then %zu singles and %d\n", told.size(), status, taken,
                refused.status);
}

}  // namespace
}  // namespace huoqi::promises

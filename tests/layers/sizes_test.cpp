// SPDX-License-Identifier: Apache-2.0
// Files and functions end somewhere: 700 lines and 70.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "blocks.h"

namespace huoqi::layers {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileLines = 700;
constexpr std::size_t kMaxFunctionLines = 70;

std::vector<fs::path> sources() {
    std::vector<fs::path> out;
    for (const auto* part : {"src", "tests", "bench"}) {
        for (const auto& at : fs::recursive_directory_iterator(fs::path(HUOQI_SOURCE_DIR) / part)) {
            auto extension = at.path().extension();
            if (extension == ".h" || extension == ".cpp") out.push_back(at.path());
        }
    }
    return out;
}

std::string read(const fs::path& file) {
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

TEST(Sizes, FilesKeepTheirs) {
    auto all = sources();
    ASSERT_GT(all.size(), 100U);
    for (const auto& file : all) {
        std::string text = read(file);
        EXPECT_LE(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), kMaxFileLines)
            << file;
        EXPECT_TRUE(text.starts_with("// SPDX-License-Identifier: Apache-2.0\n")) << file;
    }
}

TEST(Sizes, FunctionsKeepTheirs) {
    std::size_t functions = 0;
    for (const auto& file : sources()) {
        auto found = blocks_of(read(file));
        EXPECT_TRUE(found.balanced) << file << ": its braces cannot be followed";
        for (const auto& block : found.all)
            EXPECT_LE(block.length, kMaxFunctionLines) << file << ":" << block.line << ": " << block.head;
        functions += found.all.size();
    }
    EXPECT_GT(functions, 1'000U) << "the counter sees too little";
}

TEST(Sizes, TheCounterSeesWhatIsAFunction) {
    auto found = blocks_of(R"x(#define OPEN {
namespace a {
template <class T>
class B : public C<T> {
  public:
    B(int x)
        : x_{x}, y_{"}"} {
        // }
        if (x) { auto f = [] { return U'{' + 0x1'0; }; }
    }
    enum class E { one, two };
  private:
    int x_{0};
    int f() const { return 1'000; }
};
const char* g(struct h k) {
    return R"({{{)";
}
const int table[] = {1,
                     2};
}
extern "C" {
void h(void)
{
}
}
)x");
    ASSERT_TRUE(found.balanced);
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (const auto& block : found.all) places.emplace_back(block.line, block.length);
    using Places = std::vector<std::pair<std::size_t, std::size_t>>;
    EXPECT_EQ(places, (Places{{6, 5}, {13, 1}, {14, 1}, {16, 3}, {19, 2}, {23, 3}}));
    EXPECT_EQ(found.all[3].head, "const char* g(struct h k) ");
    EXPECT_FALSE(blocks_of("void f() {").balanced);
    EXPECT_FALSE(blocks_of("}").balanced);
}

}  // namespace
}  // namespace huoqi::layers

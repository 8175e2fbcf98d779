// SPDX-License-Identifier: Apache-2.0
// Keeps the one-way street: every include goes down or to a declared dependency, every outside library is
// known, declared and used on its floor only.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>

namespace {

namespace fs = std::filesystem;

struct Module {
    std::string name;  // "core/vault"
    std::set<std::string> deps, libs, test_deps, test_libs;
};

const fs::path kSource = fs::path(HUOQI_SOURCE_DIR) / "src";

// First path element of an outside header -> library. Headers of the C++ standard library and of the system
// are free; they are listed below, so that one of neither is noticed.
const std::map<std::string, std::string> kHeaderLibrary{
    {"openssl", "openssl"},     {"botan", "botan"},
    {"zlib.h", "zlib"},         {"sqlite3.h", "sqlite"},
    {"unicode", "icu"},         {"fmt", "fmt"},
    {"nlohmann", "json"},       {"CLI", "cli11"},
    {"rocksdb", "rocksdb"},     {"toml++", "tomlpp"},
    {"simdjson.h", "simdjson"}, {"boost", "boost"},
    {"gtest", "gtest"},         {"benchmark", "benchmark"},
    {"yaml-cpp", "yaml"},       {"libpq-fe.h", "pq"},
    {"zint.h", "zint"},         {"zip.h", "libzip"},
    {"expat.h", "expat"},       {"xlsxwriter.h", "xlsxwriter"},
};
std::set<std::string> words_of(const std::string& text) {
    std::istringstream in(text);
    return {std::istream_iterator<std::string>(in), {}};
}

// C++23's own, and those of C by their C++ names.
const std::set<std::string> kStandardHeaders = words_of(R"(
    algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono
    cinttypes climits clocale cmath codecvt compare complex concepts condition_variable coroutine csetjmp
    csignal cstdarg cstddef cstdint cstdio cstdlib cstring ctime cuchar cwchar cwctype deque exception
    execution expected filesystem flat_map flat_set format forward_list fstream functional future
    generator initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map
    mdspan memory memory_resource mutex new numbers numeric optional ostream print queue random ranges
    ratio regex scoped_allocator semaphore set shared_mutex source_location span spanstream sstream stack
    stacktrace stdexcept stdfloat stop_token streambuf string string_view syncstream system_error thread
    tuple type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant vector
    version
)");
// Of glibc and Linux; whole paths.
const std::set<std::string> kSystemHeaders = words_of(R"(
    arpa/inet.h fcntl.h netinet/in.h netinet/tcp.h poll.h pthread.h pwd.h signal.h spawn.h stdlib.h
    string.h sys/epoll.h sys/file.h sys/mount.h sys/prctl.h sys/resource.h sys/socket.h sys/stat.h
    sys/syscall.h sys/un.h sys/wait.h termios.h unistd.h
)");
// Which floors may touch a library; the narrower, the easier to replace.
const std::map<std::string, std::set<std::string>> kLibraryFloors{
    {"openssl", {"lib"}},
    {"tls", {"lib"}},
    {"botan", {"lib"}},
    {"zlib", {"lib"}},
    {"sqlite", {"lib"}},
    {"pq", {"lib"}},
    {"icu", {"lib"}},
    {"rocksdb", {"lib"}},
    {"simdjson", {"lib"}},
    {"boost", {"lib"}},
    {"zint", {"lib"}},
    {"libzip", {"lib"}},
    {"expat", {"lib"}},
    {"fmt", {"lib", "core", "edge", "app"}},
    {"json", {"lib", "core", "edge", "app"}},
    {"tomlpp", {"lib", "core"}},
    {"cli11", {"app"}},
};
const std::map<std::string, int> kFloor{{"base", 0}, {"lib", 1}, {"core", 2}, {"edge", 3}, {"app", 4}};

std::string read(const fs::path& file) {
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

std::string floor_of(const std::string& module) { return module.substr(0, module.find('/')); }

std::vector<fs::path> sources() {
    std::vector<fs::path> out;
    for (const auto& at : fs::recursive_directory_iterator(kSource)) {
        auto extension = at.path().extension();
        if (extension == ".h" || extension == ".cpp") out.push_back(at.path());
    }
    return out;
}

std::map<std::string, Module> modules() {
    std::map<std::string, Module> out;
    std::regex call(R"(module\(([^)]*)\))");
    for (const auto& at : fs::recursive_directory_iterator(kSource)) {
        if (at.path().filename() != "CMakeLists.txt" || at.path().parent_path() == kSource) continue;
        std::string text = read(at.path());
        std::smatch match;
        if (!std::regex_search(text, match, call)) continue;
        std::istringstream words(match[1].str());
        Module module;
        words >> module.name;
        std::set<std::string>* into = nullptr;
        for (std::string word; words >> word;) {
            if (word == "DEPS")
                into = &module.deps;
            else if (word == "LIBS")
                into = &module.libs;
            else if (word == "TEST_DEPS")
                into = &module.test_deps;
            else if (word == "TEST_LIBS")
                into = &module.test_libs;
            else if (into != nullptr)
                into->insert(word);
        }
        out[module.name] = module;
    }
    return out;
}

std::string module_of(const fs::path& file) {
    auto relative = file.lexically_relative(kSource);
    auto at = relative.begin();
    std::string floor = (at++)->string();
    return floor == "base" ? floor : floor + "/" + at->string();
}

bool is_test(const fs::path& file) {
    static const std::regex kTest(R"(.*_(test|fuzz|bench)\.cpp)");
    return std::regex_match(file.filename().string(), kTest) ||
           file.string().find("/testing/") != std::string::npos;
}

struct Include {
    std::string path;
    bool quoted;
};

std::vector<Include> includes(const fs::path& file) {
    std::vector<Include> out;
    std::regex line(R"re(^\s*#\s*include\s*(["<])([^">]+)[">])re");
    std::ifstream in(file);
    for (std::string text; std::getline(in, text);) {
        std::smatch match;
        if (std::regex_search(text, match, line)) out.push_back({match[2], match[1] == "\""});
    }
    return out;
}

std::string module_of_include(const std::string& path) {
    auto first = path.find('/');
    if (path.substr(0, first) == "base") return "base";
    return path.substr(0, path.find('/', first + 1));
}

TEST(Layers, DependenciesGoDownOrSideways) {
    auto all = modules();
    ASSERT_GT(all.size(), 5U);
    for (const auto& [name, module] : all) {
        ASSERT_TRUE(kFloor.contains(floor_of(name))) << name;
        for (const auto& dep : module.deps) {
            ASSERT_TRUE(dep == "base" || all.contains(dep))
                << name << " depends on " << dep << ", which is no module";
            EXPECT_LE(kFloor.at(floor_of(dep)), kFloor.at(floor_of(name)))
                << name << " depends upwards on " << dep;
        }
        for (const auto& lib : module.libs) {
            ASSERT_TRUE(kLibraryFloors.contains(lib)) << name << " uses " << lib << ", which has no floor";
            EXPECT_TRUE(kLibraryFloors.at(lib).contains(floor_of(name)))
                << name << " uses " << lib << " off its floor";
        }
    }
}

TEST(Layers, ThereAreNoCircles) {
    auto all = modules();
    std::map<std::string, int> state;
    std::function<bool(const std::string&)> circle = [&](const std::string& name) {
        if (state[name] == 1) return true;
        if (state[name] == 2) return false;
        state[name] = 1;
        for (const auto& dep : all[name].deps) {
            if (circle(dep)) return true;
        }
        state[name] = 2;
        return false;
    };
    for (const auto& [name, module] : modules()) EXPECT_FALSE(circle(name)) << name << " stands in a circle";
}

TEST(Layers, EveryIncludeIsDeclared) {
    auto all = modules();
    for (const auto& file : sources()) {
        std::string own = module_of(file);
        if (!all.contains(own)) continue;
        const auto& module = all[own];
        for (const auto& include : includes(file)) {
            if (include.quoted) {
                std::string other = module_of_include(include.path);
                bool declared = other == own || module.deps.contains(other) ||
                                (is_test(file) && module.test_deps.contains(other));
                EXPECT_TRUE(declared)
                    << file << " includes " << include.path << " without declaring " << other;
                EXPECT_TRUE(other == own || include.path.find("/internal/") == std::string::npos)
                    << file << " reaches into the inside of " << other;
                continue;
            }
            auto library = kHeaderLibrary.find(include.path.substr(0, include.path.find('/')));
            if (library == kHeaderLibrary.end() || library->second == "gtest" ||
                library->second == "benchmark")
                continue;
            bool declared = module.libs.contains(library->second) ||
                            (is_test(file) && module.test_libs.contains(library->second));
            EXPECT_TRUE(declared) << file << " includes <" << include.path << "> without declaring "
                                  << library->second;
        }
    }
}

// Which library a header is of; nothing: none that is known. Empty: the standard library's or the system's.
std::optional<std::string> library_of(const std::string& header) {
    if (kStandardHeaders.contains(header) || kSystemHeaders.contains(header)) return "";
    auto found = kHeaderLibrary.find(header.substr(0, header.find('/')));
    if (found == kHeaderLibrary.end()) return std::nullopt;
    return found->second;
}

TEST(Layers, EveryOutsideHeaderIsKnown) {
    for (const auto* part : {"src", "tests", "bench"}) {
        for (const auto& at : fs::recursive_directory_iterator(fs::path(HUOQI_SOURCE_DIR) / part)) {
            auto extension = at.path().extension();
            if (extension != ".h" && extension != ".cpp") continue;
            for (const auto& include : includes(at.path())) {
                if (include.quoted) continue;
                EXPECT_TRUE(library_of(include.path)) << at.path() << " includes <" << include.path
                                                      << ">, which is of no library that is known here";
            }
        }
    }
    EXPECT_FALSE(library_of("curl/curl.h"));
    EXPECT_FALSE(library_of("sodium.h"));
    EXPECT_FALSE(library_of("sys/nothing.h"));
    EXPECT_EQ(library_of("vector"), "");
    EXPECT_EQ(library_of("openssl/evp.h"), "openssl");
}

TEST(Layers, BaseNeedsNothing) {
    for (const auto& file : sources()) {
        if (module_of(file) != "base" || is_test(file)) continue;
        for (const auto& include : includes(file)) {
            EXPECT_FALSE(kHeaderLibrary.contains(include.path.substr(0, include.path.find('/')))) << file;
        }
    }
}

TEST(Layers, TheVerifierIsSmallAndReadable) {
    auto listing = read(kSource / "app/verify/CMakeLists.txt");
    for (const auto* other : {"core", "edge", "http", "lsm", "sql"}) {
        EXPECT_EQ(listing.find(other), std::string::npos)
            << "app/verify may use base, lib/crypto and lib/tlog alone";
    }
}

TEST(Layers, NothingIsNamedForNoNoun) {
    std::regex vague(R"(util|utils|common|helpers?|misc|manager)");
    for (const auto& at : fs::recursive_directory_iterator(kSource)) {
        EXPECT_FALSE(std::regex_match(at.path().stem().string(), vague)) << at.path();
    }
}

TEST(Layers, EveryModuleHasAReadme) {
    for (const auto& [name, module] : modules())
        EXPECT_TRUE(fs::exists(kSource / name / "README.md")) << name;
}

}  // namespace

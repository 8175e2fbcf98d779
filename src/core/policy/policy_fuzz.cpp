// SPDX-License-Identifier: Apache-2.0
// The first byte chooses a policy file, the rest is its content; the other files are empty or, when the
// folder is there (HUOQI_POLICY_DIR), the real ones, so that names can resolve. Nothing may crash, and a
// problem always has a reason.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/check.h"
#include "core/policy/policy.h"

namespace {

std::vector<huoqi::policy::File> other_files() {
    const char* dir = std::getenv("HUOQI_POLICY_DIR");
    std::vector<huoqi::policy::File> files;
    for (const std::string_view name : huoqi::policy::file_names()) {
        std::ostringstream content;
        if (dir) content << std::ifstream(std::filesystem::path(dir) / name, std::ios::binary).rdbuf();
        files.push_back({std::string(name), content.str()});
    }
    return files;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::vector<huoqi::policy::File> others = other_files();
    if (size == 0) return 0;
    std::vector<huoqi::policy::File> files = others;
    files[data[0] % files.size()].content.assign(reinterpret_cast<const char*>(data) + 1, size - 1);
    const huoqi::policy::Checked checked = huoqi::policy::read(files);
    HUOQI_CHECK((checked.policy == nullptr) == !checked.problems.empty());
    for (const huoqi::policy::Problem& problem : checked.problems) HUOQI_CHECK(!problem.reason.empty());
    return 0;
}

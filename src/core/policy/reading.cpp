// SPDX-License-Identifier: Apache-2.0
// From bytes to a checked policy: parse each file, read it against its schema, name the version.
#include <algorithm>
#include <fstream>
#include <map>
#include <tuple>

#include "base/bytes.h"
#include "core/policy/internal/schema.h"
#include "core/policy/policy.h"
#include "lib/crypto/crypto.h"

namespace huoqi::policy {
namespace {

namespace fs = std::filesystem;

// What else may lie in the folder: texts for people, and the order-file formats, which core/intake reads and
// checks.
constexpr std::string_view kOtherFiles[] = {"README.md"};
constexpr std::string_view kOtherFolders[] = {"formats"};
constexpr std::size_t kVersionHashBytes = 4;

const FileSchema* schema_of(std::string_view name) {
    const auto at = std::ranges::find(kFiles, name, &FileSchema::name);
    return at == kFiles.end() ? nullptr : &*at;
}

std::string without_control(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
    }
    return out;
}

std::string read_version(Reader& file) {
    const std::string version = file.text("version");
    if (!version.empty() && !parse_date(version)) {
        file.wrong("version", "'version' must be a date in quotes such as \"2026-11-23\"");
    }
    return version;
}

void read_file(const FileSchema& schema, std::string_view content, Draft& draft,
               std::vector<Problem>& problems) {
    const std::string file_name(schema.name);
    if (content.size() > kMaxFileBytes) {
        problems.push_back({file_name, 0, "larger than " + std::to_string(kMaxFileBytes) + " bytes"});
        return;
    }
    if (schema.read_lines != nullptr) return schema.read_lines(content, schema.name, draft, problems);
    try {
        const toml::table table = toml::parse(content);
        Reader file(table, schema.name, file_name, problems);
        draft.policy.version = std::max(draft.policy.version, read_version(file));
        schema.read(file, draft);
        file.report_unread();
    } catch (const toml::parse_error& error) {
        problems.push_back(
            {file_name, error.source().begin.line, "not TOML: " + without_control(error.description())});
    }
}

// SHA-256 over the files by name: name, a zero byte, the length in 8 bytes, the content.
std::string hash_of(const std::map<std::string_view, std::string_view>& files) {
    Bytes all;
    for (const auto& [name, content] : files) {
        append(all, name);
        all.push_back(0);
        put_be<std::uint64_t>(all, content.size());
        append(all, content);
    }
    const crypto::Digest digest = crypto::sha256(all);
    return hex(ByteView(digest).first(kVersionHashBytes));
}

void order(std::vector<Problem>& problems) {
    std::ranges::sort(problems, [](const Problem& a, const Problem& b) {
        return std::tie(a.file, a.line, a.reason) < std::tie(b.file, b.line, b.reason);
    });
}

// Everything in the folder that is a policy file; what does not belong there is a problem.
std::vector<File> files_in(const fs::path& dir, std::vector<Problem>& problems) {
    std::vector<File> files;
    std::error_code error;
    for (fs::directory_iterator at(dir, error), end; !error && at != end; at.increment(error)) {
        const std::string name = at->path().filename().string();
        const bool is_folder = at->is_directory(error);
        if (is_folder ? std::ranges::count(kOtherFolders, name) > 0
                      : std::ranges::count(kOtherFiles, name) > 0)
            continue;
        if (is_folder || !schema_of(name)) {
            problems.push_back({without_control(name), 0, "does not belong to a policy"});
            continue;
        }
        std::ifstream in(at->path(), std::ios::binary);
        std::string content(kMaxFileBytes + 1, '\0');
        in.read(content.data(), static_cast<std::streamsize>(content.size()));
        content.resize(static_cast<std::size_t>(in.gcount()));
        if (!in.is_open() || in.bad()) problems.push_back({name, 0, "cannot be read"});
        files.push_back({name, std::move(content)});
    }
    if (error) problems.push_back({".", 0, "the folder cannot be read: " + error.message()});
    return files;
}

Checked read_folder(const fs::path& dir) {
    std::vector<Problem> problems;
    const std::vector<File> files = files_in(dir, problems);
    Checked checked = read(files);
    checked.problems.insert(checked.problems.end(), problems.begin(), problems.end());
    if (!checked.problems.empty()) checked.policy = nullptr;
    order(checked.problems);
    for (Problem& problem : checked.problems) problem.file = (dir / problem.file).lexically_normal().string();
    return checked;
}

}  // namespace

std::span<const std::string_view> file_names() {
    static constexpr auto names = [] {
        std::array<std::string_view, kFiles.size()> out;
        std::ranges::transform(kFiles, out.begin(), &FileSchema::name);
        return out;
    }();
    return names;
}

Checked read(std::span<const File> files) {
    Checked checked;
    std::map<std::string_view, std::string_view> by_name;
    for (const File& file : files) {
        if (!schema_of(file.name))
            checked.problems.push_back({without_control(file.name), 0, "does not belong to a policy"});
        if (!by_name.emplace(file.name, file.content).second) {
            checked.problems.push_back({without_control(file.name), 0, "stands twice"});
        }
    }
    Draft draft;
    for (const FileSchema& schema : kFiles) {
        if (const auto file = by_name.find(schema.name); file != by_name.end()) {
            read_file(schema, file->second, draft, checked.problems);
        } else {
            checked.problems.push_back({std::string(schema.name), 0, "missing file"});
        }
    }
    order(checked.problems);
    if (checked.problems.empty()) {
        draft.policy.version += "-" + hash_of(by_name);
        checked.policy = std::make_unique<const Policy>(std::move(draft.policy));
    }
    return checked;
}

Result<std::unique_ptr<const Policy>> load(const fs::path& dir) {
    Checked checked = read_folder(dir);
    if (!checked.problems.empty()) return fail(Code::bad_input, text(checked.problems.front()));
    return std::move(checked.policy);
}

Result<std::vector<File>> files_of(const fs::path& dir) {
    std::vector<Problem> problems;
    auto files = files_in(dir, problems);
    if (!problems.empty()) return fail(Code::bad_input, text(problems.front()));
    return files;
}

std::vector<Problem> check(const fs::path& dir) { return read_folder(dir).problems; }

}  // namespace huoqi::policy

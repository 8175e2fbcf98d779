// SPDX-License-Identifier: Apache-2.0
#include "lib/tabular/internal/package.h"

#include <zip.h>

#include <algorithm>
#include <array>
#include <map>

namespace huoqi::tabular {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{256} << 10;
constexpr std::uint64_t kSmallEntry = std::uint64_t{1} << 20;  // may be packed as well as it can
constexpr std::size_t kMaxSteps = 32;                          // folders of a part's name
constexpr std::array<std::uint8_t, 8> kOle{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1};
constexpr std::uint64_t kNeeded =
    ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;

std::string small_letters(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    return out;
}

std::unexpected<Error> broken() { return fail(Code::bad_input, "xlsx.archive"); }

// Compound files of before 2007; a workbook with a password is inside one too ([MS-OFFCRYPTO] 2.3).
std::string_view rule_of_ole(ByteView bytes) {
    std::string name;
    for (const char c : std::string_view("EncryptedPackage")) name.append({c, '\0'});
    return text_of(bytes).contains(name) ? "xlsx.encrypted" : "xlsx.old_format";
}

struct Entry {
    std::uint64_t index = 0;
    std::uint64_t bytes = 0;
};

}  // namespace

struct Package::State {
    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (zip != nullptr) zip_discard(zip);
    }
    Status list(const XlsxLimits& limits) {
        const auto count = zip_get_num_entries(zip, 0);
        if (count <= 0) return broken();
        if (static_cast<std::uint64_t>(count) > limits.entries) return fail(Code::too_large, "xlsx.entries");
        std::uint64_t total = 0;
        for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(count); ++i) {
            zip_stat_t stat;
            if (zip_stat_index(zip, i, 0, &stat) != 0 || (stat.valid & kNeeded) != kNeeded) return broken();
            if (stat.encryption_method != ZIP_EM_NONE) return fail(Code::bad_input, "xlsx.encrypted");
            if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE) return broken();
            if (stat.size > limits.unpacked_bytes - total) return fail(Code::too_large, "xlsx.unpacked");
            total += stat.size;
            if (stat.size > kSmallEntry && stat.size / limits.ratio > stat.comp_size)
                return fail(Code::too_large, "xlsx.ratio");
            // Of two with one name, others might read the other.
            if (!entries.emplace(small_letters(stat.name), Entry{i, stat.size}).second) return broken();
        }
        return {};
    }

    zip_t* zip = nullptr;
    std::map<std::string, Entry, std::less<>> entries;
};

Package::Package(std::unique_ptr<State> state) : state_(std::move(state)) {}
Package::Package(Package&&) noexcept = default;
Package& Package::operator=(Package&&) noexcept = default;
Package::~Package() = default;

Result<Package> Package::open(ByteView bytes, const XlsxLimits& limits) {
    if (bytes.size() >= kOle.size() && std::ranges::equal(bytes.first(kOle.size()), kOle))
        return fail(Code::bad_input, std::string(rule_of_ole(bytes)));
    if (bytes.empty()) return broken();
    auto state = std::make_unique<State>();
    auto* source = zip_source_buffer_create(bytes.data(), bytes.size(), /*freep=*/0, nullptr);
    if (source == nullptr) return fail(Code::too_large, "xlsx.memory");
    state->zip = zip_open_from_source(source, ZIP_RDONLY, nullptr);
    if (state->zip == nullptr) {
        zip_source_free(source);
        return broken();
    }
    if (auto listed = state->list(limits); !listed) return pass(listed);
    return Package(std::move(state));
}

Status Package::read(std::string_view name, const Sink& sink) const {
    const auto at = state_->entries.find(small_letters(name));
    if (at == state_->entries.end()) return fail(Code::bad_input, "xlsx.parts");
    const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(
        zip_fopen_index(state_->zip, at->second.index, 0), zip_fclose);
    if (!file) return broken();
    std::string piece(kPieceBytes, '\0');
    std::uint64_t total = 0;
    while (true) {
        const auto got = zip_fread(file.get(), piece.data(), piece.size());
        if (got < 0) return broken();  // its checksum too
        total += static_cast<std::uint64_t>(got);
        // What the directory says was weighed; more would be a bomb after all.
        if (total > at->second.bytes || (got == 0 && total < at->second.bytes)) return broken();
        const auto used = std::string_view(piece).substr(0, static_cast<std::size_t>(got));
        if (auto taken = sink(used, got == 0); !taken) return taken;
        if (got == 0) return {};
    }
}

std::string part_name(std::string_view folder, std::string_view target) {
    const std::string whole =
        target.starts_with('/') ? std::string(target) : std::string(folder) + std::string(target);
    std::vector<std::string_view> steps;
    for (std::string_view rest = whole; !rest.empty();) {
        const auto end = std::min(rest.find('/'), rest.size());
        const auto step = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (step.empty() || step == ".") continue;
        if (step != "..") {
            steps.push_back(step);
        } else if (steps.empty()) {
            return {};
        } else {
            steps.pop_back();
        }
        if (steps.size() > kMaxSteps) return {};
    }
    std::string out;
    for (const auto step : steps) out.append(out.empty() ? "" : "/").append(step);
    return out;
}

}  // namespace huoqi::tabular

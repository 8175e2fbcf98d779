// SPDX-License-Identifier: Apache-2.0
#include "app/node/backup.h"

#include <sys/stat.h>

#include "app/node/backup_files.h"
#include "app/node/identity.h"
#include "edge/store/store.h"

namespace huoqi::node {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// Removes what was made unless all went well.
class Made {
  public:
    explicit Made(fs::path path) : path_(std::move(path)) {}
    Made(const Made&) = delete;
    Made& operator=(const Made&) = delete;
    ~Made() {
        std::error_code ignored;
        if (!kept_) fs::remove_all(path_, ignored);
    }
    void keep() { kept_ = true; }

  private:
    fs::path path_;
    bool kept_ = false;
};

std::unexpected<Error> failed(const std::error_code& error, const std::string& what) {
    bool full = error == std::errc::no_space_on_device;
    return fail(full ? Code::no_space : Code::storage, what + ": " + error.message());
}

Status empty_folder(const fs::path& folder) {
    std::error_code error;
    if (fs::exists(folder, error) && !(fs::is_directory(folder, error) && fs::is_empty(folder, error)))
        return fail(Code::bad_input, folder.filename().string() + ": there is something already");
    fs::create_directories(folder, error);
    if (error) return failed(error, folder.filename().string());
    ::chmod(folder.c_str(), 0700);
    return {};
}

bool inside(const fs::path& file, const fs::path& folder) {
    auto relative = fs::weakly_canonical(file).lexically_relative(fs::weakly_canonical(folder));
    return !relative.empty() && *relative.begin() != "..";
}

Status copy_small(const fs::path& from, const fs::path& to) {
    constexpr std::size_t kMaxSmall = std::size_t{1} << 20;
    auto content = store::read_file(from, kMaxSmall);
    if (!content) return pass(content);
    return store::write_file(to, *content);
}

Status copy_tls(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::create_directories(to, error);
    if (error) return failed(error, "tls");
    for (const auto& at : fs::directory_iterator(from)) {
        if (auto copied = copy_small(at.path(), to / at.path().filename()); !copied) return copied;
    }
    return {};
}

// On the committer's thread, so that nothing is written meanwhile.
Status fill(Node& node, const fs::path& folder) {
    auto head = node.ledger().checkpoint();
    if (auto written = store::write_file(folder / "ledger.checkpoint", bytes_of(head)); !written)
        return written;
    if (auto copied = node.archive().copy_to(folder / "archive"); !copied) return copied;
    // After the archive: what the office did and the copied ledger does not tell yet is in the copied outbox.
    if (auto copied = node.office().copy_to(folder / "office.db"); !copied) return copied;
    if (auto copied = copy_small(node.home() / kIdentityFile, folder / kIdentityFile); !copied) return copied;
    return copy_tls(node.home() / "tls", folder / "tls");
}

}  // namespace

Result<BackupReport> backup(Node& node, const fs::path& folder, const fs::path& keys,
                            const ledger::Actor& actor) {
    if (!node.where().database.empty())
        return fail(Code::unsupported,
                    "backup: the data are in PostgreSQL; docs/operations.md says how it is backed up");
    std::error_code error;
    if (fs::exists(keys, error)) return fail(Code::bad_input, "backup: the keys file exists already");
    if (inside(keys, folder))
        return fail(Code::bad_input,
                    "backup: the keys file must not lie with the data it opens; give another place");
    if (auto made = empty_folder(folder); !made) return pass(made);
    Made made(folder);
    ledger::Entry entry;
    entry.actor = actor;
    entry.action = "backup";
    if (auto recorded = node.ledger().append(entry); !recorded) return pass(recorded);
    TreeSize size;
    ledger::Work copying;
    copying.entry = entry;
    copying.entry.action = "backup.end";
    copying.fill = [&](ledger::Group&, ledger::Entry&) -> Status {
        size = node.ledger().size();
        return fill(node, folder);
    };
    if (auto copied = node.ledger().commit(std::move(copying)); !copied) return pass(copied);
    auto files = listed(folder);
    if (!files) return pass(files);
    BackupReport report{0, files->size(), size};
    for (const auto& [name, file] : files->items()) report.bytes += file["bytes"].get<std::uint64_t>();
    if (auto written = write_keys_file(node, keys); !written) return pass(written);
    Made key_file(keys);
    Json list{{"created", rfc3339(node.clock().now())},
              {"origin", node.identity().origin},
              {"suite", crypto::name(node.identity().suite)},
              {"policy", node.policy().now()->version},
              {"ledger_size", size.value},
              {"files", std::move(*files)}};
    if (auto written = write_list(folder, node.keys(), list); !written) return pass(written);
    made.keep();
    key_file.keep();
    return report;
}

}  // namespace huoqi::node

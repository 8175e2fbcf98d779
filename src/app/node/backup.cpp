// SPDX-License-Identifier: Apache-2.0
#include "app/node/backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "app/node/identity.h"
#include "edge/store/store.h"

namespace huoqi::node {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kManifestFile = "backup.json";
constexpr std::size_t kMaxManifestBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxKeysBytes = std::size_t{64} << 20;

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

Result<crypto::Digest> digest_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return fail(Code::storage, file.filename().string() + ": cannot be read");
    crypto::Sha256 hash;
    std::string block(std::size_t{1} << 20, '\0');
    while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0)
        hash.add(bytes_of({block.data(), static_cast<std::size_t>(in.gcount())}));
    if (in.bad()) return fail(Code::storage, file.filename().string() + ": cannot be read");
    return hash.digest();
}

// Every file of the folder with its size and digest.
Result<Json> listed(const fs::path& folder) {
    Json files = Json::object();
    for (const auto& at : fs::recursive_directory_iterator(folder)) {
        if (!at.is_regular_file()) continue;
        auto digest = digest_of(at.path());
        if (!digest) return pass(digest);
        files[at.path().lexically_relative(folder).string()] = {{"bytes", at.file_size()},
                                                                {"sha256", hex(*digest)}};
    }
    return files;
}

// The file system that holds a folder.
Status sync_all(const fs::path& folder) {
    int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && ::syncfs(fd) == 0;
    if (fd >= 0) ::close(fd);
    if (!synced) return fail(Code::storage, "restore: the files cannot be made durable");
    return {};
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

Status write_keys(const Node& node, const fs::path& file) {
    auto store = store::open_key_files(node.where().keys);
    auto names = store->list("");
    if (!names) return pass(names);
    Json keys = Json::object();
    for (const auto& name : *names) {
        auto wrapped = store->get(name);
        if (!wrapped) return pass(wrapped);
        keys[name] = base64(*wrapped);
    }
    Json all{{"format", 1}, {"origin", node.identity().origin}, {"keys", std::move(keys)}};
    return store::write_file(file, bytes_of(all.dump(1) + "\n"));
}

Status read_keys(const fs::path& file, const std::string& origin, const fs::path& folder) {
    auto text = store::read_file(file, kMaxKeysBytes);
    if (!text) return pass(text, "restore: the keys file");
    auto json = Json::parse(text_of(*text), nullptr, false);
    bool shaped =
        json.is_object() && json.value("format", 0) == 1 && json.contains("keys") && json["keys"].is_object();
    if (!shaped) return fail(Code::corrupt, "restore: the keys file is not one");
    if (json.value("origin", "") != origin)
        return fail(Code::wrong_key, "restore: the keys file is another node's");
    auto store = store::open_key_files(folder);
    for (const auto& [name, value] : json["keys"].items()) {
        auto wrapped = unbase64(value.get<std::string>());
        if (!wrapped || name.find("..") != name.npos)
            return fail(Code::corrupt, "restore: the keys file is damaged");
        if (auto put = store->put(name, *wrapped); !put) return put;
    }
    return {};
}

Result<Json> read_manifest(const fs::path& folder) {
    auto text = store::read_file(folder / kManifestFile, kMaxManifestBytes);
    if (!text) return pass(text, "restore: this folder holds no whole backup");
    auto json = Json::parse(text_of(*text), nullptr, false);
    if (!json.is_object() || json.value("format", 0) != 1 || !json.contains("files") ||
        !json["files"].is_object())
        return fail(Code::corrupt, "backup.json: not as this program writes it");
    return json;
}

Status check_files(const Json& manifest, const fs::path& folder) {
    auto there = listed(folder);
    if (!there) return pass(there);
    there->erase(kManifestFile);
    for (const auto& [name, file] : manifest["files"].items()) {
        if (!there->contains(name)) return fail(Code::corrupt, "backup: " + name + " is missing");
        if ((*there)[name] != file)
            return fail(Code::corrupt, "backup: " + name + " is not as it was written");
    }
    for (const auto& [name, file] : there->items()) {
        if (!manifest["files"].contains(name))
            return fail(Code::corrupt, "backup: " + name + " does not belong to it");
    }
    return {};
}

// How many entries a checkpoint that was kept elsewhere has beyond the ledger.
Result<std::uint64_t> missing_entries(const ledger::Ledger& ledger, const std::string& newer) {
    if (newer.empty()) return 0;
    auto note = tlog::parse_note(newer);
    if (!note) return pass(note, "restore: the checkpoint");
    if (auto right = tlog::verify_note(*note, ledger.keys()); !right)
        return pass(right, "restore: the checkpoint");
    auto head = tlog::parse_checkpoint_text(note->text);
    if (!head) return pass(head, "restore: the checkpoint");
    auto size = ledger.size().value;
    return head->size.value > size ? head->size.value - size : 0;
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
    if (auto written = write_keys(node, keys); !written) return pass(written);
    Made key_file(keys);
    Json manifest{{"format", 1},
                  {"created", rfc3339(node.clock().now())},
                  {"origin", node.identity().origin},
                  {"suite", crypto::name(node.identity().suite)},
                  {"policy", node.policy().now()->version},
                  {"ledger_size", size.value},
                  {"files", std::move(*files)}};
    // Written last: a folder with it is a whole backup.
    auto written = store::write_file(folder / kManifestFile, bytes_of(manifest.dump(1) + "\n"));
    if (!written) return pass(written);
    made.keep();
    key_file.keep();
    return report;
}

Result<RestoreReport> restore(RestoreOptions options) {
    auto manifest = read_manifest(options.folder);
    if (!manifest) return pass(manifest);
    if (auto right = check_files(*manifest, options.folder); !right) return pass(right);
    if (auto made = empty_folder(options.home); !made) return pass(made);
    Made made(options.home);
    for (const auto& [name, file] : (*manifest)["files"].items()) {
        std::error_code error;
        fs::create_directories((options.home / name).parent_path(), error);
        if (!error) fs::copy_file(options.folder / name, options.home / name, error);
        if (error) return failed(error, "restore: " + name);
    }
    auto keys = read_keys(options.keys, manifest->value("origin", ""), options.home / "keys");
    if (!keys) return pass(keys);
    if (auto durable = sync_all(options.home); !durable) return pass(durable);
    auto node = Node::open(options.home, options.policy, std::move(options.passphrase));
    if (!node) return pass(node);
    RestoreReport report;
    auto missing = missing_entries((*node)->ledger(), options.newer_checkpoint);
    if (!missing) return pass(missing);
    report.missing = *missing;
    if (report.missing > 0 && !options.accept_loss) {
        return fail(
            Code::refused,
            "restore: " + std::to_string(report.missing) +
                " ledger entries after the backup would be missing; --accept-loss restores all the same");
    }
    auto checked = (*node)->check();
    if (!checked) return pass(checked);
    report.checked = *checked;
    ledger::Entry entry;
    entry.actor = options.actor;
    entry.action = "restore";
    entry.detail = {{"backup", manifest->value("created", "")}};
    entry.counts = {{"records", report.checked.records}, {"missing", report.missing}};
    if (auto recorded = (*node)->ledger().append(std::move(entry)); !recorded) return pass(recorded);
    made.keep();
    return report;
}

}  // namespace huoqi::node

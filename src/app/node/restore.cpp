// SPDX-License-Identifier: Apache-2.0
// Everything is put together and checked in a folder inside the new home and moved up at the end, node.json
// last: a home with node.json is a whole node, one without is none, whenever the program is killed.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/node/backup.h"
#include "app/node/backup_files.h"
#include "app/node/identity.h"
#include "edge/store/store.h"

namespace huoqi::node {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAside = "restoring";

std::unexpected<Error> failed(const std::error_code& error, const std::string& what) {
    bool full = error == std::errc::no_space_on_device;
    return fail(full ? Code::no_space : Code::storage, what + ": " + error.message());
}

// An open folder, for locking it and making it durable.
class Folder {
  public:
    explicit Folder(const fs::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        if (fd_ >= 0) ::close(fd_);
    }
    // Ours alone until this object or the process ends.
    bool lock() const { return fd_ >= 0 && ::flock(fd_, LOCK_EX | LOCK_NB) == 0; }
    bool sync() const { return fd_ >= 0 && ::fsync(fd_) == 0; }
    // All that its file system holds.
    bool sync_everything() const { return fd_ >= 0 && ::syncfs(fd_) == 0; }

  private:
    int fd_;
};

// A new node's folder while it is being filled.
class NewHome {
  public:
    // Code::bad_input when something is there that an earlier restore did not leave.
    static Result<std::unique_ptr<NewHome>> begin(const fs::path& home) {
        std::error_code error;
        fs::create_directories(home, error);
        if (error) return failed(error, home.filename().string());
        std::unique_ptr<NewHome> made(new NewHome(home));
        if (!made->folder_.lock()) return fail(Code::conflict, "restore: another one is filling this folder");
        bool left = fs::is_directory(home / kAside, error) && !fs::exists(home / kIdentityFile, error);
        if (!fs::is_empty(home, error) && !left)
            return fail(Code::bad_input, home.filename().string() + ": there is something already");
        made->ours_ = true;
        if (auto cleared = made->clear(); !cleared) return pass(cleared);
        ::chmod(home.c_str(), 0700);
        fs::create_directory(made->aside(), error);
        if (error) return failed(error, home.filename().string());
        return made;
    }
    NewHome(const NewHome&) = delete;
    NewHome& operator=(const NewHome&) = delete;
    // Nothing is left behind unless it was finished.
    ~NewHome() {
        std::error_code ignored;
        if (ours_ && clear()) fs::remove(home_, ignored);
    }

    fs::path aside() const { return home_ / kAside; }

    Status finish() {
        std::error_code error;
        if (!folder_.sync_everything()) return fail(Code::storage, "restore: it cannot be made durable");
        std::vector<fs::path> names;
        for (const auto& at : fs::directory_iterator(aside(), error)) names.push_back(at.path().filename());
        for (const auto& name : names) {
            if (!error && name != kIdentityFile) fs::rename(aside() / name, home_ / name, error);
        }
        if (error) return failed(error, "restore");
        if (!Folder(aside()).sync() || !folder_.sync())
            return fail(Code::storage, "restore: it cannot be made durable");
        fs::rename(aside() / kIdentityFile, home_ / kIdentityFile, error);
        if (error) return failed(error, "restore");
        ours_ = false;
        fs::remove(aside(), error);
        if (!folder_.sync()) return fail(Code::storage, "restore: it cannot be made durable");
        return {};
    }

  private:
    explicit NewHome(fs::path home) : home_(std::move(home)), folder_(home_) {}

    // The folder that tells whose the rest is goes last.
    Status clear() {
        std::error_code error;
        std::vector<fs::path> all;
        for (const auto& at : fs::directory_iterator(home_, error)) {
            if (at.path().filename() != kAside) all.push_back(at.path());
        }
        all.push_back(aside());
        for (const auto& path : all) {
            if (!error) fs::remove_all(path, error);
        }
        if (error) return failed(error, home_.filename().string());
        return {};
    }

    fs::path home_;
    Folder folder_;
    bool ours_ = false;
};

// Keys and identity of the backup, and whether its list is the one that a node with these keys wrote.
Status take_keys(const RestoreOptions& options, const BackupList& list, const fs::path& into) {
    auto text = store::read_file(options.folder / kIdentityFile, kMaxIdentityBytes);
    if (!text) return pass(text, "restore");
    auto identity = parse_identity(text_of(*text));
    if (!identity) return pass(identity);
    if (auto taken = unpack_keys_file(options.keys, identity->origin, into / "keys"); !taken) return taken;
    auto files = store::open_key_files(into / "keys");
    auto root = keys::passphrase_root(*files, options.passphrase.clone(), identity->suite);
    auto keys = keys::KeyRing::open(identity->suite, *files, *root, *text);
    if (!keys) return pass(keys);
    return check_list_mac(list, options.folder, **keys);
}

Status copy_files(const BackupList& list, const fs::path& from, const fs::path& to) {
    for (const auto& [name, file] : list.json["files"].items()) {
        std::error_code error;
        fs::create_directories((to / name).parent_path(), error);
        if (!error) fs::copy_file(from / name, to / name, error);
        if (error) return failed(error, "restore: " + name);
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

// A keys file from before the last volume was opened fits in all else, and its lack would show when somebody
// looks for a waybill.
Status every_volume_has_keys(Node& node) {
    auto volumes = node.vault().volumes();
    if (!volumes) return pass(volumes);
    std::size_t without = 0;
    for (const auto& volume : *volumes) {
        auto keys = node.keys().volume(volume.enterprise, volume.id);
        if (keys) continue;
        if (keys.error().code != Code::not_found) return pass(keys, "restore");
        ++without;
    }
    if (without == 0) return {};
    return fail(
        Code::wrong_key,
        "restore: the keys file is older than the data: " + std::to_string(without) + " of " +
            std::to_string(volumes->size()) +
            " volumes have no keys in it and cannot be opened; give the keys file that was made with this "
            "backup, or a later one");
}

// Opens the node where it lies aside, checks all of it, and writes the restore down.
Result<RestoreReport> accept(const RestoreOptions& options, const BackupList& list, const fs::path& aside) {
    auto node = Node::open(aside, options.policy, options.passphrase.clone());
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
    if (auto openable = every_volume_has_keys(**node); !openable) return pass(openable);
    auto checked = (*node)->check();
    if (!checked) return pass(checked);
    report.checked = *checked;
    ledger::Entry entry;
    entry.actor = options.actor;
    entry.action = "restore";
    entry.detail = {{"backup", list.json["created"].get<std::string>()}};
    entry.counts = {{"records", report.checked.records}, {"missing", report.missing}};
    if (auto recorded = (*node)->ledger().append(std::move(entry)); !recorded) return pass(recorded);
    return report;
}

}  // namespace

Result<RestoreReport> restore(RestoreOptions options) {
    auto list = read_list(options.folder);
    if (!list) return pass(list);
    if (auto right = check_files(*list, options.folder); !right) return pass(right);
    auto home = NewHome::begin(options.home);
    if (!home) return pass(home);
    auto aside = (*home)->aside();
    if (auto taken = take_keys(options, *list, aside); !taken) return pass(taken);
    if (auto copied = copy_files(*list, options.folder, aside); !copied) return pass(copied);
    auto report = accept(options, *list, aside);
    if (!report) return report;
    if (auto finished = (*home)->finish(); !finished) return pass(finished);
    return report;
}

}  // namespace huoqi::node

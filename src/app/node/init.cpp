// SPDX-License-Identifier: Apache-2.0
// Making a node. No default secret anywhere (art. 31): every key is drawn here, the passphrase is the
// operator's.
#include <sys/stat.h>

#include <array>

#include "app/node/identity.h"
#include "app/node/signer.h"
#include "app/node/tls_files.h"
#include "edge/store/store.h"

namespace huoqi::node {
namespace {

// Removes the folder again unless told that all went well.
class Undo {
  public:
    explicit Undo(std::filesystem::path folder) : folder_(std::move(folder)) {}
    Undo(const Undo&) = delete;
    Undo& operator=(const Undo&) = delete;
    ~Undo() {
        std::error_code ignored;
        if (!kept_) std::filesystem::remove_all(folder_, ignored);
    }
    void keep() { kept_ = true; }

  private:
    std::filesystem::path folder_;
    bool kept_ = false;
};

Status check_options(const InitOptions& options) {
    if (options.passphrase.view().size() < kMinPassphraseBytes) {
        return fail(Code::bad_input, "init: the passphrase must have at least " +
                                         std::to_string(kMinPassphraseBytes) + " bytes");
    }
    const auto& origin = options.identity.origin;
    if (origin.empty() || origin.size() > 100 || origin.find_first_of(" +\n\t") != std::string::npos) {
        return fail(Code::bad_input, "init: the origin is 1 to 100 characters without blanks and '+'");
    }
    if (!keys::valid_enterprise(options.identity.enterprise)) {
        return fail(Code::bad_input, "init: an enterprise's name is 1-40 of a-z, 0-9, '-'");
    }
    return {};
}

Status make_keys(const InitOptions& options, std::string_view identity) {
    auto store = store::open_key_files(options.home / "keys");
    auto root =
        keys::passphrase_root(*store, options.passphrase.clone(), options.identity.suite, options.cost);
    auto ring = keys::KeyRing::create(options.identity.suite, *store, *root, bytes_of(identity));
    if (!ring) return pass(ring);
    if (auto added = (*ring)->add_enterprise(options.identity.enterprise); !added) return added;
    return make_tls_files(options.home, **ring, options.tls_names);
}

std::string verifier_keys(const ledger::Signer& signer) {
    std::string out;
    for (const auto& key : signer.keys()) out += tlog::to_string(key) + "\n";
    return out;
}

// Puts a process on the list of writers and writes process.json.
Status enlist(const std::filesystem::path& home, sql::Connection& connection, const ledger::Signer& signer,
              Place place) {
    auto writer =
        store::register_writer(connection, {0, signer.origin(), verifier_keys(signer), SystemClock().now()});
    if (!writer) return pass(writer, "the list of ledgers");
    place.writer = writer->number;
    place.origin = writer->origin;
    return write_place(home, place);
}

Status make_database(const InitOptions& options, std::string_view identity) {
    auto connection = sql::open_postgres(options.database, {});
    if (!connection) return pass(connection);
    if (auto migrated = store::migrate_archive(**connection); !migrated) return migrated;
    auto there = store::writers(**connection);
    if (!there) return pass(there);
    if (!there->empty())
        return fail(Code::conflict,
                    "init: this database holds an installation already; --join makes another process of it");
    auto keys = std::filesystem::absolute(options.home / "keys");
    auto files = store::open_key_files(keys);
    auto root =
        keys::passphrase_root(*files, options.passphrase.clone(), options.identity.suite, options.cost);
    auto ring = keys::KeyRing::open(options.identity.suite, *files, *root, bytes_of(identity));
    if (!ring) return pass(ring);
    auto signer = make_signer(options.identity, options.identity.origin, **ring);
    return enlist(options.home, **connection, signer, {options.database, keys, 0, ""});
}

// A new folder for a node; Code::conflict when something is there.
Status make_home(const std::filesystem::path& home) {
    std::error_code error;
    if (std::filesystem::exists(home / kIdentityFile, error))
        return fail(Code::conflict, "init: there is a node in this folder already");
    if (std::filesystem::exists(home, error) && !std::filesystem::is_empty(home, error))
        return fail(Code::conflict, "init: the folder is not empty");
    std::filesystem::create_directories(home, error);
    if (error) return fail(Code::storage, "init: cannot make the folder: " + error.message());
    ::chmod(home.c_str(), 0700);
    return {};
}

}  // namespace

Status init(const InitOptions& options) {
    if (auto right = check_options(options); !right) return right;
    auto policy = policy::load(options.policy);
    if (!policy) return pass(policy);
    if (auto made = make_home(options.home); !made) return made;
    Undo undo(options.home);
    Identity identity = options.identity;
    identity.created = rfc3339(SystemClock().now());
    std::string text = identity_json(identity);
    if (auto made = make_keys(options, text); !made) return made;
    if (!options.database.empty()) {
        if (auto made = make_database(options, text); !made) return made;
    }
    // Written last: a folder with node.json is a whole node.
    if (auto written = store::write_file(options.home / kIdentityFile, bytes_of(text)); !written)
        return written;
    {
        auto node = Node::open(options.home, options.policy, options.passphrase.clone());
        if (!node) return pass(node);
        ledger::Entry entry;
        entry.action = "node.init";
        entry.actor.person = "operator";
        entry.detail = {{"suite", std::string(crypto::name(identity.suite))}, {"root", "passphrase file"}};
        if (auto recorded = (*node)->ledger().append(std::move(entry)); !recorded) return pass(recorded);
    }
    undo.keep();
    return {};
}

Status join(const JoinOptions& options) {
    auto place = read_place(options.existing);
    if (!place) return pass(place);
    if (place->database.empty())
        return fail(Code::unsupported,
                    "join: that node is embedded and has one process; huoqi db copy moves it to PostgreSQL");
    auto text = store::read_file(options.existing / kIdentityFile, kMaxIdentityBytes);
    if (!text) return pass(text, "join: there is no node in that folder");
    auto identity = parse_identity(text_of(*text));
    if (!identity) return pass(identity);
    if (auto made = make_home(options.home); !made) return made;
    Undo undo(options.home);
    auto files = store::open_key_files(place->keys);
    auto root = keys::passphrase_root(*files, options.passphrase.clone(), identity->suite);
    auto keys = keys::KeyRing::open(identity->suite, *files, *root, *text);
    if (!keys) return pass(keys);
    std::error_code error;
    std::filesystem::copy(options.existing / "tls", options.home / "tls", error);
    if (error) return fail(Code::storage, "join: the TLS files cannot be copied: " + error.message());
    auto connection = sql::open_postgres(place->database, {});
    if (!connection) return pass(connection);
    std::string origin = options.origin;
    if (origin.empty()) {
        auto there = store::writers(**connection);
        if (!there) return pass(there);
        origin = identity->origin + "/" + std::to_string(there->size() + 1);
    }
    if (auto listed = enlist(options.home, **connection, make_signer(*identity, origin, **keys), *place);
        !listed)
        return listed;
    if (auto written = store::write_file(options.home / kIdentityFile, *text); !written) return written;
    auto node = Node::open(options.home, options.policy, options.passphrase.clone());
    if (!node) return pass(node);
    undo.keep();
    return {};
}

}  // namespace huoqi::node

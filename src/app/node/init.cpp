// SPDX-License-Identifier: Apache-2.0
// Making a node. No default secret anywhere (art. 31): every key is drawn here, the passphrase is the
// operator's.
#include <sys/stat.h>

#include <array>

#include "app/node/identity.h"
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

}  // namespace

Status init(const InitOptions& options) {
    if (auto right = check_options(options); !right) return right;
    auto policy = policy::load(options.policy);
    if (!policy) return pass(policy);
    std::error_code error;
    if (std::filesystem::exists(options.home / kIdentityFile, error)) {
        return fail(Code::conflict, "init: there is a node in this folder already");
    }
    if (std::filesystem::exists(options.home, error) && !std::filesystem::is_empty(options.home, error)) {
        return fail(Code::conflict, "init: the folder is not empty");
    }
    std::filesystem::create_directories(options.home, error);
    if (error) return fail(Code::storage, "init: cannot make the folder: " + error.message());
    Undo undo(options.home);
    ::chmod(options.home.c_str(), 0700);
    Identity identity = options.identity;
    identity.created = rfc3339(SystemClock().now());
    std::string text = identity_json(identity);
    if (auto made = make_keys(options, text); !made) return made;
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

}  // namespace huoqi::node

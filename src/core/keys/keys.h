// SPDX-License-Identifier: Apache-2.0
// The key hierarchy (art. 36(2); docs/spec/keys.md): root key -> node keys and enterprise keys -> volume
// keys. Every key below the root is random and is stored wrapped by the one above; destroying a volume's file
// destroys the volume.
//
// Ports: RootProvider gives the root key (here: a file sealed with a passphrase; custodians and PKCS#11 fit
// the same port), KeyStore keeps wrapped keys apart from the data.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "lib/crypto/crypto.h"

namespace huoqi::keys {

using crypto::Key;
using crypto::Suite;

// Keeps wrapped keys by name ("node", "enterprise/main", "volume/3"). Everything stored is ciphertext.
// Durable when put() returns; remove() overwrites what it removes as far as the medium allows.
class KeyStore {
  public:
    virtual ~KeyStore() = default;
    virtual Result<Bytes> get(std::string_view name) const = 0;  // Code::not_found
    virtual Status put(std::string_view name, ByteView wrapped) = 0;
    virtual Status remove(std::string_view name) = 0;
    virtual Result<std::vector<std::string>> list(std::string_view prefix) const = 0;
};

class RootProvider {
  public:
    virtual ~RootProvider() = default;
    // How the root is kept, for the operator and the evidence pack: "passphrase file".
    virtual std::string_view kind() const = 0;
    // `identity` (node name and suite) is bound to the root: another node's file does not open.
    // Code::wrong_key.
    virtual Result<Key> unlock(ByteView identity) = 0;
    // Makes the root of a new node.
    virtual Result<Key> create(ByteView identity) = 0;
    // Keeps a node's root from now on, in place of what kept it before; on failure that still does.
    virtual Status keep(ByteView identity, const Key& root) = 0;
};

// The root key sealed with a passphrase through Argon2id, kept in `store` under "root".
std::unique_ptr<RootProvider> passphrase_root(KeyStore& store, SecretBytes passphrase, Suite suite,
                                              crypto::PassphraseCost cost = {});

// Wraps `secret` under `key` for the place `name`; unwrapping at another place fails with Code::corrupt.
Bytes wrap(Suite suite, const Key& key, std::string_view name, ByteView secret);
Result<SecretBytes> unwrap(Suite suite, const Key& key, std::string_view name, ByteView wrapped);

inline constexpr std::size_t kVolumeGroups = 5;  // waybill::Group

// One key for each group of a record, one for its blind indexes.
struct VolumeKeys {
    std::array<Key, kVolumeGroups> groups;
    Key index;
};

// Keys of the node itself.
struct NodeKeys {
    crypto::Ed25519Seed ledger_ed25519;
    crypto::Sm2Private ledger_sm2;
    Key tokens;        // opaque record tokens
    Key reasons;       // texts of reasons in ledger entries
    Key office;        // authentication of office rows
    Key sealed_files;  // TLS key and the like

    static constexpr std::size_t kCount = 6;
};

// An opened hierarchy. Threads: all calls from any thread.
class KeyRing {
  public:
    // Makes the node's keys. Code::conflict when there are some already.
    static Result<std::unique_ptr<KeyRing>> create(Suite suite, KeyStore& store, RootProvider& root,
                                                   ByteView identity);
    static Result<std::unique_ptr<KeyRing>> open(Suite suite, KeyStore& store, RootProvider& root,
                                                 ByteView identity);

    Suite suite() const { return suite_; }
    const NodeKeys& node() const { return node_; }
    // Gives the root to another keeper: a new passphrase. Everything below the root stays as it is.
    Status keep_root_by(RootProvider& keeper, ByteView identity) const {
        return keeper.keep(identity, root_);
    }

    Status add_enterprise(std::string_view enterprise);
    bool has_enterprise(std::string_view enterprise) const;
    // Makes and stores a volume's keys.
    Result<VolumeKeys> add_volume(std::string_view enterprise, VolumeId volume);
    // Code::not_found when they were destroyed or never were.
    Result<VolumeKeys> volume(std::string_view enterprise, VolumeId volume) const;
    Status destroy_volume(VolumeId volume);

  private:
    KeyRing(Suite suite, KeyStore& store, Key root) : suite_(suite), store_(store), root_(std::move(root)) {}
    Status read_node_keys();
    Status make_node_keys();
    Result<Key> enterprise_key(std::string_view enterprise) const;

    Suite suite_;
    KeyStore& store_;
    Key root_;
    NodeKeys node_;
};

// Enterprise names are 1 to 40 of a-z, 0-9 and '-'.
bool valid_enterprise(std::string_view name);

}  // namespace huoqi::keys

// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "core/keys/keys.h"

namespace huoqi::keys {
namespace {

constexpr std::string_view kMagic = "HQR1";
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHeadBytes = 4 + 12 + kSaltBytes;
constexpr std::uint32_t kMaxMemoryKib = 4U << 20;  // a damaged file must not make us take all memory

// Head: "HQR1", memory in KiB (4), passes (4), lanes (4), salt (16). Then the wrapped root, whose name holds
// the head and the node's identity, so that neither can be exchanged.
std::string wrap_name(ByteView head, ByteView identity) { return "root|" + hex(head) + "|" + hex(identity); }

class PassphraseRoot final : public RootProvider {
  public:
    PassphraseRoot(KeyStore& store, SecretBytes passphrase, Suite suite, crypto::PassphraseCost cost)
        : store_(store), passphrase_(std::move(passphrase)), suite_(suite), cost_(cost) {}

    std::string_view kind() const override { return "passphrase file"; }

    Result<Key> create(ByteView identity) override {
        Key root = crypto::random_key();
        if (auto kept = keep(identity, root); !kept) return pass(kept);
        return root;
    }

    Status keep(ByteView identity, const Key& root) override {
        Bytes head;
        append(head, kMagic);
        put_be(head, cost_.memory_kib);
        put_be(head, cost_.passes);
        put_be(head, cost_.lanes);
        std::array<std::uint8_t, kSaltBytes> salt;
        crypto::random_fill(salt);
        append(head, ByteView(salt));
        auto outer = crypto::key_from_passphrase(passphrase_, salt, cost_);
        if (!outer) return pass(outer);
        Bytes file = head;
        append(file, wrap(suite_, *outer, wrap_name(head, identity), root.view()));
        return store_.put("root", file);
    }

    Result<Key> unlock(ByteView identity) override {
        auto file = store_.get("root");
        if (!file) return pass(file);
        if (file->size() < kHeadBytes || text_of(ByteView(*file).first(4)) != kMagic) {
            return fail(Code::corrupt, "keys: the root file is not one");
        }
        crypto::PassphraseCost cost{get_be<std::uint32_t>(&(*file)[4]), get_be<std::uint32_t>(&(*file)[8]),
                                    get_be<std::uint32_t>(&(*file)[12])};
        if (cost.memory_kib > kMaxMemoryKib || cost.passes > 100 || cost.lanes > 16) {
            return fail(Code::corrupt, "keys: the root file asks for impossible costs");
        }
        ByteView head = ByteView(*file).first(kHeadBytes);
        auto outer = crypto::key_from_passphrase(passphrase_, head.last(kSaltBytes), cost);
        if (!outer) return pass(outer);
        auto root = unwrap(suite_, *outer, wrap_name(head, identity), ByteView(*file).subspan(kHeadBytes));
        if (!root || root->view().size() != crypto::kKeyBytes) {
            return fail(Code::wrong_key,
                        "keys: the passphrase is wrong, or the root file or the node's identity was altered");
        }
        return Key(root->view().first<crypto::kKeyBytes>());
    }

  private:
    KeyStore& store_;
    SecretBytes passphrase_;
    Suite suite_;
    crypto::PassphraseCost cost_;
};

}  // namespace

std::unique_ptr<RootProvider> passphrase_root(KeyStore& store, SecretBytes passphrase, Suite suite,
                                              crypto::PassphraseCost cost) {
    return std::make_unique<PassphraseRoot>(store, std::move(passphrase), suite, cost);
}

}  // namespace huoqi::keys

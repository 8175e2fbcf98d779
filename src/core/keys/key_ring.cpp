// SPDX-License-Identifier: Apache-2.0
#include "core/keys/keys.h"

namespace huoqi::keys {
namespace {

constexpr std::string_view kNode = "node";

std::string enterprise_name(std::string_view enterprise) { return "enterprise/" + std::string(enterprise); }
std::string volume_name(VolumeId volume) { return "volume/" + std::to_string(volume.value); }
// The wrapped key's place holds the enterprise too: keys cannot be passed between enterprises.
std::string volume_place(std::string_view enterprise, VolumeId volume) {
    return enterprise_name(enterprise) + "/" + volume_name(volume);
}

// Keys stand one after the other, 32 bytes each.
Key key_at(const SecretBytes& bytes, std::size_t index) {
    return Key(bytes.view().subspan(index * crypto::kKeyBytes).first<crypto::kKeyBytes>());
}

SecretBytes joined(std::initializer_list<const Key*> keys) {
    Bytes bytes;
    bytes.reserve(keys.size() * crypto::kKeyBytes);
    for (const Key* key : keys) append(bytes, ByteView(key->view()));
    return SecretBytes(std::move(bytes));
}

VolumeKeys volume_keys(const SecretBytes& bytes) {
    VolumeKeys keys;
    for (std::size_t i = 0; i < kVolumeGroups; ++i) keys.groups[i] = key_at(bytes, i);
    keys.index = key_at(bytes, kVolumeGroups);
    return keys;
}

}  // namespace

Result<std::unique_ptr<KeyRing>> KeyRing::create(Suite suite, KeyStore& store, RootProvider& root,
                                                 ByteView identity) {
    if (store.get("root") || store.get(kNode))
        return fail(Code::conflict, "keys: this node has keys already");
    auto key = root.create(identity);
    if (!key) return pass(key);
    std::unique_ptr<KeyRing> ring(new KeyRing(suite, store, std::move(*key)));
    if (auto made = ring->make_node_keys(); !made) return pass(made);
    return ring;
}

Result<std::unique_ptr<KeyRing>> KeyRing::open(Suite suite, KeyStore& store, RootProvider& root,
                                               ByteView identity) {
    auto key = root.unlock(identity);
    if (!key) return pass(key);
    std::unique_ptr<KeyRing> ring(new KeyRing(suite, store, std::move(*key)));
    if (auto read = ring->read_node_keys(); !read) return pass(read);
    return ring;
}

Status KeyRing::make_node_keys() {
    node_ = {crypto::ed25519_seed(), crypto::sm2_private(), crypto::random_key(),
             crypto::random_key(),   crypto::random_key(),  crypto::random_key()};
    auto bytes = joined({&node_.ledger_ed25519, &node_.ledger_sm2, &node_.tokens, &node_.reasons,
                         &node_.office, &node_.sealed_files});
    return store_.put(kNode, wrap(suite_, root_, kNode, bytes.view()));
}

Status KeyRing::read_node_keys() {
    auto wrapped = store_.get(kNode);
    if (!wrapped) return pass(wrapped);
    auto bytes = unwrap(suite_, root_, kNode, *wrapped);
    if (!bytes) return pass(bytes);
    if (bytes->view().size() != NodeKeys::kCount * crypto::kKeyBytes) {
        return fail(Code::unsupported, "keys: the node's keys are of another format");
    }
    node_ = {key_at(*bytes, 0), key_at(*bytes, 1), key_at(*bytes, 2),
             key_at(*bytes, 3), key_at(*bytes, 4), key_at(*bytes, 5)};
    return {};
}

Status KeyRing::add_enterprise(std::string_view enterprise) {
    if (!valid_enterprise(enterprise))
        return fail(Code::bad_input, "keys: an enterprise's name is 1-40 of a-z, 0-9, '-'");
    auto place = enterprise_name(enterprise);
    if (store_.get(place)) return fail(Code::conflict, "keys: this enterprise exists already");
    return store_.put(place, wrap(suite_, root_, place, crypto::random_key().view()));
}

bool KeyRing::has_enterprise(std::string_view enterprise) const {
    return store_.get(enterprise_name(enterprise)).has_value();
}

Result<Key> KeyRing::enterprise_key(std::string_view enterprise) const {
    auto place = enterprise_name(enterprise);
    auto wrapped = store_.get(place);
    if (!wrapped) return pass(wrapped);
    auto bytes = unwrap(suite_, root_, place, *wrapped);
    if (!bytes) return pass(bytes);
    return key_at(*bytes, 0);
}

Result<VolumeKeys> KeyRing::add_volume(std::string_view enterprise, VolumeId volume) {
    auto outer = enterprise_key(enterprise);
    if (!outer) return pass(outer);
    if (store_.get(volume_name(volume))) return fail(Code::conflict, "keys: this volume has keys already");
    Bytes fresh((kVolumeGroups + 1) * crypto::kKeyBytes);
    crypto::random_fill(fresh);
    SecretBytes bytes(std::move(fresh));
    auto stored =
        store_.put(volume_name(volume), wrap(suite_, *outer, volume_place(enterprise, volume), bytes.view()));
    if (!stored) return pass(stored);
    return volume_keys(bytes);
}

Result<VolumeKeys> KeyRing::volume(std::string_view enterprise, VolumeId volume) const {
    auto outer = enterprise_key(enterprise);
    if (!outer) return pass(outer);
    auto wrapped = store_.get(volume_name(volume));
    if (!wrapped) return pass(wrapped);
    auto bytes = unwrap(suite_, *outer, volume_place(enterprise, volume), *wrapped);
    if (!bytes) return pass(bytes);
    if (bytes->view().size() != (kVolumeGroups + 1) * crypto::kKeyBytes) {
        return fail(Code::unsupported, "keys: a volume's keys are of another format");
    }
    return volume_keys(*bytes);
}

Status KeyRing::destroy_volume(VolumeId volume) { return store_.remove(volume_name(volume)); }

}  // namespace huoqi::keys

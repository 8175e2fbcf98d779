// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "lib/tlog/tlog.h"

namespace huoqi::tlog {

namespace {

// One hashing context for each thread: making one costs more than hashing a node.
crypto::Sha256& context() {
    thread_local crypto::Sha256 sha256;
    return sha256;
}

}  // namespace

Hash leaf_hash(ByteView entry) {
    static constexpr std::uint8_t kLeaf[] = {0x00};
    Hash out;
    context().hash(kLeaf, entry, out);
    return out;
}

Hash node_hash(const Hash& left, const Hash& right) {
    std::array<std::uint8_t, 65> message;
    message[0] = 0x01;
    std::memcpy(message.data() + 1, left.data(), left.size());
    std::memcpy(message.data() + 33, right.data(), right.size());
    Hash out;
    context().hash(message, {}, out);
    return out;
}

Hash empty_root() { return crypto::sha256({}); }

}  // namespace huoqi::tlog

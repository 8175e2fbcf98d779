// SPDX-License-Identifier: Apache-2.0
// Checking proofs. The loops are those of RFC 9162 sections 2.1.3.2 and 2.1.4.2, which word the checks of RFC
// 6962 as steps; the proofs are the same.
#include <bit>

#include "lib/tlog/tlog.h"

namespace huoqi::tlog {

namespace {

Status wrong(const char* what) { return fail(Code::corrupt, what); }

}  // namespace

Status verify_inclusion(EntryIndex index, TreeSize size, const Hash& leaf, const std::vector<Hash>& proof,
                        const Hash& root) {
    if (index.value >= size.value)
        return fail(Code::bad_input, "the entry's index is not below the tree size");
    std::uint64_t node = index.value;
    std::uint64_t last = size.value - 1;  // both are numbers of nodes at the level that `hash` has reached
    Hash hash = leaf;
    for (const Hash& sibling : proof) {
        if (last == 0) return wrong("the inclusion proof is longer than the path");
        if ((node & 1) == 1 || node == last) {
            hash = node_hash(sibling, hash);
            while ((node & 1) == 0 && node != 0) {  // levels where the right edge has no sibling
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if (last != 0) return wrong("the inclusion proof is shorter than the path");
    if (hash != root) return wrong("the inclusion proof does not lead to the root");
    return {};
}

Status verify_consistency(TreeSize size1, TreeSize size2, const std::vector<Hash>& proof, const Hash& root1,
                          const Hash& root2) {
    if (size1.value == 0) return fail(Code::bad_input, "nothing follows from an empty older tree");
    if (size1 > size2) return fail(Code::bad_input, "the older tree is larger than the newer one");
    if (size1 == size2) {
        if (!proof.empty()) return wrong("a tree needs no proof against itself");
        return root1 == root2 ? Status() : wrong("two roots for one tree size");
    }
    auto next = proof.begin();
    Hash hash1 = root1;  // a complete older tree is itself the first node of the proof
    if (!std::has_single_bit(size1.value)) {
        if (next == proof.end()) return wrong("the consistency proof is empty");
        hash1 = *next++;
    }
    Hash hash2 = hash1;
    std::uint64_t node = size1.value - 1;
    std::uint64_t last = size2.value - 1;
    const int complete = std::countr_one(node);
    node >>= complete;
    last >>= complete;
    for (; next != proof.end(); ++next) {
        if (last == 0) return wrong("the consistency proof is longer than the path");
        if ((node & 1) == 1 || node == last) {
            hash1 = node_hash(*next, hash1);
            hash2 = node_hash(*next, hash2);
            while ((node & 1) == 0 && node != 0) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash2 = node_hash(hash2, *next);
        }
        node >>= 1;
        last >>= 1;
    }
    if (last != 0) return wrong("the consistency proof is shorter than the path");
    if (hash1 != root1) return wrong("the consistency proof does not lead to the older root");
    if (hash2 != root2) return wrong("the consistency proof does not lead to the newer root");
    return {};
}

}  // namespace huoqi::tlog

// SPDX-License-Identifier: Apache-2.0
// Proof files are written back byte for byte; checking any proof against any size ends.
#include "base/check.h"
#include "lib/tlog/tlog.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace huoqi;
    using namespace huoqi::tlog;
    const auto text = text_of({data, size});
    if (const auto proof = parse_proof(text)) HUOQI_CHECK(format_proof(*proof) == text);
    if (size < 16) return 0;
    const auto index = get_be<std::uint64_t>(data);
    const auto leaves = get_be<std::uint64_t>(data + 8);
    std::vector<Hash> hashes((size - 16) / 32);
    for (std::size_t i = 0; i < hashes.size(); ++i) std::copy_n(data + 16 + 32 * i, 32, hashes[i].begin());
    const Hash root{};
    HUOQI_CHECK(
        !verify_inclusion(EntryIndex{index}, TreeSize{leaves}, leaf_hash(bytes_of(text)), hashes, root));
    HUOQI_CHECK(!verify_consistency(TreeSize{index}, TreeSize{leaves}, hashes, leaf_hash({}), root));
    return 0;
}

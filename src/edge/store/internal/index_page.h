// SPDX-License-Identifier: Apache-2.0
// How a sorted run of blind-index entries stands on disk: pages. One page holds the entries of one run whose
// tokens share their top 12 bits, so that a run of hundreds of thousands of entries is some thousand keys
// instead of one key each (docs/spec/storage.md).
#pragma once

#include <functional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "edge/store/internal/index_tail.h"

namespace huoqi::store {

// Key prefix of all pages that can hold the token: volume (4), kind (1), bucket (2).
Bytes page_prefix(VolumeId volume, archive::IndexKind kind, archive::IndexToken token);

// Cuts sorted entries into pages with rising keys; `run` tells runs apart and is the last part of a key.
Status for_each_page(const Chunk& sorted, std::uint64_t run,
                     const std::function<Status(ByteView key, ByteView page)>& put);

// Appends the records under `token` in a page. Code::corrupt when the page is not one.
Status find_in_page(ByteView page, archive::IndexToken token, std::vector<RecordId>& out);

}  // namespace huoqi::store

// SPDX-License-Identifier: Apache-2.0
// HMAC (RFC 2104) under keys of any length and HKDF (RFC 5869). The module's callers have 32-byte keys only;
// the other lengths serve HKDF-Extract and the published vectors.
#pragma once

#include "lib/crypto/crypto.h"

namespace huoqi::crypto {

std::unique_ptr<Hmac> hmac_under(Suite suite, ByteView key);  // key of at most 4096 bytes

Mac hkdf_extract(Suite suite, ByteView salt, ByteView input);
inline constexpr std::size_t kMaxExpand = 255 * kMacBytes;
// Fills `out`, at most kMaxExpand bytes.
void hkdf_expand(Suite suite, ByteView key, ByteView info, ByteSpan out);

}  // namespace huoqi::crypto

// SPDX-License-Identifier: Apache-2.0
// The certificates of a node: tls/ca.pem for clients, tls/authority.key and tls/server.key sealed under a
// node key. Nothing private lies in clear.
#pragma once

#include "app/node/node.h"

namespace huoqi::node {

Status make_tls_files(const std::filesystem::path& home, const keys::KeyRing& keys,
                      const std::vector<std::string>& names);
// Code::corrupt also when ca.pem is not the one that the sealed file holds.
Result<http::TlsIdentity> read_tls_files(const std::filesystem::path& home, const keys::KeyRing& keys);

// Opens both files, the authority's as well, which serving never reads. Code::corrupt.
Status check_tls_files(const std::filesystem::path& home, const keys::KeyRing& keys);

}  // namespace huoqi::node

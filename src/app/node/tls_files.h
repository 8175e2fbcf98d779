// SPDX-License-Identifier: Apache-2.0
// The certificates of a node: tls/ca.pem for clients, tls/authority.key and tls/server.key sealed under a
// node key. Nothing private lies in clear.
#pragma once

#include <functional>

#include "app/node/node.h"
#include "lib/http/certificate.h"

namespace huoqi::node {

Status make_tls_files(const std::filesystem::path& home, const keys::KeyRing& keys,
                      const std::vector<std::string>& names);
// Code::corrupt also when ca.pem is not the one that the sealed file holds.
Result<http::TlsIdentity> read_tls_files(const std::filesystem::path& home, const keys::KeyRing& keys);

// Makes another server certificate of the same authority for the same names, with a key of its own. `record`
// is called with it before it is written. Code::unsupported when the authority itself has ended.
Result<http::CertificateFacts> renew_tls_files(
    const std::filesystem::path& home, const keys::KeyRing& keys, Time now,
    const std::function<Status(const http::CertificateFacts&)>& record);

// Opens both files, the authority's as well, which serving never reads. Code::corrupt.
Status check_tls_files(const std::filesystem::path& home, const keys::KeyRing& keys);

}  // namespace huoqi::node

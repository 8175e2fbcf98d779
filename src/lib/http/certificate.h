// SPDX-License-Identifier: Apache-2.0
// Certificates (RFC 5280) for a node that is given none: an authority of its own and a server certificate
// from it, both ECDSA P-256 with SHA-256. Texts in PEM; nothing is written to disk here. Thread-safe: no
// state.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace huoqi::http {

struct Certificate {
    std::string certificate_pem;
    SecretBytes private_key_pem;  // PKCS #8, not encrypted
};

struct Validity {
    Time from;
    unsigned days = 0;
};

// An authority that may sign server certificates and nothing below them (path length 0).
Result<Certificate> make_authority(std::string_view common_name, Validity validity);

struct ServerNames {
    std::string common_name;
    std::vector<std::string> dns;           // "localhost"
    std::vector<std::string> ip_addresses;  // "127.0.0.1", "::1"
};
// bad_input: no name, an IP address that is none, or an authority that does not parse.
Result<Certificate> make_server_certificate(const Certificate& authority, const ServerNames& names,
                                            Validity validity);

struct CertificateFacts {
    std::string subject;  // common name
    Time from;
    Time until;
    std::string sha256;  // of the DER form, in hex: what people compare
    ServerNames names;   // those of the subjectAltName
};
Result<CertificateFacts> inspect_certificate(std::string_view certificate_pem);

}  // namespace huoqi::http

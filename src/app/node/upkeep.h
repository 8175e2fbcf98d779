// SPDX-License-Identifier: Apache-2.0
// What must be done to a node once in a while. Each is written into the ledger before it is done.
#pragma once

#include "app/node/node.h"
#include "lib/http/certificate.h"

namespace huoqi::node {

// Another server certificate for the same names; a serving node shows it after its next start.
Result<http::CertificateFacts> renew_tls(Node& node, const ledger::Actor& actor);

// Seals the root key with another passphrase: at once, whole or not at all. The old one opens this node no
// more, but still the copies of root.key that were made before. Code::bad_input when it is too short or the
// same.
Status change_passphrase(Node& node, SecretBytes fresh, const ledger::Actor& actor);

}  // namespace huoqi::node

// SPDX-License-Identifier: Apache-2.0
// The signer of a process's ledger.
#pragma once

#include "app/node/node.h"

namespace huoqi::node {

// Processes of an installation sign with its key under names of their own; the name is part of a verifier
// key, so a checkpoint of one is none of another.
inline ledger::Signer make_signer(const Identity& identity, const std::string& origin,
                                  const keys::KeyRing& keys) {
    const auto& node = keys.node();
    return {origin, node.ledger_ed25519.clone(),
            identity.suite == crypto::Suite::sm ? &node.ledger_sm2 : nullptr};
}

}  // namespace huoqi::node

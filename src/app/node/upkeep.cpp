// SPDX-License-Identifier: Apache-2.0
#include "app/node/upkeep.h"

#include "app/node/identity.h"
#include "app/node/tls_files.h"
#include "edge/store/store.h"

namespace huoqi::node {

Result<http::CertificateFacts> renew_tls(Node& node, const ledger::Actor& actor) {
    auto record = [&](const http::CertificateFacts& facts) -> Status {
        ledger::Entry entry;
        entry.actor = actor;
        entry.action = "tls.renew";
        entry.detail = {{"sha256", facts.sha256}, {"until", rfc3339(facts.until)}};
        if (auto recorded = node.ledger().append(std::move(entry)); !recorded) return pass(recorded);
        return {};
    };
    return renew_tls_files(node.home(), node.keys(), node.clock().now(), record);
}

Status change_passphrase(Node& node, SecretBytes fresh, const ledger::Actor& actor) {
    if (fresh.view().size() < kMinPassphraseBytes)
        return fail(Code::bad_input, "passphrase: the new one must have at least " +
                                         std::to_string(kMinPassphraseBytes) + " bytes");
    if (node.accepts(fresh.clone())) return fail(Code::bad_input, "passphrase: the new one is the old one");
    auto identity = store::read_file(node.home() / kIdentityFile, kMaxIdentityBytes);
    if (!identity) return pass(identity);
    ledger::Entry entry;
    entry.actor = actor;
    entry.action = "passphrase.change";
    if (auto recorded = node.ledger().append(std::move(entry)); !recorded) return pass(recorded);
    auto files = store::open_key_files(node.where().keys);
    auto root = keys::passphrase_root(*files, std::move(fresh), node.identity().suite);
    return node.keys().keep_root_by(*root, *identity);
}

}  // namespace huoqi::node

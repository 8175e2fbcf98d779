// SPDX-License-Identifier: Apache-2.0
#include "core/ledger/ledger.h"

namespace huoqi::ledger {

Signer::Signer(std::string origin, crypto::Ed25519Seed ed25519, const crypto::Sm2Private* sm2)
    : origin_(std::move(origin)), ed25519_(std::move(ed25519)) {
    if (sm2 != nullptr) sm2_ = sm2->clone();
}

std::vector<tlog::VerifierKey> Signer::keys() const {
    std::vector<tlog::VerifierKey> out{tlog::ed25519_verifier(origin_, crypto::ed25519_public(ed25519_))};
    if (sm2_) out.push_back(tlog::sm2_verifier(origin_, crypto::sm2_public(*sm2_)));
    return out;
}

std::string Signer::sign(TreeSize size, const tlog::Hash& root) const {
    auto verifiers = keys();
    tlog::Note note{tlog::checkpoint_text({origin_, size, root, {}}), {}};
    note.signatures.push_back(tlog::sign_ed25519(note.text, verifiers[0], ed25519_));
    if (sm2_) note.signatures.push_back(tlog::sign_sm2(note.text, verifiers[1], *sm2_));
    return tlog::format_note(note);
}

}  // namespace huoqi::ledger

// SPDX-License-Identifier: Apache-2.0
// An embedded node moves to PostgreSQL: ciphertexts, ledger, office, accounts, people and work go over as
// they are (sessions end), indexes are made anew while every record is opened, and the new process is checked
// whole before it is called done. The original stays as it was, but for empty tables that it lacked, and must
// not run again: two processes would continue one ledger.
#pragma once

#include "app/node/node.h"

namespace huoqi::node {

struct MoveOptions {
    std::filesystem::path from;  // an embedded node that is not served
    std::string database;        // postgresql://…
    std::filesystem::path home;  // of the new process; to be made
    std::filesystem::path policy;
    SecretBytes passphrase;
    std::function<void(std::uint64_t rows)> progress;  // rows copied so far
};
struct MoveReport {
    std::uint64_t rows = 0;     // copied by this call
    std::uint64_t resumed = 0;  // found there from an earlier call
    Node::Report checked;       // of the new process, all of it
};
// A call that was cut off goes on where it was. Code::conflict when the database holds another installation.
Result<MoveReport> move(MoveOptions options);

}  // namespace huoqi::node

// SPDX-License-Identifier: Apache-2.0
// The command line, parsed: what is to be run and what it needs. The same words mean the same here and in a
// serving node.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/huoqi/commands.h"

namespace huoqi::cli {

struct Invocation {
    std::filesystem::path home;
    std::filesystem::path policy;
    std::string passphrase_file;
    node::Trust trust = node::Trust::kept_checkpoint;
    std::vector<std::string> handed_over;  // words for a serving node, from this caller's environment

    // Exactly one of these is set; `message` when the words say all (help, version) or are wrong.
    std::function<int(Shell&)> alone;                                            // needs no node
    std::function<int(const Invocation&, SecretBytes, Shell&)> with_passphrase;  // makes a node
    std::function<int(node::Node&, Shell&)> with_node;  // works on a node, here or in the serving process
    std::function<int(const Invocation&, std::unique_ptr<node::Node>, Shell&)> serve;
    std::string message;
    int code = 0;
};

// To be called before the process has a second thread: SIGINT and SIGTERM then reach nobody but who waits for
// them, so that a second one while the doors drain does not kill.
void hold_stop_signals();

Invocation parse(std::vector<std::string> words, const std::filesystem::path& directory);

}  // namespace huoqi::cli

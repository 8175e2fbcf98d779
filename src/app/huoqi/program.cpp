// SPDX-License-Identifier: Apache-2.0
#include "app/huoqi/program.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

#include "app/huoqi/control.h"
#include "app/huoqi/invocation.h"

namespace huoqi::cli {
namespace {

// Memory holds keys and opened values: no core dump, no reading by other processes of the same user.
void protect_memory() {
    rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0);
}

// The policy folder when none is named: beside the sources of a development build, or where packages put it.
std::filesystem::path default_policy() {
    std::error_code error;
    auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    for (const auto& folder :
         {program.parent_path() / "policy", program.parent_path().parent_path() / "policy",
          std::filesystem::path("/usr/share/huoqi/policy")}) {
        if (std::filesystem::exists(folder / "articles.toml", error)) return folder;
    }
    return "policy";
}

Result<SecretBytes> passphrase(const Invocation& invocation, Shell& shell) {
    constexpr std::size_t kMaxPassphrase = 4096;
    if (invocation.passphrase_file.empty()) {
        if (!shell.in_is_terminal()) {
            return fail(Code::bad_input,
                        "no passphrase: name a file by HUOQI_PASSPHRASE_FILE, or use a terminal");
        }
        return shell.read_hidden_line("passphrase / 口令: ");
    }
    std::FILE* file = std::fopen(invocation.passphrase_file.c_str(), "re");
    if (file == nullptr)
        return fail(Code::not_found, "the file that HUOQI_PASSPHRASE_FILE names cannot be read");
    Bytes bytes(kMaxPassphrase);
    bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
    std::fclose(file);
    while (!bytes.empty() && (bytes.back() == '\n' || bytes.back() == '\r')) bytes.pop_back();
    return SecretBytes(std::move(bytes));
}

int run_on_node(Invocation& invocation, std::vector<std::string> words, Shell& shell) {
    auto secret = passphrase(invocation, shell);
    if (!secret) return report(shell, secret.error());
    if (is_serving(invocation.home)) {
        if (invocation.serve) {
            return report(shell, Error{Code::conflict, "serve: a node serves in this folder already"});
        }
        words.insert(words.end(), invocation.handed_over.begin(), invocation.handed_over.end());
        auto code = forward(invocation.home, {std::move(words), shell.directory(), std::move(*secret)});
        if (!code) return report(shell, code.error());
        return *code;
    }
    if (invocation.serve) hold_stop_signals();
    auto node = node::Node::open(invocation.home, invocation.policy, std::move(*secret), invocation.trust);
    if (!node) return report(shell, node.error());
    if (invocation.serve) return invocation.serve(invocation, std::move(*node), shell);
    return invocation.with_node(**node, shell);
}

}  // namespace

int run_program(std::vector<std::string> words) {
    protect_memory();
    std::signal(SIGPIPE, SIG_IGN);
    Shell shell(STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, std::filesystem::current_path());
    auto invocation = parse(words, shell.directory());
    if (!invocation.message.empty()) {
        (invocation.code == kDone) ? shell.print(invocation.message) : shell.complain(invocation.message);
        return invocation.code;
    }
    if (invocation.policy.empty()) invocation.policy = default_policy();
    if (invocation.alone) return invocation.alone(shell);
    if (invocation.home.empty()) {
        return report(shell, Error{Code::bad_input, "which node? give --home or set HUOQI_HOME"});
    }
    if (invocation.with_passphrase) {
        auto secret = passphrase(invocation, shell);
        if (!secret) return report(shell, secret.error());
        return invocation.with_passphrase(invocation, std::move(*secret), shell);
    }
    return run_on_node(invocation, std::move(words), shell);
}

}  // namespace huoqi::cli

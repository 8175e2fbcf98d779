// SPDX-License-Identifier: Apache-2.0
// The words of the command line by noun and verb. One object, two files: parse.cpp has what works on waybills
// and makes nodes, parse_keeping.cpp what keeps a node.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "app/huoqi/invocation.h"

namespace huoqi::cli {

// The value of an environment variable; empty when it is not set.
std::string environment(const char* name);

// Everything that options write into; lives as long as the invocation's functions.
struct Words {
    std::string home = environment("HUOQI_HOME");
    std::string policy = environment("HUOQI_POLICY");
    std::string passphrase_file = environment("HUOQI_PASSPHRASE_FILE");
    std::string new_passphrase_file = environment("HUOQI_NEW_PASSPHRASE_FILE");
    InitCommand init;
    ImportCommand import;
    FindCommand find;
    AccessCommand access;
    RevealCommand reveal;
    LedgerCommand ledger;
    KeyCommand key;
    BackupCommand backup;
    DatabaseCommand database;
    ServeCommand serve;
    std::string policy_folder;
    bool json = false;
};
using Shared = std::shared_ptr<Words>;

class Parser {
  public:
    explicit Parser(Invocation& out) : out_(out) {
        app_.name("huoqi");
        app_.require_subcommand(1);
        app_.set_version_flag("--version", "huoqi " HUOQI_VERSION);
    }

    void run(std::vector<std::string> words, const std::filesystem::path& directory) {
        declare();
        std::reverse(words.begin(), words.end());
        try {
            app_.parse(std::move(words));
        } catch (const CLI::ParseError& error) {
            std::ostringstream text;
            int code = app_.exit(error, text, text);
            out_ = Invocation{};
            out_.message = text.str();
            out_.code = code == 0 ? kDone : kWrongUse;
            return;
        }
        out_.home = words_->home.empty() ? std::filesystem::path() : directory / words_->home;
        out_.policy = words_->policy.empty() ? std::filesystem::path() : directory / words_->policy;
        out_.passphrase_file = words_->passphrase_file;
    }

  private:
    CLI::App* verb(CLI::App* under, const std::string& name, const std::string& text) {
        auto* verb = under->add_subcommand(name, text);
        verb->add_option("--home", words_->home, "folder of the node / 节点目录 (HUOQI_HOME)");
        verb->add_option("--policy", words_->policy, "folder of the policy files / 规则目录 (HUOQI_POLICY)");
        return verb;
    }
    CLI::App* noun(const std::string& name, const std::string& text) {
        auto* noun = app_.add_subcommand(name, text);
        noun->require_subcommand(1);
        return noun;
    }
    void on_node(CLI::App* verb, int (*what)(node::Node&, const Words&, Shell&)) {
        verb->callback([this, what] {
            out_.with_node = [words = words_, what](node::Node& node, Shell& shell) {
                return what(node, *words, shell);
            };
        });
    }

    void declare();
    void declare_init();
    void add_administrators(CLI::App& verb);
    void declare_administrators();
    void declare_import();
    void declare_waybill();
    void declare_ledger();
    void declare_access();
    void declare_key();
    void declare_backup();
    void declare_upkeep();
    void declare_database();
    void declare_serve();
    Invocation& out_;
    Shared words_ = std::make_shared<Words>();
    CLI::App app_{"Huoqi 火漆: sealed waybills, recorded looks, provable ledgers / 封存、留痕、可证"};
};

}  // namespace huoqi::cli

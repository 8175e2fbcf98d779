// SPDX-License-Identifier: Apache-2.0
// The operations of api/openapi.yaml, read by indentation as far as tests of the doors need them.
#pragma once

#include <sstream>
#include <string>
#include <vector>

namespace huoqi::api {

struct Operation {
    std::string method;
    std::string path;
    std::vector<std::string> listeners;
    std::vector<std::string> actions;  // of several one is enough; none: not guarded by a role
    std::string type;                  // of the body; empty: none
    std::string example;               // of a JSON body, where it stands on one line
    std::string name() const { return method + " " + path; }
};

// "[a, b]" or "a".
inline std::vector<std::string> words(std::string text) {
    for (char& c : text) c = c == '[' || c == ']' || c == ',' ? ' ' : c;
    std::istringstream in(text);
    std::vector<std::string> out;
    for (std::string word; in >> word;) out.push_back(word);
    return out;
}

inline std::vector<Operation> operations_of(const std::string& yaml) {
    std::vector<Operation> out;
    std::istringstream in(yaml);
    std::string path;
    bool in_paths = false, in_body = false;
    auto after = [](const std::string& line, std::string_view key) {
        return line.starts_with(key) ? line.substr(key.size()) : std::string();
    };
    for (std::string line; std::getline(in, line);) {
        if (!line.empty() && line[0] != ' ' && line[0] != '#') in_paths = line == "paths:";
        if (!in_paths) continue;
        if (line.starts_with("  /") && line.ends_with(":")) {
            path = line.substr(2, line.size() - 3);
        } else if (line.starts_with("    ") && line.size() > 5 && line[4] != ' ' && line.ends_with(":")) {
            std::string method = line.substr(4, line.size() - 5);
            for (char& c : method) c = static_cast<char>(c - 32);
            out.push_back({method, path, {}, {}, {}, {}});
            in_body = false;
        } else if (line.starts_with("      ") && line[6] != ' ') {
            in_body = line == "      requestBody:";
            if (auto listeners = after(line, "      x-listeners: "); !listeners.empty())
                out.back().listeners = words(listeners);
            if (auto actions = after(line, "      x-action: "); !actions.empty())
                out.back().actions = words(actions);
        } else if (in_body && out.back().type.empty() && line.find('/') != std::string::npos &&
                   line.starts_with("          ") && line[10] != ' ') {
            out.back().type = line.substr(10, line.size() - 11);
        } else if (auto example = after(line, "            example: "); in_body && example.starts_with("{")) {
            out.back().example = example;
        }
    }
    return out;
}

}  // namespace huoqi::api

// SPDX-License-Identifier: Apache-2.0
// The files of a backup beside the data (docs/spec/backup.md): the list of what belongs to it, authenticated
// under a key of the node, and the file of wrapped keys. Threads: no state.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "app/node/node.h"

namespace huoqi::node {

inline constexpr const char* kListFile = "backup.json";
inline constexpr const char* kListMacFile = "backup.mac";

struct BackupList {
    std::string text;  // the exact bytes: the MAC is of these
    nlohmann::json json;
};

// Every file of a folder with its size and digest.
Result<nlohmann::json> listed(const std::filesystem::path& folder);

crypto::Mac list_mac(crypto::Suite suite, const crypto::Key& office, std::string_view text);
// Writes the list's MAC and then the list: a folder with a list is a whole backup.
Status write_list(const std::filesystem::path& folder, const keys::KeyRing& keys, const nlohmann::json& list);
// Nothing in it may be believed before check_list_mac() has passed. Code::not_found, corrupt, unsupported.
Result<BackupList> read_list(const std::filesystem::path& folder);
// Code::corrupt when the list is not the one that a node with these keys wrote.
Status check_list_mac(const BackupList& list, const std::filesystem::path& folder, const keys::KeyRing& keys);
// Whether exactly the listed files are in the folder, as they were written. Code::corrupt names one that is
// not.
Status check_files(const BackupList& list, const std::filesystem::path& folder);

Status write_keys_file(const Node& node, const std::filesystem::path& file);
// Puts the keys of a file into a folder of keys. Code::corrupt; Code::wrong_key: it is another node's.
Status unpack_keys_file(const std::filesystem::path& file, const std::string& origin,
                        const std::filesystem::path& folder);

}  // namespace huoqi::node

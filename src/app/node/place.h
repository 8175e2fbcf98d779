// SPDX-License-Identifier: Apache-2.0
// process.json: where a node's data lie when they lie in PostgreSQL, and which of the server processes this
// folder is. Without the file the data are in the folder. It is not bound to the root key: what it leads to
// is checked by itself (rows are sealed, the process must be on the list of writers under its origin). Mode
// 0600, because the URL may hold a password.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "core/archive/archive.h"

namespace huoqi::node {

inline constexpr const char* kPlaceFile = "process.json";

struct Place {
    std::string database;        // postgresql://…; empty: embedded
    std::filesystem::path keys;  // of the installation, shared by its processes; absolute
    archive::WriterId writer = 0;
    std::string origin;  // of this process's ledger
};

// Code::corrupt. Without the file: embedded, keys under `home`.
Result<Place> read_place(const std::filesystem::path& home);
Status write_place(const std::filesystem::path& home, const Place& place);

}  // namespace huoqi::node

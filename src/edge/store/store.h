// SPDX-License-Identifier: Apache-2.0
// The ports of core on real engines: the archive over lib/lsm, the office over lib/sql, wrapped keys in
// files.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "core/archive/archive.h"
#include "core/keys/keys.h"
#include "core/office/office.h"

namespace huoqi::store {

struct ArchiveOptions {
    std::filesystem::path folder;
    // Blind-index entries held in memory before they become a sorted run on disk. 24 bytes each; two such
    // sets can exist.
    std::size_t tail_entries = 400'000;
    std::size_t cache_bytes = 24U << 20;
    std::size_t memory_bytes = 40U << 20;
};

// Opens or makes the archive in a folder. Code::unavailable when another process has it open; Code::corrupt
// when stored bytes are damaged.
Result<std::unique_ptr<archive::Archive>> open_archive(const ArchiveOptions& options);

// Rows are authenticated under `key`.
Result<std::unique_ptr<office::Office>> open_office(const std::filesystem::path& file, crypto::Suite suite,
                                                    const crypto::Key& key);

// One file a key under `folder`, readable by its owner alone; written aside, synced and renamed.
std::unique_ptr<keys::KeyStore> open_key_files(const std::filesystem::path& folder);

// ---- Small files ----
// Whole content; Code::not_found, Code::too_large above `limit`.
Result<Bytes> read_file(const std::filesystem::path& file, std::size_t limit);
// Durable and all or nothing: written aside, synced, renamed, folder synced. Mode 0600.
Status write_file(const std::filesystem::path& file, ByteView content);

}  // namespace huoqi::store

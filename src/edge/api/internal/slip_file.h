// SPDX-License-Identifier: Apache-2.0
// The slip of paper that a one-time code is handed over on, as a file for whoever runs the post room: the
// security administrator who asked for the code has no way to it (art. 35). Threads: any.
#pragma once

#include <filesystem>
#include <string>

#include "core/accounts/accounts.h"

namespace huoqi::api {

// The file's name within the folder. One of an account at a time: an older code is of no use any more.
std::string slip_name(const accounts::Account& account);
// Mode 0600, durable, all or nothing; makes the folder (0700). Code::storage.
Status write_slip(const std::filesystem::path& folder, const accounts::Account& account,
                  const SecretBytes& code, Time expires);

}  // namespace huoqi::api

// SPDX-License-Identifier: Apache-2.0
// Tables of the archive in PostgreSQL: how they are made, cut by volume, and spread by Citus
// (docs/spec/postgresql.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "edge/store/internal/postgres_statements.h"

namespace huoqi::store::postgres {

// Numbered from 1; the set is called "archive".
const std::vector<std::string_view>& migrations();
// Statements that make the partitions of a volume; harmless when they are there.
std::vector<std::string> parts_for(VolumeId volume);
std::vector<std::string> parts_dropped(VolumeId volume);
// Statements that spread all tables over a Citus cluster, for a coordinator that has its workers.
std::vector<std::string> distribution();

}  // namespace huoqi::store::postgres

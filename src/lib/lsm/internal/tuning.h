// SPDX-License-Identifier: Apache-2.0
// RocksDB settings by use. What each is for stands beside it; figures come from bench/.
#pragma once

#include <rocksdb/db.h>

#include "lib/lsm/lsm.h"

namespace huoqi::lsm {

rocksdb::DBOptions database_options(const Options& options);
rocksdb::ColumnFamilyOptions family_options(Use use, const std::shared_ptr<rocksdb::Cache>& cache);

}  // namespace huoqi::lsm

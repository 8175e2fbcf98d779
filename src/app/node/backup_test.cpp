// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <numeric>

#include "app/node/backup_files.h"

namespace huoqi::node {
namespace {

// Computed by Python's hmac and hashlib; the example of docs/spec/backup.md.
TEST(BackupList, MacIsThatOfTheSpecification) {
    Bytes bytes(crypto::kKeyBytes);
    std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
    crypto::Key office(ByteView(bytes).first<crypto::kKeyBytes>());
    EXPECT_EQ(hex(list_mac(crypto::Suite::intl, office, "{}\n")),
              "b4286a1a78489234a0746d6d6b9269a41f393049b768e89bfbba323026dbe30f");
}

}  // namespace
}  // namespace huoqi::node

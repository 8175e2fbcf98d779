// SPDX-License-Identifier: Apache-2.0
// A record's bytes (docs/spec/record.md): header in clear (format, suite, outlet, which groups), one nonce,
// then each group sealed under its own key, bound to its place by associated data.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "base/clock.h"
#include "core/archive/archive.h"
#include "core/keys/keys.h"
#include "core/waybill/waybill.h"

namespace huoqi::vault {

// Kinds of many-valued blind indexes, as stored.
enum class IndexKind : std::uint8_t { phone = 1, name = 2, id_number = 3, phone_last4 = 4 };

struct Tokens {
    archive::NumberToken number{};
    std::vector<std::pair<IndexKind, archive::IndexToken>> indexes;
};

struct Binding {
    std::string_view enterprise;
    RecordPlace place;
    Version version;
};

// What is written in clear beside a sealed waybill: what access decisions need before anything is opened.
struct Label {
    std::string_view outlet;  // that handles it
    std::uint32_t hour = 0;   // of the first sealing, from 1970 on
};
std::uint32_t hour_of(Time time);
Time time_of_hour(std::uint32_t hour);

// Working contexts of one volume; belongs to one thread at a time.
class VolumeCipher {
  public:
    VolumeCipher(crypto::Suite suite, const keys::VolumeKeys& keys);

    archive::NumberToken number_token(std::string_view number);
    archive::IndexToken index_token(IndexKind kind, std::string_view value, std::string_view outlet = {});
    Tokens tokens(const waybill::Waybill& waybill, std::string_view outlet);

    Bytes seal(const waybill::Waybill& waybill, const Label& label, const Binding& binding);
    // Opens the groups asked for into `waybill`. Code::corrupt when anything was altered or moved.
    Status open(ByteView sealed, const Binding& binding, std::span<const waybill::Group> groups,
                waybill::Waybill& waybill);

  private:
    crypto::Suite suite_;
    std::array<std::unique_ptr<crypto::Aead>, waybill::kGroups> groups_;
    std::unique_ptr<crypto::Hmac> index_;
    Bytes plaintext_;
    Bytes associated_;
    Bytes message_;
};

// What stands in clear at the front of a record.
struct Header {
    crypto::Suite suite = crypto::Suite::intl;
    Label label;
    std::uint8_t groups = 0;  // bit per waybill::Group
    std::size_t size = 0;

    bool has(waybill::Group group) const { return (groups >> static_cast<unsigned>(group) & 1) != 0; }
};
Result<Header> read_header(ByteView sealed);

inline constexpr std::size_t kMaxOutletBytes = 32;
inline constexpr std::array<waybill::Group, waybill::kGroups> kAllGroups{
    waybill::Group::shipment, waybill::Group::sender, waybill::Group::recipient,
    waybill::Group::sender_identity, waybill::Group::recipient_identity};

}  // namespace huoqi::vault

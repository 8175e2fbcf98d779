// SPDX-License-Identifier: Apache-2.0
#include "core/vault/internal/record.h"

#include <algorithm>
#include <vector>

#include "base/check.h"

namespace huoqi::vault {
namespace {

using waybill::Group;
using waybill::Part;

constexpr std::uint8_t kFormat = 2;
constexpr std::string_view kContext = "huoqi/record/v2";
// Groups are padded to whole steps, so that the length of a name or address shows only roughly.
constexpr std::size_t kPadding = 16;
constexpr std::size_t kMaxPartBytes = 0xffff;
constexpr std::int64_t kHour = 3'600'000'000'000;  // nanoseconds

// Which group each part belongs to, and the parts of each group: asked for every part of every record.
struct Layout {
    std::array<std::uint8_t, waybill::kParts> bit_of{};
    std::array<std::vector<Part>, waybill::kGroups> parts_of;

    Layout() {
        for (std::size_t i = 0; i < waybill::kParts; ++i) {
            auto part = static_cast<Part>(i);
            auto group = static_cast<std::size_t>(waybill::group_of(part));
            bit_of[i] = static_cast<std::uint8_t>(1U << group);
            parts_of[group].push_back(part);
        }
    }
};
const Layout& layout() {
    static const Layout kLayout;
    return kLayout;
}

// Part (1), length (2), bytes; then zero bytes up to a whole step. No part has number 0xff; 0xff ends the
// list.
void put_parts(const waybill::Waybill& waybill, Group group, Bytes& out) {
    out.clear();
    for (auto part : layout().parts_of[static_cast<std::size_t>(group)]) {
        auto text = waybill[part].reading();
        if (text.empty()) continue;
        HUOQI_CHECK(text.size() <= kMaxPartBytes);
        out.push_back(static_cast<std::uint8_t>(part));
        put_be(out, static_cast<std::uint16_t>(text.size()));
        append(out, text);
    }
    if (out.empty()) return;
    out.push_back(0xff);
    out.resize((out.size() + kPadding - 1) / kPadding * kPadding);
}

Status read_parts(ByteView bytes, Group group, waybill::Waybill& waybill) {
    while (!bytes.empty() && bytes[0] != 0xff) {
        if (bytes.size() < 3 || bytes[0] >= waybill::kParts)
            return fail(Code::corrupt, "record: a part is not one");
        auto part = static_cast<Part>(bytes[0]);
        std::size_t size = get_be<std::uint16_t>(&bytes[1]);
        if (waybill::group_of(part) != group || bytes.size() < 3 + size) {
            return fail(Code::corrupt, "record: a part stands in the wrong place");
        }
        waybill[part].assign(text_of(bytes.subspan(3, size)));
        bytes = bytes.subspan(3 + size);
    }
    if (bytes.empty()) return fail(Code::corrupt, "record: a group does not end");
    return {};
}

// Associated data: context, header (format, suite, hour, outlet, groups), enterprise, volume, record,
// version, group.
void bind(Bytes& out, ByteView header, const Binding& binding, Group group) {
    out.clear();
    append(out, kContext);
    append(out, header);
    out.push_back(static_cast<std::uint8_t>(binding.enterprise.size()));
    append(out, binding.enterprise);
    put_be(out, binding.place.volume.value);
    put_be(out, binding.place.record.value);
    put_be(out, binding.version.value);
    out.push_back(static_cast<std::uint8_t>(group));
}

// The digits a person would give as "the last four" of a phone; empty when there are none.
std::string_view last4(std::string_view phone) {
    auto kind = waybill::phone_kind(phone);
    if (kind == waybill::PhoneKind::masked || kind == waybill::PhoneKind::none) return {};
    // Of a virtual number the extension changes from parcel to parcel; the main number is what is read out.
    if (kind == waybill::PhoneKind::virtual_number) phone = phone.substr(0, phone.find('-'));
    return phone.size() >= 4 ? phone.substr(phone.size() - 4) : std::string_view();
}

bool searchable(std::string_view phone) {
    auto kind = waybill::phone_kind(phone);
    return kind != waybill::PhoneKind::masked && kind != waybill::PhoneKind::none;
}

}  // namespace

VolumeCipher::VolumeCipher(crypto::Suite suite, const keys::VolumeKeys& keys)
    : suite_(suite), index_(crypto::make_hmac(suite, keys.index)) {
    static_assert(keys::kVolumeGroups == waybill::kGroups);
    for (std::size_t i = 0; i < waybill::kGroups; ++i) groups_[i] = crypto::make_aead(suite, keys.groups[i]);
}

archive::NumberToken VolumeCipher::number_token(std::string_view number) {
    message_.assign(1, 0);
    append(message_, number);
    auto mac = index_->mac(message_);
    archive::NumberToken token;
    std::copy_n(mac.begin(), token.size(), token.begin());
    return token;
}

archive::IndexToken VolumeCipher::index_token(IndexKind kind, std::string_view value,
                                              std::string_view outlet) {
    message_.assign(1, static_cast<std::uint8_t>(kind));
    append(message_, value);
    if (kind == IndexKind::phone_last4) {
        message_.push_back(0);
        append(message_, outlet);
    }
    auto mac = index_->mac(message_);
    return get_be<archive::IndexToken>(mac.data());
}

Tokens VolumeCipher::tokens(const waybill::Waybill& waybill, std::string_view outlet) {
    Tokens out;
    out.number = number_token(waybill[Part::number].reading());
    out.indexes.reserve(8);
    for (auto part : {Part::sender_mobile, Part::sender_tel, Part::recipient_mobile, Part::recipient_tel}) {
        auto phone = waybill[part].reading();
        if (!searchable(phone)) continue;
        out.indexes.emplace_back(IndexKind::phone, index_token(IndexKind::phone, phone));
        if (auto digits = last4(phone); !digits.empty()) {
            out.indexes.emplace_back(IndexKind::phone_last4,
                                     index_token(IndexKind::phone_last4, digits, outlet));
        }
    }
    for (auto part : {Part::sender_name, Part::recipient_name}) {
        auto name = waybill[part].reading();
        if (name.empty() || name.find('*') != std::string_view::npos) continue;
        out.indexes.emplace_back(IndexKind::name, index_token(IndexKind::name, waybill::name_key(name)));
    }
    for (auto part : {Part::sender_id_number, Part::recipient_id_number}) {
        auto number = waybill[part].reading();
        if (!number.empty())
            out.indexes.emplace_back(IndexKind::id_number, index_token(IndexKind::id_number, number));
    }
    return out;
}

// format (1), suite (1), hour (4), outlet length (1), outlet, groups (1), nonce (24), then per group: length
// (2), ciphertext.
Bytes VolumeCipher::seal(const waybill::Waybill& waybill, const Label& label, const Binding& binding) {
    HUOQI_CHECK(label.outlet.size() <= kMaxOutletBytes);
    Bytes out{kFormat, static_cast<std::uint8_t>(suite_)};
    out.reserve(512);
    put_be(out, label.hour);
    out.push_back(static_cast<std::uint8_t>(label.outlet.size()));
    append(out, label.outlet);
    std::uint8_t present = 0;
    for (std::size_t i = 0; i < waybill::kParts; ++i) {
        if (!waybill[static_cast<Part>(i)].empty()) present |= layout().bit_of[i];
    }
    out.push_back(present);
    std::size_t header = out.size();
    crypto::Nonce nonce;
    crypto::random_fill(nonce);
    append(out, ByteView(nonce));
    for (auto group : kAllGroups) {
        if ((present >> static_cast<unsigned>(group) & 1) == 0) continue;
        put_parts(waybill, group, plaintext_);
        bind(associated_, ByteView(out).first(header), binding, group);
        put_be(out, static_cast<std::uint16_t>(plaintext_.size() + crypto::kTagBytes));
        groups_[static_cast<std::size_t>(group)]->seal(nonce, associated_, plaintext_, out);
    }
    wipe(plaintext_.data(), plaintext_.size());
    return out;
}

std::uint32_t hour_of(Time time) { return static_cast<std::uint32_t>(time.nanoseconds / kHour); }
Time time_of_hour(std::uint32_t hour) { return {hour * kHour}; }

Result<Header> read_header(ByteView sealed) {
    constexpr std::size_t kFixed = 8;  // all but the outlet
    if (sealed.size() < kFixed || sealed[0] != kFormat)
        return fail(Code::unsupported, "record: of an unknown format");
    Header header;
    header.suite = static_cast<crypto::Suite>(sealed[1]);
    header.label.hour = get_be<std::uint32_t>(&sealed[2]);
    std::size_t outlet = sealed[6];
    header.size = kFixed + outlet;
    if (outlet > kMaxOutletBytes || sealed.size() < header.size + crypto::kNonceBytes) {
        return fail(Code::corrupt, "record: too short");
    }
    header.label.outlet = text_of(sealed.subspan(kFixed - 1, outlet));
    header.groups = sealed[kFixed - 1 + outlet];
    return header;
}

Status VolumeCipher::open(ByteView sealed, const Binding& binding, std::span<const Group> groups,
                          waybill::Waybill& waybill) {
    auto header = read_header(sealed);
    if (!header) return pass(header);
    if (header->suite != suite_) return fail(Code::corrupt, "record: of another suite than its volume");
    crypto::Nonce nonce;
    std::copy_n(sealed.begin() + static_cast<std::ptrdiff_t>(header->size), nonce.size(), nonce.begin());
    ByteView rest = sealed.subspan(header->size + nonce.size());
    for (auto group : kAllGroups) {
        if (!header->has(group)) continue;
        if (rest.size() < 2) return fail(Code::corrupt, "record: too short");
        std::size_t size = get_be<std::uint16_t>(rest.data());
        if (rest.size() < 2 + size) return fail(Code::corrupt, "record: too short");
        ByteView ciphertext = rest.subspan(2, size);
        rest = rest.subspan(2 + size);
        if (std::find(groups.begin(), groups.end(), group) == groups.end()) continue;
        bind(associated_, sealed.first(header->size), binding, group);
        plaintext_.clear();
        auto opened =
            groups_[static_cast<std::size_t>(group)]->open(nonce, associated_, ciphertext, plaintext_);
        Status read = opened ? read_parts(plaintext_, group, waybill) : opened;
        wipe(plaintext_.data(), plaintext_.size());
        if (!read) return fail(Code::corrupt, "record: it was altered or moved: " + read.error().message);
    }
    if (!rest.empty()) return fail(Code::corrupt, "record: too long");
    return {};
}

}  // namespace huoqi::vault

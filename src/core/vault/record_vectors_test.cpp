// SPDX-License-Identifier: Apache-2.0
// docs/spec/vectors/record.json: sealed records, index tokens, wrapped keys, waybill tokens and ledger
// entries as the pages of docs/spec write them down. Nonces are random, so a sealed record is checked the
// opening way.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "core/archive/testing/memory_archive.h"
#include "core/vault/internal/record.h"
#include "core/vault/vault.h"

namespace huoqi::vault {
namespace {

using Json = nlohmann::json;
using waybill::Group;

const Json& vectors() {
    static const Json all = [] {
        std::ifstream in(HUOQI_SOURCE_DIR "/docs/spec/vectors/record.json");
        return Json::parse(in, nullptr, false);
    }();
    return all;
}

std::string text(const Json& from, const char* name) { return from.at(name).get<std::string>(); }
Bytes bytes(const Json& from, const char* name) { return unhex(text(from, name)).value(); }
crypto::Key key(const Json& from, const char* name) {
    auto raw = bytes(from, name);
    return crypto::Key(std::span<const std::uint8_t, 32>(raw.data(), 32));
}

struct Vector {
    explicit Vector(const Json& json)
        : vector(json),
          suite(crypto::suite_named(text(json, "suite")).value()),
          enterprise(text(json, "enterprise")),
          outlet(text(json, "outlet")),
          sealed(bytes(json, "sealed")) {
        for (std::size_t i = 0; i < waybill::kGroups; ++i) {
            keys.groups[i] =
                key(json.at("group_keys"), std::string(waybill::name(static_cast<Group>(i))).c_str());
        }
        keys.index = key(json, "index_key");
        for (const auto& [name, value] : json.at("parts").items()) {
            parts[waybill::part_named(name).value()].assign(value.get<std::string>());
        }
    }
    Binding binding() const {
        auto number = [&](const char* name) { return vector.at(name).get<std::uint64_t>(); };
        return {enterprise,
                {{static_cast<std::uint32_t>(number("volume"))}, {number("record")}},
                {static_cast<std::uint16_t>(number("version"))}};
    }
    VolumeCipher cipher() const { return {suite, keys}; }

    const Json& vector;
    crypto::Suite suite;
    std::string enterprise, outlet;
    Bytes sealed;
    keys::VolumeKeys keys;
    waybill::Waybill parts;
};

class RecordVectors : public testing::TestWithParam<std::size_t> {
  protected:
    Vector known{vectors().at("records").at(GetParam())};
};

TEST_P(RecordVectors, TheSealedRecordOpensToItsParts) {
    waybill::Waybill opened;
    auto cipher = known.cipher();
    ASSERT_TRUE(cipher.open(known.sealed, known.binding(), kAllGroups, opened));
    EXPECT_TRUE(opened == known.parts);
    EXPECT_EQ(read_header(known.sealed)->label.outlet, known.outlet);
    EXPECT_EQ(read_header(known.sealed)->label.hour, known.vector.at("hour").get<std::uint32_t>());
}

TEST_P(RecordVectors, OneGroupOpensWithoutTheOthers) {
    auto wrong = known.vector;
    for (const auto& [name, value] : wrong.at("group_keys").items()) {
        if (name != "recipient") wrong["group_keys"][name] = std::string(64, '0');
    }
    Vector only(wrong);
    auto cipher = only.cipher();
    waybill::Waybill opened;
    ASSERT_TRUE(cipher.open(known.sealed, known.binding(), std::array{Group::recipient}, opened));
    EXPECT_EQ(opened[waybill::Part::recipient_name].reading(),
              text(known.vector.at("parts"), "recipient.name"));
    EXPECT_TRUE(opened[waybill::Part::sender_name].empty());
    EXPECT_FALSE(cipher.open(known.sealed, known.binding(), std::array{Group::sender}, opened));
}

TEST_P(RecordVectors, TheRecordDoesNotOpenAtAnyOtherPlace) {
    auto cipher = known.cipher();
    std::array<Binding, 4> moved;
    moved.fill(known.binding());
    moved[0].enterprise = "mains";
    ++moved[1].place.volume.value;
    ++moved[2].place.record.value;
    ++moved[3].version.value;
    for (const auto& place : moved) {
        waybill::Waybill opened;
        auto done = cipher.open(known.sealed, place, kAllGroups, opened);
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, Code::corrupt);
    }
}

TEST_P(RecordVectors, NoFlippedByteOpens) {
    auto cipher = known.cipher();
    for (std::size_t at = 0; at < known.sealed.size(); ++at) {
        auto flipped = known.sealed;
        flipped[at] ^= 0x10;
        waybill::Waybill opened;
        EXPECT_FALSE(cipher.open(flipped, known.binding(), kAllGroups, opened)) << "byte " << at;
    }
}

TEST_P(RecordVectors, IndexTokensAreThoseWrittenDown) {
    const std::map<std::string, IndexKind> kinds{{"phone", IndexKind::phone},
                                                 {"name", IndexKind::name},
                                                 {"id_number", IndexKind::id_number},
                                                 {"phone_last4", IndexKind::phone_last4}};
    auto cipher = known.cipher();
    auto made = cipher.tokens(known.parts, known.outlet);
    EXPECT_EQ(hex(made.number), text(known.vector, "number_token"));
    const auto& written = known.vector.at("indexes");
    ASSERT_EQ(made.indexes.size(), written.size());
    for (std::size_t i = 0; i < written.size(); ++i) {
        Bytes token;
        put_be(token, made.indexes[i].second);
        EXPECT_EQ(made.indexes[i].first, kinds.at(text(written[i], "kind"))) << i;
        EXPECT_EQ(hex(token), text(written[i], "token")) << i;
    }
}

TEST_P(RecordVectors, TheWrappedKeyUnwrapsAtItsPlaceOnly) {
    const auto& wrapped = known.vector.at("wrapped_key");
    auto outer = key(wrapped, "key");
    auto opened = keys::unwrap(known.suite, outer, text(wrapped, "name"), bytes(wrapped, "wrapped"));
    ASSERT_TRUE(opened);
    EXPECT_EQ(hex(opened->view()), text(wrapped, "secret"));
    EXPECT_FALSE(keys::unwrap(known.suite, outer, "enterprise/other", bytes(wrapped, "wrapped")));
}

// A key ring whose node keys are known: the root is fixed, and only the tokens key is not zero.
class KnownKeys final : public keys::KeyStore, public keys::RootProvider {
  public:
    KnownKeys(crypto::Suite suite, const crypto::Key& tokens) {
        Bytes secret(keys::NodeKeys::kCount * crypto::kKeyBytes);
        std::copy_n(tokens.view().begin(), crypto::kKeyBytes, secret.begin() + 2 * crypto::kKeyBytes);
        node_ = keys::wrap(suite, crypto::Key(), "node", secret);
    }
    Result<Bytes> get(std::string_view name) const override {
        if (name != "node") return fail(Code::not_found, "no such key");
        return node_;
    }
    Status put(std::string_view, ByteView) override { return fail(Code::storage, "read only"); }
    Status remove(std::string_view) override { return fail(Code::storage, "read only"); }
    Result<std::vector<std::string>> list(std::string_view) const override {
        return std::vector<std::string>{};
    }
    std::string_view kind() const override { return "known"; }
    Result<crypto::Key> unlock(ByteView) override { return crypto::Key(); }
    Result<crypto::Key> create(ByteView) override { return fail(Code::conflict, "is there"); }
    Status keep(ByteView, const crypto::Key&) override { return fail(Code::conflict, "is there"); }

  private:
    Bytes node_;
};

TEST_P(RecordVectors, TheWaybillTokenIsThePermutedPlace) {
    const auto& written = known.vector.at("token");
    KnownKeys store(known.suite, key(written, "tokens_key"));
    auto ring = keys::KeyRing::open(known.suite, store, store, {});
    ASSERT_TRUE(ring);
    archive::MemoryArchive archive;
    policy::InForce policy(std::make_shared<policy::Policy>());
    FixedClock clock{Time{}};
    auto vault = Vault::open({archive, **ring, policy, clock});
    ASSERT_TRUE(vault);
    RecordPlace place{{written.at("volume").get<std::uint32_t>()},
                      {written.at("record").get<std::uint64_t>()}};
    std::string token = text(written, "text");
    EXPECT_EQ((*vault)->token(place), token);
    EXPECT_EQ((*vault)->place(token), place);
    // Another letter is another block, whose last four bytes are not zero; loose bits are another spelling.
    token[5] = token[5] == 'a' ? 'b' : 'a';
    EXPECT_FALSE((*vault)->place(token));
    token = text(written, "text");
    token.back() = token.back() == '7' ? '6' : static_cast<char>(token.back() + 1);
    EXPECT_FALSE((*vault)->place(token));
}

INSTANTIATE_TEST_SUITE_P(Suites, RecordVectors, testing::Values(0U, 1U),
                         [](const auto& with) { return with.param == 0 ? "intl" : "sm"; });

ledger::Entry reveal_entry() {
    ledger::Entry entry;
    entry.time = parse_rfc3339("2026-11-23T04:05:06.000000007Z").value();
    entry.actor = {"wang.yl", "ak_7005b94049ca", "operator", "main", "gz-tianhe-03", "", "192.0.2.7"};
    entry.action = "reveal";
    entry.objects = {{{7}, {42}}};
    entry.fields = {"recipient.phone"};
    entry.counts = {{"asked", 1}, {"shown", 1}};
    entry.purpose = "customer_service";
    entry.ticket = "CS-2026-0042";
    entry.policy = "2026-11-23-0a1b2c3d";
    return entry;
}

ledger::Entry seal_entry() {
    ledger::Entry entry;
    entry.time = parse_rfc3339("2026-11-23T12:05:07+08:00").value();
    entry.actor.person = "li.jh";
    entry.actor.role = "integrator";
    entry.action = "seal";
    entry.range = ledger::Range{{{7}, {42}}, {{7}, {141}}};
    entry.counts = {{"sealed", 99}, {"span", 100}};
    entry.detail = {{"enterprise", "main"}};
    entry.policy = "2026-11-23-0a1b2c3d";
    return entry;
}

TEST(EntryVectors, CanonicalJsonAndSearchKeysAreThoseWrittenDown) {
    const auto& written = vectors().at("entries");
    auto token_of = [](RecordPlace place) {
        return place.record.value == 42 ? text(vectors().at("records").at(1).at("token"), "text")
                                        : std::string("wb_last");
    };
    const std::array entries{reveal_entry(), seal_entry()};
    ASSERT_EQ(written.size(), entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
        EXPECT_EQ(ledger::canonical(entries[i], token_of), text(written[i], "canonical"));
        Json keys = Json::array();
        for (const auto& key : ledger::search_keys(entries[i])) keys.push_back(hex(key));
        EXPECT_EQ(keys, written[i].at("search_keys"));
    }
}

}  // namespace
}  // namespace huoqi::vault

// SPDX-License-Identifier: Apache-2.0
#include "app/node/backup_files.h"

#include <fstream>

#include "edge/store/store.h"

namespace huoqi::node {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::size_t kMaxListBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxMacBytes = 256;
constexpr std::size_t kMaxKeysBytes = std::size_t{64} << 20;
// 2: the list has a MAC. Format 1 was never released.
constexpr int kListFormat = 2;
constexpr int kKeysFormat = 1;

Result<crypto::Digest> digest_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return fail(Code::storage, file.filename().string() + ": cannot be read");
    crypto::Sha256 hash;
    std::string block(std::size_t{1} << 20, '\0');
    while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0)
        hash.add(bytes_of({block.data(), static_cast<std::size_t>(in.gcount())}));
    if (in.bad()) return fail(Code::storage, file.filename().string() + ": cannot be read");
    return hash.digest();
}

std::string mac_text(const keys::KeyRing& keys, std::string_view list) {
    return hex(list_mac(keys.suite(), keys.node().office, list)) + "\n";
}

}  // namespace

Result<Json> listed(const fs::path& folder) {
    Json files = Json::object();
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        if (!at->is_regular_file()) continue;
        auto digest = digest_of(at->path());
        if (!digest) return pass(digest);
        files[at->path().lexically_relative(folder).string()] = {{"bytes", at->file_size()},
                                                                 {"sha256", hex(*digest)}};
    }
    if (error) return fail(Code::storage, folder.filename().string() + ": " + error.message());
    return files;
}

crypto::Mac list_mac(crypto::Suite suite, const crypto::Key& office, std::string_view text) {
    auto key = crypto::derive(suite, office, "huoqi/backup/list");
    return crypto::make_hmac(suite, key)->mac(bytes_of(text));
}

Status write_list(const fs::path& folder, const keys::KeyRing& keys, const Json& list) {
    Json all = list;
    all["format"] = kListFormat;
    auto text = all.dump(1) + "\n";
    if (auto written = store::write_file(folder / kListMacFile, bytes_of(mac_text(keys, text))); !written)
        return written;
    return store::write_file(folder / kListFile, bytes_of(text));
}

Result<BackupList> read_list(const fs::path& folder) {
    auto bytes = store::read_file(folder / kListFile, kMaxListBytes);
    if (!bytes) return pass(bytes, "restore: this folder holds no whole backup");
    BackupList list{std::string(text_of(*bytes)), {}};
    list.json = Json::parse(list.text, nullptr, false);
    bool shaped = list.json.is_object() && list.json.contains("format") && list.json["format"].is_number() &&
                  list.json.contains("files") && list.json["files"].is_object() &&
                  list.json.contains("created") && list.json["created"].is_string();
    if (!shaped) return fail(Code::corrupt, "backup.json: not as this program writes it");
    if (list.json["format"] != kListFormat)
        return fail(Code::unsupported, "backup.json: of another format than this program's");
    return list;
}

Status check_list_mac(const BackupList& list, const fs::path& folder, const keys::KeyRing& keys) {
    auto stored = store::read_file(folder / kListMacFile, kMaxMacBytes);
    if (!stored) return fail(Code::corrupt, "backup.mac: " + stored.error().message);
    auto right = mac_text(keys, list.text);
    if (!equal_constant_time(ByteView(*stored), bytes_of(right)))
        return fail(Code::corrupt, "backup.json: it was altered, or another node's keys are with it");
    return {};
}

Status check_files(const BackupList& list, const fs::path& folder) {
    auto there = listed(folder);
    if (!there) return pass(there);
    there->erase(kListFile);
    there->erase(kListMacFile);
    for (const auto& [name, file] : list.json["files"].items()) {
        if (!there->contains(name)) return fail(Code::corrupt, "backup: " + name + " is missing");
        if ((*there)[name] != file)
            return fail(Code::corrupt, "backup: " + name + " is not as it was written");
    }
    for (const auto& [name, file] : there->items()) {
        if (!list.json["files"].contains(name))
            return fail(Code::corrupt, "backup: " + name + " does not belong to it");
    }
    return {};
}

Status write_keys_file(const Node& node, const fs::path& file) {
    auto store = store::open_key_files(node.where().keys);
    auto names = store->list("");
    if (!names) return pass(names);
    Json keys = Json::object();
    for (const auto& name : *names) {
        auto wrapped = store->get(name);
        if (!wrapped) return pass(wrapped);
        keys[name] = base64(*wrapped);
    }
    Json all{{"format", kKeysFormat}, {"origin", node.identity().origin}, {"keys", std::move(keys)}};
    return store::write_file(file, bytes_of(all.dump(1) + "\n"));
}

Status unpack_keys_file(const fs::path& file, const std::string& origin, const fs::path& folder) {
    auto text = store::read_file(file, kMaxKeysBytes);
    if (!text) return pass(text, "restore: the keys file");
    auto json = Json::parse(text_of(*text), nullptr, false);
    bool shaped = json.is_object() && json.contains("format") && json["format"] == kKeysFormat &&
                  json.contains("origin") && json["origin"].is_string() && json.contains("keys") &&
                  json["keys"].is_object();
    if (!shaped) return fail(Code::corrupt, "restore: the keys file is not one");
    if (json["origin"] != origin) return fail(Code::wrong_key, "restore: the keys file is another node's");
    auto store = store::open_key_files(folder);
    for (const auto& [name, value] : json["keys"].items()) {
        if (!value.is_string() || name.starts_with("/") || name.find("..") != name.npos)
            return fail(Code::corrupt, "restore: the keys file is damaged");
        auto wrapped = unbase64(value.get<std::string>());
        if (!wrapped) return fail(Code::corrupt, "restore: the keys file is damaged");
        if (auto put = store->put(name, *wrapped); !put) return put;
    }
    return {};
}

}  // namespace huoqi::node

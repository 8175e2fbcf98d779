// SPDX-License-Identifier: Apache-2.0
#include "app/node/tls_files.h"

#include <algorithm>

#include "edge/store/store.h"

namespace huoqi::node {
namespace {

constexpr std::size_t kMaxPemFile = 64 * 1024;
constexpr unsigned kAuthorityDays = 3650;
constexpr unsigned kServerDays = 825;  // what clients accept at most

std::filesystem::path folder(const std::filesystem::path& home) { return home / "tls"; }

// Lengths (4) before each of: authority certificate, server certificate, private key.
Bytes joined(std::string_view authority, std::string_view certificate, ByteView private_key) {
    Bytes out;
    out.reserve(12 + authority.size() + certificate.size() + private_key.size());
    for (auto part : {bytes_of(authority), bytes_of(certificate), private_key}) {
        put_be(out, static_cast<std::uint32_t>(part.size()));
        append(out, part);
    }
    return out;
}

std::optional<ByteView> take(ByteView& from) {
    if (from.size() < 4) return std::nullopt;
    std::size_t size = get_be<std::uint32_t>(from.data());
    if (from.size() < 4 + size) return std::nullopt;
    auto part = from.subspan(4, size);
    from = from.subspan(4 + size);
    return part;
}

Status seal_file(const std::filesystem::path& home, const keys::KeyRing& keys, const std::string& name,
                 const SecretBytes& content) {
    auto wrapped = keys::wrap(keys.suite(), keys.node().sealed_files, "tls/" + name, content.view());
    return store::write_file(folder(home) / (name + ".key"), wrapped);
}

Result<SecretBytes> open_file(const std::filesystem::path& home, const keys::KeyRing& keys,
                              const std::string& name) {
    auto wrapped = store::read_file(folder(home) / (name + ".key"), kMaxPemFile);
    if (!wrapped) return pass(wrapped, "tls");
    return keys::unwrap(keys.suite(), keys.node().sealed_files, "tls/" + name, *wrapped);
}

// What a sealed file holds.
struct Parts {
    SecretBytes file;
    ByteView authority, certificate, private_key;  // of `file`
};

Result<Parts> open_parts(const std::filesystem::path& home, const keys::KeyRing& keys,
                         const std::string& name) {
    auto opened = open_file(home, keys, name);
    if (!opened) return pass(opened);
    Parts parts{std::move(*opened), {}, {}, {}};
    ByteView rest = parts.file.view();
    auto authority = take(rest);
    auto certificate = take(rest);
    auto private_key = take(rest);
    if (!authority || !certificate || !private_key || !rest.empty())
        return fail(Code::corrupt, "tls: " + name + ".key is damaged");
    parts.authority = *authority;
    parts.certificate = *certificate;
    parts.private_key = *private_key;
    return parts;
}

SecretBytes copied(ByteView bytes) { return SecretBytes(Bytes(bytes.begin(), bytes.end())); }

http::ServerNames server_names(const std::vector<std::string>& names) {
    http::ServerNames out{"huoqi", {"localhost"}, {"127.0.0.1", "::1"}};
    for (const auto& name : names) {
        bool address =
            name.find_first_not_of("0123456789.") == std::string::npos || name.find(':') != std::string::npos;
        auto& list = address ? out.ip_addresses : out.dns;
        if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
    }
    return out;
}

}  // namespace

Status make_tls_files(const std::filesystem::path& home, const keys::KeyRing& keys,
                      const std::vector<std::string>& names) {
    std::error_code error;
    std::filesystem::create_directories(folder(home), error);
    if (error) return fail(Code::storage, "tls: cannot make the folder: " + error.message());
    Time now = SystemClock().now();
    auto authority = http::make_authority("Huoqi node authority", {now, kAuthorityDays});
    if (!authority) return pass(authority);
    auto server = http::make_server_certificate(*authority, server_names(names), {now, kServerDays});
    if (!server) return pass(server);
    SecretBytes authority_file(joined(authority->certificate_pem, {}, authority->private_key_pem.view()));
    if (auto done = seal_file(home, keys, "authority", authority_file); !done) return done;
    SecretBytes server_file(
        joined(authority->certificate_pem, server->certificate_pem, server->private_key_pem.view()));
    if (auto done = seal_file(home, keys, "server", server_file); !done) return done;
    return store::write_file(folder(home) / "ca.pem", bytes_of(authority->certificate_pem));
}

Result<http::TlsIdentity> read_tls_files(const std::filesystem::path& home, const keys::KeyRing& keys) {
    auto parts = open_parts(home, keys, "server");
    if (!parts) return pass(parts);
    auto shown = store::read_file(folder(home) / "ca.pem", kMaxPemFile);
    if (!shown) return pass(shown, "tls");
    if (text_of(*shown) != text_of(parts->authority)) return fail(Code::corrupt, "tls: ca.pem was altered");
    return http::TlsIdentity{std::string(text_of(parts->certificate)), copied(parts->private_key)};
}

Result<http::CertificateFacts> renew_tls_files(
    const std::filesystem::path& home, const keys::KeyRing& keys, Time now,
    const std::function<Status(const http::CertificateFacts&)>& record) {
    auto old = read_tls_files(home, keys);
    if (!old) return pass(old);
    auto parts = open_parts(home, keys, "authority");
    if (!parts) return pass(parts);
    http::Certificate authority{std::string(text_of(parts->authority)), copied(parts->private_key)};
    auto before = http::inspect_certificate(old->certificate_pem);
    if (!before) return pass(before);
    auto above = http::inspect_certificate(authority.certificate_pem);
    if (!above) return pass(above);
    // A certificate must not outlive the one that vouches for it.
    constexpr std::int64_t kDay = 86'400'000'000'000;
    std::int64_t left = (above->until.nanoseconds - now.nanoseconds) / kDay;
    if (left <= 0)
        return fail(Code::unsupported, "tls: the node's authority has ended; it cannot vouch for another");
    auto days = static_cast<unsigned>(std::min<std::int64_t>(left, kServerDays));
    auto server = http::make_server_certificate(authority, before->names, {now, days});
    if (!server) return pass(server);
    auto facts = http::inspect_certificate(server->certificate_pem);
    if (!facts) return pass(facts);
    if (auto recorded = record(*facts); !recorded) return pass(recorded);
    SecretBytes file(
        joined(authority.certificate_pem, server->certificate_pem, server->private_key_pem.view()));
    if (auto sealed = seal_file(home, keys, "server", file); !sealed) return pass(sealed);
    return facts;
}

Status check_tls_files(const std::filesystem::path& home, const keys::KeyRing& keys) {
    if (auto server = read_tls_files(home, keys); !server) return pass(server);
    if (auto authority = open_parts(home, keys, "authority"); !authority) return pass(authority);
    return {};
}

}  // namespace huoqi::node

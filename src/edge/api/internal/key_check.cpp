// SPDX-License-Identifier: Apache-2.0
#include "edge/api/internal/key_check.h"

#include <algorithm>

#include "edge/api/internal/answers.h"

namespace huoqi::api {
namespace {

constexpr std::size_t kMinSecret = 8;
constexpr std::size_t kMaxSecret = 256;

bool in_token68(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~+/=").find(c) != std::string_view::npos;
}

// The secret of "Bearer SECRET"; empty when the header is anything else.
std::string_view bearer(std::string_view header) {
    constexpr std::string_view kScheme = "bearer ";
    if (header.size() <= kScheme.size()) return {};
    for (std::size_t i = 0; i < kScheme.size(); ++i) {
        char c = header[i] >= 'A' && header[i] <= 'Z' ? static_cast<char>(header[i] + 32) : header[i];
        if (c != kScheme[i]) return {};
    }
    header.remove_prefix(std::min(header.find_first_not_of(' ', kScheme.size()), header.size()));
    bool shaped =
        header.size() >= kMinSecret && header.size() <= kMaxSecret && std::ranges::all_of(header, in_token68);
    return shaped ? header : std::string_view();
}

}  // namespace

std::expected<Caller, http::Response> KeyCheck::caller(const http::Request& request) {
    failures_.sweep();
    auto header = request.headers.find("authorization");
    if (!header) {
        services_.activity.count(metrics::KeyCheck::missing);
        return std::unexpected(unauthorized());
    }
    auto secret = request.headers.count("authorization") == 1 ? bearer(*header) : std::string_view();
    std::optional<office::AccessKey> key;
    if (!secret.empty()) {
        auto found = key_of(secret);
        if (!found) return std::unexpected(failure(found.error()));
        key = std::move(*found);
    }
    const bool over = key && key->expires && services_.clock.now() >= *key->expires;
    if (!key || key->revoked || over) {
        services_.activity.count(key ? metrics::KeyCheck::revoked : metrics::KeyCheck::unknown);
        note_failure(request, key ? &*key : nullptr);
        return std::unexpected(unauthorized());
    }
    // A key ends with its person, also before the office has revoked it. Programs' names are nobody's.
    const auto snapshot = services_.staff.directory().now();
    if (const auto* person = snapshot->person(key->enterprise, key->person);
        person != nullptr && !people::active(*person, services_.clock.now())) {
        services_.activity.count(metrics::KeyCheck::revoked);
        note_failure(request, &*key);
        return std::unexpected(unauthorized());
    }
    if (key->rate > 0 && !within_rate(*key)) {
        services_.activity.count_overload();
        return std::unexpected(too_many());
    }
    services_.activity.count(metrics::KeyCheck::accepted);
    Caller out{key->enterprise, key->outlet, {}};
    out.actor.person = std::move(key->person);
    out.actor.account = std::move(key->id);
    out.actor.role = std::move(key->role);
    out.actor.organisation = std::move(key->enterprise);
    out.actor.outlet = std::move(key->outlet);
    out.actor.address = request.peer_address;
    return out;
}

bool KeyCheck::within_rate(const office::AccessKey& key) {
    constexpr double kSecond = 1e9;
    const Time now = services_.clock.now();
    const auto most = static_cast<double>(key.rate);
    return buckets_.with([&](auto& buckets) {
        auto [at, made] = buckets.try_emplace(key.id, Bucket{most, now});
        auto& bucket = at->second;
        const auto passed =
            static_cast<double>(std::max<std::int64_t>(now.nanoseconds - bucket.at.nanoseconds, 0));
        bucket.left = std::min(most, bucket.left + passed / kSecond * most);
        bucket.at = now;
        if (bucket.left < 1) return false;
        bucket.left -= 1;
        return true;
    });
}

Result<std::optional<office::AccessKey>> KeyCheck::key_of(std::string_view secret) {
    auto digest = crypto::sha256(bytes_of(secret));
    Time now = services_.clock.now();
    auto news = services_.news->load();
    auto fresh = [now, news](const Known& known) {
        auto age = now.nanoseconds - known.asked.nanoseconds;
        return age >= 0 && age < kKeyCacheNanoseconds && known.news == news;
    };
    auto remembered = cache_.with([&](Cache& cache) -> std::optional<Known> {
        auto at = cache.find(digest);
        if (at == cache.end() || !fresh(at->second)) return std::nullopt;
        return at->second;
    });
    if (remembered) return std::move(remembered->key);
    auto asked = services_.office.key_of(SecretBytes(Bytes(secret.begin(), secret.end())));
    std::optional<office::AccessKey> key;
    if (asked) {
        key = std::move(*asked);
    } else if (asked.error().code != Code::not_found) {
        return pass(asked);
    }
    cache_.with([&](Cache& cache) {
        if (cache.size() >= kMaxCachedKeys)
            std::erase_if(cache, [&](const auto& at) { return !fresh(at.second); });
        if (cache.size() >= kMaxCachedKeys) cache.clear();
        cache.insert_or_assign(digest, Known{key, now, news});
    });
    return key;
}

void KeyCheck::note_failure(const http::Request& request, const office::AccessKey* revoked) {
    ledger::Entry entry;
    entry.action = "key.use";
    entry.outcome = "refused";
    entry.rule = revoked == nullptr ? "key.unknown" : revoked->revoked ? "key.revoked" : "key.expired";
    entry.actor.address = request.peer_address;
    if (revoked != nullptr) {
        entry.actor.person = revoked->person;
        entry.actor.account = revoked->id;
        entry.actor.role = revoked->role;
        entry.actor.organisation = revoked->enterprise;
    }
    const auto who = request.peer_address + " " + entry.actor.account;
    failures_.note(who, std::move(entry));
}

}  // namespace huoqi::api

// SPDX-License-Identifier: Apache-2.0
#include "edge/api/internal/session_check.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>

#include "edge/api/internal/answers.h"

namespace huoqi::api {
namespace {

constexpr std::size_t kMaxDevice = 64;

bool changes_something(std::string_view method) { return method != "GET" && method != "HEAD"; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

}  // namespace

std::string_view session_token(const http::Request& request) {
    std::string_view found;
    if (request.headers.count("cookie") != 1) return found;
    auto rest = request.headers.find("cookie").value_or("");
    while (!rest.empty()) {
        const auto end = std::min(rest.find(';'), rest.size());
        const auto pair = trimmed(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || pair.substr(0, equals) != kSessionCookie) continue;
        if (!found.empty()) return {};  // two: somebody planted one
        found = pair.substr(equals + 1);
    }
    return found;
}

std::string session_cookie(std::string_view token) {
    std::string out(kSessionCookie);
    out.append("=").append(token).append("; Path=/; Secure; HttpOnly; SameSite=Strict");
    if (token.empty()) out += "; Max-Age=0";
    return out;
}

std::string closed_to(const people::Snapshot& snapshot, const staff::Named& who, std::string_view device,
                      Time now) {
    const auto* person = snapshot.person(who.enterprise, who.person);
    if (person == nullptr || !people::active(*person, now)) return "login.person";
    if (device.empty()) return "";
    const auto* registered = snapshot.device(who.enterprise, device);
    return registered != nullptr && people::active(*registered, now) ? "" : "login.device";
}

std::string network_of(std::string_view peer) {
    const std::string text(peer);
    in6_addr address{};
    if (::inet_pton(AF_INET6, text.c_str(), &address) != 1) return text;
    std::array<char, INET6_ADDRSTRLEN> out{};
    if (IN6_IS_ADDR_V4MAPPED(&address)) {
        constexpr std::size_t kFirst = 12;
        ::inet_ntop(AF_INET, &address.s6_addr[kFirst], out.data(), out.size());
        return out.data();
    }
    constexpr std::size_t kNetworkBytes = 8;
    std::fill(std::begin(address.s6_addr) + kNetworkBytes, std::end(address.s6_addr), std::uint8_t{0});
    ::inet_ntop(AF_INET6, &address, out.data(), out.size());
    return std::string(out.data()) + "/64";
}

std::expected<Caller, http::Response> SessionCheck::caller(const http::Request& request) {
    const auto token = session_token(request);
    const auto device = request.headers.find(kDeviceHeader).value_or("");
    if (token.empty() || device.size() > kMaxDevice) return std::unexpected(unauthorized());
    auto session = session_of(token, device);
    if (!session) {
        const auto code = session.error().code;
        if (code != Code::refused && code != Code::not_found)
            return std::unexpected(failure(session.error()));
        return std::unexpected(unauthorized());
    }
    if (changes_something(request.method) &&
        !services_.accounts.csrf_fits(token, request.headers.find(kCsrfHeader).value_or(""))) {
        return std::unexpected(forbidden("session.csrf"));
    }
    const auto who = staff::named(session->person);
    if (!who) return std::unexpected(unauthorized());
    // Who leaves and a device that is revoked are out at once; their sessions are ended soon after.
    const auto snapshot = services_.staff.directory().now();
    if (!closed_to(*snapshot, *who, session->device, services_.clock.now()).empty())
        return std::unexpected(unauthorized());
    Caller out{who->enterprise, {}, {}, {}, {}};
    out.actor.person = who->person;
    out.actor.account = session->account;
    out.actor.organisation = who->enterprise;
    out.actor.terminal = session->device;
    out.actor.address = request.peer_address;
    if (const auto* registered = snapshot->device(who->enterprise, session->device))
        out.actor.outlet = registered->outlet;
    out.asker = staff::Asker{who->enterprise, who->person, session->device, session->second_factor};
    out.session = std::move(*session);
    return out;
}

Result<accounts::Session> SessionCheck::session_of(std::string_view token, std::string_view device) {
    std::string both(token);
    both.append(" ").append(device);
    const auto digest = crypto::sha256(bytes_of(both));
    const Time now = services_.clock.now();
    const auto news = services_.news->load();
    auto fresh = [now, news](const Known& known) {
        const auto age = now.nanoseconds - known.asked.nanoseconds;
        return age >= 0 && age < kKeyCacheNanoseconds && known.news == news;
    };
    auto remembered = cache_.with([&](auto& cache) -> std::optional<accounts::Session> {
        const auto at = cache.find(digest);
        if (at == cache.end() || !fresh(at->second)) return std::nullopt;
        return at->second.session;
    });
    if (remembered) return std::move(*remembered);
    auto asked = services_.accounts.session(token, device, now);
    if (!asked) return asked;
    cache_.with([&](auto& cache) {
        if (cache.size() >= kMaxCachedKeys)
            std::erase_if(cache, [&](const auto& at) { return !fresh(at.second); });
        if (cache.size() >= kMaxCachedKeys) cache.clear();
        cache.insert_or_assign(digest, Known{*asked, now, news});
    });
    return asked;
}

}  // namespace huoqi::api

// SPDX-License-Identifier: Apache-2.0
// What a password must be.
#include <algorithm>

#include "core/accounts/accounts.h"
#include "lib/text/normal_form.h"
#include "lib/text/text.h"

namespace huoqi::accounts {
namespace {

constexpr std::size_t kLoginLeast = 3;
constexpr std::size_t kLoginMost = 64;
// A name of one or two letters stands in every other word.
constexpr std::size_t kNameLeastBytes = 3;

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

SecretBytes small_letters(ByteView text) {
    Bytes out(text.begin(), text.end());
    for (auto& byte : out) byte = static_cast<std::uint8_t>(small(static_cast<char>(byte)));
    return SecretBytes(std::move(out));
}

// Capitals, small letters, digits, everything else.
std::int64_t classes_of(std::string_view text) {
    bool seen[4] = {};
    for (const char c : text) {
        if (c >= 'A' && c <= 'Z')
            seen[0] = true;
        else if (c >= 'a' && c <= 'z')
            seen[1] = true;
        else if (c >= '0' && c <= '9')
            seen[2] = true;
        else
            seen[3] = true;
    }
    return std::ranges::count(seen, true);
}

bool holds_name(std::string_view text, std::string_view name) {
    if (name.size() < kNameLeastBytes) return false;
    std::string lowered(name);
    std::ranges::transform(lowered, lowered.begin(), small);
    return text.find(lowered) != std::string_view::npos;
}

// A common password with a few characters around it is guessed next.
bool is_common(std::string_view text, const Rules& rules, const policy::Policy& policy) {
    const std::size_t whole = text::length(text);
    const auto enough = static_cast<std::size_t>(rules.length_min) / 2;
    return std::ranges::any_of(policy.common_passwords, [&](const std::string& common) {
        return text.find(common) != std::string_view::npos && whole - text::length(common) < enough;
    });
}

}  // namespace

Result<SecretBytes> checked_password(std::string_view password, std::string_view login,
                                     std::string_view person, const Rules& rules,
                                     const policy::Policy& policy) {
    auto normal = text::nfc(password, kMaxPasswordCharacters);
    if (!normal || normal->view().empty()) return fail(Code::bad_input, "password.text");
    const std::string_view text = text_of(normal->view());
    if (text::length(text) < static_cast<std::size_t>(rules.length_min))
        return fail(Code::bad_input, "password.length");
    if (classes_of(text) < rules.classes_min) return fail(Code::bad_input, "password.classes");
    const SecretBytes lowered = small_letters(normal->view());
    const std::string_view plain = text_of(lowered.view());
    if (holds_name(plain, login) || holds_name(plain, person)) return fail(Code::bad_input, "password.name");
    if (is_common(plain, rules, policy)) return fail(Code::bad_input, "password.common");
    return std::move(*normal);
}

std::optional<std::string> login_of(std::string_view typed) {
    typed = text::trim(typed);
    if (typed.size() < kLoginLeast || typed.size() > kLoginMost) return std::nullopt;
    std::string out(typed);
    std::ranges::transform(out, out.begin(), small);
    const bool good = std::ranges::all_of(out, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    });
    if (!good) return std::nullopt;
    return out;
}

}  // namespace huoqi::accounts

// SPDX-License-Identifier: Apache-2.0
// One-time codes: HOTP (RFC 4226) and TOTP (RFC 6238) with HMAC-SHA-1, 6 digits and steps of 30 seconds,
// which is what authenticator programs on phones take; their key as text and as otpauth:// URI; codes that
// people read off paper. Pure functions, safe from every thread. Randomness is passed in.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace huoqi::otp {

inline constexpr std::size_t kKeyBytes = 20;  // RFC 4226 section 4, R6: 160 bits recommended
inline constexpr std::size_t kDigits = 6;
inline constexpr std::chrono::seconds kStep{30};
inline constexpr int kMaxWindow = 10;  // steps to each side

// The code of a counter: kDigits digits.
std::string hotp(ByteView key, std::uint64_t counter);
// The step that a moment lies in; moments before 1970 lie in step 0.
std::int64_t step_at(Time at);
std::string totp(ByteView key, Time at);

// The step whose code this is, when it lies at most `window` steps (0 to kMaxWindow) from the step of `at`
// and after `last_used_step` (-1: none was used), so that a code works once. The caller keeps the step it
// gets. All steps of the window are computed and compared, whichever fits.
std::optional<std::int64_t> verify(ByteView key, std::string_view code, Time at, int window,
                                   std::int64_t last_used_step);

// RFC 4648 base 32 without padding, and back; capitals only, no loose bits.
std::string base32(ByteView bytes);
std::optional<Bytes> unbase32(std::string_view text);

// What a QR code for an authenticator says. It holds the key.
SecretBytes uri(std::string_view issuer, std::string_view account, ByteView key);

// ---- Codes on paper ----
// 5 bits a character in an alphabet without 0, O, 1 and I, in groups of four: "7KQM-XW2P-…". A last character
// that is not filled has zero bits at its end.
SecretBytes readable(ByteView randomness);
// The same code as it was meant: without blanks and hyphens, in capitals; nothing when another character or
// more than kMaxReadable characters are left.
std::optional<SecretBytes> as_meant(std::string_view typed);
inline constexpr std::size_t kMaxReadable = 64;

inline constexpr std::size_t kRecoveryBytes = 10;  // 80 bits each
// randomness.size() / kRecoveryBytes codes; the size must be a multiple.
std::vector<SecretBytes> recovery_codes(ByteView randomness);

}  // namespace huoqi::otp

// SPDX-License-Identifier: Apache-2.0
// Key material and personal information in memory (art. 36): wiped when let go, not copied by accident, not
// printable, and not accepted by the log.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace huoqi {

// Overwrites memory in a way that the optimiser may not remove.
void wipe(void* data, std::size_t size);

// N bytes of key material. Copy with clone(), read with view(): both are one grep away.
template <std::size_t N>
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::span<const std::uint8_t, N> bytes) { std::memcpy(bytes_.data(), bytes.data(), N); }
    Secret(Secret&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_.data(), N); }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            bytes_ = other.bytes_;
            wipe(other.bytes_.data(), N);
        }
        return *this;
    }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret() { wipe(bytes_.data(), N); }

    Secret clone() const { return Secret(std::span<const std::uint8_t, N>(bytes_)); }
    std::span<const std::uint8_t, N> view() const { return bytes_; }
    std::span<std::uint8_t, N> fill() { return bytes_; }

  private:
    std::array<std::uint8_t, N> bytes_{};
};

// Key material or a passphrase whose length is known only at run time.
class SecretBytes {
  public:
    SecretBytes() = default;
    explicit SecretBytes(Bytes bytes) : bytes_(std::move(bytes)) {}
    SecretBytes(SecretBytes&& other) noexcept : bytes_(std::move(other.bytes_)) {}
    SecretBytes& operator=(SecretBytes&& other) noexcept {
        wipe(bytes_.data(), bytes_.size());
        bytes_ = std::move(other.bytes_);
        return *this;
    }
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;
    ~SecretBytes() { wipe(bytes_.data(), bytes_.size()); }

    SecretBytes clone() const { return SecretBytes(bytes_); }
    ByteView view() const { return bytes_; }

  private:
    Bytes bytes_;
};

// Text that says something about a person (art. 3). reading() is the only way to its bytes.
class Personal {
  public:
    Personal() = default;
    explicit Personal(std::string_view text) : text_(text) {}
    explicit Personal(std::string&& text) : text_(std::move(text)) {}
    explicit Personal(const char* text) : text_(text) {}
    Personal(Personal&& other) noexcept : text_(std::move(other.text_)) { other.forget(); }
    Personal& operator=(Personal&& other) noexcept {
        if (this != &other) {
            forget();
            text_ = std::move(other.text_);
            other.forget();
        }
        return *this;
    }
    Personal(const Personal&) = delete;
    Personal& operator=(const Personal&) = delete;
    ~Personal() { forget(); }

    Personal clone() const { return Personal(std::string_view(text_)); }
    bool empty() const { return text_.empty(); }
    std::string_view reading() const { return text_; }
    // Replaces the text, keeping the buffer.
    void assign(std::string_view text) {
        wipe(text_.data(), text_.size());
        text_.assign(text);
    }
    void forget() {
        wipe(text_.data(), text_.size());
        text_.clear();
    }

  private:
    std::string text_;
};

}  // namespace huoqi

// SPDX-License-Identifier: Apache-2.0
// What each policy file may say, and how the files refer to each other. Files are read in the order of
// kFiles: a name is always defined in the same file or an earlier one.
#pragma once

#include <array>

#include "core/policy/internal/reader.h"
#include "core/policy/policy.h"

namespace huoqi::policy {

// What has been read so far.
struct Draft {
    Policy policy;
    Known sources, parts, roles, purposes;
    int articles = 0;               // how many the regulation has; 0 while articles.toml cannot be read
    bool parameters_whole = false;  // parameters.toml was read
};

void read_sources(Reader& file, Draft& draft);
void read_parts(Reader& file, Draft& draft);
void read_articles(Reader& file, Draft& draft);
void read_parameters(Reader& file, Draft& draft);
void read_roles(Reader& file, Draft& draft);
void read_purposes(Reader& file, Draft& draft);
void read_masks(Reader& file, Draft& draft);

// A file of plain lines; each problem is reported with its line.
void read_common_passwords(std::string_view content, std::string_view file, Draft& draft,
                           std::vector<Problem>& problems);

// One of both is there.
struct FileSchema {
    std::string_view name;
    void (*read)(Reader& file, Draft& draft) = nullptr;
    void (*read_lines)(std::string_view content, std::string_view file, Draft& draft,
                       std::vector<Problem>& problems) = nullptr;
};
inline constexpr std::array<FileSchema, 8> kFiles{{
    {"sources.toml", read_sources},
    {"parts.toml", read_parts},
    {"articles.toml", read_articles},
    {"parameters.toml", read_parameters},
    {"roles.toml", read_roles},
    {"purposes.toml", read_purposes},
    {"masks.toml", read_masks},
    {"common_passwords.txt", nullptr, read_common_passwords},
}};

// Shared by figures and masks.
Basis read_basis(Reader& reader, const Draft& draft);
Range article_range(const Draft& draft);

// The smallest and the greatest value of a figure over all its periods; nullopt when there is none.
std::optional<std::int64_t> least(const Policy& policy, std::string_view id);
std::optional<std::int64_t> greatest(const Policy& policy, std::string_view id);

}  // namespace huoqi::policy

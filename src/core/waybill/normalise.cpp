// SPDX-License-Identifier: Apache-2.0
// Normal forms and checks of every part. On the hot path of intake: a part that already is in normal form is
// read once and not written.
#include <algorithm>
#include <array>
#include <chrono>

#include "base/clock.h"
#include "core/waybill/internal/identity.h"
#include "core/waybill/internal/phones.h"
#include "core/waybill/internal/places.h"
#include "core/waybill/internal/tidy.h"
#include "core/waybill/waybill.h"
#include "lib/text/text.h"

namespace huoqi::waybill {
namespace {

constexpr std::size_t kLeastNumber = 8;
constexpr std::size_t kMostNumber = 30;

using Findings = std::vector<Finding>;

struct Party {
    Part name, mobile, tel, organisation, province, city, district, town, detail, id_type, id_number;
};
constexpr Party kSender = {Part::sender_name,         Part::sender_mobile,   Part::sender_tel,
                           Part::sender_organisation, Part::sender_province, Part::sender_city,
                           Part::sender_district,     Part::sender_town,     Part::sender_detail,
                           Part::sender_id_type,      Part::sender_id_number};
constexpr Party kRecipient = {Part::recipient_name,         Part::recipient_mobile,   Part::recipient_tel,
                              Part::recipient_organisation, Part::recipient_province, Part::recipient_city,
                              Part::recipient_district,     Part::recipient_town,     Part::recipient_detail,
                              Part::recipient_id_type,      Part::recipient_id_number};

bool is_normal_number(std::string_view text) {
    return text.size() >= kLeastNumber && text.size() <= kMostNumber &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
}

void check_number(Waybill& waybill, Findings& findings) {
    Personal& number = waybill[Part::number];
    if (is_normal_number(number.reading())) return;
    if (text::trim(number.reading()).empty()) {
        findings.push_back({Part::number, "number.missing"});
        return;
    }
    std::string normal = normal_number(number.reading());
    normal.empty() ? findings.push_back({Part::number, "number.shape"})
                   : void(number = Personal(std::move(normal)));
}

// RFC 3339 in UTC to the second, "2026-11-04T06:16:22Z".
std::string utc_text(Time time) {
    using namespace std::chrono;
    auto point = floor<seconds>(sys_time<nanoseconds>(nanoseconds(time.nanoseconds)));
    auto day = floor<days>(point);
    year_month_day date(day);
    auto of_day = static_cast<unsigned>((point - day).count());
    std::string out = "0000-00-00T00:00:00Z";
    auto put = [&out](std::size_t at, std::size_t width, unsigned value) {
        for (std::size_t i = width; i-- > 0; value /= 10) out[at + i] = static_cast<char>('0' + value % 10);
    };
    put(0, 4, static_cast<unsigned>(static_cast<int>(date.year())));
    put(5, 2, static_cast<unsigned>(date.month()));
    put(8, 2, static_cast<unsigned>(date.day()));
    put(11, 2, of_day / 3600);
    put(14, 2, of_day / 60 % 60);
    put(17, 2, of_day % 60);
    return out;
}

void check_time(Waybill& waybill, Findings& findings) {
    Personal& time = waybill[Part::time];
    if (time.empty()) return;
    auto text = text::trim(time.reading());
    if (text.empty()) return time.forget();
    auto parsed = parse_rfc3339(text);
    if (!parsed) return findings.push_back({Part::time, "time.shape"});
    bool normal =
        text.size() == 20 && text.ends_with('Z') && text[10] == 'T' && text.size() == time.reading().size();
    if (!normal) time = Personal(utc_text(*parsed));
}

// Brings a phone to its normal form; whether it is one.
bool tidy_phone(Personal& phone) {
    if (phone.empty() || is_mobile(phone.reading())) return true;
    if (text::trim(phone.reading()).empty()) return phone.forget(), true;
    std::string normal = normal_phone(phone.reading());
    if (normal.empty()) return false;
    if (normal != phone.reading()) phone = Personal(std::move(normal));
    return true;
}

void check_phones(Waybill& waybill, const Party& party, Findings& findings) {
    Personal& mobile = waybill[party.mobile];
    Personal& tel = waybill[party.tel];
    if (!tidy_phone(mobile)) findings.push_back({party.mobile, "mobile.shape"});
    if (!tidy_phone(tel)) findings.push_back({party.tel, "tel.shape"});
    // Platforms and people put either kind into either column.
    bool land_line_in_mobile = phone_kind(mobile.reading()) == PhoneKind::land_line;
    if (land_line_in_mobile && !tel.empty() && phone_kind(tel.reading()) == PhoneKind::land_line) {
        findings.push_back({party.mobile, "mobile.shape"});
    } else if (land_line_in_mobile ||
               (mobile.empty() && !tel.empty() && is_mobile(tel.reading().substr(0, 11)))) {
        std::swap(mobile, tel);
    }
    if (!mobile.empty() && mobile.reading() == tel.reading()) tel.forget();
}

void check_identity(Waybill& waybill, const Party& party, Findings& findings) {
    Personal& type = waybill[party.id_type];
    Personal& number = waybill[party.id_number];
    if (!number.empty() && !is_normal_id_number(number.reading())) {
        std::string normal = normal_id_number(number.reading());
        if (normal.empty() && !text::trim(number.reading()).empty()) {
            return findings.push_back({party.id_number, "id_number.shape"});
        }
        number = Personal(std::move(normal));
    }
    if (number.empty()) return type.forget();
    auto kind = text::trim(type.reading());
    if (kind.empty()) return findings.push_back({party.id_type, "id_type.missing"});
    if (kind.size() != 1 || kind[0] < '1' || kind[0] > '5')
        return findings.push_back({party.id_type, "id_type.unknown"});
    if (kind.size() != type.reading().size()) type = Personal(std::string(kind));
    auto rule = id_number_rule(type.reading(), number.reading());
    if (!rule.empty()) findings.push_back({party.id_number, rule});
}

void tidy_places(Waybill& waybill, const Party& party) {
    Personal& detail = waybill[party.detail];
    Personal& town = waybill[party.town];
    if (detail.empty() || !town.empty()) return;
    bool whole =
        waybill[party.province].empty() && waybill[party.city].empty() && waybill[party.district].empty();
    if (!whole) {
        auto found = leading_town(detail.reading());
        auto rest = text::trim(detail.reading().substr(found.size()));
        if (found.empty() || rest.empty()) return;
        Personal moved{std::string(rest)};
        town.assign(found);
        detail = std::move(moved);
        return;
    }
    Places places = split_address(detail.reading());
    if (places.province.empty()) return;
    waybill[party.province].assign(places.province);
    waybill[party.city].assign(places.city);
    waybill[party.district].assign(places.district);
    town.assign(places.town);
    detail = Personal(std::string(places.rest));
}

void check_party(Waybill& waybill, const Party& party, Findings& findings) {
    struct Rule {
        Part part;
        const TextKind& kind;
    };
    for (const auto& [part, kind] :
         {Rule{party.name, kName}, Rule{party.organisation, kOrganisation}, Rule{party.province, kPlace},
          Rule{party.city, kPlace}, Rule{party.district, kPlace}, Rule{party.town, kTown},
          Rule{party.detail, kDetail}}) {
        if (waybill[part].empty()) continue;
        if (auto rule = tidy(waybill[part], kind); !rule.empty()) findings.push_back({part, rule});
    }
    tidy_places(waybill, party);
    check_phones(waybill, party, findings);
    check_identity(waybill, party, findings);
    if (waybill[party.name].empty() && waybill[party.organisation].empty())
        findings.push_back({party.name, "name.missing"});
}

}  // namespace

std::string normal_number(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        char32_t c = text::narrow(text::next(text, at));
        if (c == U' ' || c == U'\t') continue;
        if (c >= U'a' && c <= U'z') c -= 32;
        if (c >= 0x80) return {};
        out.push_back(static_cast<char>(c));
    }
    return is_normal_number(out) ? out : std::string();
}

std::vector<Finding> normalise(Waybill& waybill) {
    Findings findings;
    check_number(waybill, findings);
    check_time(waybill, findings);
    if (!waybill[Part::items].empty()) {
        if (auto rule = tidy(waybill[Part::items], kItems); !rule.empty())
            findings.push_back({Part::items, rule});
    }
    check_party(waybill, kSender, findings);
    check_party(waybill, kRecipient, findings);
    if (waybill[Part::recipient_mobile].empty() && waybill[Part::recipient_tel].empty()) {
        findings.push_back({Part::recipient_mobile, "phone.missing"});
    }
    return findings;
}

}  // namespace huoqi::waybill

// SPDX-License-Identifier: Apache-2.0
#include "core/waybill/internal/places.h"

#include <array>
#include <span>

#include "lib/text/text.h"

namespace huoqi::waybill {
namespace {

constexpr std::size_t kLongestCity = 12;      // code points: 自治区直辖县级行政区划 has 11
constexpr std::size_t kLongestDistrict = 16;  // 双江拉祜族佤族布朗族傣族自治县 has 15
constexpr std::size_t kLongestTown = 14;

struct Province {
    std::string_view full;
    std::string_view shortened;
};
constexpr std::array<Province, 34> kProvinces = {{
    {"北京市", "北京"},         {"天津市", "天津"},           {"上海市", "上海"},
    {"重庆市", "重庆"},         {"河北省", "河北"},           {"山西省", "山西"},
    {"辽宁省", "辽宁"},         {"吉林省", "吉林"},           {"黑龙江省", "黑龙江"},
    {"江苏省", "江苏"},         {"浙江省", "浙江"},           {"安徽省", "安徽"},
    {"福建省", "福建"},         {"江西省", "江西"},           {"山东省", "山东"},
    {"河南省", "河南"},         {"湖北省", "湖北"},           {"湖南省", "湖南"},
    {"广东省", "广东"},         {"海南省", "海南"},           {"四川省", "四川"},
    {"贵州省", "贵州"},         {"云南省", "云南"},           {"陕西省", "陕西"},
    {"甘肃省", "甘肃"},         {"青海省", "青海"},           {"台湾省", "台湾"},
    {"内蒙古自治区", "内蒙古"}, {"广西壮族自治区", "广西"},   {"西藏自治区", "西藏"},
    {"宁夏回族自治区", "宁夏"}, {"新疆维吾尔自治区", "新疆"}, {"香港特别行政区", "香港"},
    {"澳门特别行政区", "澳门"},
}};

// Behind the short form of a province these make another name: "吉林市", "海南藏族自治州", "河南路".
constexpr std::string_view kNoProvince[] = {"市",   "路",   "街",   "大道", "藏族",
                                            "东路", "西路", "南路", "北路", "中路"};

constexpr std::string_view kCityEnds[] = {"市", "自治州", "地区", "盟"};
constexpr std::string_view kCountyEnds[] = {"区", "县", "旗"};
constexpr std::string_view kDistrictEnds[] = {"区", "县", "市", "旗"};
constexpr std::string_view kTownEnds[] = {"镇", "乡", "苏木"};
constexpr std::u32string_view kRoadEnds = U"路街巷弄村道号";
constexpr std::u32string_view kTownOrRoad = U"路街巷弄村道号镇乡木";
// "和平镇中路", "新镇街": the town's word belongs to a road.
constexpr std::string_view kRoadBehindTown[] = {"路",   "街",   "巷",   "大道", "东路",
                                                "西路", "南路", "北路", "中路", "村"};

using Words = std::span<const std::string_view>;

bool starts_with_any(std::string_view text, Words words) {
    for (auto word : words) {
        if (text.starts_with(word)) return true;
    }
    return false;
}

bool ends_with_any(std::string_view text, Words words) {
    for (auto word : words) {
        if (text.ends_with(word)) return true;
    }
    return false;
}

void take(std::string_view& from, std::size_t size) { from = text::trim(from.substr(size)); }

// The shortest front of at least two Han characters that ends with one of `ends`, and is not followed by one
// of them.
std::string_view shortest(std::string_view text, std::size_t longest, Words ends) {
    std::size_t at = 0;
    for (std::size_t count = 1; count <= longest && at < text.size(); ++count) {
        if (!text::is_han(text::next(text, at))) return {};
        auto front = text.substr(0, at);
        if (count >= 2 && ends_with_any(front, ends) && !starts_with_any(text.substr(at), ends)) return front;
    }
    return {};
}

std::string_view city_of(std::string_view text) {
    for (std::string_view level : {"市辖区", "省直辖县级行政区划", "自治区直辖县级行政区划"}) {
        if (text.starts_with(level)) return text.substr(0, level.size());
    }
    return shortest(text, kLongestCity, kCityEnds);
}

Places unsplit(std::string_view address) {
    Places places;
    places.rest = address;
    return places;
}

}  // namespace

Places split_address(std::string_view address) {
    Places places;
    auto rest = text::trim(address);
    for (const auto& [full, shortened] : kProvinces) {
        if (!rest.starts_with(shortened)) continue;
        bool in_full = rest.starts_with(full);
        if (!in_full && starts_with_any(rest.substr(shortened.size()), kNoProvince)) continue;
        places.province = full;
        take(rest, in_full ? full.size() : shortened.size());
        break;
    }
    if (places.province.empty()) return unsplit(address);
    places.city = city_of(rest);
    // "北京市朝阳区": the district follows at once, and a city further on is none.
    auto district = shortest(rest, kLongestDistrict, kCountyEnds);
    bool direct = places.city.empty() || (!district.empty() && district.size() < places.city.size());
    if (direct) places.city = {};
    take(rest, places.city.size());
    places.district = shortest(rest, kLongestDistrict, kDistrictEnds);
    if (places.city.empty() && places.district.empty()) return unsplit(address);
    take(rest, places.district.size());
    places.town = leading_town(rest);
    take(rest, places.town.size());
    places.rest = rest;
    return places;
}

std::string_view leading_town(std::string_view address) {
    std::size_t at = 0;
    bool road = false;
    for (std::size_t count = 1; count <= kLongestTown && at < address.size(); ++count) {
        char32_t c = text::next(address, at);
        if (!text::is_han(c)) break;
        if (!kTownOrRoad.contains(c)) continue;
        auto after = address.substr(at);
        // 新街口街道, 解放路街道: what ends with 街道 is a town, whatever stands in it (but not 街道口).
        if (c == U'街' && count >= 2 && after.starts_with("道") && !after.starts_with("道口")) {
            return address.substr(0, at + std::string_view("道").size());
        }
        if (road || starts_with_any(after, std::span(kTownEnds).first(2))) continue;  // 张村镇, 三乡镇
        road = kRoadEnds.contains(c);
        auto front = address.substr(0, at);
        if (road || count < 2 || !ends_with_any(front, kTownEnds)) continue;
        road = starts_with_any(after, kRoadBehindTown);
        if (!road) return front;
    }
    return {};
}

}  // namespace huoqi::waybill

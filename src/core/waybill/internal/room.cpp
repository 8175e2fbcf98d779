// SPDX-License-Identifier: Apache-2.0
// The detail is read from the left. An *anchor* is a place up to which it may be shown; reading stops at the
// first thing that may be private, and what is shown ends at the last anchor before it.
#include "core/waybill/internal/room.h"

#include <span>

#include "lib/text/text.h"

namespace huoqi::waybill {
namespace {

using Words = std::span<const std::string_view>;

constexpr std::size_t kMostDigits = 4;          // a longer number is a phone, a code or the like
constexpr std::size_t kMostBuildingDigits = 3;  // "2501栋" is rather a room

constexpr std::string_view kBuilding[] = {"号楼", "號樓", "號楼", "幢", "栋", "棟", "座"};
constexpr std::string_view kHouse[] = {"号大院", "号院", "号", "號"};
constexpr std::string_view kNoHouse[] = {"号房", "号室",   "号门", "号铺", "号柜",
                                         "号机", "号单元", "号层", "号梯"};
constexpr std::string_view kArea[] = {"路", "街", "道", "大道", "巷", "弄",   "村", "组", "队", "社", "段",
                                      "环", "条", "期", "区",   "线", "公里", "团", "连", "里", "坊"};
// Only these follow a number of three or four digits.
constexpr std::string_view kLongArea[] = {"弄", "团", "国道", "省道", "县道"};
constexpr std::string_view kPrivate[] = {"单元", "單元", "层", "層", "楼", "樓", "室",
                                         "户",   "門",   "门", "房", "铺", "柜", "梯"};
constexpr std::string_view kUnit[] = {"单元", "單元", "室"};
// What a house number may stand behind.
constexpr std::u32string_view kBeforeHouse = U"路街道巷弄村组队社里坊庄寨屯段线镇乡条环桥同";
// Roads and villages end with these ...
constexpr std::u32string_view kRoad = U"路街道巷弄村镇乡";
// ... and estates, offices and shops with these.
constexpr std::u32string_view kPlace = U"园区厦场寓心城苑庭府湾院厂店校学站馆局所里庄寨屯坊塔墅邸轩阁居";
constexpr std::u32string_view kNumerals = U"零〇一二三四五六七八九十百千两廿卅壹贰叁肆伍陆柒捌玖拾";
constexpr std::u32string_view kOrdinals = U"甲乙丙丁戊己庚辛";

std::size_t starts_with(std::string_view text, Words words) {
    for (auto word : words) {
        if (text.starts_with(word)) return word.size();
    }
    return 0;
}

bool is_in(char32_t c, std::u32string_view set) { return set.find(c) != set.npos; }
bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }
bool is_letter(char32_t c) { return c < 0x80 && ((c | 0x20) >= U'a' && (c | 0x20) <= U'z'); }

// A run of digits, letters and dashes, or of Chinese numerals.
struct Run {
    std::size_t end = 0;  // bytes from the start of the text
    std::size_t digits = 0;
    std::size_t letters = 0;
    std::size_t dashes = 0;
    std::size_t since_dash = 0;
    std::size_t numerals = 0;
};

class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::string_view front() {
        while (at_ < text_.size() && step()) {
        }
        return text_.substr(0, anchor_);
    }

  private:
    // Reads one thing; false stops.
    bool step() {
        std::size_t after = at_;
        char32_t c = text::narrow(text::next(text_, after));
        if (is_digit(c) || is_letter(c) || is_in(c, kNumerals)) return number(run(is_in(c, kNumerals)));
        if (is_in(c, kOrdinals) && starts_with(text_.substr(after), kPrivate)) return false;
        if (c == U' ' || c == U'-' || c == U'·') return !house_seen_ && pass(c, after);
        if (!text::is_han(c) && c != U'×') return false;  // punctuation begins a note; an odd sign is unknown
        if (starts_with(text_.substr(at_), kUnit)) return false;
        if (is_in(c, kOrdinals)) {
            if (std::size_t size = starts_with(text_.substr(after), kBuilding))
                return anchor_ = after + size, false;
        }
        if (is_in(c, kPlace) || (is_in(c, kRoad) && !house_seen_)) anchor_ = after;
        return pass(c, after);
    }

    bool pass(char32_t c, std::size_t after) {
        before_ = c;
        at_ = after;
        return true;
    }

    Run run(bool numerals) const {
        Run run{.end = at_};
        for (std::size_t after = at_; after < text_.size(); run.end = after) {
            char32_t c = text::narrow(text::next(text_, after));
            if (numerals) {
                if (!is_in(c, kNumerals)) return run;
                ++run.numerals;
                continue;
            }
            if (!is_digit(c) && !is_letter(c) && c != U'-') return run;
            run.digits += is_digit(c);
            run.letters += is_letter(c);
            run.dashes += c == U'-';
            run.since_dash = c == U'-' ? 0 : run.since_dash + 1;
        }
        return run;
    }

    bool number(const Run& run) {
        auto behind = text_.substr(run.end);
        bool word = run.digits == 0 && run.numerals == 0;
        if (run.digits > kMostDigits || run.numerals > kMostDigits) return false;
        if (word && run.letters > 1) return pass(U'A', run.end);  // SOHO, CBD
        bool building = run.digits <= kMostBuildingDigits && run.dashes == 0;
        if (std::size_t size = starts_with(behind, kBuilding); size > 0 && building)
            return anchor_ = run.end + size, false;
        if (word && behind.starts_with("楼")) return anchor_ = run.end + std::string_view("楼").size(), false;
        if (run.digits > 0 && run.digits <= 2 && building && behind.starts_with("#"))
            return anchor_ = run.end + 1, false;
        if (starts_with(behind, kNoHouse) || starts_with(behind, kPrivate)) return false;
        if (std::size_t size = starts_with(behind, kHouse)) return house(run, run.end + size);
        if (run.dashes == 0) {
            std::size_t size = starts_with(behind, kLongArea);
            if (size == 0 && run.digits <= 2) size = starts_with(behind, kArea);
            if (size > 0) return area(run, size);
        }
        if (word || (run.numerals > 0 && run.numerals <= (house_seen_ ? 1U : 2U)))
            return pass(U'一', run.end);
        return false;
    }

    bool house(const Run& run, std::size_t end) {
        bool placed = at_ == 0 ? run.digits <= kMostBuildingDigits : is_in(before_, kBeforeHouse);
        bool dashed = run.dashes > 1 || (run.dashes == 1 && run.since_dash > 2);
        if (house_seen_ || !placed || dashed) return false;
        house_seen_ = true;
        anchor_ = end;
        return pass(U'号', end);
    }

    bool area(const Run& run, std::size_t size) {
        auto suffix = text_.substr(run.end, size);
        if (house_seen_ && suffix != "期" && suffix != "区") return false;
        anchor_ = run.end + size;
        std::size_t last =
            anchor_ - std::string_view("路").size();  // every Han character of kArea has as many bytes
        return pass(text::next(text_, last), anchor_);
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t anchor_ = 0;
    char32_t before_ = 0;  // the character in front of at_
    bool house_seen_ = false;
};

}  // namespace

std::string_view public_front(std::string_view detail) { return Reader(detail).front(); }

}  // namespace huoqi::waybill

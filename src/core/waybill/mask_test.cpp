// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>

#include "core/waybill/waybill.h"
#include "lib/text/text.h"

namespace huoqi::waybill {
namespace {

MaskRules rules() {
    MaskRules rules;
    rules.compound_surnames = {"欧阳", "诸葛", "东方", "司马"};
    return rules;
}

std::string masked(Part part, std::string_view value, const MaskRules& with = rules()) {
    Waybill waybill;
    waybill[part].assign(value);
    return mask(waybill, field_of(part), with);
}

std::string detail(std::string_view value) { return masked(Part::recipient_detail, value); }

TEST(MaskName, KeepsTheSurnameOnly) {
    EXPECT_EQ(masked(Part::sender_name, "王伟"), "王*");
    EXPECT_EQ(masked(Part::sender_name, "王小伟"), "王**");
    EXPECT_EQ(masked(Part::sender_name, "欧阳娜娜"), "欧阳**");
    EXPECT_EQ(masked(Part::sender_name, "诸葛亮"), "诸葛*");
    EXPECT_EQ(masked(Part::sender_name, "𠮷𬱖"), "𠮷*");
    EXPECT_EQ(masked(Part::sender_name, "阿卜杜拉·买买提"), "阿***·***");
}

TEST(MaskName, NeverShowsAllOfIt) {
    EXPECT_EQ(masked(Part::sender_name, "王"), "*");
    EXPECT_EQ(masked(Part::sender_name, "A"), "*");
    EXPECT_EQ(masked(Part::sender_name, "欧阳"), "欧*");
    MaskRules wide = rules();
    wide.name_keep_first = 9;
    EXPECT_EQ(masked(Part::sender_name, "王伟", wide), "王*");
    EXPECT_EQ(masked(Part::sender_name, ""), "");
}

TEST(MaskName, LatinNamesKeepTheirFirstLetter) {
    EXPECT_EQ(masked(Part::sender_name, "Taylor O'Neil"), "T***");
    EXPECT_EQ(masked(Part::sender_name, "Émile"), "É***");
}

TEST(MaskName, PlatformMasksStayMasked) {
    EXPECT_EQ(masked(Part::sender_name, "王*"), "王*");
    EXPECT_EQ(masked(Part::sender_name, "*伟"), "*" + std::string("***"));
}

TEST(MaskPhone, HidesAtLeastSixDigits) {
    EXPECT_EQ(masked(Part::sender_mobile, "13812345678"), "138******78");
    EXPECT_EQ(masked(Part::sender_tel, "0571-88123456"), "0571-88******");
    EXPECT_EQ(masked(Part::sender_tel, "010-8812345"), "010-8******");
    EXPECT_EQ(masked(Part::sender_tel, "0571-88123456-801"), "0571-88******-***");
    EXPECT_EQ(masked(Part::sender_tel, "4001234567"), "40********");
}

TEST(MaskPhone, VirtualNumbersHideUnlessAllowed) {
    EXPECT_EQ(masked(Part::sender_mobile, "18877771111-123"), "188******11-***");
    MaskRules open = rules();
    open.show_virtual_numbers = true;
    EXPECT_EQ(masked(Part::sender_mobile, "18877771111-123", open), "18877771111-123");
    EXPECT_EQ(masked(Part::sender_mobile, "18877771111", open), "188******11");
}

TEST(MaskPhone, PlatformMasksAreMaskedAgain) {
    EXPECT_EQ(phone_kind("138****5678"), PhoneKind::masked);
    EXPECT_EQ(masked(Part::sender_mobile, "138****5678"), "138******78");
    EXPECT_EQ(masked(Part::sender_mobile, "13*******64"), "13*******64");
}

TEST(MaskPhone, LooseRulesCannotGoBelowTheStandard) {
    MaskRules loose = rules();
    loose.phone_keep_first = 7;
    loose.phone_keep_last = 4;
    loose.phone_hide_at_least = 0;
    EXPECT_EQ(masked(Part::sender_mobile, "13812345678", loose), "13812******");
    EXPECT_EQ(masked(Part::sender_mobile, "what is this 13812345678", loose), "***");
}

TEST(MaskPhone, BothPhonesAreMasked) {
    Waybill waybill;
    waybill[Part::recipient_mobile].assign("13812345678");
    waybill[Part::recipient_tel].assign("0571-88123456");
    EXPECT_EQ(mask(waybill, Field::recipient_phone, rules()), "138******78, 0571-88******");
    EXPECT_EQ(clear(waybill, Field::recipient_phone).reading(), "13812345678, 0571-88123456");
}

TEST(MaskAddress, KeepsBuildingAndHidesUnitFloorAndRoom) {
    EXPECT_EQ(detail("××路1号3幢2单元501室"), "××路1号3幢***");
    EXPECT_EQ(detail("明珠路37号金地格林28幢4单元3306室"), "明珠路37号金地格林28幢***");
    EXPECT_EQ(detail("豆门乡解放大道421号国贸中心D座8楼282"), "豆门乡解放大道421号国贸中心D座***");
    EXPECT_EQ(detail("软件园D座8楼242"), "软件园D座***");
    EXPECT_EQ(detail("阳光花园3号楼5楼"), "阳光花园3号楼***");
    EXPECT_EQ(detail("世纪大道100弄12号501室"), "世纪大道100弄12号***");
    EXPECT_EQ(detail("凤城五路12号"), "凤城五路12号");
    EXPECT_EQ(detail("滨江大道9号"), "滨江大道9号");
    EXPECT_EQ(detail("幸福里甲座五层"), "幸福里甲座***");
}

TEST(MaskAddress, HidesNotesBehindTheAddress) {
    EXPECT_EQ(detail("滨江大道780号龙湖时代51幢2单元708室,放门口/勿电联"), "滨江大道780号龙湖时代51幢***");
    EXPECT_EQ(detail("滨江大道9号,放门口/勿电联"), "滨江大道9号***");
    EXPECT_EQ(detail("滨江大道9号（近地铁）13812345678"), "滨江大道9号***");
    EXPECT_EQ(detail("滨江大道9号王先生收"), "滨江大道9号***");
}

TEST(MaskAddress, RoomsInOtherShapesHide) {
    for (std::string_view room :
         {"阳光花园3-2-501", "阳光花园501", "阳光花园501号", "阳光花园五〇一室", "阳光花园五零一", "3#501",
          "阳光花园A501", "阳光花园３幢５０１", "阳光花园 501", "1幢501", "一幢501", "人民路1号501",
          "人民路1号-501", "人民路1号5-501号", "Room 501, 5 Nanjing Road",

          "十五楼501", "1号院501", "路501房", "501"}) {
        std::string shown = detail(room);
        for (std::string_view number : {"501", "５０１", "五〇一", "五零一"}) {
            EXPECT_EQ(shown.find(number), std::string::npos) << room << " shows " << shown;
        }
        EXPECT_TRUE(shown.ends_with("***")) << room << " shows " << shown;
    }
}

TEST(MaskAddress, JoinsThePlaces) {
    Waybill waybill;
    waybill[Part::recipient_province].assign("浙江省");
    waybill[Part::recipient_city].assign("杭州市");
    waybill[Part::recipient_district].assign("余杭区");
    waybill[Part::recipient_detail].assign("××路1号3幢2单元501室");
    EXPECT_EQ(mask(waybill, Field::recipient_address, rules()), "浙江省杭州市余杭区××路1号3幢***");
    EXPECT_EQ(clear(waybill, Field::recipient_address).reading(), "浙江省杭州市余杭区××路1号3幢2单元501室");
}

TEST(MaskAddress, ARoomInThePlaceOfATownHidesToo) {
    Waybill waybill;
    waybill[Part::recipient_province].assign("浙江省");
    waybill[Part::recipient_town].assign("仓前街道2单元501室");
    waybill[Part::recipient_detail].assign("文一西路1号");
    EXPECT_EQ(mask(waybill, Field::recipient_address, rules()), "浙江省仓前街道***");
}

TEST(MaskOthers, HideByDefault) {
    EXPECT_EQ(masked(Part::sender_id_number, "11010519491231002X"), "***");
    EXPECT_EQ(masked(Part::sender_id_type, "1"), "");
    EXPECT_EQ(masked(Part::items, "茶叶"), "***");
    EXPECT_EQ(masked(Part::sender_organisation, "杭州云栖科技有限公司"), "杭州***");
    EXPECT_EQ(masked(Part::sender_organisation, "云"), "***");
    EXPECT_EQ(masked(Part::number, "SF2000021000003"), "***********0003");
    EXPECT_EQ(masked(Part::number, "123"), "***");
    EXPECT_EQ(masked(Part::time, "2026-11-04T06:16:22Z"), "2026-11-04T06:16:22Z");
}

// ---- Random inputs: what must hide does not appear ----

class Random {
  public:
    explicit Random(unsigned seed) : engine_(seed) {}
    std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine_); }
    template <std::size_t N>
    std::string_view of(const std::string_view (&words)[N]) {
        return words[below(N)];
    }
    std::string digits(std::size_t n, std::string_view from = "0123456789") {
        std::string out;
        while (n-- > 0) out += from[below(from.size())];
        return out;
    }

  private:
    std::mt19937 engine_;
};

bool shows_run_of(std::string_view shown, std::string_view digits, std::size_t run) {
    for (std::size_t at = 0; at + run <= digits.size(); ++at) {
        if (shown.find(digits.substr(at, run)) != std::string_view::npos) return true;
    }
    return false;
}

TEST(MaskProperty, NoSixDigitsOfAPhoneInARowAreEverShown) {
    Random random(1);
    constexpr std::string_view kSigns[] = {"",  "-", " ", "*", "****", "转", "+86",
                                           "0", "1", "(", ",", "王",   "#"};
    for (int i = 0; i < 200'000; ++i) {
        MaskRules wild = rules();
        wild.phone_keep_first = random.below(14);
        wild.phone_keep_last = random.below(14);
        wild.phone_hide_at_least = random.below(9);
        std::string phone = std::string(random.of(kSigns)) + random.digits(random.below(13)) +
                            std::string(random.of(kSigns)) + random.digits(random.below(9)) +
                            std::string(random.of(kSigns));
        if (random.below(2)) phone = "1" + random.digits(1, "3456789") + random.digits(9);
        std::string normal = normal_phone(phone);
        for (const std::string& text : {phone, normal}) {
            std::string shown = masked(Part::recipient_mobile, text, wild);
            std::string digits = text;
            std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });
            std::size_t visible = 0;
            for (char c : shown) visible += c >= '0' && c <= '9';
            if (digits.size() >= 7) {
                ASSERT_LE(visible + 6, std::max<std::size_t>(digits.size(), 11)) << text << " " << shown;
            }
            ASSERT_FALSE(shows_run_of(shown, digits, 6)) << text << " " << shown;
        }
    }
}

TEST(MaskProperty, NoRoomNumberIsEverShown) {
    Random random(2);
    constexpr std::string_view kRoads[] = {"人民路",   "丹棱街", "和平巷",       "解放大道",
                                           "凤城五路", "下沙村", "世纪大道100弄"};
    constexpr std::string_view kHouses[] = {"", "1号", "12号", "120号", "3-2号", "1号院", "1 号"};
    constexpr std::string_view kEstates[] = {"",         "阳光花园", "金地格林", "国贸中心", "SOHO",
                                             "第一小区", "A区",      "2期",      " "};
    constexpr std::string_view kBuildings[] = {"",      "3幢",    "12栋",   "D座",      "3号楼", "3#",
                                               "A楼",   "甲座",   "三栋",   "3幢2单元", "8楼",   "12层",
                                               "2单元", "东单元", "负一层", "3-",       "3-2-",  "一单元"};
    constexpr std::string_view kGlue[] = {"",  "",  "",  " ",  "-",    ",",    "，",
                                          "(", "—", "/", "第", "门牌", "房号", "\u200B"};
    constexpr std::string_view kSuffixes[] = {"",     "室",   "房",      "户",     "号",   "号房",
                                              "号门", "门",   "铺",      "#",      "单元", "层",
                                              "楼",   "宿舍", ",放门口", "王先生", "号室", "里面"};
    for (int i = 0; i < 300'000; ++i) {
        // Rooms are made of digits that occur nowhere else; road and house numbers of the others.
        std::string room = random.digits(3 + random.below(2), "56789");
        std::string text;
        for (auto part :
             {random.of(kRoads), random.of(kHouses), random.of(kEstates), random.of(kBuildings)}) {
            if (random.below(5) != 0) text += part;
        }
        text += std::string(random.of(kGlue)) + room + std::string(random.of(kSuffixes));
        // "567号" directly behind a road is a house number.
        std::string shown = detail(text);
        bool house = text.find("号" + room) == std::string::npos &&
                     (shown.ends_with(room + "号") || shown.ends_with(room + "号***"));
        if (house) continue;
        ASSERT_EQ(shown.find(room), std::string::npos) << text << " shows " << shown;
    }
}

TEST(MaskProperty, AnythingMayBeMasked) {
    Random random(3);
    for (int i = 0; i < 50'000; ++i) {
        std::string bytes;
        for (std::size_t n = random.below(40); n > 0; --n)
            bytes.push_back(static_cast<char>(random.below(256)));
        Waybill waybill;
        for (std::size_t part = 0; part < kParts; ++part) waybill[static_cast<Part>(part)].assign(bytes);
        for (std::size_t field = 0; field < kFields; ++field) {
            std::string shown = mask(waybill, static_cast<Field>(field), rules());
            if (bytes.size() > 8 && static_cast<Field>(field) != Field::time) {
                ASSERT_NE(shown, bytes);
            }
        }
    }
}

}  // namespace
}  // namespace huoqi::waybill

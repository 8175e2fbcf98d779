// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/waybill/internal/identity.h"
#include "core/waybill/internal/places.h"
#include "core/waybill/waybill.h"

namespace huoqi::waybill {
namespace {

Waybill good() {
    Waybill waybill;
    waybill[Part::number].assign("SF2000021000003");
    waybill[Part::recipient_name].assign("王伟");
    waybill[Part::recipient_mobile].assign("13812345678");
    waybill[Part::sender_name].assign("李四");
    return waybill;
}

// The value of `part` after normalising; rules that it broke behind "!".
std::string normal(Part part, std::string_view value) {
    Waybill waybill = good();
    waybill[part].assign(value);
    std::string rules;
    for (auto& finding : normalise(waybill)) rules += "!" + std::string(finding.rule);
    return rules.empty() ? std::string(waybill[part].reading()) : rules;
}

TEST(Names, GoBothWays) {
    for (std::size_t i = 0; i < kParts; ++i) {
        Part part = static_cast<Part>(i);
        EXPECT_EQ(part_named(name(part)), part);
        auto parts = parts_of(field_of(part));
        EXPECT_NE(std::ranges::find(parts, part), parts.end());
        EXPECT_EQ(group_of(part), group_of(field_of(part)));
    }
    for (std::size_t i = 0; i < kFields; ++i)
        EXPECT_EQ(field_named(name(static_cast<Field>(i))), static_cast<Field>(i));
    for (std::size_t i = 0; i < kClasses; ++i) {
        EXPECT_EQ(class_named(name(static_cast<DataClass>(i))), static_cast<DataClass>(i));
    }
    EXPECT_EQ(part_named("sender.shoe"), std::nullopt);
    EXPECT_EQ(name(Part::recipient_id_number), "recipient.id_number");
    EXPECT_EQ(name(Group::sender_identity), "sender_identity");
    EXPECT_EQ(class_of(Field::sender_phone), DataClass::phone);
}

TEST(Waybill, CloneIsEqualAndForgetEmpties) {
    Waybill waybill = good();
    Waybill copy = waybill.clone();
    EXPECT_TRUE(copy == waybill);
    waybill.forget();
    EXPECT_FALSE(copy == waybill);
    EXPECT_TRUE(waybill == Waybill());
}

TEST(Normalise, NumberIsRequiredAndUpperCase) {
    EXPECT_EQ(normal(Part::number, " sf２000 021000003 "), "SF2000021000003");
    EXPECT_EQ(normal(Part::number, ""), "!number.missing");
    EXPECT_EQ(normal(Part::number, "SF12"), "!number.shape");
    EXPECT_EQ(normal(Part::number, "SF-2000021000003"), "!number.shape");
    EXPECT_EQ(normal(Part::number, std::string(31, '1')), "!number.shape");
}

TEST(Normalise, MobileLosesBlanksDashesAndCountryCode) {
    for (std::string_view text :
         {"13812345678", " 138 1234 5678", "138-1234-5678", "+8613812345678", "+86 138 1234 5678",
          "008613812345678", "8613812345678", "１３８１２３４５６７８", "\u202D13812345678\u202C"}) {
        EXPECT_EQ(normal(Part::recipient_mobile, text), "13812345678") << text;
    }
    for (std::string_view text : {"1381234567", "138123456789", "12812345678", "abc", "+85298765432"}) {
        EXPECT_EQ(normal(Part::recipient_mobile, text), "!mobile.shape") << text;
    }
}

TEST(Normalise, VirtualNumbersKeepTheirExtension) {
    for (std::string_view text : {"18877771111-123", "18877771111转123", "18877771111,123",
                                  "18877771111－123", "188 7777 1111-123"}) {
        EXPECT_EQ(normal(Part::recipient_mobile, text), "18877771111-123") << text;
    }
    EXPECT_EQ(normal(Part::recipient_mobile, "18877771111-1234567"), "!mobile.shape");
    EXPECT_EQ(phone_kind("18877771111-123"), PhoneKind::virtual_number);
}

TEST(Normalise, LandLinesGetTheirDashes) {
    for (std::string_view text : {"0571-88123456", "057188123456", "(0571)88123456", "0571 8812 3456",
                                  "+86-571-88123456", "+8657188123456"}) {
        EXPECT_EQ(normal(Part::recipient_tel, text), "0571-88123456") << text;
    }
    EXPECT_EQ(normal(Part::recipient_tel, "010-53120561-801"), "010-53120561-801");
    EXPECT_EQ(normal(Part::recipient_tel, "01053120561转801"), "010-53120561-801");
    EXPECT_EQ(normal(Part::recipient_tel, "400-123-4567"), "4001234567");
    EXPECT_EQ(normal(Part::recipient_tel, "88123456"), "!tel.shape");
    EXPECT_EQ(phone_kind("0571-88123456"), PhoneKind::land_line);
}

TEST(Normalise, PhonesInTheWrongColumnChangePlaces) {
    Waybill waybill = good();
    waybill[Part::recipient_mobile].assign("0571-88123456");
    waybill[Part::recipient_tel].assign("13812345678");
    EXPECT_TRUE(normalise(waybill).empty());
    EXPECT_EQ(waybill[Part::recipient_mobile].reading(), "13812345678");
    EXPECT_EQ(waybill[Part::recipient_tel].reading(), "0571-88123456");
    waybill[Part::recipient_tel].assign("13812345678");
    EXPECT_TRUE(normalise(waybill).empty());
    EXPECT_TRUE(waybill[Part::recipient_tel].empty());
}

TEST(Normalise, PlatformMasksAreKept) {
    EXPECT_EQ(normal(Part::recipient_mobile, "138****5678"), "138****5678");
    EXPECT_EQ(normal(Part::recipient_name, "王*"), "王*");
    EXPECT_EQ(normal(Part::recipient_name, "王＊＊"), "王**");
}

TEST(Normalise, RecipientNeedsPhoneAndEachPartyAName) {
    Waybill waybill = good();
    waybill[Part::recipient_mobile].forget();
    waybill[Part::sender_name].forget();
    auto findings = normalise(waybill);
    ASSERT_EQ(findings.size(), 2U);
    EXPECT_EQ(findings[0].part, Part::sender_name);
    EXPECT_EQ(findings[0].rule, "name.missing");
    EXPECT_EQ(findings[1].rule, "phone.missing");
    waybill[Part::sender_organisation].assign("云栖科技");
    waybill[Part::recipient_tel].assign("0571-88123456");
    EXPECT_TRUE(normalise(waybill).empty());
}

TEST(Normalise, NamesOfEveryKind) {
    EXPECT_EQ(normal(Part::recipient_name, "　王　伟 "), "王伟");
    EXPECT_EQ(normal(Part::recipient_name, "阿卜杜拉•买买提"), "阿卜杜拉·买买提");
    EXPECT_EQ(normal(Part::recipient_name, "Taylor   O’Neil"), "Taylor O'Neil");
    EXPECT_EQ(normal(Part::recipient_name, "梁𬱖"), "梁𬱖");
    EXPECT_EQ(normal(Part::recipient_name, "Ｔｏｍ"), "Tom");
    EXPECT_EQ(normal(Part::recipient_name, "王伟2"), "!name.characters");
    EXPECT_EQ(normal(Part::recipient_name, "王\x01伟"), "!name.characters");
    EXPECT_EQ(normal(Part::recipient_name, "\xE7\x8E"), "!name.characters");
    std::string longest;
    for (int i = 0; i < 65; ++i) longest += "王";
    EXPECT_EQ(normal(Part::recipient_name, longest), "!name.length");
    EXPECT_EQ(normal_name(" 王 伟"), "王伟");
    for (const auto* written :
         {"阿卜杜拉·买买提", "阿卜杜拉.买买提", "阿卜杜拉．买买提", "阿卜杜拉 · 买买提"})
        EXPECT_EQ(name_key(normal_name(written)), "阿卜杜拉·买买提") << written;
    EXPECT_EQ(name_key(normal_name("John SMITH")), name_key(normal_name("john smith")));
    EXPECT_EQ(normal_name("12"), "");
}

TEST(Normalise, TimeBecomesUtc) {
    EXPECT_EQ(normal(Part::time, "2026-11-04T14:16:22+08:00"), "2026-11-04T06:16:22Z");
    EXPECT_EQ(normal(Part::time, "2026-01-01 00:00:00.5+08:00"), "2025-12-31T16:00:00Z");
    EXPECT_EQ(normal(Part::time, "2026-11-04T06:16:22Z"), "2026-11-04T06:16:22Z");
    EXPECT_EQ(normal(Part::time, "2026-11-04 14:16:22"), "!time.shape");
    EXPECT_EQ(normal(Part::time, "2026-02-30T00:00:00Z"), "!time.shape");
}

std::string identity(std::string_view type, std::string_view number) {
    Waybill waybill = good();
    waybill[Part::sender_id_type].assign(type);
    waybill[Part::sender_id_number].assign(number);
    auto findings = normalise(waybill);
    return findings.empty() ? std::string(waybill[Part::sender_id_number].reading())
                            : "!" + std::string(findings[0].rule);
}

TEST(Normalise, ResidentIdNeedsDateAndCheckDigit) {
    // The example of GB 11643.
    EXPECT_EQ(identity("1", "11010519491231002x"), "11010519491231002X");
    EXPECT_EQ(resident_check_digit("11010519491231002"), 'X');
    EXPECT_EQ(identity("1", "110105194912310021"), "!id_number.check_digit");
    EXPECT_EQ(identity("1", "110105194913310021"), "!id_number.date");
    EXPECT_EQ(identity("1", "110105491231002"), "!id_number.shape");
    EXPECT_EQ(identity("1", "110105********002X"), "!id_number.masked");
    EXPECT_EQ(identity("", "11010519491231002X"), "!id_type.missing");
    EXPECT_EQ(identity("9", "11010519491231002X"), "!id_type.unknown");
}

TEST(Normalise, OtherDocumentsHaveTheirShapes) {
    EXPECT_EQ(identity("2", "h12345678"), "H12345678");
    EXPECT_EQ(identity("2", "X12345678"), "!id_number.shape");
    EXPECT_EQ(identity("3", "12345678"), "12345678");
    EXPECT_EQ(identity("4", "E12345678"), "E12345678");
    EXPECT_EQ(identity("5", "ABC12345"), "ABC12345");
    EXPECT_EQ(identity("5", "AB1"), "!id_number.shape");
    EXPECT_EQ(identity("1", ""), "");
}

TEST(Places, WholeAddressesAreSplit) {
    struct Case {
        std::string_view address, province, city, district, town, rest;
    };
    for (const Case& c : std::initializer_list<Case>{
             {"浙江省杭州市余杭区仓前街道文一西路969号", "浙江省", "杭州市", "余杭区", "仓前街道",
              "文一西路969号"},
             {"广东省 深圳市 龙岗区 坪地街道 滨江大道780号", "广东省", "深圳市", "龙岗区", "坪地街道",
              "滨江大道780号"},
             {"浙江杭州市西湖区文三路1号", "浙江省", "杭州市", "西湖区", "", "文三路1号"},
             {"北京市朝阳区建国路1号", "北京市", "", "朝阳区", "", "建国路1号"},
             {"重庆市市辖区荣昌区直升镇学府路927号", "重庆市", "市辖区", "荣昌区", "直升镇", "学府路927号"},
             {"湖北省荆州市沙市区北京路1号", "湖北省", "荆州市", "沙市区", "", "北京路1号"},
             {"湖南省常德市津市市襄阳街1号", "湖南省", "常德市", "津市市", "", "襄阳街1号"},
             {"新疆维吾尔自治区阿勒泰地区阿勒泰市团结路街道解放大道370号", "新疆维吾尔自治区", "阿勒泰地区",
              "阿勒泰市", "团结路街道", "解放大道370号"},
             {"江苏省南京市玄武区新街口街道中山路1号", "江苏省", "南京市", "玄武区", "新街口街道",
              "中山路1号"},
             {"广东省中山市三乡镇解放大道1号", "广东省", "中山市", "", "三乡镇", "解放大道1号"}}) {
        Places places = split_address(c.address);
        EXPECT_EQ(places.province, c.province) << c.address;
        EXPECT_EQ(places.city, c.city) << c.address;
        EXPECT_EQ(places.district, c.district) << c.address;
        EXPECT_EQ(places.town, c.town) << c.address;
        EXPECT_EQ(places.rest, c.rest) << c.address;
    }
}

TEST(Places, WhatCannotBeToldApartStaysWhole) {
    for (std::string_view address :
         {"吉林市昌邑区", "河南路12号", "人民路1号", "浙江", "Room 5, Nanjing Road", ""}) {
        EXPECT_EQ(split_address(address).rest, address);
        EXPECT_TRUE(split_address(address).province.empty());
    }
    EXPECT_EQ(leading_town("和平镇中路1号"), "");
    EXPECT_EQ(leading_town("人民路1号"), "");
    EXPECT_EQ(leading_town("三乡镇解放大道"), "三乡镇");
    EXPECT_EQ(leading_town("张村镇解放大道"), "张村镇");
    EXPECT_EQ(leading_town("珞喻路街道口1号"), "");
}

TEST(Normalise, PlacesMoveOutOfTheDetailOnlyWhenNoneIsGiven) {
    Waybill waybill = good();
    waybill[Part::recipient_detail].assign("浙江省杭州市余杭区仓前街道文一西路９６９号");
    EXPECT_TRUE(normalise(waybill).empty());
    EXPECT_EQ(waybill[Part::recipient_city].reading(), "杭州市");
    EXPECT_EQ(waybill[Part::recipient_town].reading(), "仓前街道");
    EXPECT_EQ(waybill[Part::recipient_detail].reading(), "文一西路969号");
    EXPECT_EQ(normal(Part::recipient_province, "浙江省1"), "!address.characters");
    EXPECT_EQ(normal(Part::recipient_detail, "a\u202Eb"), "!address.characters");
}

TEST(NormaliseProperty, TwiceIsOnce) {
    std::mt19937 random(5);
    constexpr std::string_view kPieces[] = {"浙江省",
                                            "杭州市",
                                            "余杭区",
                                            "仓前街道",
                                            "三乡镇",
                                            "北京市",
                                            "市辖区",
                                            " ",
                                            "　",
                                            "1",
                                            "２",
                                            "138",
                                            "13812345678",
                                            "0571",
                                            "-",
                                            "转",
                                            "王",
                                            "𠮷",
                                            "·",
                                            "•",
                                            "a",
                                            "Ｂ",
                                            "'",
                                            "路",
                                            "号",
                                            "*",
                                            "+86",
                                            "\t",
                                            "\n",
                                            "1234",
                                            "\xFF",
                                            "X",
                                            "县",
                                            "区",
                                            "乡",
                                            "镇",
                                            "市",
                                            "2026-11-04T14:16:22+08:00",
                                            "11010519491231002x",
                                            "8812345"};
    for (int i = 0; i < 100'000; ++i) {
        Waybill waybill;
        for (std::size_t part = 0; part < kParts; ++part) {
            std::string text;
            for (auto n = random() % 5; n > 0; --n) text += kPieces[random() % std::size(kPieces)];
            waybill[static_cast<Part>(part)].assign(text);
        }
        bool clean = normalise(waybill).empty();
        Waybill once = waybill.clone();
        bool clean_again = normalise(waybill).empty();
        ASSERT_EQ(clean, clean_again);
        for (std::size_t part = 0; part < kParts; ++part) {
            ASSERT_EQ(once[static_cast<Part>(part)].reading(), waybill[static_cast<Part>(part)].reading())
                << name(static_cast<Part>(part));
        }
    }
}

}  // namespace
}  // namespace huoqi::waybill

// SPDX-License-Identifier: Apache-2.0
#include "core/formats/formats.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace huoqi::formats {
namespace {

using waybill::Part;
using waybill::Waybill;

const FormatSet& shipped() {
    static const FormatSet set = FormatSet::load(HUOQI_SOURCE_DIR "/policy/formats").value();
    return set;
}

constexpr std::string_view kHead = R"(version = "2026-11-23"
kind = "jsonl"
title.zh = "试"
title.en = "trial"
source = "test"
encodings = ["utf-8"]
required = ["n"]
)";

std::string reason(std::string_view text) {
    auto format = parse_format("x", text);
    return format ? "" : format.error().message;
}

std::string with(std::string_view rest) { return std::string(kHead) + std::string(rest); }

// Reads one record; "!rule of part" when it breaks one.
std::string read(const Format& format, std::string_view record, Part part, std::string_view header = {}) {
    auto reader = RecordReader::make(format, header);
    if (!reader) return reader.error().message;
    Waybill waybill;
    auto findings = reader->read(record, waybill);
    if (!findings.empty())
        return "!" + std::string(findings[0].rule) + " of " + std::string(waybill::name(findings[0].part));
    return std::string(waybill[part].reading());
}

TEST(FormatFile, ShippedFilesAreRight) {
    EXPECT_EQ(FormatSet::problems(HUOQI_SOURCE_DIR "/policy/formats"), std::vector<std::string>{});
    for (std::string_view name : {"taobao", "kdniao", "kuaidi100", "cainiao", "huoqi", "huoqi-csv"}) {
        const Format* format = shipped().named(name);
        ASSERT_NE(format, nullptr) << name;
        EXPECT_FALSE(format->title_zh().empty());
        EXPECT_FALSE(format->title_en().empty());
        EXPECT_FALSE(format->source().empty());
    }
    EXPECT_EQ(shipped().named("nothing"), nullptr);
}

TEST(FormatFile, ErrorsNameFileLineAndReason) {
    EXPECT_EQ(reason(with("[parts]\n\"number\" = { from = \"n\" }\n")), "");
    EXPECT_EQ(reason(with("colour = 1\n[parts]\n\"number\" = { from = \"n\" }\n")),
              "x.toml:8: unknown key 'colour'");
    EXPECT_EQ(reason(with("[parts]\n\"number\" = { from = \"n\" }\n\"sender.shoe\" = { from = \"s\" }\n")),
              "x.toml:10: unknown part 'sender.shoe'");
    EXPECT_EQ(reason(with("[parts]\n\"number\" = { from = \"n\", transforms = [\"rot13\"] }\n")),
              "x.toml:9: unknown transform 'rot13'");
    EXPECT_EQ(reason(with("[parts]\n\"number\" = { form = \"n\" }\n")), "x.toml:9: unknown key 'form'");
    EXPECT_EQ(reason(with("[parts]\n\"number\" = { from = \"n\" }\n\"time\" = { from = \"n\" }\n")),
              "x.toml:10: path 'n' cannot be used");
    EXPECT_EQ(reason(with("\"a\\nb\" = 1\n")), "x.toml:8: unknown key 'a b'");
    EXPECT_EQ(reason("version = [\n").substr(0, 7), "x.toml:");
    EXPECT_EQ(reason(with("[parts]\n\"time\" = { from = \"n\" }\n")), "x.toml:1: no column becomes 'number'");
    EXPECT_NE(reason("kind = \"xml\"\n").find("missing text 'version'"), std::string::npos);
}

TEST(FormatFile, ContradictionsAreRefused) {
    const std::string number = "[parts]\n\"number\" = { from = \"n\" }\n";
    for (std::string_view bad :
         {"\"items\" = { from = \"a[].b\" }\n", "\"items\" = { from = \"a\", transforms = [\"join:,\"] }\n",
          "\"sender.name\" = { from = \"a\", quantity = \"b\" }\n", "\"sender.address\" = { from = \"a\" }\n",
          "\"sender.phone\" = { from = \"a\", transforms = [\"split_address\"] }\n",
          "\"sender.address\" = { from = \"a\", transforms = [\"split_address\", \"null_text\"] }\n",
          "\"sender.town\" = { from = \"b\" }\n\"sender.address\" = { from = \"a\", transforms = "
          "[\"split_address\"] }\n",
          "\"time\" = { from = \"a\", transforms = [\"time:%Y-%m-%d\"] }\n",
          "\"time\" = { from = \"a\", transforms = [\"time\"] }\n",
          "\"time\" = { from = \"a\", transforms = [\"null_text:x\"] }\n", "\"items\" = { from = [] }\n",
          "\"items\" = 3\n", "[constants]\n\"number\" = \"1\"\n", "[constants]\n\"sender.id_type\" = 1\n",
          "[constants]\n\"x\" = \"1\"\n"}) {
        EXPECT_NE(reason(with(number + std::string(bad))), "") << bad;
    }
    EXPECT_EQ(reason(with(number + "[constants]\n\"sender.id_type\" = \"1\"\n")), "");
}

TEST(FormatFile, EveryProblemOfAFolderIsListed) {
    auto folder = std::filesystem::temp_directory_path() / ("formats_test_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    EXPECT_EQ(FormatSet::problems(folder.string()).size(), 1U);
    std::ofstream(folder / "a.toml") << "version = 1\n";
    std::ofstream(folder / "b.toml") << "nonsense";
    std::ofstream(folder / "c.toml") << with("[parts]\n\"number\" = { from = \"n\" }\n");
    std::ofstream(folder / "notes.txt") << "not a format";
    auto problems = FormatSet::problems(folder.string());
    EXPECT_GT(problems.size(), 3U);
    EXPECT_EQ(FormatSet::load(folder.string()).error().message, problems.front());
    EXPECT_TRUE(problems.back().starts_with((folder / "b.toml").string() + ":1: "));
    EXPECT_TRUE(load_format((folder / "c.toml").string()));
    EXPECT_EQ(load_format((folder / "d.toml").string()).error().code, Code::not_found);
    std::filesystem::remove_all(folder);
    EXPECT_EQ(FormatSet::load(folder.string()).error().code, Code::bad_input);
}

TEST(Detect, FindsTheFormatByItsFirstRecord) {
    auto name = [](std::string_view text) -> std::string {
        const Format* found = shipped().detect(text);
        return found == nullptr ? "" : found->name();
    };
    EXPECT_EQ(name("订单编号,收货人姓名,收货地址 ,联系手机,物流单号 \r\n1,2,3,4,5\r\n"), "taobao");
    EXPECT_EQ(name("\"订单编号\",收货人姓名,收货地址 ,联系手机,物流单号 "), "taobao");
    EXPECT_EQ(name("{\"kuaidinum\":\"1\",\"sendMan\":{},\"recMan\":{}}\n{"), "kuaidi100");
    EXPECT_EQ(name("{\"ShipperCode\":\"SF\",\"LogisticCode\":\"\",\"Sender\":{},\"Receiver\":{}}"), "kdniao");
    EXPECT_EQ(name("{\"waybill_code\":\"1\",\"sender\":{},\"recipient\":{},\"package_info\":{}}"), "cainiao");
    EXPECT_EQ(name("{\"number\":\"1\",\"recipient\":{}}"), "huoqi");
    EXPECT_EQ(name("number,recipient.name,recipient.mobile\n"), "huoqi-csv");
    for (std::string_view none : {"", "a,b\n1,2\n", "{\"a\":1}", "{broken", "\"", "[]"})
        EXPECT_EQ(name(none), "") << none;
}

// ---- Quirks of the platforms ----

constexpr std::string_view kTaobaoHeader =
    "订单编号,收货人姓名,收货地址 ,联系电话 ,联系手机,订单付款时间 ,宝贝标题 ,物流单号 ,订单备注,店铺名称";

std::string taobao(std::string_view record, Part part) {
    return read(*shipped().named("taobao"), record, part, kTaobaoHeader);
}

TEST(Taobao, QuotingPrefixesAndNullsAreUndone) {
    std::string_view record =
        R"("=""4781320682407000000""",夏倩,"广东省 深圳市 龙岗区 坪地街道 滨江大道780号龙湖时代51幢2单元708室,放门口/勿电联",'0571-34343258,'16593628450-123,2026-11-04 14:16:22,"图书""算法""",No:JT5000001000000,'null,云栖小店)";
    EXPECT_EQ(taobao(record, Part::number), "JT5000001000000");
    EXPECT_EQ(taobao(record, Part::time), "2026-11-04T06:16:22Z");
    EXPECT_EQ(taobao(record, Part::items), "图书\"算法\"");
    EXPECT_EQ(taobao(record, Part::sender_organisation), "云栖小店");
    EXPECT_EQ(taobao(record, Part::recipient_mobile), "16593628450-123");
    EXPECT_EQ(taobao(record, Part::recipient_tel), "0571-34343258");
    EXPECT_EQ(taobao(record, Part::recipient_province), "广东省");
    EXPECT_EQ(taobao(record, Part::recipient_town), "坪地街道");
    EXPECT_EQ(taobao(record, Part::recipient_detail), "滨江大道780号龙湖时代51幢2单元708室,放门口/勿电联");
}

TEST(Taobao, AddressWithoutTownOrWithBlanksInside) {
    auto with_address = [](std::string_view address, Part part) {
        return taobao("1,夏倩," + std::string(address) + ",,16593628450,,,No:JT5000001000000,,店", part);
    };
    EXPECT_EQ(with_address("浙江省 杭州市 西湖区 文三路1号", Part::recipient_detail), "文三路1号");
    EXPECT_EQ(with_address("浙江省 杭州市 西湖区 文三路1号", Part::recipient_town), "");
    EXPECT_EQ(with_address("浙江省 杭州市 西湖区 文三路 1号 2幢", Part::recipient_detail), "文三路 1号 2幢");
    EXPECT_EQ(with_address("浙江省 杭州市 西湖区 北山街道 文三路 1号", Part::recipient_detail), "文三路 1号");
    EXPECT_EQ(with_address("浙江省杭州市西湖区文三路1号", Part::recipient_city), "杭州市");
    EXPECT_EQ(with_address("somewhere else", Part::recipient_detail), "somewhere else");
}

TEST(Taobao, BrokenRecordsAreRefusedWhole) {
    EXPECT_EQ(taobao("1,2,3", Part::number), "!csv.columns of number");
    EXPECT_EQ(taobao("\"a\"b,,,,,,,,,", Part::number), "!csv.quote of number");
    EXPECT_EQ(taobao("1,夏倩,浙江省,,16593628450,next week,,No:JT5000001000000,,店", Part::time),
              "!time.shape of time");
    EXPECT_EQ(taobao("1,夏倩,浙江省,,'null,,,No:JT5000001000000,,店", Part::time),
              "!phone.missing of recipient.mobile");
    EXPECT_EQ(taobao("1,夏倩,浙江省,,16593628450,,,'null,,店", Part::time), "!number.missing of number");
}

TEST(Csv, HeaderMustHaveTheRequiredColumnsOnce) {
    const Format& format = *shipped().named("taobao");
    auto missing = RecordReader::make(format, "订单编号,收货人姓名,收货地址,联系手机");
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().message.find("物流单号"), std::string::npos);
    EXPECT_FALSE(RecordReader::make(format, "物流单号,订单编号,收货人姓名,收货地址,联系手机,物流单号"));
    EXPECT_TRUE(RecordReader::make(format, "物流单号,订单编号,收货人姓名,收货地址,联系手机"));
}

TEST(Kdniao, CommoditiesAreJoinedAndTheTownMoves) {
    const Format& format = *shipped().named("kdniao");
    std::string_view record =
        R"({"ShipperCode":"SF","LogisticCode":"JT5000002000001","Sender":{"Company":"云山","Name":"","Mobile":"","Tel":""},
           "Receiver":{"Name":"吕璐","Mobile":"","Tel":"0571-33497774","ProvinceName":"海南省","CityName":"省直辖县级行政区划",
           "ExpAreaName":"万宁市","Address":"长丰镇文化街948号"},"Commodity":[{"GoodsName":"茶","Goodsquantity":2},
           {"GoodsName":"","Goodsquantity":7},{"Goodsquantity":1,"GoodsName":"猫粮10kg"}],"Remark":"\"易碎\",轻放"})";
    EXPECT_EQ(read(format, record, Part::items), "茶×2、猫粮10kg×1");
    EXPECT_EQ(read(format, record, Part::recipient_town), "长丰镇");
    EXPECT_EQ(read(format, record, Part::recipient_detail), "文化街948号");
    EXPECT_EQ(read(format, record, Part::sender_organisation), "云山");
    EXPECT_EQ(read(format, R"({"LogisticCode":{}})", Part::number), "!json.type of number");
    EXPECT_EQ(read(format, "{", Part::number), "!json.syntax of number");
}

TEST(Kuaidi100, RealNameFieldsAreChecked) {
    const Format& format = *shipped().named("kuaidi100");
    auto record = [](std::string_view type, std::string_view id) {
        return R"({"recMan":{"name":"傅静㛃","mobile":"13211940372","printAddr":"重庆市市辖区荣昌区直升镇学府路927号"},
                  "sendMan":{"name":"钱佳","mobile":null},"kuaidinum":"SF6000021000010","sendIdCardType":")" +
               std::string(type) + R"(","sendIdCard":")" + std::string(id) + "\"}";
    };
    EXPECT_EQ(read(format, record("1", "11010519491231002x"), Part::sender_id_number), "11010519491231002X");
    EXPECT_EQ(read(format, record("1", "110105194912310021"), Part::number),
              "!id_number.check_digit of sender.id_number");
    EXPECT_EQ(read(format, record("7", "ABC123456"), Part::sender_id_type), "5");
    EXPECT_EQ(read(format, record("1", ""), Part::sender_id_type), "");
    // printAddr is taken only where addr is missing, and is a whole address.
    EXPECT_EQ(read(format, record("1", ""), Part::recipient_district), "荣昌区");
    EXPECT_EQ(read(format, record("1", ""), Part::recipient_detail), "学府路927号");
}

TEST(Huoqi, OwnFormatsTakeEveryPart) {
    std::string_view json =
        R"({"number":"SF6000021000010","time":"2026-11-04T14:16:22+08:00","sender":{"organisation":"云山"},
            "recipient":{"name":"王伟","tel":"0571-88123456","id_type":"4","id_number":"e12345678"}})";
    EXPECT_EQ(read(*shipped().named("huoqi"), json, Part::recipient_id_number), "E12345678");
    EXPECT_EQ(read(*shipped().named("huoqi-csv"), "SF6000021000010,王伟,13812345678,李四",
                   Part::recipient_mobile, "number,recipient.name,recipient.mobile,sender.name"),
              "13812345678");
}

TEST(Transforms, TimeTakesShortNumbersAndOtherOrders) {
    auto format = parse_format(
        "x", with("[parts]\n\"number\" = { from = \"n\" }\n\"time\" = { from = \"t\", transforms = "
                  "[\"time:%d.%m.%Y %H:%MZ\"] }\n\"recipient.phone\" = { from = \"p\", transforms = "
                  "[\"mobile_or_tel\"] }\n\"sender.name\" = { from = \"s\" }\n"
                  "\"recipient.name\" = { from = [\"a\", \"b\"] }\n"));
    ASSERT_TRUE(format) << format.error().message;
    auto record = [](std::string_view time, std::string_view phone) {
        return R"({"n":"SF6000021000010","s":"x","b":"y","a":" ","t":")" + std::string(time) + R"(","p":")" +
               std::string(phone) + "\"}";
    };
    EXPECT_EQ(read(*format, record("4.11.2026 9:05", "13812345678"), Part::time), "2026-11-04T09:05:00Z");
    EXPECT_EQ(read(*format, record("", "13812345678"), Part::time), "");
    EXPECT_EQ(read(*format, record("4.11.26 9:05", "13812345678"), Part::time), "!time.shape of time");
    EXPECT_EQ(read(*format, record("4.11.2026 9:05 ", "(0571)88123456"), Part::recipient_tel),
              "0571-88123456");
    EXPECT_EQ(read(*format, record("", "13812345678"), Part::recipient_name), "y");
}

TEST(RecordReader, NothingOfTheLastRecordIsLeft) {
    auto reader = RecordReader::make(*shipped().named("huoqi"));
    ASSERT_TRUE(reader);
    Waybill waybill;
    EXPECT_TRUE(
        reader
            ->read(
                R"({"number":"SF6000021000010","items":"茶","sender":{"name":"李四"},"recipient":{"name":"王","mobile":"13812345678"}})",
                waybill)
            .empty());
    EXPECT_FALSE(reader->read(R"({"number":"SF6000021000011"})", waybill).empty());
    EXPECT_TRUE(waybill[Part::items].empty());
    EXPECT_FALSE(reader->read("{", waybill).empty());
    EXPECT_TRUE(waybill == Waybill());
    EXPECT_TRUE(is_record_rule("json.syntax"));
    EXPECT_FALSE(is_record_rule("time.shape"));
}

}  // namespace
}  // namespace huoqi::formats

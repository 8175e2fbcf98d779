// SPDX-License-Identifier: Apache-2.0
#include "core/specimen/specimen.h"

#include "core/specimen/internal/person.h"
#include "core/specimen/internal/random.h"

namespace huoqi::specimen {
namespace {

constexpr std::uint64_t kFirstOrderId = 5'000'000'000'000'000'000;

constexpr std::string_view kTaobaoHeader =
    "订单编号,买家会员名,买家支付宝账号,支付单号,支付详情,买家应付货款,买家应付邮费,总金额,买家实际支付金额,"
    "订单状态,"
    "买家留言,收货人姓名,收货地址 ,运送方式,联系电话 ,联系手机,订单创建时间,订单付款时间 ,宝贝标题 ,宝贝种类 "
    ",物流单号 ,"
    "物流公司,订单备注,宝贝总数量,店铺Id,店铺名称\r\n";

// Shapes of several couriers, each with the whole number in it, so that all are unique.
void append_waybill_number(std::uint64_t number, std::string& out) {
    struct Shape {
        std::string_view front;
        std::size_t digits;
    };
    constexpr Shape kShapes[] = {{"SF", 13}, {"YT", 13}, {"JT", 13}, {"JDVA", 11}, {"77", 13}, {"73", 12}};
    const Shape& shape = kShapes[number % std::size(kShapes)];
    out += shape.front;
    append_number(out, number, shape.digits);
}

void append_all(std::string& out, std::initializer_list<std::string_view> texts) {
    for (auto text : texts) out += text;
}

void append_time(Random& random, std::string_view month, std::string& out) {
    out += month;
    out += '-';
    append_number(out, 1 + random.below(28), 2);
    out += ' ';
    append_number(out, random.below(24), 2);
    out += ':';
    append_number(out, random.below(60), 2);
    out += ':';
    append_number(out, random.below(60), 2);
}

void append_taobao(const Options& options, std::uint64_t index, Random& random, std::string& out) {
    thread_local Person buyer;
    make_person(random, buyer);
    out += R"("="")";
    append_number(out, kFirstOrderId + options.first_number + index);
    out += R"(""",tb)";
    append_number(out, 2'000'000 + index);
    append_all(out,
               {",,,,99.00,0.00,99.00,99.00,等待卖家发货,", remark(random, false), ",", buyer.name, ","});
    bool quoted = buyer.road.find(',') != std::string::npos;
    const Place& place = *buyer.place;
    append_all(out, {quoted ? "\"" : "", place.province, " ", place.city, " ", place.district, " ",
                     place.town, " ", buyer.road, quoted ? "\"" : "", ",快递,", buyer.tel.empty() ? "" : "'",
                     buyer.tel, ",", buyer.mobile.empty() ? "" : "'", buyer.mobile, ","});
    std::size_t time = out.size();
    append_time(random, options.month, out);
    std::string paid = out.substr(time);
    append_all(out, {",", paid, ","});
    auto kinds = 1 + random.below(3);
    for (std::uint64_t i = 0; i < kinds; ++i) append_all(out, {i == 0 ? "" : ";", goods(random)});
    out += ',';
    append_number(out, kinds);
    out += ",No:";
    append_waybill_number(options.first_number + index, out);
    out += ",顺丰速运,'null,";
    append_number(out, kinds + random.below(4));
    out += ",0,云山小店\r\n";
}

void append_kdniao_party(std::string_view key, const Person& person, std::string& out) {
    append_all(out, {",\"",
                     key,
                     "\":{\"Company\":\"",
                     person.company,
                     "\",\"Name\":\"",
                     person.name,
                     "\",\"Mobile\":\"",
                     person.mobile,
                     "\",\"Tel\":\"",
                     person.tel,
                     "\",\"ProvinceName\":\"",
                     person.place->province,
                     "\",\"CityName\":\"",
                     person.place->city,
                     "\",\"ExpAreaName\":\"",
                     person.place->district,
                     "\",\"Address\":\"",
                     person.place->town,
                     person.road,
                     "\"}"});
}

void append_kdniao(const Options& options, std::uint64_t index, Random& random, std::string& out) {
    thread_local Person sender;
    thread_local Person receiver;
    make_person(random, sender);
    make_person(random, receiver);
    out += R"({"OrderCode":")";
    append_number(out, kFirstOrderId + options.first_number + index);
    out += R"(","ShipperCode":"SF","LogisticCode":")";
    append_waybill_number(options.first_number + index, out);
    out += R"(","PayType":1,"ExpType":1,"Cost":1.0,"OtherCost":1.0)";
    append_kdniao_party("Sender", sender, out);
    append_kdniao_party("Receiver", receiver, out);
    out += R"(,"Commodity":[)";
    for (std::uint64_t i = 0, kinds = 1 + random.below(3); i < kinds; ++i) {
        append_all(out, {i == 0 ? "" : ",", R"({"GoodsName":")", goods(random), R"(","Goodsquantity":)"});
        append_number(out, 1 + random.below(3));
        out += R"(,"GoodsWeight":1.0})";
    }
    append_all(out, {R"(],"Weight":1.0,"Quantity":1,"Volume":0.0,"Remark":")", remark(random, true),
                     R"(","AddService":[{"Name":"SafeMail","Value":"3"}],"IsReturnPrintTemplate":1})", "\n"});
}

void append_kuaidi100_party(std::string_view key, const Person& person, std::string& out) {
    const Place& place = *person.place;
    append_all(out, {"\"",
                     key,
                     "\":{\"name\":\"",
                     person.name,
                     "\",\"mobile\":\"",
                     person.mobile,
                     "\",\"tel\":\"",
                     person.tel,
                     "\",\"printAddr\":\"",
                     place.province,
                     place.city,
                     place.district,
                     place.town,
                     person.road,
                     "\",\"company\":\"",
                     person.company,
                     "\",\"province\":\"",
                     place.province,
                     "\",\"city\":\"",
                     place.city,
                     "\",\"district\":\"",
                     place.district,
                     "\",\"addr\":\"",
                     place.town,
                     person.road,
                     "\"},"});
}

void append_kuaidi100(const Options& options, std::uint64_t index, Random& random, std::string& out) {
    thread_local Person sender;
    thread_local Person receiver;
    make_person(random, sender);
    make_person(random, receiver);
    out += '{';
    append_kuaidi100_party("recMan", receiver, out);
    append_kuaidi100_party("sendMan", sender, out);
    out += R"("kuaidicom":"shunfeng","kuaidinum":")";
    append_waybill_number(options.first_number + index, out);
    out += R"(","orderId":")";
    append_number(out, kFirstOrderId + options.first_number + index);
    out += R"(","payType":"SHIPPER","expType":"标准快递","weight":"1.0","count":1,"cargo":")";
    for (std::uint64_t i = 0, kinds = 1 + random.below(3); i < kinds; ++i)
        append_all(out, {i == 0 ? "" : "、", goods(random)});
    append_all(out, {R"(","remark":")", remark(random, true), R"(","realName":")", sender.name,
                     R"(","sendIdCardType":"1","sendIdCard":")", sender.id_number,
                     R"(","needDesensitization":false})", "\n"});
}

}  // namespace

std::optional<Kind> kind_named(std::string_view name) {
    if (name == "taobao") return Kind::taobao;
    if (name == "kdniao") return Kind::kdniao;
    if (name == "kuaidi100") return Kind::kuaidi100;
    return std::nullopt;
}

void append_header(Kind kind, std::string& out) {
    if (kind == Kind::taobao) out += kTaobaoHeader;
}

void append_order(const Options& options, std::uint64_t index, std::string& out) {
    Random random(options.seed, index);
    switch (options.kind) {
        case Kind::taobao:
            return append_taobao(options, index, random, out);
        case Kind::kdniao:
            return append_kdniao(options, index, random, out);
        case Kind::kuaidi100:
            return append_kuaidi100(options, index, random, out);
    }
}

}  // namespace huoqi::specimen

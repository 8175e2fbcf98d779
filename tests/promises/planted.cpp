// SPDX-License-Identifier: Apache-2.0
#include "planted.h"

#include <nlohmann/json.hpp>
#include <random>

#include "base/bytes.h"
#include "lib/text/encoder.h"
#include "lib/text/text.h"

namespace huoqi::promises {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kFront = 6;  // bytes that select candidates
constexpr std::size_t kFilterBits = 1 << 20;

// Makes values; all of them differ, and each is remembered.
class Planter {
  public:
    explicit Planter(std::vector<std::string>& values) : values_(values) {}

    // Four or five characters, some outside the first plane; every third a minority name with its dot.
    std::string name() {
        std::string text = han(2) + rare() + han(1);
        if (++names_ % 3 == 0) text = han(3) + "·" + rare() + han(2);
        return keep(text);
    }
    std::string mobile() { return keep("1" + digits(1, '3', '9') + digits(9)); }
    std::string tel() { return keep("0571-" + digits(1, '2', '9') + digits(7)); }
    std::string number() { return keep("HQ" + letters(5) + digits(6)); }
    std::string resident_id() {
        constexpr std::array kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
        std::string id = "3301061" + std::string("9") + digits(1, '5', '9') + digits(1) + "0" +
                         digits(1, '1', '9') + "1" + digits(1) + digits(3);
        int sum = 0;
        for (std::size_t i = 0; i < kWeights.size(); ++i) sum += kWeights[i] * (id[i] - '0');
        return keep(id + "10X98765432"[sum % 11]);
    }
    std::string passport() { return keep("E" + letters(1) + digits(9)); }
    std::string organisation() { return keep(han(4) + rare() + "商贸行"); }
    std::string items() { return keep(han(3) + rare() + "式摆件" + digits(5)); }
    // What stands behind the town.
    std::string address() {
        return keep(han(3) + rare() + "路" + digits(4) + "号" + han(2) + "苑" + digits(2) + "幢" + digits(4) +
                    "室");
    }
    std::string words() { return keep("来电人自述" + han(5) + rare() + digits(6)); }
    std::string keep(std::string text) {
        values_.push_back(text);
        return text;
    }
    std::string digits(int count, char from = '0', char to = '9') {
        std::string out;
        for (int i = 0; i < count; ++i)
            out +=
                static_cast<char>(from + static_cast<char>(random_() % static_cast<unsigned>(to - from + 1)));
        return out;
    }
    std::string letters(int count) {
        std::string out;
        for (int i = 0; i < count; ++i) out += static_cast<char>('A' + random_() % 26);
        return out;
    }

  private:
    // From a stretch without characters that end names of roads, towns or counties.
    std::string han(int count) {
        std::string out;
        for (int i = 0; i < count; ++i) text::append(out, static_cast<char32_t>(0x9A6C + random_() % 0x80));
        return out;
    }
    std::string rare() {
        std::string out;
        text::append(out, static_cast<char32_t>(0x20000 + random_() % 0xA6D0));
        return out;
    }

    std::vector<std::string>& values_;
    std::mt19937 random_{3};
    int names_ = 0;
};

std::string taobao_line(const std::string& number, const std::string& name, const std::string& mobile,
                        const std::string& tel, const std::string& address, const std::string& items,
                        const std::string& shop) {
    return "\"=\"\"5000000000009000000\"\"\",tb2000000,,,,99.00,0.00,99.00,99.00,等待卖家发货,," + name +
           ",浙江省 杭州市 西湖区 北山街道 " + address + ",快递," + tel + ",'" + mobile +
           ",2026-11-04 23:08:07,2026-11-04 23:08:07," + items + ",1,No:" + number + ",顺丰速运,'null,1,0," +
           shop + "\n";
}

const std::string kTaobaoHeader =
    "订单编号,买家会员名,买家支付宝账号,支付单号,支付详情,买家应付货款,买家应付邮费,总金额,买家实际支付金额,"
    "订单状态,买家留言,收货人姓名,收货地址 ,"
    "运送方式,联系电话 ,联系手机,订单创建时间,订单付款时间 ,宝贝标题 ,宝贝种类 ,物流单号 "
    ",物流公司,订单备注,宝贝总数量,店铺Id,店铺名称\n";

Json kdniao_party(Planter& planter) {
    return {{"Company", planter.organisation()}, {"Name", planter.name()},
            {"Mobile", planter.mobile()},        {"Tel", planter.tel()},
            {"ProvinceName", "浙江省"},          {"CityName", "杭州市"},
            {"ExpAreaName", "西湖区"},           {"Address", "北山街道" + planter.address()}};
}
Json kdniao_order(Planter& planter) {
    return {{"ShipperCode", "SF"},
            {"LogisticCode", planter.number()},
            {"Sender", kdniao_party(planter)},
            {"Receiver", kdniao_party(planter)},
            {"Commodity", Json::array({{{"GoodsName", planter.items()}, {"Goodsquantity", 1}}})}};
}

Json kuaidi100_party(Planter& planter) {
    return {{"name", planter.name()}, {"mobile", planter.mobile()},
            {"tel", planter.tel()},   {"company", planter.organisation()},
            {"province", "浙江省"},   {"city", "杭州市"},
            {"district", "西湖区"},   {"addr", "北山街道" + planter.address()}};
}
Json kuaidi100_order(Planter& planter, bool resident) {
    Json order{{"recMan", kuaidi100_party(planter)},
               {"sendMan", kuaidi100_party(planter)},
               {"kuaidinum", planter.number()},
               {"cargo", planter.items()},
               {"sendIdCardType", resident ? "1" : "4"}};
    order["sendIdCard"] = resident ? planter.resident_id() : planter.passport();
    return order;
}

void plant_bad(Planter& planter, Planted& out) {
    std::string taobao = kTaobaoHeader;
    for (int i = 0; i < 4; ++i) {
        std::string mobile = i == 0 ? planter.keep("9" + planter.digits(13)) : planter.mobile();
        std::string tel = i == 1 ? planter.keep("8" + planter.digits(12)) : "";
        std::string number = i == 2 ? planter.keep("HQ!" + planter.digits(12)) : planter.number();
        std::string name = i == 3 ? planter.keep("甲乙" + planter.digits(9)) : planter.name();
        taobao += taobao_line(number, name, mobile, tel, planter.address(), planter.items(),
                              planter.organisation());
    }
    out.bad_taobao = text::to_gb18030(taobao);
    auto one = kdniao_order(planter);
    one["Receiver"]["Mobile"] = planter.keep("2" + planter.digits(12));
    auto two = kdniao_order(planter);
    two["LogisticCode"] = planter.keep("#" + planter.letters(12));
    out.bad_kdniao =
        one.dump() + "\n" + two.dump() + "\n" + two.dump().substr(0, 200) + "\n";  // the last is cut off
    auto three = kuaidi100_order(planter, true);
    std::string id = three["sendIdCard"];
    id.back() = id.back() == 'X' ? '0' : 'X';
    three["sendIdCard"] = planter.keep(id);
    auto four = kuaidi100_order(planter, true);
    four["recMan"]["name"] = planter.keep("丙丁" + planter.digits(9));
    auto five = kuaidi100_order(planter, true);
    five["recMan"]["mobile"] = Json::array({planter.mobile()});  // not a text at all
    out.bad_kuaidi100 =
        three.dump() + "\n" + four.dump() + "\n" + five.dump() + "\n" + "{\"" + planter.words() + "\"\n";
}

std::string utf16(const std::string& value, bool big) {
    std::string out;
    auto put = [&](char32_t unit) {
        auto high = static_cast<char>(unit >> 8);
        auto low = static_cast<char>(unit & 0xff);
        out += big ? high : low;
        out += big ? low : high;
    };
    for (std::size_t at = 0; at < value.size();) {
        char32_t c = text::next(value, at);
        if (c < 0x10000) {
            put(c);
        } else {
            put(0xD800 + ((c - 0x10000) >> 10));
            put(0xDC00 + ((c - 0x10000) & 0x3ff));
        }
    }
    return out;
}

// The letters of base64 that do not depend on what stands around the value, for each of three places it can
// begin at.
std::string base64_at(const std::string& bytes, std::size_t before) {
    std::string padded(before, '\0');
    padded += bytes;
    std::string text = base64(bytes_of(padded));
    std::size_t from = (before * 8 + 5) / 6;
    std::size_t to = padded.size() * 8 / 6;
    return text.substr(from, to - from);
}

std::uint64_t front_of(const char* bytes) {
    std::uint64_t front = 0;
    for (std::size_t i = 0; i < kFront; ++i) front = front << 8 | static_cast<unsigned char>(bytes[i]);
    return front;
}
std::size_t filter_bit(std::uint64_t front) {
    return static_cast<std::size_t>((front * 0x9E3779B97F4A7C15ULL) >> 44);
}

}  // namespace

Planted plant() {
    Planted out;
    Planter planter(out.values);
    std::string taobao = kTaobaoHeader;
    for (int i = 0; i < 10; ++i) {
        auto number = planter.number();
        auto name = planter.name();
        auto mobile = planter.mobile();
        auto tel = planter.tel();
        auto address = planter.address();
        auto items = planter.items();
        taobao += taobao_line(number, name, mobile, tel, address, items, planter.organisation());
    }
    out.taobao = text::to_gb18030(taobao);
    for (int i = 0; i < 8; ++i) out.kdniao += kdniao_order(planter).dump() + "\n";
    for (int i = 0; i < 8; ++i) {
        auto order = kuaidi100_order(planter, i % 2 == 0);
        out.kuaidi100 += order.dump() + "\n";
        if (i > 0) continue;
        out.number = order["kuaidinum"];
        out.phone = order["recMan"]["mobile"];
        out.name = order["recMan"]["name"];
        out.id_number = order["sendIdCard"];
    }
    plant_bad(planter, out);
    out.reason = planter.words();
    for (int i = 0; i < 4; ++i) {
        out.misplaced.push_back(planter.mobile());
        out.misplaced.push_back(planter.keep("ZQ" + planter.letters(14)));
        out.misplaced.push_back(planter.resident_id());
        out.misplaced.push_back(planter.name());
    }
    return out;
}

std::vector<Form> forms_of(const std::string& value) {
    std::string gb = text::to_gb18030(value);
    std::vector<Form> out{{"utf-8", value}};
    if (gb != value) out.push_back({"gb18030", gb});
    out.push_back({"utf-16le", utf16(value, false)});
    out.push_back({"utf-16be", utf16(value, true)});
    for (const std::string* bytes : {&value, static_cast<const std::string*>(&gb)}) {
        std::string encoding = bytes == &value ? "utf-8" : "gb18030";
        if (bytes == &gb && gb == value) continue;
        std::string lower = hex(bytes_of(*bytes));
        std::string upper = lower;
        for (auto& c : upper) c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c;
        out.push_back({encoding + " hex", lower});
        if (upper != lower) out.push_back({encoding + " HEX", upper});
        for (std::size_t before = 0; before < 3; ++before) {
            out.push_back({encoding + " base64 +" + std::to_string(before), base64_at(*bytes, before)});
        }
    }
    // As JSON writes what is not ASCII.
    std::string escaped = Json(value).dump(-1, ' ', true);
    if (escaped.size() != value.size() + 2)
        out.push_back({"json escapes", escaped.substr(1, escaped.size() - 2)});
    return out;
}

Detector::Detector(const std::vector<std::string>& values) : possible_(kFilterBits) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        for (auto& form : forms_of(values[i])) {
            auto front = front_of(form.bytes.data());
            by_front_.emplace(front, patterns_.size());
            possible_[filter_bit(front)] = true;
            patterns_.push_back({i, std::move(form)});
        }
    }
}

std::vector<Detector::Hit> Detector::search(std::string_view bytes) const {
    std::vector<Hit> out;
    for (std::size_t at = 0; at + kFront <= bytes.size(); ++at) {
        auto front = front_of(bytes.data() + at);
        if (!possible_[filter_bit(front)]) continue;
        auto [begin, end] = by_front_.equal_range(front);
        for (auto candidate = begin; candidate != end; ++candidate) {
            const auto& pattern = patterns_[candidate->second];
            if (bytes.substr(at).starts_with(pattern.form.bytes))
                out.push_back({pattern.value, pattern.form.name, at});
        }
    }
    return out;
}

}  // namespace huoqi::promises

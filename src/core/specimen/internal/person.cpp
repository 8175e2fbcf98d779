// SPDX-License-Identifier: Apache-2.0
#include "core/specimen/internal/person.h"

namespace huoqi::specimen {
namespace {

// Real divisions with their codes (GB/T 2260).
constexpr Place kPlaces[] = {
    {"110105", "北京市", "市辖区", "朝阳区", "望京街道"},
    {"110108", "北京市", "市辖区", "海淀区", "中关村街道"},
    {"110116", "北京市", "市辖区", "怀柔区", "汤河口镇"},
    {"120102", "天津市", "市辖区", "河东区", "大王庄街道"},
    {"130102", "河北省", "石家庄市", "长安区", "建北街道"},
    {"140105", "山西省", "太原市", "小店区", "坞城街道"},
    {"150102", "内蒙古自治区", "呼和浩特市", "新城区", "海拉尔东路街道"},
    {"152502", "内蒙古自治区", "锡林郭勒盟", "锡林浩特市", "希日塔拉街道"},
    {"210102", "辽宁省", "沈阳市", "和平区", "太原街街道"},
    {"210202", "辽宁省", "大连市", "中山区", "桃源街道"},
    {"220102", "吉林省", "长春市", "南关区", "桃源街道"},
    {"222401", "吉林省", "延边朝鲜族自治州", "延吉市", "河南街道"},
    {"230102", "黑龙江省", "哈尔滨市", "道里区", "兆麟街道"},
    {"310101", "上海市", "市辖区", "黄浦区", "南京东路街道"},
    {"310115", "上海市", "市辖区", "浦东新区", "陆家嘴街道"},
    {"320102", "江苏省", "南京市", "玄武区", "新街口街道"},
    {"320506", "江苏省", "苏州市", "吴中区", "木渎镇"},
    {"320585", "江苏省", "苏州市", "太仓市", "浮桥镇"},
    {"330106", "浙江省", "杭州市", "西湖区", "北山街道"},
    {"330110", "浙江省", "杭州市", "余杭区", "仓前街道"},
    {"330782", "浙江省", "金华市", "义乌市", "佛堂镇"},
    {"340102", "安徽省", "合肥市", "瑶海区", "明光路街道"},
    {"341002", "安徽省", "黄山市", "屯溪区", "昱中街道"},
    {"350203", "福建省", "厦门市", "思明区", "鼓浪屿街道"},
    {"350302", "福建省", "莆田市", "城厢区", "灵川镇"},
    {"360102", "江西省", "南昌市", "东湖区", "滕王阁街道"},
    {"360521", "江西省", "新余市", "分宜县", "凤阳镇"},
    {"370102", "山东省", "济南市", "历下区", "解放路街道"},
    {"370202", "山东省", "青岛市", "市南区", "香港中路街道"},
    {"410102", "河南省", "郑州市", "中原区", "建设路街道"},
    {"411603", "河南省", "周口市", "淮阳区", "豆门乡"},
    {"420106", "湖北省", "武汉市", "武昌区", "黄鹤楼街道"},
    {"420529", "湖北省", "宜昌市", "五峰土家族自治县", "牛庄乡"},
    {"429005", "湖北省", "省直辖县级行政区划", "潜江市", "王场镇"},
    {"430102", "湖南省", "长沙市", "芙蓉区", "文艺路街道"},
    {"433101", "湖南省", "湘西土家族苗族自治州", "吉首市", "镇溪街道"},
    {"440106", "广东省", "广州市", "天河区", "石牌街道"},
    {"440305", "广东省", "深圳市", "南山区", "粤海街道"},
    {"442000", "广东省", "中山市", "中山市", "沙溪镇"},
    {"450102", "广西壮族自治区", "南宁市", "兴宁区", "民生街道"},
    {"460106", "海南省", "海口市", "龙华区", "中山街道"},
    {"469006", "海南省", "省直辖县级行政区划", "万宁市", "长丰镇"},
    {"500112", "重庆市", "市辖区", "渝北区", "龙溪街道"},
    {"500237", "重庆市", "县", "巫山县", "官渡镇"},
    {"510104", "四川省", "成都市", "锦江区", "春熙路街道"},
    {"513401", "四川省", "凉山彝族自治州", "西昌市", "北城街道"},
    {"520102", "贵州省", "贵阳市", "南明区", "新华路街道"},
    {"530102", "云南省", "昆明市", "五华区", "华山街道"},
    {"530302", "云南省", "曲靖市", "麒麟区", "沿江街道"},
    {"532901", "云南省", "大理白族自治州", "大理市", "下关街道"},
    {"540102", "西藏自治区", "拉萨市", "城关区", "八廓街道"},
    {"610113", "陕西省", "西安市", "雁塔区", "小寨路街道"},
    {"620102", "甘肃省", "兰州市", "城关区", "酒泉路街道"},
    {"620982", "甘肃省", "酒泉市", "敦煌市", "沙州镇"},
    {"630104", "青海省", "西宁市", "城西区", "西关大街街道"},
    {"632801", "青海省", "海西蒙古族藏族自治州", "格尔木市", "昆仑路街道"},
    {"640104", "宁夏回族自治区", "银川市", "兴庆区", "凤凰北街街道"},
    {"640522", "宁夏回族自治区", "中卫市", "海原县", "红羊乡"},
    {"650102", "新疆维吾尔自治区", "乌鲁木齐市", "天山区", "和平路街道"},
    {"653024", "新疆维吾尔自治区", "克孜勒苏柯尔克孜自治州", "乌恰县", "托云乡"},
    {"654301", "新疆维吾尔自治区", "阿勒泰地区", "阿勒泰市", "团结路街道"},
};

constexpr std::string_view kSurnames[] = {
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡",
    "郭", "何", "高", "林", "罗", "郑", "梁", "谢", "宋", "唐", "许", "韩", "冯", "邓", "曹",
    "彭", "曾", "萧", "田", "董", "潘", "袁", "于", "蒋", "蔡", "余", "杜", "叶", "程", "苏",
    "魏", "吕", "丁", "任", "沈", "姚", "卢", "姜", "崔", "钟", "谭", "陆", "汪", "范", "金"};
constexpr std::string_view kCompoundSurnames[] = {"欧阳", "诸葛", "东方", "司马", "上官"};
constexpr std::string_view kGiven[] = {"伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳",
                                       "杰", "娟", "涛", "明", "超", "秀", "霞", "平", "刚", "桂", "英", "华",
                                       "慧", "巧", "美", "雅", "宁", "梓", "浩", "宇", "轩", "涵", "欣", "怡",
                                       "佳", "琪", "晨", "曦", "睿", "博", "思", "远", "然"};
// Outside GBK, some outside the basic plane: what older programs lose.
constexpr std::string_view kRare[] = {"㐱", "䶮", "㛃", "𠮷", "𬱖", "𬴂", "𫖯", "𣲗"};
constexpr std::string_view kWholeNames[] = {"买买提江·吐尔逊",   "阿依古丽·依明", "扎西·次仁",
                                            "古丽娜尔·艾合买提", "Taylor Smith",  "Shaun O'Neil",
                                            "Anna Schmidt",      "René Dupont"};
constexpr std::string_view kCompanies[] = {"杭州云山科技有限公司", "广州市荔湾区服装批发部",
                                           "深圳前湾贸易有限公司", "江南大学附属医院"};
constexpr std::string_view kRoads[] = {"人民路",   "解放大道", "中山路", "建设路", "文化街",   "和平巷",
                                       "滨江大道", "学府路",   "明珠路", "丹棱街", "凤城五路", "科技园路"};
constexpr std::string_view kEstates[] = {"阳光花园", "锦绣江南", "幸福里", "翠湖天地",
                                         "金地格林", "云栖小区", "梧桐苑"};
constexpr std::string_view kOffices[] = {"国贸中心", "软件园", "创新大厦"};
constexpr std::string_view kTowers[] = {"A座", "B座", "C座", "D座"};
constexpr std::string_view kAreaCodes[] = {"010", "021", "0571", "0755", "028", "0991"};
constexpr std::string_view kGoods[] = {"茶叶礼盒",         "蓝牙耳机",  "婴儿奶粉3段",      "猫粮10kg",
                                       "女装连衣裙",       "口红套装",  "苹果手机壳",       "有机大米5kg",
                                       "图书《算法导论》", "纸尿裤L码", "处方药(阿莫西林)", "羽毛球拍"};

void append_name(Random& random, std::string& name) {
    auto kind = random.below(100);
    if (kind < 4) {
        name += random.of(kWholeNames);
        return;
    }
    name += kind < 7 ? random.of(kCompoundSurnames) : random.of(kSurnames);
    name += kind < 10 ? random.of(kRare) : random.of(kGiven);
    if (random.percent(70)) name += random.of(kGiven);
}

void append_phones(Random& random, Person& person) {
    if (random.percent(4)) {
        person.tel += random.of(kAreaCodes);
        person.tel += '-';
        append_number(person.tel, 20'000'000 + random.below(70'000'000));
        return;
    }
    person.mobile += '1';
    append_number(person.mobile, 3'000'000'000 + random.below(7'000'000'000));
    if (random.percent(6)) {
        person.mobile += '-';
        append_number(person.mobile, 100 + random.below(900));
    }
}

void append_road(Random& random, std::string& road) {
    road += random.of(kRoads);
    append_number(road, 1 + random.below(999));
    road += "号";
    auto kind = random.below(100);
    if (kind < 15) return;
    if (kind < 25) {
        road += random.of(kOffices);
        road += random.of(kTowers);
        append_number(road, 1 + random.below(40));
        road += "楼";
        append_number(road, 100 + random.below(300));
        return;
    }
    road += random.of(kEstates);
    append_number(road, 1 + random.below(60));
    road += "幢";
    append_number(road, 1 + random.below(5));
    road += "单元";
    append_number(road, 1 + random.below(33));
    append_number(road, 1 + random.below(8), 2);
    road += "室";
    if (random.percent(4)) road += ",放门口/勿电联";
}

// GB 11643: region, birth date, sequence, check digit (ISO 7064 MOD 11-2).
void append_id_number(Random& random, std::string_view region, std::string& id) {
    constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    id += region;
    append_number(id, 1950 + random.below(57));
    append_number(id, 1 + random.below(12), 2);
    append_number(id, 1 + random.below(28), 2);
    append_number(id, random.below(1000), 3);
    int sum = 0;
    for (std::size_t i = 0; i < 17; ++i) sum += kWeights[i] * (id[i] - '0');
    id += "10X98765432"[sum % 11];
}

}  // namespace

void make_person(Random& random, Person& person) {
    for (std::string* text : {&person.name, &person.mobile, &person.tel, &person.road, &person.id_number})
        text->clear();
    person.place = &random.of(kPlaces);
    append_name(random, person.name);
    append_phones(random, person);
    person.company = random.percent(50) ? std::string_view() : random.of(kCompanies);
    append_road(random, person.road);
    append_id_number(random, person.place->code, person.id_number);
}

std::string_view goods(Random& random) { return random.of(kGoods); }

std::string_view remark(Random& random, bool json) {
    constexpr std::string_view kRemarks[] = {"", "", "周末送货", "请打电话", "小心轻放"};
    if (random.percent(15)) return json ? R"(\"易碎\",轻放)" : R"("""易碎"",轻放")";
    return random.of(kRemarks);
}

}  // namespace huoqi::specimen

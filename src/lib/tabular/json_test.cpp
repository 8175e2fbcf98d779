// SPDX-License-Identifier: Apache-2.0
#include "lib/tabular/json.h"

#include <gtest/gtest.h>

namespace huoqi::tabular {
namespace {

Paths paths_of(std::initializer_list<std::string_view> list) {
    Paths paths;
    for (auto path : list) EXPECT_TRUE(paths.add(path)) << path;
    return paths;
}

std::string read(const Paths& paths, std::string_view text) {
    JsonReader reader;
    auto rule = reader.read(text, paths);
    if (!rule.empty()) return std::string(rule);
    std::string out;
    for (auto& value : reader.values()) {
        out += std::to_string(value.path) + "." + std::to_string(value.element) + "=" +
               std::string(value.text) + ";";
    }
    return out;
}

TEST(Json, ValuesAreFoundByPath) {
    Paths paths =
        paths_of({"number", "recMan.name", "Commodity[].GoodsName", "Commodity[].Goodsquantity", "tags[]"});
    EXPECT_EQ(read(paths, R"({"x":{"number":1},"number":"SF1","recMan":{"tel":"","name":"王\u4f1f"},
                              "Commodity":[{"GoodsName":"茶","Goodsquantity":3},{"Goodsquantity":1.50,"GoodsName":"a\"b"}],
                              "tags":["x",true,null]})"),
              "0.0=SF1;1.0=王伟;2.0=茶;3.0=3;3.1=1.5;2.1=a\"b;4.0=x;4.1=true;");
}

TEST(Json, ScalarsComeAsText) {
    Paths paths = paths_of({"a"});
    EXPECT_EQ(read(paths, R"({"a":770002002000000})"), "0.0=770002002000000;");
    EXPECT_EQ(read(paths, R"({"a":-5})"), "0.0=-5;");
    EXPECT_EQ(read(paths, R"({"a":18446744073709551615})"), "0.0=18446744073709551615;");
    EXPECT_EQ(read(paths, R"({"a":1.0})"), "0.0=1;");
    EXPECT_EQ(read(paths, R"({"a":false})"), "0.0=false;");
    EXPECT_EQ(read(paths, R"({"a":null})"), "");
}

TEST(Json, BrokenDocumentsAreReportedEvenWhereNothingIsAsked) {
    Paths paths = paths_of({"a"});
    for (std::string_view bad : {R"({"a":1)", R"({"a":1,"b":tru})", R"({"a":1}x)", "", "{\"a\":\"\xFF\"}",
                                 R"({"a":"\q"})", R"({"a":01})", R"({a:1})", R"({"a":1,})"}) {
        EXPECT_EQ(read(paths, bad), "json.syntax") << bad;
    }
    EXPECT_EQ(read(paths, "[1]"), "json.object");
    EXPECT_EQ(read(paths, "5"), "json.object");
}

TEST(Json, KeyGivenTwiceIsReported) {
    Paths paths = paths_of({"a", "b.c"});
    EXPECT_EQ(read(paths, R"({"a":1,"a":2})"), "json.duplicate_key");
    EXPECT_EQ(read(paths, R"({"b":{"c":1,"c":1}})"), "json.duplicate_key");
    EXPECT_EQ(read(paths, R"({"x":1,"x":2,"a":3})"), "0.0=3;");
}

TEST(Json, WrongShapeIsReported) {
    Paths paths = paths_of({"a", "b.c", "d[]"});
    for (std::string_view bad :
         {R"({"a":{}})", R"({"a":[1]})", R"({"b":1})", R"({"b":[]})", R"({"d":"x"})", R"({"d":[[1]]})"}) {
        EXPECT_EQ(read(paths, bad), "json.type") << bad;
    }
    EXPECT_EQ(read(paths, R"({"b":null,"d":null})"), "");
}

TEST(Json, DepthIsLimited) {
    Paths paths = paths_of({"a"});
    std::string deep = R"({"x":)" + std::string(200, '[') + std::string(200, ']') + "}";
    EXPECT_EQ(read(paths, deep), "json.depth");
}

TEST(Json, OneReaderTakesManyDocuments) {
    Paths paths = paths_of({"a"});
    JsonReader reader;
    for (std::size_t size : {10, 100'000, 3, 500'000}) {
        std::string text = R"({"a":")" + std::string(size, 'x') + R"("})";
        EXPECT_EQ(reader.read(text, paths), "");
        ASSERT_EQ(reader.values().size(), 1U);
        EXPECT_EQ(reader.values()[0].text.size(), size);
        EXPECT_EQ(reader.read("{", paths), "json.syntax");
        EXPECT_TRUE(reader.values().empty());
    }
}

TEST(Paths, ContradictionsAreRefused) {
    Paths paths;
    EXPECT_TRUE(paths.add("a.b"));
    for (std::string_view bad : {"a", "a.b.c", "a.b", "", ".x", "a[].c", "x.", "[]"})
        EXPECT_FALSE(paths.add(bad)) << bad;
    EXPECT_TRUE(paths.add("a.c"));
}

}  // namespace
}  // namespace huoqi::tabular

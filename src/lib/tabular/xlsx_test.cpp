// SPDX-License-Identifier: Apache-2.0
#include "lib/tabular/xlsx.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "lib/tabular/testing/workbook.h"

namespace huoqi::tabular {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr const char* kSheet = "xl/worksheets/sheet1.xml";

std::string in_main(const std::string& root, const std::string& inside) {
    return "<" + root + " xmlns=\"" + std::string(kMain) + "\">" + inside + "</" + root + ">";
}
Parts with_sheet(std::string_view rows) {
    auto parts = parts_of({});
    parts[kSheet] = sheet_of(rows);
    return parts;
}
Rows rows_of(const Parts& parts) {
    auto rows = read_xlsx(packed(parts));
    EXPECT_TRUE(rows) << rows.error().message;
    return rows ? std::move(*rows) : Rows{};
}
// The code and the rule; nothing of the content.
std::string refusal(ByteView bytes, const XlsxLimits& limits = {}) {
    const auto rows = read_xlsx(bytes, limits);
    if (rows) return "read";
    return std::string(name(rows.error().code)) + " " + rows.error().message;
}
std::string refusal(const Parts& parts, const XlsxLimits& limits = {}) {
    return refusal(packed(parts), limits);
}
// One cell of this style, with the formats 165 = `code` at s="1" and built-in ones at s="2" and on.
std::string shown(const std::string& code, const std::string& style, const std::string& value,
                  bool since_1904 = false) {
    auto parts = with_sheet("<row><c s=\"" + style + "\"><v>" + value + "</v></c></row>");
    std::string cells = R"(<xf numFmtId="0"/><xf numFmtId="165"/>)";
    for (const auto* built_in : {"14", "22", "46", "31", "4", "20"})
        cells += "<xf numFmtId=\"" + std::string(built_in) + "\"/>";
    parts["xl/styles.xml"] =
        in_main("styleSheet",
                "<numFmts><numFmt numFmtId=\"165\" formatCode=\"" + code +
                    "\"/></numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs>" + cells +
                    "</cellXfs><dxfs><dxf><numFmt numFmtId=\"165\" formatCode=\"0\"/></dxf></dxfs>");
    if (since_1904) {
        auto& book = parts["xl/workbook.xml"];
        book.insert(book.find("<sheets>"), "<workbookPr date1904=\"1\"/>");
    }
    const auto rows = read_xlsx(packed(parts));
    return rows ? rows->at(0).at(0) : rows.error().message;
}

TEST(Xlsx, RowsAndCellsStandWhereTheSheetHasThem) {
    EXPECT_EQ(rows_of(parts_of({{"kind", "id"}, {"person", "", "1002"}, {}, {"", "丁"}})),
              (Rows{{"kind", "id"}, {"person", "", "1002"}, {}, {"", "丁"}}));
    EXPECT_EQ(
        rows_of(with_sheet(R"(<row r="3"><c r="B3"><v>1</v></c><c><v>2</v></c><c r="AA3"><v>3</v></c></row>)"
                           R"(<row><c s="7"/></row><row r="1048576"><c r="XFD1048576"/></row>)")),
        (Rows{{}, {}, [] {
                  std::vector<std::string> row(27);
                  row[1] = "1", row[2] = "2", row[26] = "3";
                  return row;
              }()}));
    EXPECT_EQ(rows_of(parts_of({})), Rows{});
}

TEST(Xlsx, TextsAreReadWithoutRunsHintsAndEscapes) {
    auto parts = with_sheet(
        R"(<row><c t="s"><v>1</v></c><c t="s"><v>0</v></c><c t="str"><f>A1</f><v>a_x000D_b</v></c>)"
        R"(<c t="inlineStr"><is><r><t>c</t></r><r><t> d</t></r></is></c></row>)");
    parts["xl/sharedStrings.xml"] =
        in_main("sst",
                "<si><t>&lt;plain&gt; _x005F_x0041_ _x4E01_ _xD800_ _x1</t></si><si><r><rPr/><t>東</t></r>"
                "<r><t xml:space=\"preserve\">京 </t></r><rPh sb=\"0\" eb=\"2\"><t>トウキョウ</t></rPh>"
                "<phoneticPr/></si>");
    EXPECT_EQ(rows_of(parts), (Rows{{"東京 ", "<plain> _x0041_ 丁 _xD800_ _x1", "a\rb", "c d"}}));
}

TEST(Xlsx, NumbersAreWrittenOutWhereTheyAreWhole) {
    EXPECT_EQ(
        rows_of(with_sheet("<row><c><v>13900000000</v></c><c><v>1.39E+10</v></c><c t=\"n\"><v>-5.0</v></c>"
                           "<c><v>0.10</v></c><c><v>1.5e-3</v></c><c><v>0</v></c><c><v>0E9</v></c>"
                           "<c t=\"b\"><v>1</v></c><c t=\"b\"><v>0</v></c><c><v>120</v></c></row>")),
        (Rows{{"13900000000", "13900000000", "-5", "0.10", "1.5e-3", "0", "0", "true", "false", "120"}}));
    for (const auto* value : {"x", "1,5", "1e", "1e99999", ".", "--1", "nan", "0x1"})
        EXPECT_EQ(refusal(with_sheet("<row><c><v>" + std::string(value) + "</v></c></row>")),
                  "bad_input xlsx.cell")
            << value;
}

TEST(Xlsx, DatesAndTimesAreKnownByTheirStyle) {
    EXPECT_EQ(shown("0", "2", "46350"), "2026-11-24");
    EXPECT_EQ(shown("0", "2", "46350.75"), "2026-11-24");
    EXPECT_EQ(shown("0", "3", "46350.354166666664"), "2026-11-24T08:30:00");
    EXPECT_EQ(shown("0", "3", "46350"), "2026-11-24T00:00:00");
    EXPECT_EQ(shown("0", "3", "46350.9999999"), "2026-11-25T00:00:00");
    EXPECT_EQ(shown("0", "4", "1.0840277777777778"), "26:01:00");
    EXPECT_EQ(shown("0", "5", "46350"), "2026-11-24");
    EXPECT_EQ(shown("0", "6", "46350"), "46350");
    EXPECT_EQ(shown("0", "7", "0.5"), "12:00:00");
    EXPECT_EQ(shown("0", "7", "46350.5"), "2026-11-24T12:00:00");
    EXPECT_EQ(shown("yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;", "1", "46350"), "2026-11-24");
    EXPECT_EQ(shown("[$-804]yyyy/m/d\\ h:mm AM/PM;@", "1", "46350.5"), "2026-11-24T12:00:00");
    EXPECT_EQ(shown("mmm", "1", "46350"), "2026-11-24");
    EXPECT_EQ(shown("mm:ss", "1", "0.001388888888888889"), "00:02:00");
    EXPECT_EQ(shown("[hh]:mm", "1", "2"), "48:00:00");
    for (const auto* number : {"General", "0.00E+00", "[Red]#,##0 &quot;days&quot;", "0_h", "@", "#\\d;yy"})
        EXPECT_EQ(shown(number, "1", "46350"), "46350") << number;
}

TEST(Xlsx, DaysAreCountedAsTheWorkbookCountsThem) {
    EXPECT_EQ(shown("0", "2", "1"), "1900-01-01");
    EXPECT_EQ(shown("0", "2", "59"), "1900-02-28");
    EXPECT_EQ(shown("0", "2", "61"), "1900-03-01");
    EXPECT_EQ(shown("0", "2", "2958465"), "9999-12-31");
    EXPECT_EQ(shown("0", "2", "0", true), "1904-01-01");
    EXPECT_EQ(shown("0", "2", "44888", true), "2026-11-24");
    for (const auto* none : {"0", "60", "-1", "2958466", "1E300", "2958465.9999999"})
        EXPECT_EQ(shown("0", "3", none), "xlsx.date") << none;
    EXPECT_EQ(shown("0", "2", "2957004", true), "xlsx.date");
}

TEST(Xlsx, TheFirstSheetThatIsShownIsRead) {
    auto parts = parts_of({{"shown"}});
    parts["XL/Worksheets/Other.xml"] = sheet_of("<row><c><v>1</v></c></row>");
    auto& relations = parts["xl/_rels/workbook.xml.rels"];
    const std::string type = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
    relations.insert(relations.find("<Relationship "),
                     "<Relationship Id=\"h\" Type=\"" + type +
                         "worksheet\" Target=\"../xl/worksheets/other.xml\"/>"
                         "<Relationship Id=\"c\" Type=\"" +
                         type + "chartsheet\" Target=\"chartsheets/1.xml\"/>");
    auto& book = parts["xl/workbook.xml"];
    const auto at = book.find("<sheet ");
    book.insert(
        at, R"(<sheet name="a" sheetId="7" state="hidden" r:id="h"/><sheet name="b" sheetId="8" r:id="c"/>)");
    EXPECT_EQ(rows_of(parts), (Rows{{"shown"}}));
    book.replace(book.find("state=\"hidden\""), 14, "");
    EXPECT_EQ(rows_of(parts), (Rows{{"1"}}));
}

TEST(Xlsx, NamespacesDecideAndPrefixesDoNot) {
    auto parts = parts_of({});
    parts[kSheet] = "<x:worksheet xmlns:x=\"" + std::string(kMain) +
                    "\" xmlns:o=\"urn:other\"><x:sheetData><x:row><x:c><x:v>1</x:v></x:c></x:row>"
                    "<o:row/><o:c><o:v>9</o:v></o:c></x:sheetData></x:worksheet>";
    EXPECT_EQ(rows_of(parts), (Rows{{"1"}}));
}

// What another program writes is read as it was meant.
TEST(Xlsx, AWorkbookOfLibxlsxwriterIsRead) {
    const auto path = std::filesystem::temp_directory_path() / ("huoqi-xlsx-" + std::to_string(::getpid()));
    lxw_workbook* book = workbook_new(path.c_str());
    lxw_worksheet* sheet = workbook_add_worksheet(book, "人员");
    lxw_format* day = workbook_add_format(book);
    format_set_num_format(day, "yyyy-mm-dd");
    lxw_format* bold = workbook_add_format(book);
    format_set_bold(bold);
    worksheet_write_string(sheet, 0, 0, "person", bold);
    worksheet_write_string(sheet, 0, 1, "快递员", nullptr);
    lxw_datetime moment{2026, 11, 24, 0, 0, 0};
    worksheet_write_datetime(sheet, 1, 0, &moment, day);
    worksheet_write_number(sheet, 1, 2, 13900000000.0, nullptr);
    worksheet_write_boolean(sheet, 1, 3, 1, nullptr);
    lxw_rich_string_tuple plain{nullptr, const_cast<char*>("a ")};
    lxw_rich_string_tuple thick{bold, const_cast<char*>("b")};
    lxw_rich_string_tuple* rich[] = {&plain, &thick, nullptr};
    worksheet_write_rich_string(sheet, 3, 0, rich, nullptr);
    worksheet_write_blank(sheet, 5, 70, bold);
    ASSERT_EQ(workbook_close(book), LXW_NO_ERROR);
    std::ifstream in(path, std::ios::binary);
    std::stringstream bytes;
    bytes << in.rdbuf();
    std::filesystem::remove(path);
    const auto rows = read_xlsx(bytes_of(bytes.str()));
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(*rows, (Rows{{"person", "快递员"}, {"2026-11-24", "", "13900000000", "true"}, {}, {"a b"}}));
}

TEST(Xlsx, WhatIsNoWorkbookIsRefusedByRule) {
    EXPECT_EQ(refusal(bytes_of("")), "bad_input xlsx.archive");
    EXPECT_EQ(refusal(bytes_of("kind,id\nperson,1\n")), "bad_input xlsx.archive");
    EXPECT_EQ(refusal(Parts{{"readme.txt", "x"}}), "bad_input xlsx.parts");
    EXPECT_EQ(refusal(packed(parts_of({{"a"}}), "password")), "bad_input xlsx.encrypted");
    std::string old = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and more";
    EXPECT_EQ(refusal(bytes_of(old)), "bad_input xlsx.old_format");
    for (const char c : std::string("EncryptedPackage")) (old += c) += '\0';
    EXPECT_EQ(refusal(bytes_of(old)), "bad_input xlsx.encrypted");
    for (const auto* part : {"_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", kSheet,
                             "xl/sharedStrings.xml", "xl/styles.xml"}) {
        auto parts = parts_of({{"a"}});
        parts[part] += "<";
        EXPECT_EQ(refusal(parts), "bad_input xlsx.xml") << part;
        parts.erase(part);
        EXPECT_EQ(refusal(parts), "bad_input xlsx.parts") << part;
    }
    auto twice = parts_of({{"a"}});
    twice["XL/workbook.XML"] = twice["xl/workbook.xml"];
    EXPECT_EQ(refusal(twice), "bad_input xlsx.archive");
    auto outside = parts_of({{"a"}});
    auto& relations = outside["xl/_rels/workbook.xml.rels"];
    relations.replace(relations.find("worksheets/sheet1"), 17, "../../etc/sheet1x");
    EXPECT_EQ(refusal(outside), "bad_input xlsx.parts");
}

TEST(Xlsx, ABrokenArchiveIsNeverReadInPart) {
    const auto good = packed(parts_of({{std::string(5'000, 'a')}, {"b"}}));
    for (std::size_t size = 0; size < good.size(); size += 7) {
        EXPECT_TRUE(refusal(ByteView(good).first(size)).starts_with("bad_input xlsx.")) << size;
    }
    auto flipped = good;
    std::size_t refused = 0;
    for (std::size_t at = 0; at < good.size(); ++at) {
        flipped[at] ^= 0x20;
        const auto rows = read_xlsx(flipped);
        refused += rows ? 0 : 1;
        EXPECT_TRUE(!rows || rows->size() == 2) << at;
        flipped[at] ^= 0x20;
    }
    EXPECT_GT(refused, good.size() / 2);
}

TEST(Xlsx, DocumentTypesAndEntitiesAreRefused) {
    for (const auto* part : {"xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", kSheet}) {
        auto parts = parts_of({{"a"}});
        parts[part].insert(0, "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>");
        EXPECT_EQ(refusal(parts), "bad_input xlsx.dtd") << part;
    }
    EXPECT_EQ(refusal(parts_of({{"&e;"}})), "bad_input xlsx.xml");
}

TEST(Xlsx, CellsThatAreNotWhatTheySayAreRefused) {
    const auto row = [](const std::string& cells) { return with_sheet("<row>" + cells + "</row>"); };
    EXPECT_EQ(refusal(row(R"(<c t="s"><v>0</v></c>)")), "bad_input xlsx.cell");
    EXPECT_EQ(refusal(row(R"(<c t="s"><v>-1</v></c>)")), "bad_input xlsx.cell");
    EXPECT_EQ(refusal(row(R"(<c t="b"><v>2</v></c>)")), "bad_input xlsx.cell");
    EXPECT_EQ(refusal(row(R"(<c t="?"><v>2</v></c>)")), "bad_input xlsx.cell");
    EXPECT_EQ(refusal(row(R"(<c t="e"><v>#N/A</v></c>)")), "bad_input xlsx.error_value");
    for (const auto* cell :
         {R"(<c r="A2"/>)", R"(<c r="B1"/><c r="B1"/>)", R"(<c r="B1"/><c r="A1"/>)", R"(<c r="1"/>)",
          R"(<c r="XFE1"/>)", R"(<c r="A"/>)", R"(<c r="a1"/>)", R"(<c r="AAAAAAAAAAAAAAAAA1"/>)"})
        EXPECT_EQ(refusal(row(cell)), "bad_input xlsx.sheet") << cell;
    for (const auto* rows : {R"(<row r="2"/><row r="2"/>)", R"(<row r="2"/><row r="1"/>)", R"(<row r="0"/>)",
                             R"(<row r="1048577"/>)", R"(<row r="x"/>)", R"(<c><v>1</v></c>)"})
        EXPECT_EQ(refusal(with_sheet(rows)), "bad_input xlsx.sheet") << rows;
}

TEST(Xlsx, EveryLimitIsKept) {
    const auto good = parts_of({{"abc", "d"}, {"e"}});
    EXPECT_EQ(refusal(good, {.rows = 2, .columns = 2, .cell_bytes = 3, .text_bytes = 5}), "read");
    EXPECT_EQ(refusal(good, {.entries = 5}), "too_large xlsx.entries");
    EXPECT_EQ(refusal(good, {.rows = 1}), "too_large xlsx.rows");
    EXPECT_EQ(refusal(good, {.columns = 1}), "too_large xlsx.columns");
    EXPECT_EQ(refusal(good, {.cell_bytes = 2}), "too_large xlsx.cell_text");
    EXPECT_EQ(refusal(good, {.text_bytes = 4}), "too_large xlsx.text");
    EXPECT_EQ(refusal(with_sheet("<row><c><v>123</v></c></row>"), {.cell_bytes = 2}),
              "too_large xlsx.cell_text");
    auto shared = good;
    shared["xl/sharedStrings.xml"] = in_main("sst", "<si/><si/><si/><si/><si/>");
    EXPECT_EQ(refusal(shared, {.rows = 2, .columns = 2}), "too_large xlsx.strings");
    auto deep = good;
    for (int i = 0; i < 100; ++i) deep["xl/styles.xml"].insert(0, "<a>");
    EXPECT_EQ(refusal(deep), "too_large xlsx.depth");
    auto styled = good;
    std::string many;
    for (int i = 0; i < 70'000; ++i) many += "<xf/>";
    styled["xl/styles.xml"] = in_main("styleSheet", "<cellXfs>" + many + "</cellXfs>");
    EXPECT_EQ(refusal(styled), "too_large xlsx.styles");
    // One shared text in many cells.
    std::string cells;
    for (int i = 0; i < 3; ++i) cells += R"(<row><c t="s"><v>0</v></c></row>)";
    auto repeated = with_sheet(cells);
    repeated["xl/sharedStrings.xml"] = in_main("sst", "<si><t>abcd</t></si>");
    EXPECT_EQ(refusal(repeated, {.text_bytes = 11}), "too_large xlsx.text");
}

TEST(Xlsx, BombsAreRefusedBeforeTheyAreUnpacked) {
    auto parts = parts_of({{"a"}});
    EXPECT_EQ(refusal(parts, {.unpacked_bytes = 100}), "too_large xlsx.unpacked");
    parts["xl/media/1.png"] = std::string(std::size_t{3} << 20, '\0');
    EXPECT_EQ(refusal(parts), "too_large xlsx.ratio");
    parts["xl/media/1.png"] = std::string(std::size_t{65} << 20, '\0');
    EXPECT_EQ(refusal(parts), "too_large xlsx.unpacked");
}

}  // namespace
}  // namespace huoqi::tabular

// SPDX-License-Identifier: Apache-2.0
// Workbooks made by hand, part by part; for tests.
#pragma once

#include <zip.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"

namespace huoqi::tabular {

using Parts = std::map<std::string, std::string, std::less<>>;  // what is in an entry, by its name

inline Bytes packed(const Parts& parts, std::string_view password = {}) {
    zip_source_t* memory = zip_source_buffer_create(nullptr, 0, 0, nullptr);
    HUOQI_CHECK(memory != nullptr);
    zip_source_keep(memory);
    zip_t* zip = zip_open_from_source(memory, ZIP_TRUNCATE, nullptr);
    HUOQI_CHECK(zip != nullptr);
    for (const auto& [name, text] : parts) {
        zip_source_t* source = zip_source_buffer(zip, text.data(), text.size(), 0);
        const auto index = zip_file_add(zip, name.c_str(), source, ZIP_FL_ENC_UTF_8);
        HUOQI_CHECK(index >= 0);
        if (!password.empty()) {
            HUOQI_CHECK(zip_file_set_encryption(zip, static_cast<zip_uint64_t>(index), ZIP_EM_AES_256,
                                                std::string(password).c_str()) == 0);
        }
    }
    HUOQI_CHECK(zip_close(zip) == 0);
    HUOQI_CHECK(zip_source_open(memory) == 0);
    Bytes out;
    Bytes piece(65'536);
    while (true) {
        const auto got = zip_source_read(memory, piece.data(), piece.size());
        HUOQI_CHECK(got >= 0);
        if (got == 0) break;
        out.insert(out.end(), piece.begin(), piece.begin() + got);
    }
    zip_source_close(memory);
    zip_source_free(memory);
    return out;
}

inline constexpr std::string_view kMain = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

inline std::string sheet_of(std::string_view rows) {
    return "<worksheet xmlns=\"" + std::string(kMain) + "\"><sheetData>" + std::string(rows) +
           "</sheetData></worksheet>";
}

// A workbook of one sheet whose cells are inline texts. Cells must need no escaping.
inline Parts parts_of(const std::vector<std::vector<std::string>>& rows) {
    const std::string document = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const auto relations = [](const std::string& list) {
        return "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">" +
               list + "</Relationships>";
    };
    const auto relation = [&](const std::string& id, const std::string& kind, const std::string& target) {
        return "<Relationship Id=\"" + id + "\" Type=\"" + document + "/" + kind + "\" Target=\"" + target +
               "\"/>";
    };
    std::string cells;
    for (const auto& row : rows) {
        cells += "<row>";
        for (const auto& cell : row) cells += "<c t=\"inlineStr\"><is><t>" + cell + "</t></is></c>";
        cells += "</row>";
    }
    return {{"_rels/.rels", relations(relation("rId1", "officeDocument", "xl/workbook.xml"))},
            {"xl/_rels/workbook.xml.rels", relations(relation("rId1", "worksheet", "worksheets/sheet1.xml") +
                                                     relation("rId2", "sharedStrings", "sharedStrings.xml") +
                                                     relation("rId3", "styles", "/xl/styles.xml"))},
            {"xl/workbook.xml", "<workbook xmlns=\"" + std::string(kMain) + "\" xmlns:r=\"" + document +
                                    "\"><sheets><sheet name=\"1\" sheetId=\"1\" r:id=\"rId1\"/></sheets>"
                                    "</workbook>"},
            {"xl/sharedStrings.xml", "<sst xmlns=\"" + std::string(kMain) + "\"/>"},
            {"xl/styles.xml", "<styleSheet xmlns=\"" + std::string(kMain) + "\"/>"},
            {"xl/worksheets/sheet1.xml", sheet_of(cells)}};
}

inline std::string workbook_of(const std::vector<std::vector<std::string>>& rows) {
    return std::string(text_of(packed(parts_of(rows))));
}

}  // namespace huoqi::tabular

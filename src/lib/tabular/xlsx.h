// SPDX-License-Identifier: Apache-2.0
// The first sheet that is shown of an Office Open XML workbook (ECMA-376, .xlsx) in memory, as rows of texts.
// Everything comes as a spreadsheet means it, not as it draws it: texts without their formatting and without
// phonetic hints, whole numbers without exponent, other numbers as they are written, booleans as true/false,
// results of formulas as they were last reckoned. Cells whose style is a date or a time become `2026-11-24`,
// `08:30:00` or `2026-11-24T08:30:00`, in nobody's time zone, seconds rounded. Threads: any.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace huoqi::tabular {

struct XlsxLimits {
    std::size_t entries = 1'000;                         // of the archive
    std::size_t unpacked_bytes = std::size_t{64} << 20;  // of all entries
    std::size_t ratio = 250;                             // unpacked to packed, of an entry above 1 MiB
    std::size_t rows = 10'001;                           // the last one that is filled
    std::size_t columns = 64;                            // the last one that is filled
    std::size_t cell_bytes = std::size_t{32} << 10;      // of one text
    std::size_t text_bytes = std::size_t{64} << 20;      // of all cells: many may show one shared text
};

// Row i of the sheet is element i-1, cut behind its last filled cell, so that a row without one is empty; the
// last element is a filled row. Cells that are only formatted count for nothing.
//
// Errors have a rule as their message and never the content. Limits, before anything is unpacked where that
// can be told: too_large with "xlsx.entries", "xlsx.unpacked", "xlsx.ratio", "xlsx.rows", "xlsx.columns",
// "xlsx.cell_text", "xlsx.text", "xlsx.strings", "xlsx.styles", "xlsx.depth", "xlsx.memory". Otherwise
// bad_input: "xlsx.archive" (none, broken or ambiguous), "xlsx.old_format" (.xls), "xlsx.encrypted",
// "xlsx.parts" (no workbook, or one that lacks something), "xlsx.xml", "xlsx.dtd" (document types and
// entities are refused), "xlsx.sheet" (rows or cells out of order), "xlsx.cell" (a value that is not what it
// says it is), "xlsx.date" (none that there is), "xlsx.error_value" (a cell shows #N/A or the like).
Result<std::vector<std::vector<std::string>>> read_xlsx(ByteView bytes, const XlsxLimits& limits = {});

}  // namespace huoqi::tabular

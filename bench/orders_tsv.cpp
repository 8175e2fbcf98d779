// SPDX-License-Identifier: Apache-2.0
// orders_tsv [EVERY]: turns kuaidi100 orders (JSON lines, standard input) into rows for PostgreSQL's COPY
// (standard output), one in EVERY; the same values that Huoqi seals. Columns: number, items, then of the
// sender name, phone, tel, organisation, address, id_number, then of the recipient name, phone, tel,
// organisation, address. `phone` is the mobile number or, without one, the land line; `tel` is the land line
// beside a mobile number. Exit codes: 0 done, 1 bad input or output, 2 wrong usage.
#include <simdjson.h>

#include <charconv>
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>

namespace {

using simdjson::dom::element;

// COPY's text format: backslash escapes what would end a field or a row.
void append_field(std::string& row, std::string_view value) {
    if (!row.empty()) row += '\t';
    for (char c : value) {
        switch (c) {
            case '\t':
                row += "\\t";
                break;
            case '\n':
                row += "\\n";
                break;
            case '\r':
                row += "\\r";
                break;
            case '\\':
                row += "\\\\";
                break;
            default:
                row += c;
        }
    }
}

// Throws simdjson_error when a member is missing or no text.
std::string_view text(element object, std::string_view member) { return object[member].get_string(); }

void append_reach(std::string& row, element party) {
    append_field(row, text(party, "name"));
    auto mobile = text(party, "mobile");
    auto tel = text(party, "tel");
    append_field(row, mobile.empty() ? tel : mobile);
    append_field(row, mobile.empty() ? "" : tel);
    append_field(row, text(party, "company"));
    append_field(row, text(party, "printAddr"));
}

void append_order(std::string& row, element order) {
    append_field(row, text(order, "kuaidinum"));
    append_field(row, text(order, "cargo"));
    append_reach(row, order["sendMan"]);
    append_field(row, text(order, "sendIdCard"));
    append_reach(row, order["recMan"]);
    row += '\n';
}

bool convert(std::uint64_t every) {
    simdjson::dom::parser parser;
    std::string line;
    std::string row;
    for (std::uint64_t number = 0; std::getline(std::cin, line); ++number) {
        if (number % every != 0) continue;
        row.clear();
        append_order(row, parser.parse(line));
        if (std::fwrite(row.data(), 1, row.size(), stdout) != row.size()) return false;
    }
    return std::fflush(stdout) == 0 && !std::cin.bad();
}

}  // namespace

int main(int argc, char** argv) {
    std::uint64_t every = 1;
    if (argc > 1) {
        std::string_view given = argv[1];
        auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), every);
        if (argc > 2 || error != std::errc{} || end != given.data() + given.size() || every == 0) {
            std::fputs("usage: orders_tsv [EVERY] <orders.jsonl >orders.tsv\n", stderr);
            return 2;
        }
    }
    std::ios::sync_with_stdio(false);
    try {
        if (convert(every)) return 0;
        std::perror("orders_tsv");
    } catch (const simdjson::simdjson_error& error) {
        std::fprintf(stderr, "orders_tsv: %s\n", error.what());
    }
    return 1;
}

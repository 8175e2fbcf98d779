// SPDX-License-Identifier: Apache-2.0
#include "lib/tabular/internal/xml.h"

#include <expat.h>

#include <algorithm>
#include <array>
#include <memory>

namespace huoqi::tabular {
namespace {

constexpr std::size_t kMaxDepth = 64;  // a sheet needs eight
constexpr char kNamespaceEnd = '|';
// As most programs write them, and as the strict form of the standard has them.
constexpr std::array<std::string_view, 5> kOwn{
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://schemas.openxmlformats.org/package/2006/relationships",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
    "http://purl.oclc.org/ooxml/officeDocument/relationships"};

std::string_view local(std::string_view name, std::string_view without_namespace) {
    const auto end = name.rfind(kNamespaceEnd);
    if (end == name.npos) return without_namespace;
    const bool own = std::ranges::find(kOwn, name.substr(0, end)) != kOwn.end();
    return own ? name.substr(end + 1) : std::string_view();
}

class Run {
  public:
    Run(XML_Parser parser, XmlReader& reader) : parser_(parser), reader_(reader) {
        XML_SetUserData(parser, this);
        XML_SetElementHandler(parser, &Run::on_start, &Run::on_end);
        XML_SetCharacterDataHandler(parser, &Run::on_text);
        XML_SetStartDoctypeDeclHandler(parser, &Run::on_doctype);
        XML_SetParamEntityParsing(parser, XML_PARAM_ENTITY_PARSING_NEVER);
    }
    Status feed(std::string_view piece, bool last) {
        const auto done = XML_Parse(parser_, piece.data(), static_cast<int>(piece.size()), last ? 1 : 0);
        if (!outcome_) return outcome_;
        if (done == XML_STATUS_OK) return {};
        if (XML_GetErrorCode(parser_) == XML_ERROR_NO_MEMORY) return fail(Code::too_large, "xlsx.memory");
        return fail(Code::bad_input, "xlsx.xml");
    }

  private:
    // Nothing may be thrown through the C code in between. What was told after a failure is not heard.
    template <class Tell>
    void tell(Tell tell) noexcept {
        if (!outcome_) return;
        try {
            outcome_ = tell();
        } catch (...) {
            outcome_ = fail(Code::too_large, "xlsx.memory");  // short enough to be in the string itself
        }
        if (!outcome_) XML_StopParser(parser_, XML_FALSE);
    }
    static Run& of(void* self) { return *static_cast<Run*>(self); }
    static void XMLCALL on_start(void* self, const XML_Char* name, const XML_Char** attributes) {
        of(self).tell([&]() -> Status {
            if (++of(self).depth_ > kMaxDepth) return fail(Code::too_large, "xlsx.depth");
            return of(self).reader_.start(local(name, {}), XmlAttributes(attributes));
        });
    }
    static void XMLCALL on_end(void* self, const XML_Char* name) {
        of(self).tell([&] {
            --of(self).depth_;
            return of(self).reader_.end(local(name, {}));
        });
    }
    static void XMLCALL on_text(void* self, const XML_Char* text, int size) {
        of(self).tell([&] { return of(self).reader_.text({text, static_cast<std::size_t>(size)}); });
    }
    static void XMLCALL on_doctype(void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
        of(self).tell([]() -> Status { return fail(Code::bad_input, "xlsx.dtd"); });
    }

    XML_Parser parser_;
    XmlReader& reader_;
    Status outcome_;
    std::size_t depth_ = 0;
};

}  // namespace

std::string_view XmlAttributes::text(std::string_view name) const {
    for (const auto* at = list_; *at != nullptr; at += 2) {
        if (local(at[0], at[0]) == name) return at[1];
    }
    return {};
}

Status read_xml(const Package& package, std::string_view part, XmlReader& reader) {
    const std::unique_ptr<XML_ParserStruct, void (*)(XML_Parser)> parser(
        XML_ParserCreateNS(nullptr, kNamespaceEnd), XML_ParserFree);
    if (!parser) return fail(Code::too_large, "xlsx.memory");
    Run run(parser.get(), reader);
    return package.read(part, [&](std::string_view piece, bool last) { return run.feed(piece, last); });
}

}  // namespace huoqi::tabular

// SPDX-License-Identifier: Apache-2.0
// XML of a workbook's parts, read in a stream. Names are those of the workbook's own vocabularies, without
// their namespace; elements of others have the empty name. Document types, and with them all entities of
// one's own, are refused. Errors as in xlsx.h. One thread at a time.
#pragma once

#include <string_view>

#include "lib/tabular/internal/package.h"

namespace huoqi::tabular {

class XmlAttributes {
  public:
    explicit XmlAttributes(const char* const* list) : list_(list) {}
    // Empty when it is not there.
    std::string_view text(std::string_view name) const;

  private:
    const char* const* list_;
};

// Is told what is read; the first failure ends the reading.
class XmlReader {
  public:
    XmlReader() = default;
    XmlReader(const XmlReader&) = delete;
    XmlReader& operator=(const XmlReader&) = delete;
    virtual ~XmlReader() = default;
    virtual Status start(std::string_view element, const XmlAttributes& attributes) = 0;
    virtual Status text(std::string_view) { return {}; }
    virtual Status end(std::string_view) { return {}; }
};

Status read_xml(const Package& package, std::string_view part, XmlReader& reader);

}  // namespace huoqi::tabular

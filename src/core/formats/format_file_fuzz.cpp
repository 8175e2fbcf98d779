// SPDX-License-Identifier: Apache-2.0
// A format file is taken or refused with a reason in one line; one that is taken reads any record without
// harm.
#include <cstdint>

#include "base/check.h"
#include "core/formats/formats.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    auto format = huoqi::formats::parse_format("fuzz", text);
    if (!format) {
        HUOQI_CHECK(format.error().message.starts_with("fuzz.toml:"));
        HUOQI_CHECK(format.error().message.find('\n') == std::string::npos);
        return 0;
    }
    auto reader = huoqi::formats::RecordReader::make(*format, text.substr(0, text.find('\n')));
    huoqi::waybill::Waybill waybill;
    if (reader) reader->read(text.substr(size / 2), waybill);
    return 0;
}

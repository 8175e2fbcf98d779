// SPDX-License-Identifier: Apache-2.0
// The closed list of what a format file may do to a value before it becomes a part.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/waybill/waybill.h"

namespace huoqi::formats {

enum class TransformKind : std::uint8_t {
    excel_text,    // ="123" and a leading ' that keep Excel from making a number of it
    null_text,     // null, 'null, NULL
    strip_prefix,  // strip_prefix:No:
    time,          // time:%Y-%m-%d %H:%M:%S+08:00 (the offset is not in the text, it is what the text means)
    id_type_kuaidi100,  // 1 to 4 as ours, anything else is 5
    join,               // join:、 the elements of an array, each with its quantity
    split_address,      // one column, "province city district town detail"
    mobile_or_tel,      // one column for either kind of phone
};

struct Transform {
    TransformKind kind;
    std::string argument;
};

// nullopt when there is no such transform or its argument does not fit.
std::optional<Transform> transform_named(std::string_view text);
// Whether the transform fills a field of several parts rather than one part, and ends the list.
bool fills_field(TransformKind kind);

// Applies a transform of text to text; `scratch` holds the result where it is no part of `value`. A value
// that the transform does not understand stays as it is, so that normalising reports it.
std::string_view apply(const Transform& transform, std::string_view value, std::string& scratch);
// Fills the parts of an address or phone field.
void fill(TransformKind kind, waybill::Field field, std::string_view value, waybill::Waybill& waybill);

}  // namespace huoqi::formats

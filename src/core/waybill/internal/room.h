// SPDX-License-Identifier: Apache-2.0
// Where in a detailed address the private part begins (GB/T 41833: unit, floor and room hide).
#pragma once

#include <string_view>

namespace huoqi::waybill {

// The front of `detail` that may be shown: roads, house number, estate and building. It works by allowing:
// what is not known to be one of these is not in it, so that a room number in an unknown shape, a note or a
// name behind the address hides. Empty when nothing is known.
std::string_view public_front(std::string_view detail);

}  // namespace huoqi::waybill

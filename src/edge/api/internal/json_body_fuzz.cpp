// SPDX-License-Identifier: Apache-2.0
// Any bytes as the body of a request: a tree or a problem that names one of our rules, nothing else.
#include "base/check.h"
#include "edge/api/internal/json_body.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace huoqi::api;
    std::string_view text(reinterpret_cast<const char*>(data), size);
    auto json = parse_json(text);
    if (!json) {
        HUOQI_CHECK(json.error().rule.starts_with("json."));
        for (char c : json.error().pointer) {
            HUOQI_CHECK((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '/');
        }
        return 0;
    }
    JsonObject object(*json, "");
    auto first = object.text("number", JsonObject::Need::optional, size);
    object.texts("ids", size, size);
    object.whole("limit", 1, 100);
    auto problem = object.finish();
    std::string out;
    append_json(out, first.reading());
    HUOQI_CHECK(out.size() >= 2 && (!problem || problem->rule.starts_with("json.")));
    return 0;
}

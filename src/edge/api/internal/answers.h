// SPDX-License-Identifier: Apache-2.0
// Answers that several routes give. Problem details hold codes, pointers and rules; the words are ours,
// bilingual, and never those of the request.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/vault/vault.h"
#include "core/waybill/waybill.h"
#include "edge/api/internal/json_body.h"
#include "lib/http/http.h"

namespace huoqi::api {

http::Response json_answer(int status, std::string json);
http::Response unauthorized();
http::Response session_ended();  // 204, and the cookie ends
http::Response login_refused();  // the same whatever was wrong
http::Response forbidden(std::string_view rule);
http::Response not_found();
http::Response busy();
// The key asks more often than it may.
http::Response too_many();
http::Response bad_request(const BodyProblem& problem);
// Of a query field: "?limit".
http::Response bad_query(std::string_view field, std::string_view rule);
http::Response rejected(const std::vector<waybill::Finding>& findings);
// An expected failure of core. What concerns the operator alone goes to the log.
http::Response failure(const Error& error);

// {"id":…,"version":…,"outlet":…,"number":…,"sender":{…},"recipient":{…}}
void append_masked(std::string& out, const vault::Masked& waybill, std::string_view token);
void append_finding(std::string& out, std::string_view field, std::string_view rule);

}  // namespace huoqi::api

// SPDX-License-Identifier: Apache-2.0
#include "edge/api/internal/answers.h"

#include "base/log.h"
#include "edge/api/internal/session_check.h"

namespace huoqi::api {
namespace {

constexpr const char* kRetryAfterSeconds = "1";

std::string_view words(Code code) {
    switch (code) {
        case Code::bad_input:
            return "请求不合规则 / the request does not follow the rules";
        case Code::not_found:
            return "没有此项 / there is no such thing";
        case Code::refused:
            return "规则不允许此操作 / a rule does not allow this";
        case Code::conflict:
            return "与同时进行的操作冲突，请重试 / in conflict with another request; try again";
        case Code::too_large:
            return "超出限额 / a limit is exceeded";
        case Code::no_space:
            return "磁盘已满，未作更改 / the disk is full; nothing was changed";
        case Code::unavailable:
        case Code::cancelled:
            return "暂不可用，请稍后重试 / not now; try again later";
        case Code::unsupported:
            return "不支持此项 / this is not supported";
        case Code::storage:
        case Code::corrupt:
        case Code::wrong_key:
            return "服务器未能完成请求 / the server could not complete the request";
    }
    return "";
}

// Adds members to a problem document.
http::Response with(http::Response response, std::string_view members) {
    response.body.pop_back();
    response.body.append(",").append(members).append("}");
    return response;
}

void append_party(std::string& out, const vault::Masked& waybill, std::string_view party) {
    out.append(",");
    append_json(out, party);
    out.append(":{");
    bool first = true;
    for (const auto& [field, text] : waybill.fields) {
        auto name = waybill::name(field);
        if (!name.starts_with(party) || name.size() <= party.size() || name[party.size()] != '.') continue;
        if (!first) out.push_back(',');
        first = false;
        append_json(out, name.substr(party.size() + 1));
        out.push_back(':');
        append_json(out, text);
    }
    out.push_back('}');
}

}  // namespace

http::Response json_answer(int status, std::string json) {
    return http::Response(status, "application/json", std::move(json));
}

http::Response unauthorized() {
    auto response =
        http::problem(401, "unauthorized", "需要有效的密钥或会话 / a valid key or session is needed");
    response.headers.add("www-authenticate", "Bearer realm=\"huoqi\"");
    return response;
}

http::Response session_ended() {
    http::Response response(204);
    response.headers.add("set-cookie", session_cookie(""));
    return response;
}

http::Response login_refused() {
    auto response = http::problem(401, "login_refused", "登录被拒 / the log-in is refused");
    response.headers.add("www-authenticate", "Bearer realm=\"huoqi\"");
    return response;
}

http::Response forbidden(std::string_view rule) { return http::problem(403, rule, words(Code::refused)); }

http::Response not_found() { return failure({Code::not_found, {}}); }

http::Response busy() { return failure({Code::unavailable, "too many requests wait"}); }

http::Response too_many() {
    auto response =
        http::problem(429, "rate_limited", "请求过于频繁 / more requests a second than this key may make");
    response.headers.add("retry-after", kRetryAfterSeconds);
    return response;
}

http::Response bad_request(const BodyProblem& problem) {
    std::string members = "\"pointer\":";
    append_json(members, problem.pointer);
    members += ",\"rule\":";
    append_json(members, problem.rule);
    return with(
        http::problem(400, name(Code::bad_input), "请求正文不合规则 / the body does not follow the rules"),
        members);
}

http::Response bad_query(std::string_view field, std::string_view rule) {
    std::string members = "\"parameter\":";
    append_json(members, field);
    members += ",\"rule\":";
    append_json(members, rule);
    return with(http::problem(400, name(Code::bad_input),
                              "查询参数不合规则 / a query parameter does not follow the rules"),
                members);
}

http::Response rejected(const std::vector<waybill::Finding>& findings) {
    std::string members = "\"findings\":[";
    for (const auto& finding : findings) {
        if (members.back() != '[') members += ',';
        append_finding(members, waybill::name(finding.part), finding.rule);
    }
    return with(http::problem(422, "rejected", "运单不合规则 / the waybill breaks a rule"), members + "]");
}

http::Response failure(const Error& error) {
    int status = http::status_of(error.code);
    if (status >= 500 && status != 503)
        log::error("api.failed", {{"code", name(error.code)}, {"reason", error.message}});
    auto response = http::problem(status, name(error.code), words(error.code));
    if (status == 503) response.headers.add("retry-after", kRetryAfterSeconds);
    return response;
}

void append_masked(std::string& out, const vault::Masked& waybill, std::string_view token) {
    out.append("{\"id\":");
    append_json(out, token);
    out.append(",\"version\":").append(std::to_string(waybill.version.value));
    if (!waybill.outlet.empty()) {
        out.append(",\"outlet\":");
        append_json(out, waybill.outlet);
    }
    for (const auto& [field, text] : waybill.fields) {
        auto name = waybill::name(field);
        if (name.find('.') != std::string_view::npos) continue;
        out.push_back(',');
        append_json(out, name);
        out.push_back(':');
        append_json(out, text);
    }
    append_party(out, waybill, "sender");
    append_party(out, waybill, "recipient");
    out.push_back('}');
}

void append_finding(std::string& out, std::string_view field, std::string_view rule) {
    out.append("{\"field\":");
    append_json(out, field);
    out.append(",\"rule\":");
    append_json(out, rule);
    out.push_back('}');
}

}  // namespace huoqi::api

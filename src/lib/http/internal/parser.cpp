// SPDX-License-Identifier: Apache-2.0
#include "lib/http/internal/parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <cstring>

#include "lib/http/internal/target.h"

namespace huoqi::http::internal {
namespace beast = boost::beast::http;
using ErrorCode = boost::beast::error_code;

HeadScan scan_head(std::string_view text, std::size_t& from) {
    while (from < text.size()) {
        const std::size_t at = text.find('\n', from);
        if (at == text.npos) {
            from = text.size();
            return {};
        }
        if (at == 0 || text[at - 1] != '\r') return {HeadScan::malformed, 0};
        if (at >= 3 && text[at - 2] == '\n') return {HeadScan::complete, at + 1};
        if (at == 1)
            return {HeadScan::malformed, 0};  // an empty line only; the caller has skipped the one allowed
        if (at + 1 == text.size()) {
            from = at;  // whether the next line is folded is seen when it begins
            return {};
        }
        if (text[at + 1] == ' ' || text[at + 1] == '\t') return {HeadScan::malformed, 0};
        from = at + 1;
    }
    return {};
}

class RequestParser::Parser final : public beast::basic_parser<true> {
  public:
    Parser(Request& request, std::size_t max_fields) : request_(&request), max_fields_(max_fields) {
        header_limit(UINT32_MAX);  // the caller limits what it collects
        body_limit(boost::none);   // the caller counts what comes out
    }
    std::string* out = nullptr;
    int status = 400;  // of a refusal

  private:
    using Text = boost::beast::string_view;
    static std::string_view view(Text text) { return {text.data(), text.size()}; }
    void refuse(int with, ErrorCode& error) {
        status = with;
        error = beast::error::bad_value;
    }

    void on_request_impl(beast::verb, Text method, Text text, int, ErrorCode& error) override {
        const std::optional<Target> target = split_target(view(text));
        if (!target) return refuse(400, error);
        request_->method = view(method);
        request_->path = target->path;
        request_->query = target->query;
    }
    void on_field_impl(beast::field, Text name, Text value, ErrorCode& error) override {
        if (request_ == nullptr) return;  // a trailer: nothing of ours is in there
        if (request_->headers.size() == max_fields_) return refuse(431, error);
        request_->headers.add(view(name), view(value));
    }
    void on_header_impl(ErrorCode&) override { request_ = nullptr; }
    void on_response_impl(int, Text, int, ErrorCode&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
    std::size_t on_body_impl(Text text, ErrorCode&) override {
        out->append(text.data(), text.size());
        return text.size();
    }
    void on_chunk_header_impl(std::uint64_t, Text, ErrorCode&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text text, ErrorCode&) override {
        out->append(text.data(), text.size());
        return text.size();
    }
    void on_finish_impl(ErrorCode&) override {}

    Request* request_;
    std::size_t max_fields_;
};

// Beast's parsers are for one message each.
struct RequestParser::Slot {
    std::optional<Parser> parser;
};

RequestParser::RequestParser() : slot_(std::make_unique<Slot>()) {}
RequestParser::~RequestParser() = default;

namespace {

bool all_digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_chunked(std::string_view coding) {
    constexpr std::string_view kChunked = "chunked";
    return coding.size() == kChunked.size() && std::equal(coding.begin(), coding.end(), kChunked.begin(),
                                                          [](char c, char d) { return (c | 0x20) == d; });
}

// Exactly one way to tell how long the body is (RFC 9112 6.3), and one host.
bool framing_is_plain(const Headers& headers, int minor_version) {
    const std::size_t hosts = headers.count("host");
    if (hosts > 1 || (hosts == 0 && minor_version == 1)) return false;
    const std::size_t lengths = headers.count("content-length");
    const std::size_t codings = headers.count("transfer-encoding");
    if (lengths + codings > 1) return false;
    if (lengths == 1 && !all_digits(*headers.find("content-length"))) return false;
    return codings == 0 || (minor_version == 1 && is_chunked(*headers.find("transfer-encoding")));
}

}  // namespace

std::expected<Head, int> RequestParser::parse_head(std::string_view text, std::size_t max_fields,
                                                   Request& request) {
    Parser& parser = slot_->parser.emplace(request, max_fields);
    ErrorCode error;
    const std::size_t taken = parser.put({text.data(), text.size()}, error);
    if (error == beast::error::bad_version) return std::unexpected(505);
    if (error || taken != text.size() || !parser.is_header_done()) return std::unexpected(parser.status);
    Head head;
    // Beast keeps the version to itself; the request line ends in it.
    head.minor_version = text[text.find("\r\n") - 1] == '0' ? 0 : 1;
    if (!framing_is_plain(request.headers, head.minor_version)) return std::unexpected(400);
    head.keep_alive = parser.keep_alive();
    head.has_body = !parser.is_done();
    if (parser.content_length()) head.content_length = *parser.content_length();
    const auto expect = request.headers.find("expect");
    head.expects_continue = expect && head.minor_version == 1 && head.has_body;
    return head;
}

RequestParser::Body RequestParser::parse_body(std::string_view text, std::string& out, std::size_t& taken) {
    Parser& parser = *slot_->parser;
    parser.out = &out;
    taken = 0;
    while (!parser.is_done()) {
        ErrorCode error;
        const std::size_t step = parser.put({text.data() + taken, text.size() - taken}, error);
        taken += step;
        if (error == beast::error::need_more) return Body::more;
        if (error) return Body::malformed;
        if (taken == text.size() && !parser.is_done()) return Body::more;
    }
    return Body::complete;
}

}  // namespace huoqi::http::internal

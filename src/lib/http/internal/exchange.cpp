// SPDX-License-Identifier: Apache-2.0
// One request: its route, its body, its handler, its answer.
#include <algorithm>

#include "base/log.h"
#include "lib/http/internal/connection.h"

namespace huoqi::http::internal {

Task Connection::exchange() {
    const auto match = service_->router->find(request_.method, request_.path);
    // Where the body is not going to be read, nothing after it can be understood.
    const bool reads_on = !head_.has_body;
    if (!match || match->route == nullptr) {
        Response response = !match ? problem(400, "malformed_path", "路径格式错误 / the path is malformed")
                            : match->allow.empty()
                                ? problem(404, "not_found", "没有此资源 / there is nothing here")
                                : problem(405, "method_not_allowed", "不支持此方法 / not with this method");
        if (match && !match->allow.empty()) response.headers.add("allow", match->allow);
        if (!reads_on) must_close();
        co_await respond(std::move(response));
        co_return;
    }
    const Route& route = *match->route;
    request_.parameters = match->parameters;
    if (route.limits.query_fields && !request_.query_has_only(*route.limits.query_fields)) {
        if (!reads_on) must_close();
        co_await respond(problem(400, "unknown_query",
                                 "查询参数未知、重复或编码错误 / a query field is unknown, repeated or "
                                 "wrongly encoded"));
        co_return;
    }
    const Limits& limits = service_->limits;
    const auto limit =
        route.limits.max_body_bytes.value_or(route.stream ? limits.max_stream_bytes : limits.max_body_bytes);
    if (head_.content_length && *head_.content_length > limit) {
        co_await refuse(413, "body_too_large", "请求体过大 / the body is too large");
        co_return;
    }
    if (head_.expects_continue && in_.empty()) out_.append(kContinue);
    if (route.stream) {
        co_await stream(route, limit);
        co_return;
    }
    bool complete = true;
    if (head_.has_body) complete = co_await read_body(limit);
    if (complete) co_await call(route);
}

// False when the request is over: refused, or the client has gone.
TaskOf<bool> Connection::read_body(std::uint64_t limit) {
    const auto start = Steady::now();
    request_.body.reserve(static_cast<std::size_t>(head_.content_length.value_or(0)));
    for (;;) {
        std::size_t taken = 0;
        const auto state =
            in_.empty() ? RequestParser::Body::more : parser_.parse_body(in_.view(), request_.body, taken);
        in_.consume(taken);
        if (request_.body.size() > limit) {
            co_await refuse(413, "body_too_large", "请求体过大 / the body is too large");
            co_return false;
        }
        if (state == RequestParser::Body::complete) co_return true;
        if (state == RequestParser::Body::malformed || in_.space().empty()) {
            co_await refuse(400, "malformed_body", "请求体格式错误 / the body is malformed");
            co_return false;
        }
        const bool sent = co_await flush();
        if (!sent) co_return false;
        pace(start, request_.body.size());
        const Read read = co_await read_more(true);
        if (read == Read::some || read == Read::woken) continue;
        co_await body_interrupted(read);
        co_return false;
    }
}

Task Connection::body_interrupted(Read read) {
    if (read == Read::interrupted && expired_) {
        co_await refuse(408, "body_timeout", "请求体未及时到达 / the body took too long");
        co_return;
    }
    cut_ = true;  // gone in the middle of a request, or shutdown
    keep_ = false;
}

Task Connection::call(const Route& route) {
    const auto answer = std::make_shared<Answer>(weak_from_this());
    try {
        route.handler(std::move(request_), Reply(answer));
    } catch (...) {  // its text may repeat personal data of the request; the dropped Reply answers 500
        log::error("http.handler_threw", {{"request_id", request_id_}});
    }
    const auto time = route.limits.request_timeout.value_or(service_->limits.request_timeout);
    std::optional<Response> response = co_await wait_for_answer(*answer, time);
    if (response) co_await respond(std::move(*response));
}

// Nullopt when it is over: status 503 has been sent, or the connection is cut.
TaskOf<std::optional<Response>> Connection::wait_for_answer(Answer& answer, Milliseconds time) {
    std::optional<Response> response = answer.take();
    if (response) co_return response;
    const bool sent = co_await flush();  // earlier answers do not wait for this one
    if (!sent) {
        answer.abandon();
        co_return std::nullopt;
    }
    allow(time);
    while (!(response = answer.take()) && !interrupted()) co_await sleep();
    if (response) co_return response;
    answer.abandon();
    if (aborted_) {
        cut_ = true;
        keep_ = false;
    } else {
        loop_->meter.timeouts.add();
        log::warning("http.request_timeout", {{"request_id", request_id_}});
        co_await refuse_busy();
    }
    co_return std::nullopt;
}

// A stream handler reads on its own thread what this coroutine puts into the pipe.
Task Connection::stream(const Route& route, std::uint64_t limit) {
    permit_ = service_->permits->take();
    if (!permit_) {
        co_await refuse_busy();
        co_return;
    }
    Upload upload{std::make_shared<BodyPipe>(service_->limits.stream_buffer_bytes, weak_from_this()),
                  std::make_shared<Answer>(weak_from_this()), limit,
                  route.limits.request_timeout.value_or(service_->limits.request_timeout), std::nullopt};
    auto job = [&route, router = service_->router, request = std::move(request_),
                reader = BodyReader(upload.pipe), reply = Reply(upload.answer), permit = permit_]() mutable {
        try {
            route.stream(std::move(request), std::move(reader), std::move(reply));
        } catch (...) {
            log::error("http.stream_handler_threw");
        }
    };
    if (!service_->threads->run(std::move(job))) {
        upload.answer->abandon();
        co_await refuse_busy();
        co_return;
    }
    const bool go_on = co_await pump(upload);
    if (go_on && !upload.response)
        upload.response = co_await wait_for_answer(*upload.answer, upload.patience);
    upload.pipe->fail(
        {Code::cancelled, "the request is over"});  // no effect where its end or failure is known
    upload.answer->abandon();
    if (upload.response) co_await respond(std::move(*upload.response));
}

// Moves the body into the pipe until its end or failure, or until the handler has answered. False when the
// request is over and the handler's answer is of no use.
TaskOf<bool> Connection::pump(Upload& upload) {
    if (!head_.has_body) {
        upload.pipe->end();
        co_return true;
    }
    auto start = Steady::now();
    std::uint64_t received = 0;
    std::string part;
    for (;;) {
        std::size_t taken = 0;
        const auto state = parse_part(part, taken);
        received += part.size();
        if (received > upload.limit) {
            upload.pipe->fail({Code::too_large, "body: larger than the route allows"});
            must_close();
            co_return true;
        }
        upload.pipe->put(part);
        wipe(part.data(), part.size());
        if (state == RequestParser::Body::complete) {
            upload.pipe->end();
            co_return true;
        }
        if (state == RequestParser::Body::malformed) {
            upload.pipe->fail({Code::bad_input, "body: malformed chunk"});
            must_close();
            co_return true;
        }
        const bool sent = co_await flush();
        if (!sent) co_return false;
        const auto full = Steady::now();
        const bool go_on = co_await wait_for_room(upload);
        if (!go_on) co_return false;
        start += Steady::now() - full;  // the client is not to blame for that time
        if (upload.response) co_return true;
        pace(start, received);
        const Read read = co_await read_more(true);
        if (read == Read::some || read == Read::woken) continue;
        co_await body_interrupted(read);
        co_return false;
    }
}

// Part of the body from in_, or `more` when the parser can do nothing without further bytes.
RequestParser::Body Connection::parse_part(std::string& part, std::size_t& taken) {
    part.clear();
    if (in_.empty()) return RequestParser::Body::more;
    const auto state = parser_.parse_body(in_.view(), part, taken);
    in_.consume(taken);
    const bool stuck = state == RequestParser::Body::more && in_.view().size() == in_.capacity();
    return stuck ? RequestParser::Body::malformed : state;
}

// True when there is room, or the handler has answered.
TaskOf<bool> Connection::wait_for_room(Upload& upload) {
    allow(upload.patience);
    for (;;) {
        upload.response = upload.answer->take();
        if (upload.response || upload.pipe->reader_gone()) {
            must_close();  // the rest of the body will not be read
            co_return true;
        }
        if (upload.pipe->has_room()) co_return true;
        if (interrupted()) break;
        co_await sleep();
    }
    upload.answer->abandon();
    if (aborted_) {
        co_await body_interrupted(Read::interrupted);
    } else {
        loop_->meter.timeouts.add();
        co_await refuse_busy();
    }
    co_return false;
}

Task Connection::respond(Response response) {
    if (!fields_are_safe(response.headers)) {
        log::error("http.unsafe_response_field", {{"request_id", request_id_}});
        response = problem(500, "internal", "服务器内部错误 / internal error");
    }
    loop_->meter.answered(response.status, Steady::now() - began_);
    const bool bare = response.status == 204 || response.status == 304 || response.status < 200;
    Framing framing{keep_, false, std::nullopt, service_->tls != nullptr};
    if (response.source && !head_only_ && !bare) {
        co_await send_parts(std::move(response), framing);
        co_return;
    }
    if (!bare && !response.source) framing.content_length = response.body.size();
    write_head(response, framing, request_id_, out_);
    if (head_only_ || bare) co_return;
    if (response.body.size() <= kGatherBytes) {
        out_.append(response.body);
        co_return;
    }
    const bool sent = co_await flush();
    if (sent) co_await write_all(response.body);
}

Task Connection::send_parts(Response response, Framing framing) {
    if (!permit_) permit_ = service_->permits->take();
    const auto feed = std::make_shared<PartFeed>(weak_from_this());
    auto job = [feed, source = std::move(response.source), permit = permit_]() mutable {
        feed->run(std::move(source));
    };
    response.source = nullptr;
    if (!permit_ || !service_->threads->run(std::move(job))) {
        co_await refuse_busy();
        co_return;
    }
    framing.chunked = head_.minor_version >= 1;
    if (!framing.chunked) framing.keep_alive = keep_ = false;
    write_head(response, framing, request_id_, out_);
    const bool whole = co_await forward_parts(*feed, framing.chunked);
    if (whole) co_return;
    feed->cancel();
    cut_ = true;
    keep_ = false;
}

TaskOf<bool> Connection::forward_parts(PartFeed& feed, bool chunked) {
    for (;;) {
        std::optional<Result<std::string>> part = feed.take();
        if (!part) {
            const bool sent = co_await flush();
            if (!sent) co_return false;
            allow(service_->limits.request_timeout);
            while (!(part = feed.take()) && !interrupted()) co_await sleep();
            if (!part) {
                if (expired_) loop_->meter.timeouts.add();
                co_return false;
            }
        }
        if (!*part) {
            log::error("http.body_source_failed",
                       {{"request_id", request_id_}, {"code", name(part->error().code)}});
            co_return false;
        }
        std::string& bytes = **part;
        if (bytes.empty()) {
            if (chunked) out_.append(kLastChunk);
            co_return true;
        }
        if (chunked) {
            write_chunk(bytes, out_);
        } else {
            out_.append(bytes);
        }
        wipe(bytes.data(), bytes.size());
        if (out_.size() < kGatherBytes) continue;
        const bool sent = co_await flush();
        if (!sent) co_return false;
    }
}

Task Connection::refuse(int status, std::string_view code, std::string_view detail) {
    if (status == 408) loop_->meter.timeouts.add();
    must_close();
    co_await respond(problem(status, code, detail));
}

Task Connection::refuse_busy() {
    Response busy = problem(503, "busy", "服务器繁忙，请稍后再试 / busy, try again later");
    busy.headers.add("retry-after", std::to_string(service_->limits.retry_after_seconds));
    must_close();
    co_await respond(std::move(busy));
}

}  // namespace huoqi::http::internal

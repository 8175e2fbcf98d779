// SPDX-License-Identifier: Apache-2.0
// Sealing a stream of waybills. Runs on a thread of its own that the server lends; results are spooled while
// the body is read, and streamed back when it has ended, so that memory does not grow with the file.
#include <chrono>

#include "base/log.h"
#include "core/access/access.h"
#include "core/formats/order_file.h"
#include "core/intake/intake.h"
#include "edge/api/internal/answers.h"
#include "edge/api/internal/desk.h"
#include "edge/api/internal/spool.h"
#include "lib/tabular/source.h"

namespace huoqi::api {
namespace {

using metrics::Deed;
using metrics::Ending;
using policy::Action;

// Reading on, and settling the last lines, may wait for the disk.
constexpr std::chrono::milliseconds kImportTimeout{600'000};
constexpr std::uint64_t kMaxImportBody = std::uint64_t{1} << 36;

struct Wanted {
    const formats::Format* format = nullptr;
    std::optional<text::Encoding> encoding;  // found by the bytes when not said
    bool stop_on_error = false;
    std::string outlet;
};

std::expected<const formats::Format*, http::Response> format_of(const Desk& desk,
                                                                const http::Request& request) {
    auto named = request.query_value("format");
    if (!named) return std::unexpected(bad_query("format", "format.unknown"));
    std::string name;
    auto type = media_type(request);
    if (*named) {
        name = std::move(**named);
    } else if (type == "application/x-ndjson") {
        name = "huoqi";
    } else if (type == "text/csv") {
        name = "huoqi-csv";
    } else {
        return std::unexpected(http::problem(415, "unsupported_media_type",
                                             "请以 application/x-ndjson 或 text/csv 提交，或指明 format / "
                                             "send application/x-ndjson or text/csv, or name a format"));
    }
    const auto* format = desk.services.formats.named(name);
    if (format == nullptr) return std::unexpected(bad_query("format", "format.unknown"));
    return format;
}

std::expected<Wanted, http::Response> read_query(Desk& desk, const http::Request& request,
                                                 const Caller& caller) {
    Wanted out;
    auto format = format_of(desk, request);
    if (!format) return std::unexpected(std::move(format.error()));
    out.format = *format;
    auto encoding = request.query_value("encoding");
    if (!encoding || (*encoding && !text::encoding_named(**encoding)))
        return std::unexpected(bad_query("encoding", "encoding.name"));
    if (*encoding) out.encoding = text::encoding_named(**encoding);
    auto on_error = request.query_value("on_error");
    if (!on_error || (*on_error && **on_error != "stop" && **on_error != "skip")) {
        return std::unexpected(bad_query("on_error", "on_error.unknown"));
    }
    out.stop_on_error = *on_error == "stop";
    auto asked = request.query_value("outlet");
    if (!asked || (*asked && !access::valid_outlet(**asked)))
        return std::unexpected(bad_query("outlet", "outlet.shape"));
    auto outlet = desk.outlet(caller, Action::seal, *asked);
    if (!outlet) return std::unexpected(std::move(outlet.error()));
    out.outlet = std::move(*outlet);
    return out;
}

// One line of the answer.
std::string result_line(const vault::Vault& vault, const intake::LineResult& result) {
    std::string out = "{\"line\":" + std::to_string(result.line);
    if (result.lines > 1) out += ",\"lines\":" + std::to_string(result.lines);
    out += ",\"outcome\":";
    if (result.sealed) {
        append_json(out, vault::name(result.sealed->outcome));
        out += ",\"id\":";
        append_json(out, vault.token(result.sealed->place));
        return out + ",\"version\":" + std::to_string(result.sealed->version.value) + "}\n";
    }
    out += "\"rejected\",\"findings\":[";
    for (std::size_t i = 0; i < std::min(result.findings.size(), kMaxFindings); ++i) {
        if (i > 0) out += ',';
        append_finding(out, result.findings[i].field, result.findings[i].rule);
    }
    return out + "]}\n";
}

std::string summary_line(const intake::Summary& summary) {
    return "{\"summary\":{\"sealed\":" + std::to_string(summary.sealed) +
           ",\"repeated\":" + std::to_string(summary.repeated) +
           ",\"changed\":" + std::to_string(summary.changed) +
           ",\"rejected\":" + std::to_string(summary.rejected) +
           (summary.stopped ? ",\"stopped\":true}}\n" : ",\"stopped\":false}}\n");
}

void count(metrics::Activity& activity, const intake::LineResult& result) {
    if (!result.sealed) return activity.count(Deed::seal, Ending::rejected);
    switch (result.sealed->outcome) {
        case vault::Outcome::sealed:
            return activity.count(Deed::seal, Ending::done);
        case vault::Outcome::repeated:
            return activity.count(Deed::seal, Ending::repeated);
        case vault::Outcome::changed:
            return activity.count(Deed::seal, Ending::changed);
        case vault::Outcome::elsewhere:
            return activity.count(Deed::seal, Ending::rejected);
    }
}

http::Response spooled(int status, std::shared_ptr<Spool> spool) {
    http::Response response(status);
    response.headers.add("content-type", "application/x-ndjson");
    response.source = [spool = std::move(spool)] { return spool->next(); };
    return response;
}

http::Response answer(const std::shared_ptr<Spool>& spool, const intake::Summary& done) {
    const auto& error = done.broken_off;
    if (error && spool->empty()) return failure(*error);
    std::string last;
    if (error) {
        // What was told as sealed is sealed, so the lines are told along with the failure.
        log::error("api.import_failed", {{"code", name(error->code)}, {"reason", error->message}});
        last = "{\"error\":{\"code\":";
        append_json(last, name(error->code));
        last += "}}\n";
    }
    Status written = spool->write(last + summary_line(done));
    if (written) written = spool->rewind();
    return written ? spooled(error ? http::status_of(error->code) : 200, spool) : failure(written.error());
}

// A key that is revoked while a long import runs ends it.
Status still_admitted(Desk& desk, const http::Request& request, Time& checked) {
    Time now = desk.services.clock.now();
    if (now.nanoseconds - checked.nanoseconds < kKeyCacheNanoseconds) return {};
    checked = now;
    auto still = desk.caller(request);
    // Too many requests, or a store that is away for a moment, is no reason.
    if (!still && (still.error().status == 401 || still.error().status == 403))
        return fail(Code::refused, "import: its key or session is valid no longer");
    return {};
}

void import(Desk& desk, const http::Request& request, http::BodyReader body, http::Reply reply) {
    Time checked = desk.services.clock.now();
    auto caller = desk.admit(request, Action::seal);
    if (!caller) return reply.send(std::move(caller.error()));
    auto wanted = read_query(desk, request, *caller);
    if (!wanted) return reply.send(std::move(wanted.error()));
    if (auto refused = desk.refuse_seal(*caller, wanted->outlet)) return reply.send(std::move(*refused));
    const auto& services = desk.services;
    auto made = Spool::make(services.spool_folder);
    if (!made) return reply.send(failure(made.error()));
    auto spool = std::make_shared<Spool>(std::move(*made));
    auto source = tabular::Source::of_function([&body](ByteSpan into) { return body.read(into); }, "body");
    auto file =
        formats::OrderFile::open(std::move(source), services.formats, {wanted->format, wanted->encoding});
    // Of a body that cannot be read at all the message names column and rule.
    if (!file)
        return reply.send(file.error().code == Code::bad_input ? http::problem(file.error())
                                                               : failure(file.error()));
    intake::Options options;
    options.enterprise = caller->enterprise;
    options.outlet = std::move(wanted->outlet);
    options.bound = caller->asker || !caller->outlet.empty();
    options.stop_on_error = wanted->stop_on_error;
    options.actor = caller->actor;
    options.result = [&](const intake::LineResult& result) -> Status {
        count(services.activity, result);
        if (auto written = spool->write(result_line(services.vault, result)); !written) return written;
        return still_admitted(desk, request, checked);
    };
    auto done = intake::import(*file, services.vault, services.ledger, options);
    if (!done || done->broken_off) services.activity.count(Deed::seal, Ending::failed);
    reply.send(done ? answer(spool, *done) : failure(done.error()));
}

}  // namespace

void add_import_route(const std::shared_ptr<Desk>& desk, http::Router& router) {
    router.add_stream("POST", "/v1/waybills:import",
                      [desk](http::Request request, http::BodyReader body, http::Reply reply) {
                          import(*desk, request, std::move(body), std::move(reply));
                      },
                      {kMaxImportBody, kImportTimeout, Fields{"format", "encoding", "on_error", "outlet"}});
}

}  // namespace huoqi::api

// SPDX-License-Identifier: Apache-2.0
#include "edge/metrics/metrics.h"

#include <unistd.h>

#include <fstream>

namespace huoqi::metrics {
namespace {

using Kind = Page::Kind;

void append_label_value(std::string& out, std::string_view text) {
    for (char c : text) {
        if (c == '\\' || c == '"') out.push_back('\\');
        if (c == '\n') {
            out.append("\\n");
        } else {
            out.push_back(c);
        }
    }
}

// Microseconds as seconds: exact, and without a locale.
std::string seconds(std::uint64_t microseconds) {
    std::string fraction = std::to_string(microseconds % 1'000'000);
    fraction.insert(0, 6 - fraction.size(), '0');
    while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
    std::string out = std::to_string(microseconds / 1'000'000);
    return fraction.empty() ? out : out + "." + fraction;
}

std::uint64_t resident_bytes() {
    std::ifstream in("/proc/self/statm");
    std::uint64_t total = 0;
    std::uint64_t resident = 0;
    in >> total >> resident;
    return in ? resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

void put_deeds(Page& page, const Activity& activity) {
    page.family("huoqi_deeds_total", Kind::counter,
                "Seals, searches, looks and reveals by what became of them.");
    for (std::size_t d = 0; d < kDeeds; ++d) {
        for (std::size_t e = 0; e < kEndings; ++e) {
            auto deed = static_cast<Deed>(d);
            auto ending = static_cast<Ending>(e);
            page.sample({{"deed", name(deed)}, {"ending", name(ending)}}, activity.of(deed, ending));
        }
    }
    page.family("huoqi_key_checks_total", Kind::counter, "Checks of bearer keys by result.");
    for (std::size_t c = 0; c < kKeyChecks; ++c) {
        auto check = static_cast<KeyCheck>(c);
        page.sample({{"result", name(check)}}, activity.of(check));
    }
    page.family("huoqi_overloads_total", Kind::counter, "Requests sent away because too many were waiting.");
    page.sample({}, activity.overloads());
}

void put_sizes(Page& page, const Sizes& sizes) {
    auto gauge = [&](std::string_view name, std::string_view help, std::uint64_t value) {
        page.family(name, Kind::gauge, help);
        page.sample({}, value);
    };
    gauge("huoqi_ready", "1 when the node can serve.", sizes.ready ? 1 : 0);
    gauge("huoqi_ledger_entries", "Entries in the ledger.", sizes.ledger_entries);
    gauge("huoqi_archive_bytes", "Bytes of the archive on disk.", sizes.archive_bytes);
    gauge("huoqi_archive_index_runs", "Sorted runs of the blind indexes.", sizes.archive_index_runs);
    gauge("huoqi_volumes", "Volumes of the archive.", sizes.volumes);
    gauge("huoqi_pool_waiting", "Requests that wait for a worker.", sizes.pool_waiting);
    gauge("process_resident_memory_bytes", "Resident memory of the process.", resident_bytes());
}

void put_latencies(Page& page, const std::vector<ListenerCounters>& listeners) {
    page.family("huoqi_http_latency_seconds", Kind::histogram, "From the header of a request to its answer.");
    for (const auto& [listener, c] : listeners) {
        std::uint64_t below = 0;
        for (std::size_t i = 0; i < c.latencies.size(); ++i) {
            below += c.latencies[i];
            bool last = i == http::kLatencyBoundsMicroseconds.size();
            std::string bound = last ? "+Inf" : seconds(http::kLatencyBoundsMicroseconds[i]);
            page.sample({{"listener", listener}, {"le", bound}}, below, "_bucket");
        }
        page.sample_seconds({{"listener", listener}}, c.latency_sum_microseconds, "_sum");
        page.sample({{"listener", listener}}, below, "_count");
    }
}

void put_http(Page& page, const std::vector<ListenerCounters>& listeners) {
    struct Figure {
        std::string_view name, help;
        std::uint64_t http::Counters::* value;
        Kind kind = Kind::counter;
    };
    static constexpr Figure kFigures[] = {
        {"huoqi_http_connections_accepted_total", "Connections accepted.",
         &http::Counters::connections_accepted},
        {"huoqi_http_connections_refused_total", "Connections over the limit.",
         &http::Counters::connections_refused},
        {"huoqi_http_connections_open", "Connections open now.", &http::Counters::connections_open,
         Kind::gauge},
        {"huoqi_http_handshakes_failed_total", "TLS handshakes that failed.",
         &http::Counters::handshakes_failed},
        {"huoqi_http_requests_total", "Requests whose header was read.", &http::Counters::requests},
        {"huoqi_http_timeouts_total", "Requests that met a limit in time.", &http::Counters::timeouts},
        {"huoqi_http_received_bytes_total", "Bytes received, before encryption.", &http::Counters::bytes_in},
        {"huoqi_http_sent_bytes_total", "Bytes sent, before encryption.", &http::Counters::bytes_out},
    };
    for (const auto& figure : kFigures) {
        page.family(figure.name, figure.kind, figure.help);
        for (const auto& one : listeners)
            page.sample({{"listener", one.listener}}, one.counters.*figure.value);
    }
    static constexpr std::string_view kClasses[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
    page.family("huoqi_http_responses_total", Kind::counter, "Responses by class of status.");
    for (const auto& one : listeners) {
        for (std::size_t i = 0; i < one.counters.responses.size(); ++i) {
            page.sample({{"listener", one.listener}, {"class", kClasses[i]}}, one.counters.responses[i]);
        }
    }
    put_latencies(page, listeners);
}

}  // namespace

std::string_view name(Deed deed) {
    switch (deed) {
        case Deed::seal:
            return "seal";
        case Deed::search:
            return "search";
        case Deed::read:
            return "read";
        case Deed::reveal:
            return "reveal";
        case Deed::ledger_read:
            return "ledger.read";
        case Deed::administer:
            return "administer";
    }
    return "seal";
}

std::string_view name(Ending ending) {
    switch (ending) {
        case Ending::done:
            return "done";
        case Ending::repeated:
            return "repeated";
        case Ending::changed:
            return "changed";
        case Ending::not_found:
            return "not_found";
        case Ending::rejected:
            return "rejected";
        case Ending::refused:
            return "refused";
        case Ending::failed:
            return "failed";
    }
    return "done";
}

std::string_view name(KeyCheck check) {
    switch (check) {
        case KeyCheck::accepted:
            return "accepted";
        case KeyCheck::missing:
            return "missing";
        case KeyCheck::unknown:
            return "unknown";
        case KeyCheck::revoked:
            return "revoked";
    }
    return "unknown";
}

void Page::family(std::string_view name, Kind kind, std::string_view help) {
    family_ = name;
    text_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name);
    switch (kind) {
        case Kind::counter:
            text_.append(" counter\n");
            break;
        case Kind::gauge:
            text_.append(" gauge\n");
            break;
        case Kind::histogram:
            text_.append(" histogram\n");
            break;
    }
}

void Page::head(Labels labels, std::string_view suffix) {
    text_.append(family_).append(suffix);
    char before = '{';
    for (const auto& [label, value] : labels) {
        text_.push_back(before);
        text_.append(label).append("=\"");
        append_label_value(text_, value);
        text_.push_back('"');
        before = ',';
    }
    if (before == ',') text_.push_back('}');
    text_.push_back(' ');
}

void Page::sample(Labels labels, std::uint64_t value, std::string_view suffix) {
    head(labels, suffix);
    text_.append(std::to_string(value)).push_back('\n');
}

void Page::sample_seconds(Labels labels, std::uint64_t microseconds, std::string_view suffix) {
    head(labels, suffix);
    text_.append(seconds(microseconds)).push_back('\n');
}

std::string page(const Activity& activity, const Sizes& sizes,
                 const std::vector<ListenerCounters>& listeners) {
    Page out;
    put_deeds(out, activity);
    put_sizes(out, sizes);
    put_http(out, listeners);
    return out.text();
}

}  // namespace huoqi::metrics

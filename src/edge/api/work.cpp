// SPDX-License-Identifier: Apache-2.0
// Assignments and tickets: what people work on today, told by the courier's dispatch and service systems.
// They decide what a person may see (art. 34), so only programs and people with that right write them;
// waybills are named by number or id, and only their places are kept.
#include <algorithm>
#include <array>

#include "core/access/access.h"
#include "edge/api/internal/answers.h"
#include "edge/api/internal/desk.h"
#include "edge/api/internal/sheet.h"

namespace huoqi::api {
namespace {

using Need = JsonObject::Need;
using policy::Action;

constexpr std::size_t kMaxWorkBody = std::size_t{4} << 20;
constexpr std::size_t kMaxLines = people::kMaxWorkChanges;
constexpr std::size_t kMaxTicketWaybills = 100;
constexpr std::size_t kMaxWord = 64;
constexpr std::int64_t kDay = 86'400'000'000'000;
constexpr std::int64_t kLongest = 31 * kDay;

struct Line {
    std::size_t line = 0;
    std::string rule;  // empty: good
    people::Assignment assignment;
    Personal number;
    bool taken = false;
};

// Of a sheet; the members of a line of NDJSON.
constexpr std::array<SheetColumn, 7> kColumns{{{"person"},
                                               {"kind"},
                                               {"number"},
                                               {"id"},
                                               {"action"},
                                               {"from", /*moment=*/true},
                                               {"until", /*moment=*/true}}};

// From now for a day when nothing else is said.
std::optional<BodyProblem> read_period(JsonObject& body, Time now, Time& from, Time& until) {
    from = now;
    if (auto text = body.text("from", Need::optional, kMaxWord); !text.empty()) {
        auto time = parse_rfc3339(text.reading());
        if (!time) return BodyProblem{"/from", "time.shape"};
        from = *time;
    }
    until = {from.nanoseconds + kDay};
    if (auto text = body.text("until", Need::optional, kMaxWord); !text.empty()) {
        auto time = parse_rfc3339(text.reading());
        if (!time) return BodyProblem{"/until", "time.shape"};
        until = *time;
    }
    if (until <= from || until.nanoseconds - from.nanoseconds > kLongest)
        return BodyProblem{"/until", "time.range"};
    return std::nullopt;
}

Line read_line(Desk& desk, const Caller& caller, std::string_view text, std::size_t number) {
    Line out;
    out.line = number;
    auto json = parse_json(text);
    if (!json) {
        out.rule = json.error().rule;
        return out;
    }
    JsonObject body(*json, "");
    out.assignment.enterprise = caller.enterprise;
    out.assignment.person = body.text("person", Need::required, kMaxWord).reading();
    auto kind = people::assignment_kind_named(body.text("kind", Need::required, kMaxWord).reading());
    if (!kind) body.object_to("kind", "assignment.kind");
    out.assignment.kind = kind.value_or(people::AssignmentKind::deliver);
    out.number = body.text("number", Need::optional, kMaxWord);
    auto id = body.text("id", Need::optional, kMaxWord);
    if (id.empty() == out.number.empty()) body.object_to("id", "waybill.one");
    if (!id.empty()) {
        auto place = desk.services.vault.place(id.reading());
        if (!place) body.object_to("id", "waybill.unknown");
        out.assignment.waybill = place.value_or(RecordPlace{});
    }
    if (auto action = body.text("action", Need::optional, kMaxWord); !action.empty()) {
        out.taken = action.reading() == "take";
        if (!out.taken && action.reading() != "give") body.object_to("action", "assignment.action");
    }
    if (auto problem =
            read_period(body, desk.services.clock.now(), out.assignment.from, out.assignment.until))
        body.object_to(*problem);
    if (auto problem = body.finish()) out.rule = problem->rule;
    return out;
}

// Numbers become places; a waybill of another enterprise is as unknown as one that never was.
Status find_waybills(Desk& desk, const Caller& caller, std::vector<Line>& lines) {
    std::vector<Personal> numbers;
    std::vector<Line*> asked;
    for (auto& line : lines) {
        if (!line.rule.empty() || line.number.empty()) continue;
        numbers.push_back(std::move(line.number));
        asked.push_back(&line);
    }
    auto found = desk.services.vault.places(caller.enterprise, numbers);
    if (!found) return pass(found);
    for (std::size_t i = 0; i < asked.size(); ++i) {
        if ((*found)[i]) {
            asked[i]->assignment.waybill = *(*found)[i];
        } else {
            asked[i]->rule = "waybill.unknown";
        }
    }
    return {};
}

// Nothing is written unless every line is good: a dispatch list that is half in force sends people to the
// wrong doors.
http::Response rejected_lines(const std::vector<Line>& lines) {
    std::string out = "{\"given\":0,\"taken\":0,\"rejected\":[";
    std::size_t told = 0;
    for (const auto& line : lines) {
        if (line.rule.empty() || ++told > kMaxFindings) continue;
        if (out.back() != '[') out += ',';
        out += "{\"line\":" + std::to_string(line.line) + ",\"rule\":";
        append_json(out, line.rule);
        out += '}';
    }
    return json_answer(422, out + "]}");
}

std::vector<Line> read_lines(Desk& desk, const Caller& caller, std::string_view body) {
    std::vector<Line> out;
    for (std::size_t number = 1; !body.empty() && out.size() <= kMaxLines; ++number) {
        const auto end = std::min(body.find('\n'), body.size());
        auto text = body.substr(0, end);
        body.remove_prefix(std::min(end + 1, body.size()));
        if (text.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        out.push_back(read_line(desk, caller, text, number));
    }
    return out;
}

// The line of NDJSON that says the same.
std::string json_of(const SheetLine& line) {
    std::string out = "{";
    for (const auto& [column, text] : line.cells) {
        if (text.empty()) continue;
        if (out.back() != '{') out += ',';
        append_json(out, column);
        out += ':';
        append_json(out, text);
    }
    return out + "}";
}

std::vector<Line> lines_of(Desk& desk, const Caller& caller, const Sheet& sheet) {
    std::vector<Line> out;
    const auto object = [&](const SheetFinding& finding) {
        out.emplace_back();
        out.back().line = finding.line;
        out.back().rule = finding.rule;
    };
    std::ranges::for_each(sheet.findings, object);
    for (const auto& line : sheet.lines) {
        if (out.size() > kMaxLines) break;
        auto json = json_of(line);
        out.push_back(read_line(desk, caller, json, line.number));
        wipe(json.data(), json.size());
    }
    if (out.empty()) object({0, "file.empty"});
    std::ranges::sort(out, {}, &Line::line);
    return out;
}

// Nothing when it is of no type that is taken here.
std::optional<std::vector<Line>> lines_of(Desk& desk, const Caller& caller, const http::Request& request) {
    const auto type = media_type(request);
    if (type == "application/x-ndjson") return read_lines(desk, caller, request.body);
    const auto sheet = read_sheet(type, request.body, kColumns);
    if (!sheet) return std::nullopt;
    return lines_of(desk, caller, *sheet);
}

http::Response assignments(Desk& desk, const http::Request& request) {
    auto caller = desk.admit(request, Action::assignment_write);
    if (!caller) return std::move(caller.error());
    auto read = lines_of(desk, *caller, request);
    if (!read)
        return http::problem(415, "unsupported_media_type",
                             "请以 application/x-ndjson、text/csv 或 xlsx 工作簿提交 / send "
                             "application/x-ndjson, text/csv or an .xlsx workbook");
    auto& lines = *read;
    if (lines.size() > kMaxLines) return failure({Code::too_large, {}});
    if (auto found = find_waybills(desk, *caller, lines); !found) return failure(found.error());
    const Time now = desk.services.clock.now();
    const auto snapshot = desk.services.staff.directory().now();
    std::vector<people::Assignment> given;
    std::vector<people::Unassigned> taken;
    bool good = true;
    for (auto& line : lines) {
        const auto& one = line.assignment;
        const auto* person = snapshot->person(caller->enterprise, one.person);
        if (line.rule.empty() && (person == nullptr || (!line.taken && !people::active(*person, now))))
            line.rule = "person.inactive";
        // Work is evidence: nobody gives it to himself, by a program's key either.
        if (line.rule.empty() && !line.taken && one.person == caller->actor.person) line.rule = "self";
        good = good && line.rule.empty();
        if (line.taken) {
            taken.push_back({one.enterprise, one.waybill, one.person, one.kind});
        } else {
            given.push_back(one);
        }
    }
    if (!good) return rejected_lines(lines);
    if (lines.empty()) return json_answer(200, R"({"given":0,"taken":0})");
    auto done = desk.services.staff.assign(caller->enterprise, caller->actor.person, given, taken);
    if (!done) return failure(done.error());
    if (auto told = desk.changed(); !told) return failure(told.error());
    return json_answer(200, "{\"given\":" + std::to_string(given.size()) +
                                ",\"taken\":" + std::to_string(taken.size()) + "}");
}

std::optional<BodyProblem> read_ticket(Desk& desk, const Caller& caller, JsonValue& json, people::Ticket& out,
                                       std::vector<Personal>& numbers) {
    JsonObject body(json, "");
    out.enterprise = caller.enterprise;
    out.number = body.text("number", Need::required, kMaxWord).reading();
    if (!access::valid_ticket(out.number)) body.object_to("number", "ticket.shape");
    out.purpose = body.text("purpose", Need::required, kMaxWord).reading();
    if (desk.services.policy.now()->purpose(out.purpose) == nullptr)
        body.object_to("purpose", "purpose.unknown");
    out.organisation = body.text("organisation", Need::required, kMaxWord).reading();
    const auto snapshot = desk.services.staff.directory().now();
    if (snapshot->organisation(caller.enterprise, out.organisation) == nullptr)
        body.object_to("organisation", "organisation.unknown");
    if (auto person = body.text("person", Need::optional, kMaxWord); !person.empty()) {
        out.person = person.reading();
        if (snapshot->person(caller.enterprise, *out.person) == nullptr)
            body.object_to("person", "person.unknown");
    }
    for (auto& number : body.texts("waybills", kMaxTicketWaybills, kMaxWord))
        numbers.emplace_back(std::move(number));
    Time from;
    if (auto problem = read_period(body, desk.services.clock.now(), from, out.until))
        body.object_to(*problem);
    return body.finish();
}

// A ticket that the one who writes it could work on.
bool for_himself(const Desk& desk, const Caller& caller, const people::Ticket& ticket) {
    const auto& writer = caller.actor.person;
    if (ticket.person) return *ticket.person == writer;
    const auto snapshot = desk.services.staff.directory().now();
    const auto* person = snapshot->person(caller.enterprise, writer);
    return person != nullptr &&
           snapshot->within(caller.enterprise, person->organisation, ticket.organisation);
}

http::Response ticket(Desk& desk, const http::Request& request) {
    auto caller = desk.admit(request, Action::ticket_write);
    if (!caller) return std::move(caller.error());
    auto json = json_body(request);
    if (!json) return std::move(json.error());
    people::Ticket wanted;
    std::vector<Personal> numbers;
    if (auto problem = read_ticket(desk, *caller, *json, wanted, numbers)) return bad_request(*problem);
    if (for_himself(desk, *caller, wanted)) return desk.refuse(*caller, Action::ticket_write, "self");
    auto found = desk.services.vault.places(caller->enterprise, numbers);
    if (!found) return failure(found.error());
    for (std::size_t i = 0; i < found->size(); ++i) {
        if (!(*found)[i]) return bad_request({"/waybills/" + std::to_string(i), "waybill.unknown"});
        wanted.waybills.push_back(*(*found)[i]);
    }
    if (auto done = desk.services.staff.put_ticket(caller->actor.person, wanted); !done)
        return failure(done.error());
    if (auto told = desk.changed(); !told) return failure(told.error());
    std::string out = "{\"number\":";
    append_json(out, wanted.number);
    out += ",\"waybills\":[";
    for (auto place : wanted.waybills) {
        if (out.back() != '[') out += ',';
        append_json(out, desk.services.vault.token(place));
    }
    out += "],\"until\":";
    append_json(out, rfc3339(wanted.until));
    return json_answer(200, out + "}");
}

http::Response close_ticket(Desk& desk, const http::Request& request) {
    auto caller = desk.admit(request, Action::ticket_write);
    if (!caller) return std::move(caller.error());
    auto number = request.parameter("number");
    auto done = desk.services.staff.close_ticket(caller->enterprise, caller->actor.person, number);
    if (!done) return failure(done.error());
    if (auto told = desk.changed(); !told) return failure(told.error());
    return http::Response(204);
}

}  // namespace

void add_work_routes(const std::shared_ptr<Desk>& desk, http::Router& router) {
    router.add("POST", "/v1/assignments:import", desk->on_pool(assignments), {kMaxWorkBody, {}, kNoQuery});
    router.add("POST", "/v1/tickets", desk->on_pool(ticket), {kMaxSmallBody, {}, kNoQuery});
    router.add("DELETE", "/v1/tickets/{number}", desk->on_pool(close_ticket), {kMaxSmallBody, {}, kNoQuery});
}

}  // namespace huoqi::api

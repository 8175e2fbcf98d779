// SPDX-License-Identifier: Apache-2.0
// Organisations, people and devices from a file of the personnel office: all lines or none. Small enough to
// be held in memory, because a company has fewer people than parcels.
#include <array>
#include <chrono>
#include <set>

#include "edge/api/internal/answers.h"
#include "edge/api/internal/page.h"
#include "edge/api/internal/personnel.h"
#include "edge/api/internal/sheet.h"
#include "lib/tabular/records.h"

namespace huoqi::api {
namespace {

using policy::Action;

// Columns of a sheet, members of NDJSON; which of them a line has goes by its kind.
constexpr std::array<SheetColumn, 10> kColumns{{{"kind"},
                                                {"id"},
                                                {"name"},
                                                {"type"},
                                                {"parent"},
                                                {"organisation"},
                                                {"post"},
                                                {"department"},
                                                {"entered", /*moment=*/true},
                                                {"areas"}}};
// All the people of a large company are written in one transaction.
constexpr std::chrono::milliseconds kImportTimeout{300'000};
constexpr std::size_t kMaxCell = 1024;

using Line = SheetLine;
using Finding = SheetFinding;

Rule read_json(const tabular::Record& record, std::vector<Line>& lines) {
    auto json = parse_json(record.text);
    if (!json) return Rule(json.error().rule);
    JsonObject object(*json, "");
    Line line{record.line, {}};
    for (const auto& column : kColumns) {
        auto text = object.text(column.name, JsonObject::Need::optional, kMaxCell);
        line.cells.emplace(column.name, text.reading());
    }
    if (auto problem = object.finish()) return Rule(problem->rule);
    lines.push_back(std::move(line));
    return {};
}

Sheet read_ndjson(std::string_view body) {
    if (body.starts_with(kByteOrderMark)) body.remove_prefix(kByteOrderMark.size());
    std::vector<tabular::Record> records;
    tabular::Splitter(tabular::Kind::jsonl).split(body, /*last=*/true, records);
    Sheet out;
    for (const auto& record : records) {
        auto rule = record.too_long ? Rule("line.too_long") : read_json(record, out.lines);
        if (!rule.empty()) out.findings.push_back({record.line, std::move(rule)});
    }
    return out;
}

// Makes values of lines; each line is judged on its own and then against all others.
class Reading {
  public:
    Reading(Desk& desk, const Caller& caller, std::vector<Finding> findings)
        : caller_(caller),
          snapshot_(desk.services.staff.directory().now()),
          now_(desk.services.clock.now()),
          reach_(desk, caller, Action::people_write),
          findings_(std::move(findings)) {}

    void read(const std::vector<Line>& lines) {
        for (const auto& line : lines) {
            if (text(line, "kind") == "organisation") coming_.insert(std::string(text(line, "id")));
        }
        for (const auto& line : lines) {
            if (auto rule = read(line)) findings_.push_back({line.number, std::move(*rule)});
        }
    }
    people::Contents& contents() { return contents_; }
    const std::vector<Finding>& findings() const { return findings_; }

  private:
    static std::string_view text(const Line& line, std::string_view column) {
        const auto at = line.cells.find(column);
        return at == line.cells.end() ? std::string_view() : std::string_view(at->second);
    }
    bool there(std::string_view code) const {
        return coming_.contains(std::string(code)) || snapshot_->organisation(caller_.enterprise, code);
    }
    template <class T>
    std::optional<Rule> take(T value, std::vector<T>& into, std::initializer_list<std::string_view> places) {
        if (auto rule = flaw(value, [this](std::string_view code) { return there(code); })) return rule;
        for (const auto place : places) {
            if (!reach_.has(place)) return "scope.organisation";
        }
        into.push_back(std::move(value));
        return std::nullopt;
    }

    std::optional<Rule> read(const Line& line) {
        const auto kind = text(line, "kind");
        const auto id = text(line, "id");
        if (!ids_.insert(std::string(kind) + "/" + std::string(id)).second) return "id.repeated";
        if (kind == "organisation") return organisation(line);
        if (kind == "person") return person(line);
        if (kind == "device") return device(line);
        return "kind.unknown";
    }
    std::optional<Rule> organisation(const Line& line) {
        const auto kind = people::organisation_kind_named(text(line, "type"));
        if (!kind) return "type.unknown";
        people::Organisation value{caller_.enterprise,
                                   std::string(text(line, "id")),
                                   std::string(text(line, "name")),
                                   *kind,
                                   std::string(text(line, "parent")),
                                   {}};
        for (auto rest = text(line, "areas"); !rest.empty();) {
            const auto end = std::min(rest.find(' '), rest.size());
            if (end > 0) value.areas.emplace_back(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        const auto* before = snapshot_->organisation(value.enterprise, value.code);
        const std::string place = before != nullptr ? value.code : value.parent;
        const std::string parent = value.parent;
        return take(std::move(value), contents_.organisations, {place, parent});
    }
    std::optional<Rule> person(const Line& line) {
        people::Person value;
        value.enterprise = caller_.enterprise;
        value.id = text(line, "id");
        value.organisation = text(line, "organisation");
        value.post = text(line, "post");
        value.department = text(line, "department");
        if (caller_.actor.person == value.id) return "self";
        const auto entered = text(line, "entered");
        const auto moment = read_moment(entered);
        if (!entered.empty() && !moment) return "entered.shape";
        keep(value, moment, {*snapshot_, now_});
        const auto* before = snapshot_->person(value.enterprise, value.id);
        const std::string place = value.organisation;
        return take(std::move(value), contents_.people,
                    {before != nullptr ? before->organisation : place, place});
    }
    std::optional<Rule> device(const Line& line) {
        const auto kind = people::device_kind_named(text(line, "type"));
        if (!kind) return "type.unknown";
        people::Device value;
        value.enterprise = caller_.enterprise;
        value.id = text(line, "id");
        value.kind = *kind;
        value.outlet = text(line, "organisation");
        keep(value, std::nullopt, {*snapshot_, now_});
        const auto* before = snapshot_->device(value.enterprise, value.id);
        const std::string place = value.outlet;
        return take(std::move(value), contents_.devices, {before != nullptr ? before->outlet : place, place});
    }

    const Caller& caller_;
    std::shared_ptr<const people::Snapshot> snapshot_;
    Time now_;
    Reach reach_;
    std::set<std::string> coming_;  // organisations of the file
    std::set<std::string> ids_;
    people::Contents contents_;
    std::vector<Finding> findings_;
};

http::Response turned_away(std::vector<Finding> findings) {
    std::ranges::sort(findings, {}, &Finding::line);
    auto response = http::problem(422, "rejected",
                                  "文件不合规则，未作更改 / the file breaks a rule; nothing was changed");
    response.body.pop_back();
    response.body += ",\"findings\":[";
    for (std::size_t i = 0; i < std::min(findings.size(), kMaxPeopleFindings); ++i) {
        if (i > 0) response.body += ',';
        response.body += "{\"line\":" + std::to_string(findings[i].line) + ",\"rule\":";
        append_json(response.body, findings[i].rule);
        response.body += '}';
    }
    response.body += "]}";
    return response;
}

http::Response import_people(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_somewhere(request, {Action::people_write});
    if (!caller) return std::move(caller.error());
    const auto type = media_type(request);
    auto sheet =
        type == "application/x-ndjson" ? read_ndjson(request.body) : read_sheet(type, request.body, kColumns);
    if (!sheet)
        return http::problem(415, "unsupported_media_type",
                             "请以 application/x-ndjson、text/csv 或 xlsx 工作簿提交 / send "
                             "application/x-ndjson, text/csv or an .xlsx workbook");
    Reading reading(desk, *caller, std::move(sheet->findings));
    reading.read(sheet->lines);
    auto& activity = desk.services.activity;
    if (reading.findings().empty() && sheet->lines.empty()) return turned_away({{0, "file.empty"}});
    if (!reading.findings().empty()) {
        activity.count(metrics::Deed::administer, metrics::Ending::rejected);
        return turned_away(reading.findings());
    }
    const auto& all = reading.contents();
    std::string out = "{\"organisations\":" + std::to_string(all.organisations.size()) +
                      ",\"people\":" + std::to_string(all.people.size()) +
                      ",\"devices\":" + std::to_string(all.devices.size()) + "}";
    const auto done =
        desk.services.staff.put(caller->enterprise, caller->actor.person, std::move(reading.contents()));
    // Every value fits by itself, so the tree does not.
    if (!done && done.error().code == Code::bad_input) return turned_away({{0, "parent.circle"}});
    if (auto answer = desk.undone(*caller, Action::people_write, done)) return std::move(*answer);
    return json_answer(200, std::move(out));
}

}  // namespace

void add_people_import_route(const std::shared_ptr<Desk>& desk, http::Router& router) {
    router.add("POST", "/v1/people:import", desk->on_pool(import_people),
               {kMaxPeopleBody, kImportTimeout, kNoQuery});
}

}  // namespace huoqi::api

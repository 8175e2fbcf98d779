// SPDX-License-Identifier: Apache-2.0
// Organisations, people and devices: lists of what the caller may know of, and what the personnel office puts
// one by one. The names of people are kept nowhere, so none is shown.
#include "edge/api/internal/answers.h"
#include "edge/api/internal/page.h"
#include "edge/api/internal/personnel.h"

namespace huoqi::api {
namespace {

using policy::Action;
using Need = JsonObject::Need;

constexpr std::size_t kMaxText = 512;  // above every limit that core/people has
constexpr std::size_t kMaxAreas = 64;
constexpr std::size_t kMaxArea = 6;

void append_row(std::string& out, const people::Organisation& one, const staff::Staff&) {
    out += "{\"code\":";
    append_json(out, one.code);
    append_member(out, "name", one.name);
    append_member(out, "kind", people::name(one.kind));
    append_member(out, "parent", one.parent);
    out += ",\"areas\":[";
    for (const auto& area : one.areas) {
        if (out.back() != '[') out += ',';
        append_json(out, area);
    }
    out += "]}";
}

void append_row(std::string& out, const people::Person& one, const staff::Staff& staff) {
    out += "{\"id\":";
    append_json(out, one.id);
    append_member(out, "organisation", one.organisation);
    append_member(out, "post", one.post);
    append_member(out, "department", one.department);
    append_member(out, "entered", one.entered);
    append_member(out, "left", one.left);
    out += ",\"roles\":[";
    for (const auto& role : staff.roles(one.enterprise, one.id)) {
        if (out.back() != '[') out += ',';
        append_json(out, role);
    }
    out += "]}";
}

void append_row(std::string& out, const people::Device& one, const staff::Staff&) {
    out += "{\"id\":";
    append_json(out, one.id);
    append_member(out, "kind", people::name(one.kind));
    append_member(out, "outlet", one.outlet);
    append_member(out, "registered", one.registered);
    append_member(out, "revoked", one.revoked);
    out += '}';
}

// What identifies a value, where it stands in the tree, and under which name it is listed.
struct OrganisationKey {
    static constexpr std::string_view kList = "organisations";
    static const std::string& id(const people::Organisation& one) { return one.code; }
    static const std::string& place(const people::Organisation& one) { return one.code; }
};
struct PersonKey {
    static constexpr std::string_view kList = "people";
    static const std::string& id(const people::Person& one) { return one.id; }
    static const std::string& place(const people::Person& one) { return one.organisation; }
};
struct DeviceKey {
    static constexpr std::string_view kList = "devices";
    static const std::string& id(const people::Device& one) { return one.id; }
    static const std::string& place(const people::Device& one) { return one.outlet; }
};

template <class Key, class T>
http::Response list(Desk& desk, const http::Request& request, std::vector<T> people::Contents::* all) {
    auto caller = desk.admit_somewhere(request, {Action::people_read});
    if (!caller) return std::move(caller.error());
    auto page = read_page(request);
    if (!page) return std::move(page.error());
    const auto snapshot = desk.services.staff.directory().now();
    Reach reach(desk, *caller, Action::people_read);
    const auto rows = rows_of(snapshot->contents().*all, *page, Key::id, [&](const T& one) {
        return one.enterprise == caller->enterprise && reach.has(Key::place(one));
    });
    if (auto failed =
            desk.unseen(*caller, "people.read", {{"list", std::string(Key::kList)}}, rows.shown.size()))
        return std::move(*failed);
    std::string out = "{\"";
    out.append(Key::kList).append("\":[");
    for (const auto* one : rows.shown) {
        if (out.back() != '[') out += ',';
        append_row(out, *one, desk.services.staff);
    }
    out += ']';
    if (rows.more) append_next(out, Key::id(*rows.shown.back()));
    return json_answer(200, out + "}");
}

http::Response organisations(Desk& desk, const http::Request& request) {
    return list<OrganisationKey>(desk, request, &people::Contents::organisations);
}
http::Response persons(Desk& desk, const http::Request& request) {
    return list<PersonKey>(desk, request, &people::Contents::people);
}
http::Response devices(Desk& desk, const http::Request& request) {
    return list<DeviceKey>(desk, request, &people::Contents::devices);
}

// ---- Putting ----

std::vector<std::string> read_areas(JsonObject& body) {
    if (const auto* areas = body.member("areas");
        areas == nullptr || (areas->kind == JsonValue::Kind::array && areas->items.empty()))
        return {};
    return body.texts("areas", kMaxAreas, kMaxArea);
}

std::optional<BodyProblem> read_organisation(JsonValue& json, people::Organisation& out) {
    JsonObject body(json, "");
    out.name = body.text("name", Need::required, kMaxText).reading();
    const auto kind = body.text("kind", Need::required, kMaxText);
    const auto known = people::organisation_kind_named(kind.reading());
    if (!kind.empty() && !known) body.object_to("kind", "kind.unknown");
    out.kind = known.value_or(people::OrganisationKind::outlet);
    out.parent = body.text("parent", Need::optional, kMaxText).reading();
    out.areas = read_areas(body);
    return body.finish();
}

std::optional<BodyProblem> read_person(JsonValue& json, people::Person& out, const Before& before) {
    JsonObject body(json, "");
    out.organisation = body.text("organisation", Need::required, kMaxText).reading();
    out.post = body.text("post", Need::optional, kMaxText).reading();
    out.department = body.text("department", Need::optional, kMaxText).reading();
    const auto entered = body.text("entered", Need::optional, kMaxText);
    const auto moment = read_moment(entered.reading());
    if (!entered.empty() && !moment) body.object_to("entered", "time.shape");
    keep(out, moment, before);
    return body.finish();
}

std::optional<BodyProblem> read_device(JsonValue& json, people::Device& out, const Before& before) {
    JsonObject body(json, "");
    const auto kind = body.text("kind", Need::required, kMaxText);
    const auto known = people::device_kind_named(kind.reading());
    if (!kind.empty() && !known) body.object_to("kind", "kind.unknown");
    out.kind = known.value_or(people::DeviceKind::hand_held);
    out.outlet = body.text("outlet", Need::required, kMaxText).reading();
    keep(out, body.truth("revoked", Need::optional), before);
    return body.finish();
}

// Judges the places that a value has and had, checks it, keeps it and shows it.
template <class T>
http::Response put(Desk& desk, Caller& caller, const T& value, const T* before,
                   std::initializer_list<std::string_view> places, people::Contents contents) {
    for (const auto place : places) {
        if (auto refused = desk.refuse_about(caller, Action::people_write, place)) return std::move(*refused);
    }
    const auto snapshot = desk.services.staff.directory().now();
    const auto there = [&](std::string_view code) {
        return snapshot->organisation(caller.enterprise, code) != nullptr;
    };
    if (const auto rule = flaw(value, there))
        return bad_request({"/" + std::string(member_of(*rule)), *rule});
    const auto done = desk.services.staff.put(caller.enterprise, caller.actor.person, std::move(contents));
    // Everything else about one value was looked at above.
    if (!done && done.error().code == Code::bad_input) return bad_request({"", "parent.circle"});
    if (auto answer = desk.undone(caller, Action::people_write, done)) return std::move(*answer);
    std::string out;
    append_row(out, value, desk.services.staff);
    return json_answer(before == nullptr ? 201 : 200, std::move(out));
}

http::Response put_organisation(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_somewhere(request, {Action::people_write});
    if (!caller) return std::move(caller.error());
    auto json = json_body(request);
    if (!json) return std::move(json.error());
    people::Organisation value;
    value.enterprise = caller->enterprise;
    value.code = request.parameter("code");
    if (auto problem = read_organisation(*json, value)) return bad_request(*problem);
    const auto snapshot = desk.services.staff.directory().now();
    const auto* before = snapshot->organisation(value.enterprise, value.code);
    people::Contents contents;
    contents.organisations.push_back(value);
    // A new one is judged by where it will hang; a known one also by itself.
    if (before == nullptr) return put(desk, *caller, value, before, {value.parent}, std::move(contents));
    return put(desk, *caller, value, before, {value.code, before->parent, value.parent}, std::move(contents));
}

http::Response put_person(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_somewhere(request, {Action::people_write});
    if (!caller) return std::move(caller.error());
    // Nobody says of himself where he belongs, by a program's key either: scopes and tickets go by it.
    if (caller->actor.person == request.parameter("id"))
        return desk.refuse(*caller, Action::people_write, "self");
    auto json = json_body(request);
    if (!json) return std::move(json.error());
    const auto snapshot = desk.services.staff.directory().now();
    people::Person value;
    value.enterprise = caller->enterprise;
    value.id = request.parameter("id");
    if (auto problem = read_person(*json, value, {*snapshot, desk.services.clock.now()}))
        return bad_request(*problem);
    const auto* before = snapshot->person(value.enterprise, value.id);
    people::Contents contents;
    contents.people.push_back(value);
    const auto& old_place = before != nullptr ? before->organisation : value.organisation;
    return put(desk, *caller, value, before, {old_place, value.organisation}, std::move(contents));
}

http::Response put_device(Desk& desk, const http::Request& request) {
    auto caller = desk.admit_somewhere(request, {Action::people_write});
    if (!caller) return std::move(caller.error());
    auto json = json_body(request);
    if (!json) return std::move(json.error());
    const auto snapshot = desk.services.staff.directory().now();
    people::Device value;
    value.enterprise = caller->enterprise;
    value.id = request.parameter("id");
    if (auto problem = read_device(*json, value, {*snapshot, desk.services.clock.now()}))
        return bad_request(*problem);
    const auto* before = snapshot->device(value.enterprise, value.id);
    people::Contents contents;
    contents.devices.push_back(value);
    const auto& old_place = before != nullptr ? before->outlet : value.outlet;
    return put(desk, *caller, value, before, {old_place, value.outlet}, std::move(contents));
}

}  // namespace

void add_people_routes(const std::shared_ptr<Desk>& desk, http::Router& router) {
    router.add("GET", "/v1/organisations", desk->on_pool(organisations), {kMaxSmallBody, {}, kPageFields});
    router.add("GET", "/v1/people", desk->on_pool(persons), {kMaxSmallBody, {}, kPageFields});
    router.add("GET", "/v1/devices", desk->on_pool(devices), {kMaxSmallBody, {}, kPageFields});
    router.add("PUT", "/v1/organisations/{code}", desk->on_pool(put_organisation),
               {kMaxSmallBody, {}, kNoQuery});
    router.add("PUT", "/v1/people/{id}", desk->on_pool(put_person), {kMaxSmallBody, {}, kNoQuery});
    router.add("PUT", "/v1/devices/{id}", desk->on_pool(put_device), {kMaxSmallBody, {}, kNoQuery});
}

}  // namespace huoqi::api

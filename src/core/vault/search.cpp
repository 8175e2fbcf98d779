// SPDX-License-Identifier: Apache-2.0
// Finding and showing masked. Candidates of a blind index are opened and compared, so that a token shared by
// chance or left by an older version shows nothing; the entry is durable before anything is answered.
#include <algorithm>

#include "core/vault/internal/state.h"
#include "lib/text/text.h"

namespace huoqi::vault {
namespace {

using waybill::Field;
using waybill::Group;
using waybill::Part;

// Of a popular value (a shop's phone) no more candidates than this are opened in one search.
constexpr std::size_t kMaxCandidates = 2'000;

std::string normal_form(const Query& query) {
    auto text = query.value.reading();
    switch (query.by) {
        case SearchBy::number:
            return waybill::normal_number(text);
        case SearchBy::phone:
            return waybill::normal_phone(text);
        case SearchBy::name:
            return waybill::name_key(waybill::normal_name(text));
        case SearchBy::id_number:
            return waybill::normal_id_number(text);
        case SearchBy::phone_last4: {
            auto digits = text::narrow(text::trim(text));
            bool four = digits.size() == 4 && digits.find_first_not_of("0123456789") == std::string::npos;
            return four ? digits : std::string();
        }
    }
    return {};
}

IndexKind kind_of(SearchBy by) {
    switch (by) {
        case SearchBy::number:
            break;  // has an index of its own
        case SearchBy::phone:
            return IndexKind::phone;
        case SearchBy::name:
            return IndexKind::name;
        case SearchBy::id_number:
            return IndexKind::id_number;
        case SearchBy::phone_last4:
            return IndexKind::phone_last4;
    }
    return IndexKind::phone;
}

// Groups that must be open to compare; masks never need an identity.
std::vector<Group> groups_for(SearchBy by) {
    std::vector<Group> groups{Group::shipment, Group::sender, Group::recipient};
    if (by == SearchBy::id_number) {
        groups.push_back(Group::sender_identity);
        groups.push_back(Group::recipient_identity);
    }
    return groups;
}

bool any(const waybill::Waybill& waybill, std::initializer_list<Part> parts, std::string_view value) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](Part part) { return waybill[part].reading() == value; });
}

bool ends_with_last4(const waybill::Waybill& waybill, std::string_view digits) {
    for (auto part : {Part::sender_mobile, Part::sender_tel, Part::recipient_mobile, Part::recipient_tel}) {
        auto phone = waybill[part].reading();
        if (waybill::phone_kind(phone) == waybill::PhoneKind::virtual_number)
            phone = phone.substr(0, phone.find('-'));
        if (phone.ends_with(digits)) return true;
    }
    return false;
}

bool matches(const waybill::Waybill& waybill, SearchBy by, std::string_view value) {
    switch (by) {
        case SearchBy::number:
            return waybill[Part::number].reading() == value;
        case SearchBy::phone:
            return any(waybill,
                       {Part::sender_mobile, Part::sender_tel, Part::recipient_mobile, Part::recipient_tel},
                       value);
        case SearchBy::name:
            return waybill::name_key(waybill[Part::sender_name].reading()) == value ||
                   waybill::name_key(waybill[Part::recipient_name].reading()) == value;
        case SearchBy::id_number:
            return any(waybill, {Part::sender_id_number, Part::recipient_id_number}, value);
        case SearchBy::phone_last4:
            return ends_with_last4(waybill, value);
    }
    return false;
}

// Who may not see a field may not find by it either: the answer would tell that it is so.
bool may_find_by(const View& view, SearchBy by) {
    const auto sees = [&](Field field) { return view.fields[static_cast<std::size_t>(field)]; };
    switch (by) {
        case SearchBy::number:
            return sees(Field::number);
        case SearchBy::phone:
        case SearchBy::phone_last4:
            return sees(Field::sender_phone) || sees(Field::recipient_phone);
        case SearchBy::name:
            return sees(Field::sender_name) || sees(Field::recipient_name);
        case SearchBy::id_number:
            return sees(Field::sender_id_number) || sees(Field::recipient_id_number);
    }
    return false;
}

View view_of(const Sight& sight, const archive::Row& row, const Header& header) {
    View all;
    all.fields.set();
    return sight ? sight({row.place, header.label.outlet, time_of_hour(header.label.hour)}) : all;
}

Masked masked(const archive::Row& row, const Header& header, const waybill::Waybill& waybill,
              const View& view, const waybill::MaskRules& rules) {
    Masked out{row.place, row.version, std::string(header.label.outlet), {}};
    for (std::size_t i = 0; i < waybill::kFields; ++i) {
        if (!view.fields[i]) continue;
        auto field = static_cast<Field>(i);
        if (waybill::class_of(field) == waybill::DataClass::id_number) {
            // Nothing of an ID number, not even its length; whether there is one stands in the header.
            if (header.has(waybill::group_of(field))) out.fields.push_back({field, "***"});
            continue;
        }
        if (waybill::clear(waybill, field).empty()) continue;
        out.fields.push_back({field, waybill::mask(waybill, field, rules)});
    }
    return out;
}

}  // namespace

std::string_view name(SearchBy by) {
    switch (by) {
        case SearchBy::number:
            return "number";
        case SearchBy::phone:
            return "phone";
        case SearchBy::name:
            return "name";
        case SearchBy::id_number:
            return "id_number";
        case SearchBy::phone_last4:
            return "phone_last4";
    }
    return "number";
}

std::optional<SearchBy> search_by_named(std::string_view text) {
    for (auto by :
         {SearchBy::number, SearchBy::phone, SearchBy::name, SearchBy::id_number, SearchBy::phone_last4}) {
        if (name(by) == text) return by;
    }
    return std::nullopt;
}

// One call of Vault::search().
class Search {
  public:
    Search(Vault& vault, const Query& query, const Sight& sight, std::string value, std::size_t limit)
        : vault_(vault),
          query_(query),
          sight_(sight),
          value_(std::move(value)),
          limit_(limit),
          policy_(vault.parts_.policy.now()) {}

    Result<SearchResult> run() {
        auto volumes = vault_.volumes_of(query_.enterprise);
        if (!volumes) return pass(volumes);
        for (const auto& volume : *volumes) {
            if (auto searched = in_volume(volume); !searched) return pass(searched);
            if (out_.more) break;
        }
        return std::move(out_);
    }

  private:
    Status in_volume(const Volume& volume) {
        auto cipher = vault_.state_->pool.borrow(volume);
        if (!cipher) return pass(cipher);
        auto records = candidates(volume, *cipher);
        if (!records) return pass(records);
        auto groups = groups_for(query_.by);
        waybill::Waybill waybill;
        for (auto record : *records) {
            auto row = vault_.parts_.archive.fetch({volume.id, record});
            // An index entry may be there before its record, and without it when the write failed.
            if (!row && row.error().code == Code::not_found && query_.by != SearchBy::number) continue;
            if (!row) return pass(row);
            auto header = read_header(row->sealed);
            if (!header) return pass(header);
            if (query_.by == SearchBy::phone_last4 && header->label.outlet != query_.outlet) continue;
            auto view = view_of(sight_, *row, *header);
            if (!may_find_by(view, query_.by)) continue;
            waybill.forget();
            auto opened =
                (*cipher)->open(row->sealed, {volume.enterprise, row->place, row->version}, groups, waybill);
            if (!opened) return opened;
            if (!matches(waybill, query_.by, value_)) continue;
            if (out_.waybills.size() == limit_) {
                out_.more = true;
                return {};
            }
            out_.waybills.push_back(masked(*row, *header, waybill, view, policy_->masks));
        }
        return {};
    }

    Result<std::vector<RecordId>> candidates(const Volume& volume, CipherPool::Lease& cipher) {
        if (query_.by != SearchBy::number) {
            auto kind = kind_of(query_.by);
            auto token = cipher->index_token(kind, value_, query_.outlet);
            return vault_.parts_.archive.find(volume.id, static_cast<archive::IndexKind>(kind), token,
                                              kMaxCandidates);
        }
        auto found = vault_.parts_.archive.find_numbers(volume.id, {cipher->number_token(value_)});
        if (!found) return pass(found);
        std::vector<RecordId> out;
        if (found->front()) out.push_back(*found->front());
        return out;
    }

    Vault& vault_;
    const Query& query_;
    const Sight& sight_;
    std::string value_;
    std::size_t limit_;
    std::shared_ptr<const policy::Policy> policy_;
    SearchResult out_;
};

Result<SearchResult> Vault::search(const Query& query, const ledger::Actor& actor, std::size_t limit,
                                   const Sight& sight) {
    std::string value = normal_form(query);
    ledger::Entry entry;
    entry.actor = actor;
    entry.action = "search";
    entry.detail = {{"by", std::string(name(query.by))}, {"enterprise", query.enterprise}};
    if (value.empty()) {
        // What was asked for can be nothing that is stored; the attempt is recorded all the same.
        entry.outcome = "refused";
        entry.rule = "query.shape";
        if (auto recorded = ledger_->append(std::move(entry)); !recorded) return pass(recorded);
        return fail(Code::bad_input, "search: the text is not a " + std::string(name(query.by)));
    }
    auto found = Search(*this, query, sight, value, limit).run();
    wipe(value.data(), value.size());
    entry.counts["found"] = found ? found->waybills.size() : 0;
    if (!found) {
        entry.outcome = "failed";
        entry.rule = name(found.error().code);
    } else {
        if (found->waybills.empty()) entry.outcome = "not_found";
        if (found->more) entry.counts["more"] = 1;
        for (const auto& one : found->waybills) entry.objects.push_back(one.place);
    }
    if (auto recorded = ledger_->append(std::move(entry)); !recorded) return pass(recorded);
    return found;
}

Result<std::vector<std::optional<RecordPlace>>> Vault::places(std::string_view enterprise,
                                                              std::span<const Personal> numbers) const {
    std::vector<std::optional<RecordPlace>> out(numbers.size());
    auto volumes = volumes_of(enterprise);
    if (!volumes) return pass(volumes);
    std::vector<std::string> normal;
    for (const auto& number : numbers) normal.push_back(waybill::normal_number(number.reading()));
    for (const auto& volume : *volumes) {
        auto cipher = state_->pool.borrow(volume);
        if (!cipher) return pass(cipher);
        std::vector<std::size_t> asked;
        std::vector<archive::NumberToken> tokens;
        for (std::size_t i = 0; i < normal.size(); ++i) {
            if (out[i] || normal[i].empty()) continue;
            asked.push_back(i);
            tokens.push_back((*cipher)->number_token(normal[i]));
        }
        if (asked.empty()) break;
        auto found = parts_.archive.find_numbers(volume.id, tokens);
        if (!found) return pass(found);
        for (std::size_t i = 0; i < asked.size(); ++i) {
            if ((*found)[i]) out[asked[i]] = RecordPlace{volume.id, *(*found)[i]};
        }
    }
    for (auto& number : normal) wipe(number.data(), number.size());
    return out;
}

Result<Masked> Vault::read(std::string_view token, std::string_view enterprise, const ledger::Actor& actor,
                           const Sight& sight) {
    ledger::Entry entry;
    entry.actor = actor;
    entry.action = "read";
    auto show = [&]() -> Result<Masked> {
        auto at = place(token);
        if (!at) return fail(Code::not_found, "read: there is no such waybill");
        auto found = volume_at(*at, enterprise);
        if (!found) return pass(found);
        auto& volume = *found;
        if (!volume) return fail(Code::not_found, "read: there is no such waybill");
        entry.objects = {*at};
        auto row = parts_.archive.fetch(*at);
        if (!row) return pass(row);
        auto header = read_header(row->sealed);
        if (!header) return pass(header);
        auto view = view_of(sight, *row, *header);
        if (view.fields.none()) {
            entry.outcome = "refused";
            entry.rule = view.rule;
            return fail(Code::not_found, "read: there is no such waybill");
        }
        auto cipher = state_->pool.borrow(*volume);
        if (!cipher) return pass(cipher);
        waybill::Waybill waybill;
        auto groups = groups_for(SearchBy::number);
        auto opened = (*cipher)->open(row->sealed, {volume->enterprise, *at, row->version}, groups, waybill);
        if (!opened) return pass(opened);
        return masked(*row, *header, waybill, view, parts_.policy.now()->masks);
    };
    auto shown = show();
    if (!shown && entry.outcome != "refused") {
        entry.outcome = shown.error().code == Code::not_found ? "not_found" : "failed";
        entry.rule = name(shown.error().code);
    }
    if (auto recorded = ledger_->append(std::move(entry)); !recorded) return pass(recorded);
    return shown;
}

}  // namespace huoqi::vault

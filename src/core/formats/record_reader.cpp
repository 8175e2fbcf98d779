// SPDX-License-Identifier: Apache-2.0
// From one record to one waybill: the hot path of intake. Nothing is looked up by name here; columns and
// paths were numbered before.
#include <algorithm>

#include "core/formats/formats.h"
#include "core/formats/internal/rules.h"
#include "lib/tabular/csv.h"
#include "lib/tabular/json.h"
#include "lib/text/text.h"

namespace huoqi::formats {
namespace {

using tabular::Kind;
using waybill::Part;

constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);

}  // namespace

class RecordReader::State {
  public:
    explicit State(const Format& format) : format_(format) { first_.resize(rules().path_count); }

    // Finds the columns; returns the names of required ones that are missing or stand twice.
    std::string resolve(std::string_view header) {
        auto columns = header_columns(header);
        std::string missing;
        for (const std::string& name : rules().required) {
            if (std::ranges::count(columns, name) != 1) missing += (missing.empty() ? "" : ", ") + name;
        }
        columns_ = columns.size();
        for (const Mapping& mapping : rules().mappings) {
            auto& places = places_.emplace_back();
            for (const Origin& origin : mapping.from) {
                auto found = std::ranges::find(columns, origin.column);
                places.push_back(found == columns.end() ? kAbsent
                                                        : static_cast<std::size_t>(found - columns.begin()));
            }
        }
        return missing;
    }

    std::vector<waybill::Finding> read(std::string_view record, waybill::Waybill& waybill) {
        waybill.forget();
        auto rule = rules().kind == Kind::csv ? read_csv(record, waybill) : read_json(record, waybill);
        if (!rule.empty()) return {{Part::number, rule}};
        for (auto& [part, value] : rules().constants) waybill[part].assign(value);
        return waybill::normalise(waybill);
    }

  private:
    const Rules& rules() const { return format_.rules(); }

    std::string_view read_csv(std::string_view record, waybill::Waybill& waybill) {
        if (auto rule = csv_.read(record); !rule.empty()) return rule;
        const auto& fields = csv_.fields();
        if (fields.size() != columns_) return "csv.columns";
        for (std::size_t i = 0; i < rules().mappings.size(); ++i) {
            const Mapping& mapping = rules().mappings[i];
            for (std::size_t place : places_[i]) {
                if (place != kAbsent && put(mapping, fields[place], waybill)) break;
            }
        }
        return {};
    }

    std::string_view read_json(std::string_view record, waybill::Waybill& waybill) {
        if (auto rule = json_.read(record, rules().paths); !rule.empty()) return rule;
        const auto& values = json_.values();
        std::ranges::fill(first_, kAbsent);
        for (std::size_t i = values.size(); i-- > 0;) first_[values[i].path] = i;
        for (const Mapping& mapping : rules().mappings) {
            for (const Origin& origin : mapping.from) {
                std::size_t at = first_[origin.path];
                if (at == kAbsent) continue;
                if (put(mapping, origin.elements ? joined(mapping, origin) : values[at].text, waybill)) break;
            }
        }
        return {};
    }

    // "茶叶×2、手机壳×1": the elements of an array in their order.
    std::string_view joined(const Mapping& mapping, const Origin& origin) {
        auto join = std::ranges::find(mapping.transforms, TransformKind::join, &Transform::kind);
        joined_.clear();
        const auto& values = json_.values();
        std::size_t at = 0;  // quantities come in the order of their elements
        for (const auto& value : values) {
            if (value.path != origin.path || value.text.empty()) continue;
            if (!joined_.empty()) joined_ += join->argument;
            joined_ += value.text;
            if (!mapping.quantity) continue;
            auto before = [&](const tabular::JsonValue& other) {
                return other.path != mapping.quantity->path || other.element < value.element;
            };
            while (at < values.size() && before(values[at])) ++at;
            if (at == values.size() || values[at].element != value.element) continue;
            joined_ += "×";
            joined_ += values[at].text;
        }
        return joined_;
    }

    // Transforms the value and puts it in its place; false when nothing is left of it.
    bool put(const Mapping& mapping, std::string_view value, waybill::Waybill& waybill) {
        value = text::trim(value);
        for (const Transform& transform : mapping.transforms) {
            value = text::trim(apply(transform, value, scratch_));
        }
        if (value.empty()) return false;
        if (mapping.part) {
            waybill[*mapping.part].assign(value);
        } else {
            fill(mapping.transforms.back().kind, mapping.field, value, waybill);
        }
        return true;
    }

    Format format_;
    std::size_t columns_ = 0;
    std::vector<std::vector<std::size_t>> places_;  // by mapping and origin
    std::vector<std::size_t> first_;                // by path: its first value
    tabular::CsvReader csv_;
    tabular::JsonReader json_;
    std::string scratch_;
    std::string joined_;
};

Result<RecordReader> RecordReader::make(const Format& format, std::string_view header) {
    auto state = std::make_unique<State>(format);
    if (format.kind() == Kind::csv) {
        std::string missing = state->resolve(header);
        if (!missing.empty()) {
            return fail(Code::bad_input, "the header does not have exactly one column each of: " + missing);
        }
    }
    return RecordReader(std::move(state));
}

RecordReader::RecordReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
RecordReader::RecordReader(RecordReader&&) noexcept = default;
RecordReader& RecordReader::operator=(RecordReader&&) noexcept = default;
RecordReader::~RecordReader() = default;

std::vector<waybill::Finding> RecordReader::read(std::string_view record, waybill::Waybill& waybill) {
    return state_->read(record, waybill);
}

}  // namespace huoqi::formats

// SPDX-License-Identifier: Apache-2.0
#include "core/formats/order_file.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "lib/text/text.h"

namespace huoqi::formats {
namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10;
// So many records may be bad before one is by which a file of JSON lines is recognised.
constexpr std::size_t kTriedRecords = 100;

// Whether one of the first lines looks like a JSON object; no header or row of CSV begins like that.
bool looks_like_json(std::string_view text) {
    for (std::size_t line = 0; line < kTriedRecords && !text.empty(); ++line) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (text::trim(text.substr(0, end)).starts_with("{\"")) return true;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return false;
}

std::string names_of(const FormatSet& formats) {
    std::string names;
    for (const Format& format : formats.all()) names += (names.empty() ? "" : ", ") + format.name();
    return names;
}

}  // namespace

class OrderFile::State {
  public:
    State(tabular::Source source, std::optional<text::Encoding> encoding)
        : source_(std::move(source)), decoder_(encoding), buffer_(kReadBytes) {}

    Status open(const FormatSet& formats, const Format* given) {
        while (!ended_ && pending_.size() < kReadBytes) {
            if (auto status = read_more(); !status) return status;
        }
        bool json = given ? given->kind() == tabular::Kind::jsonl
                          : text::trim(pending_).starts_with('{') || looks_like_json(pending_);
        splitter_.emplace(json ? tabular::Kind::jsonl : tabular::Kind::csv);
        if (auto status = fill(kReadBytes); !status) return status;
        if (auto status = choose(formats, given); !status) return status;
        if (format_->kind() == tabular::Kind::csv) {
            if (auto status = take_header(); !status) return status;
        }
        return check_encoding();
    }

    Result<std::optional<Batch>> next_batch(std::size_t max_bytes) {
        while (!ready_) {
            if (ended_ && pending_.empty()) return std::nullopt;
            if (auto status = fill(max_bytes); !status) return pass(status);
            if (auto status = check_encoding(); !status) return pass(status);
        }
        Batch batch = std::move(*ready_);
        ready_.reset();
        batch.number = batches_++;
        return batch;
    }

    const Format& format() const { return *format_; }
    const std::string& header() const { return header_; }
    std::optional<text::Encoding> encoding() const { return decoder_.encoding(); }
    tabular::Progress progress() const { return source_.progress(); }

  private:
    std::unexpected<Error> refuse(std::string reason) {
        return fail(Code::bad_input, source_.name() + ": " + std::move(reason));
    }

    Status read_more() {
        auto got = source_.read(buffer_);
        if (!got) return pass(got);
        ended_ = *got == 0;
        if (auto status = decoder_.feed(text_of(ByteView(buffer_).first(*got)), ended_, pending_); !status) {
            return pass(status, source_.name());
        }
        for (const text::BadLine& bad : decoder_.take_bad_lines()) bad_lines_.push_back(bad);
        return {};
    }

    // Reads until ready_ holds at least one record, good or bad, or the file ends.
    Status fill(std::size_t max_bytes) {
        bool enough = pending_.size() >= max_bytes;
        while (true) {
            while (!ended_ && !enough) {
                if (auto status = read_more(); !status) return status;
                enough = pending_.size() >= max_bytes;
            }
            Batch batch;
            batch.text = std::make_unique<std::string>(std::move(pending_));
            std::size_t used = splitter_->split(*batch.text, ended_, batch.records);
            pending_ = batch.text->substr(used);
            sort_out(batch);
            if (!batch.records.empty() || !batch.bad.empty()) {
                ready_ = std::move(batch);
                return {};
            }
            if (ended_) return {};
            enough = false;
            max_bytes = pending_.size() + 1;
        }
    }

    // Moves records that are too long or stand on a badly encoded line to batch.bad.
    void sort_out(Batch& batch) {
        if (!batch.records.empty()) batch.first_line = batch.records.front().line;
        std::erase_if(batch.records, [&](const tabular::Record& record) {
            while (!bad_lines_.empty() && bad_lines_.front().line < record.line) bad_lines_.pop_front();
            bool badly_encoded = !bad_lines_.empty() && bad_lines_.front().line < record.line + record.lines;
            if (!record.too_long && !badly_encoded) return false;
            batch.bad.push_back(
                {record.line, record.lines, record.too_long ? "line.too_long" : bad_lines_.front().rule});
            return true;
        });
    }

    Status choose(const FormatSet& formats, const Format* given) {
        // A header is the first record or there is none; of JSON objects the first may be the bad one.
        const std::size_t tried = splitter_->kind() == tabular::Kind::csv ? 1 : kTriedRecords;
        for (std::size_t i = 0; given == nullptr && ready_ && i < std::min(tried, ready_->records.size());
             ++i)
            given = formats.detect(ready_->records[i].text);
        if (given == nullptr) {
            return refuse("the format is not recognised by its first records; known formats: " +
                          names_of(formats));
        }
        format_.emplace(*given);
        return {};
    }

    Status take_header() {
        if (!ready_ || ready_->records.empty() || ready_->records.front().line != ready_->first_line) {
            return refuse("there is no readable header");
        }
        header_ = ready_->records.front().text;
        ready_->records.erase(ready_->records.begin());
        if (ready_->records.empty() && ready_->bad.empty()) {
            ready_.reset();
        } else {
            ready_->first_line =
                ready_->records.empty() ? ready_->bad.front().line : ready_->records.front().line;
        }
        auto reader = RecordReader::make(*format_, header_);
        if (!reader) return refuse(std::move(reader.error().message));
        return {};
    }

    Status check_encoding() {
        auto encoding = decoder_.encoding();
        if (!encoding || format_->takes(*encoding)) return {};
        return refuse("the file is " + std::string(text::name(*encoding)) + ", which the format " +
                      format_->name() + " does not take");
    }

    tabular::Source source_;
    text::Decoder decoder_;
    Bytes buffer_;
    std::string pending_;  // decoded, not yet split
    bool ended_ = false;
    std::optional<tabular::Splitter> splitter_;
    std::deque<text::BadLine> bad_lines_;
    std::optional<Format> format_;
    std::string header_;
    std::optional<Batch> ready_;
    std::uint64_t batches_ = 0;
};

OrderFile::OrderFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
OrderFile::OrderFile(OrderFile&&) noexcept = default;
OrderFile& OrderFile::operator=(OrderFile&&) noexcept = default;
OrderFile::~OrderFile() = default;

Result<OrderFile> OrderFile::open(tabular::Source source, const FormatSet& formats, OpenOptions options) {
    auto state = std::make_unique<State>(std::move(source), options.encoding);
    if (auto status = state->open(formats, options.format); !status) return pass(status);
    return OrderFile(std::move(state));
}

const Format& OrderFile::format() const { return state_->format(); }
std::optional<text::Encoding> OrderFile::encoding() const { return state_->encoding(); }
Result<RecordReader> OrderFile::reader() const {
    return RecordReader::make(state_->format(), state_->header());
}
Result<std::optional<Batch>> OrderFile::next_batch(std::size_t max_bytes) {
    return state_->next_batch(max_bytes);
}
tabular::Progress OrderFile::progress() const { return state_->progress(); }

}  // namespace huoqi::formats

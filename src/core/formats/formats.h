// SPDX-License-Identifier: Apache-2.0
// Order-file formats: files under policy/formats say how the columns or JSON paths of a platform become the
// parts of a waybill, so that a new platform is a file and not a program. README.md describes the file.
//
// Errors of loading name file, line and reason. A Format and a FormatSet do not change once loaded and may be
// shared between threads.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/waybill/waybill.h"
#include "lib/tabular/records.h"
#include "lib/text/decoder.h"

namespace huoqi::formats {

struct Rules;  // internal: what the file says about columns and parts

class Format {
  public:
    const std::string& name() const;  // of the file, without .toml
    tabular::Kind kind() const;
    std::string_view title_zh() const;
    std::string_view title_en() const;
    std::string_view source() const;  // where the names of the columns come from
    // Date of the file and the first 8 hex digits of its SHA-256: "2026-11-23-0a1b2c3d".
    std::string_view version() const;
    bool takes(text::Encoding encoding) const;
    // Whether a CSV header or the first JSON object has what this format requires.
    bool recognises(const std::vector<std::string>& columns_or_keys) const;

    const Rules& rules() const { return *rules_; }
    explicit Format(std::shared_ptr<const Rules> rules) : rules_(std::move(rules)) {}

  private:
    std::shared_ptr<const Rules> rules_;
};

// Error: bad_input "policy/formats/x.toml:12: reason"; not_found, storage.
Result<Format> load_format(const std::string& path);
// The same from text; errors name "NAME.toml".
Result<Format> parse_format(const std::string& name, std::string_view toml_text);

class FormatSet {
  public:
    // Every *.toml of the folder. Error: the first of problems().
    static Result<FormatSet> load(const std::string& folder);
    // All that is wrong in the folder, one sentence each; empty when it can be loaded.
    static std::vector<std::string> problems(const std::string& folder);

    const Format* named(std::string_view name) const;
    const std::vector<Format>& all() const { return formats_; }
    // The format of a file by its first bytes in UTF-8 (its whole first record): the one whose required
    // columns or keys are all there; of several the one that requires most. nullptr when there is none or no
    // single one.
    const Format* detect(std::string_view first_bytes) const;

  private:
    std::vector<Format> formats_;  // by name
};

// The columns of a CSV header, trimmed; empty when it breaks the quoting rules.
std::vector<std::string> header_columns(std::string_view record);

// Turns records into waybills. Has buffers of its own: one reader a worker thread.
class RecordReader {
  public:
    // `header` is the first record of a CSV file; not used for JSON lines.
    // Error: bad_input, when a required column is missing.
    static Result<RecordReader> make(const Format& format, std::string_view header = {});
    RecordReader(RecordReader&&) noexcept;
    RecordReader& operator=(RecordReader&&) noexcept;
    ~RecordReader();

    // Fills `waybill` (what it held is wiped) from one record and normalises it. Returns the findings; with
    // any of them the record is to be refused whole. Rules of the record itself ("csv.columns", "csv.quote",
    // "json.syntax", …) are reported on Part::number; is_record_rule tells them from rules of a part.
    std::vector<waybill::Finding> read(std::string_view record, waybill::Waybill& waybill);

  private:
    class State;
    explicit RecordReader(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// "csv.…", "json.…", "encoding.…", "line.…": the record could not be read, rather than a part being wrong.
bool is_record_rule(std::string_view rule);

}  // namespace huoqi::formats

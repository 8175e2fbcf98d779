// SPDX-License-Identifier: Apache-2.0
// An order file as a stream of batches: source -> gzip -> encoding -> format -> records. One thread takes
// batches; each batch can then be read by any worker with a RecordReader of its own. Memory is constant.
//
// A record that cannot be trusted (encoding, length) is in Batch::bad with its line and rule and not in
// Batch::records.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/formats/formats.h"
#include "lib/tabular/records.h"
#include "lib/tabular/source.h"
#include "lib/text/decoder.h"

namespace huoqi::formats {

struct BadRecord {
    std::uint64_t line = 0;
    std::uint64_t lines = 1;
    std::string_view rule;  // "line.too_long", "encoding.utf8", …
};

struct Batch {
    std::uint64_t number = 0;  // from 0, in the order of the file
    std::uint64_t first_line = 0;
    std::vector<tabular::Record> records;  // views into `text`; stay valid when the batch moves
    std::vector<BadRecord> bad;
    std::unique_ptr<std::string> text;
};

struct OpenOptions {
    const Format* format = nullptr;            // found by the first records when not given
    std::optional<text::Encoding> encoding{};  // likewise
};

class OrderFile {
  public:
    // Reads as far as the first records. `formats` is used during the call only. Errors: bad_input (format
    // not recognised, header lacks a column, encoding not taken, damaged gzip), storage; all name the source.
    static Result<OrderFile> open(tabular::Source source, const FormatSet& formats, OpenOptions options = {});

    OrderFile(OrderFile&&) noexcept;
    OrderFile& operator=(OrderFile&&) noexcept;
    ~OrderFile();

    const Format& format() const;
    // None while only ASCII was seen.
    std::optional<text::Encoding> encoding() const;
    // A reader for the records of this file.
    Result<RecordReader> reader() const;

    // Records of at least one and about `max_bytes` bytes; nullopt at the end.
    Result<std::optional<Batch>> next_batch(std::size_t max_bytes);
    // May be called from another thread.
    tabular::Progress progress() const;

  private:
    class State;
    explicit OrderFile(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace huoqi::formats

// SPDX-License-Identifier: Apache-2.0
#include "core/intake/intake.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "core/access/access.h"
#include "core/keys/keys.h"

namespace huoqi::intake {
namespace {

constexpr std::size_t kBatchBytes = 1U << 20;
constexpr std::size_t kMaxWaiting = 2;  // batches read ahead
constexpr unsigned kExtraWorkers = 1;   // one waits for the committer while the others use the cores

struct Done {
    std::vector<LineResult> lines;
    std::optional<Error> error;  // lines that were not sealed because of it are not in `lines`
};

class Import {
  public:
    Import(formats::OrderFile& file, vault::Vault& vault, const Options& options)
        : file_(file), vault_(vault), options_(options) {}

    Summary run() {
        unsigned count = options_.stop_on_error ? 1
                         : options_.workers > 0 ? options_.workers
                                                : std::thread::hardware_concurrency() + kExtraWorkers;
        std::vector<std::thread> workers;
        for (unsigned i = 0; i < count; ++i) workers.emplace_back([this] { work(); });
        feed();
        for (auto& worker : workers) worker.join();
        // Behind a batch that failed others may have been sealed.
        for (const auto& [number, done] : finished_batches_) account(done);
        summary_.broken_off = error_ ? std::move(error_) : std::move(source_error_);
        return summary_;
    }

  private:
    // Caller's thread: takes batches from the file as workers need them.
    void feed() {
        for (;;) {
            auto batch = file_.next_batch(kBatchBytes);
            std::unique_lock lock(mutex_);
            // What was read before the file broke off is as good as ever.
            if (!batch) source_error_ = std::move(batch.error());
            if (!batch || error_ || summary_.stopped || !*batch) break;
            room_.wait(lock, [&] { return waiting_.size() < kMaxWaiting || error_ || summary_.stopped; });
            waiting_.push_back(std::move(**batch));
            ready_.notify_one();
        }
        std::lock_guard lock(mutex_);
        finished_ = true;
        ready_.notify_all();
    }

    void work() {
        auto reader = file_.reader();
        if (!reader) {
            std::lock_guard lock(mutex_);
            stop(std::move(reader.error()));
            return;
        }
        std::vector<waybill::Waybill> waybills;
        while (auto batch = next()) {
            auto done = process(*batch, *reader, waybills);
            std::lock_guard lock(mutex_);
            if (done.error) stop(std::move(*done.error));
            finished_batches_.emplace(batch->number, std::move(done));
            publish();
        }
    }

    std::optional<formats::Batch> next() {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [&] { return !waiting_.empty() || finished_ || error_ || summary_.stopped; });
        if (waiting_.empty() || error_ || summary_.stopped) return std::nullopt;
        auto batch = std::move(waiting_.front());
        waiting_.pop_front();
        room_.notify_one();
        return batch;
    }

    // Reads and checks the records, seals the good ones in chunks the vault takes.
    Done process(const formats::Batch& batch, formats::RecordReader& reader,
                 std::vector<waybill::Waybill>& waybills) {
        Done done;
        for (const auto& bad : batch.bad) done.lines.push_back({bad.line, bad.lines, {}, {{"", bad.rule}}});
        std::vector<std::size_t> good;  // places in done.lines
        if (waybills.size() < batch.records.size()) waybills.resize(batch.records.size());
        std::uint64_t first_bad = batch.bad.empty() ? ~0ULL : batch.bad.front().line;
        for (const auto& record : batch.records) {
            if (options_.stop_on_error && record.line > first_bad) break;
            auto findings = reader.read(record.text, waybills[good.size()]);
            LineResult line{record.line, record.lines, {}, {}};
            for (const auto& finding : findings) {
                bool whole = formats::is_record_rule(finding.rule);
                line.findings.push_back(
                    {whole ? std::string_view() : waybill::name(finding.part), finding.rule});
            }
            if (findings.empty()) good.push_back(done.lines.size());
            done.lines.push_back(std::move(line));
            if (!findings.empty() && options_.stop_on_error) break;
        }
        for (std::size_t at = 0; at < good.size(); at += vault::kMaxSealBatch) {
            std::size_t count = std::min(vault::kMaxSealBatch, good.size() - at);
            auto sealed = vault_.seal(std::span(waybills).subspan(at, count), options_.enterprise,
                                      options_.outlet, options_.actor, options_.bound);
            if (!sealed) {
                done.error = std::move(sealed.error());
                break;
            }
            for (std::size_t i = 0; i < count; ++i) {
                auto& line = done.lines[good[at + i]];
                if ((*sealed)[i].outcome == vault::Outcome::elsewhere) {
                    line.findings.push_back({"", "scope.outlet"});
                } else {
                    line.sealed = (*sealed)[i];
                }
            }
        }
        if (done.error)
            std::erase_if(done.lines, [](const auto& line) { return !line.sealed && line.findings.empty(); });
        std::sort(done.lines.begin(), done.lines.end(),
                  [](const auto& a, const auto& b) { return a.line < b.line; });
        return done;
    }

    // Tells results in the order of the file. Called under the lock.
    void publish() {
        while (!finished_batches_.empty() && finished_batches_.begin()->first == next_published_) {
            account(finished_batches_.begin()->second);
            finished_batches_.erase(finished_batches_.begin());
            ++next_published_;
        }
        if (options_.progress) options_.progress(summary_, file_.progress());
    }

    void account(const Done& done) {
        for (const auto& line : done.lines) {
            if (summary_.stopped) break;
            count(line);
            if (!options_.result || told_off_) continue;
            if (auto told = options_.result(line); !told) {
                told_off_ = true;
                stop(std::move(told.error()));
            }
        }
    }

    void count(const LineResult& line) {
        if (!line.sealed) {
            ++summary_.rejected;
            summary_.stopped = options_.stop_on_error;
            if (summary_.stopped) wake_all();
            return;
        }
        switch (line.sealed->outcome) {
            case vault::Outcome::sealed:
                ++summary_.sealed;
                break;
            case vault::Outcome::repeated:
                ++summary_.repeated;
                break;
            case vault::Outcome::changed:
                ++summary_.changed;
                break;
            case vault::Outcome::elsewhere:
                break;  // was rejected
        }
    }

    void stop(Error error) {
        if (!error_) error_ = std::move(error);
        wake_all();
    }
    void wake_all() {
        ready_.notify_all();
        room_.notify_all();
    }

    formats::OrderFile& file_;
    vault::Vault& vault_;
    const Options& options_;

    std::mutex mutex_;  // of all below
    std::condition_variable ready_;
    std::condition_variable room_;
    std::deque<formats::Batch> waiting_;
    bool finished_ = false;
    std::map<std::uint64_t, Done> finished_batches_;
    std::uint64_t next_published_ = 0;
    Summary summary_;
    std::optional<Error> error_;         // ends the work at once
    std::optional<Error> source_error_;  // nothing more can be read
    bool told_off_ = false;              // options_.result failed
};

}  // namespace

Result<Summary> import(formats::OrderFile& file, vault::Vault& vault, ledger::Ledger& ledger,
                       const Options& options) {
    // Both stand in ledger entries.
    if (!keys::valid_enterprise(options.enterprise))
        return fail(Code::bad_input, "import: an enterprise's name is 1-40 of a-z, 0-9, '-'");
    if (!options.outlet.empty() && !access::valid_outlet(options.outlet))
        return fail(
            Code::bad_input,
            "import: an outlet's code is 1-32 letters, digits, '-', '_', without a long row of digits");
    Summary summary = Import(file, vault, options).run();
    ledger::Entry entry;
    entry.actor = options.actor;
    entry.action = "import";
    entry.detail = {{"enterprise", options.enterprise},
                    {"format", file.format().name()},
                    {"format_version", std::string(file.format().version())}};
    if (!options.outlet.empty()) entry.detail["outlet"] = options.outlet;
    entry.counts = {{"sealed", summary.sealed},
                    {"repeated", summary.repeated},
                    {"changed", summary.changed},
                    {"rejected", summary.rejected}};
    if (summary.broken_off) {
        entry.outcome = "failed";
        entry.rule = name(summary.broken_off->code);
    }
    auto recorded = ledger.append(std::move(entry));
    // A break-off has its reason already, and the entries of what was sealed are in the ledger.
    if (!recorded && !summary.broken_off) summary.broken_off = std::move(recorded.error());
    return summary;
}

}  // namespace huoqi::intake

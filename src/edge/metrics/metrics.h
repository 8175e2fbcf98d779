// SPDX-License-Identifier: Apache-2.0
// What a node counts about itself, and the text in which Prometheus reads it (exposition format 0.0.4).
// Counts and sizes only: no names, no addresses, no tokens, so that the page says nothing about any person
// (art. 29, operations zone).
//
// Threads: Activity from any thread, without locks; a Page belongs to one thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/http/server.h"

namespace huoqi::metrics {

// `administer` is what is done to people, rights, tasks and maintenance.
enum class Deed : std::uint8_t { seal, search, read, reveal, ledger_read, administer };
inline constexpr std::size_t kDeeds = 6;
// What became of it: done, done before (seal), a new version (seal), nothing there, broke a rule of waybills
// (seal), a rule of access said no, an error of ours.
enum class Ending : std::uint8_t { done, repeated, changed, not_found, rejected, refused, failed };
inline constexpr std::size_t kEndings = 7;
enum class KeyCheck : std::uint8_t { accepted, missing, unknown, revoked };
inline constexpr std::size_t kKeyChecks = 4;

std::string_view name(Deed deed);
std::string_view name(Ending ending);
std::string_view name(KeyCheck check);

// Counters that rise from the start of the process.
class Activity {
  public:
    void count(Deed deed, Ending ending, std::uint64_t times = 1) {
        deeds_[index(deed, ending)].fetch_add(times, kOrder);
    }
    void count(KeyCheck check) { checks_[static_cast<std::size_t>(check)].fetch_add(1, kOrder); }
    void count_overload() { overloads_.fetch_add(1, kOrder); }

    std::uint64_t of(Deed deed, Ending ending) const { return deeds_[index(deed, ending)].load(kOrder); }
    std::uint64_t of(KeyCheck check) const { return checks_[static_cast<std::size_t>(check)].load(kOrder); }
    std::uint64_t overloads() const { return overloads_.load(kOrder); }

  private:
    static constexpr auto kOrder = std::memory_order_relaxed;
    static constexpr std::size_t index(Deed deed, Ending ending) {
        return static_cast<std::size_t>(deed) * kEndings + static_cast<std::size_t>(ending);
    }

    std::array<std::atomic<std::uint64_t>, kDeeds * kEndings> deeds_{};
    std::array<std::atomic<std::uint64_t>, kKeyChecks> checks_{};
    std::atomic<std::uint64_t> overloads_{0};
};

// The text of one scrape. A family is declared before its samples.
class Page {
  public:
    using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;
    enum class Kind { counter, gauge, histogram };

    void family(std::string_view name, Kind kind, std::string_view help);
    // Of the family last declared; `suffix` is "_bucket", "_sum" or "_count" of a histogram.
    void sample(Labels labels, std::uint64_t value, std::string_view suffix = {});
    void sample_seconds(Labels labels, std::uint64_t microseconds, std::string_view suffix = {});
    const std::string& text() const { return text_; }

  private:
    void head(Labels labels, std::string_view suffix);
    std::string family_;
    std::string text_;
};

struct ListenerCounters {
    std::string listener;  // "business", "public", "operations", or "all"
    http::Counters counters;
};
// What is measured at the moment of a scrape.
struct Sizes {
    std::uint64_t ledger_entries = 0;
    std::uint64_t archive_bytes = 0;
    std::uint64_t archive_index_runs = 0;
    std::uint64_t volumes = 0;
    std::uint64_t pool_waiting = 0;
    bool ready = false;
};

inline constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";
std::string page(const Activity& activity, const Sizes& sizes,
                 const std::vector<ListenerCounters>& listeners);

}  // namespace huoqi::metrics

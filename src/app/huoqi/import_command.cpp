// SPDX-License-Identifier: Apache-2.0
// import: order files into the vault, with a bar for people and one JSON object for scripts.
#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "app/huoqi/commands.h"
#include "core/intake/intake.h"

namespace huoqi::cli {
namespace {

using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point start) {
    return std::chrono::duration<double>(Steady::now() - start).count();
}

// One line on a terminal: done, rate, time left. Silent elsewhere.
class Bar {
  public:
    explicit Bar(Shell& shell) : shell_(shell), shown_(shell.err_is_terminal()) {}
    ~Bar() {
        if (drawn_) shell_.complain("\r\x1b[K");
    }
    void draw(const intake::Summary& summary, const tabular::Progress& progress) {
        constexpr std::chrono::milliseconds kEvery{200};
        if (!shown_ || Steady::now() - last_ < kEvery) return;
        last_ = Steady::now();
        drawn_ = true;
        double elapsed = seconds_since(start_);
        double rate = static_cast<double>(summary.records()) / elapsed;
        std::array<char, 160> line{};
        if (progress.total && progress.read > 0) {
            double part = static_cast<double>(progress.read) / static_cast<double>(*progress.total);
            std::snprintf(line.data(), line.size(), "\r\x1b[K%3.0f%%  %llu records / 条  %.0f/s  ETA %.0f s",
                          part * 100, static_cast<unsigned long long>(summary.records()), rate,
                          elapsed / part - elapsed);
        } else {
            std::snprintf(line.data(), line.size(), "\r\x1b[K%llu records / 条  %.0f/s",
                          static_cast<unsigned long long>(summary.records()), rate);
        }
        shell_.complain(line.data());
    }

  private:
    Shell& shell_;
    bool shown_;
    bool drawn_ = false;
    Steady::time_point start_ = Steady::now();
    Steady::time_point last_{};
};

// Rejected lines: file, line, field, rule; never the value.
class Report {
  public:
    Status open(const std::filesystem::path& path) {
        out_.open(path, std::ios::trunc);
        if (!out_) return fail(Code::storage, "import: the report file cannot be written");
        return {};
    }
    Status add(const std::string& file, const intake::LineResult& line) {
        if (!out_.is_open() || line.sealed) return {};
        for (const auto& finding : line.findings) {
            nlohmann::json one{
                {"file", file}, {"line", line.line}, {"field", finding.field}, {"rule", finding.rule}};
            if (line.lines > 1) one["lines"] = line.lines;
            out_ << one.dump() << '\n';
        }
        if (!out_) return fail(Code::no_space, "import: the report file cannot be written");
        return {};
    }
    Status close() {
        if (!out_.is_open()) return {};
        out_.close();
        if (!out_) return fail(Code::no_space, "import: the report file cannot be written");
        return {};
    }

  private:
    std::ofstream out_;
};

struct Total {
    intake::Summary sum;
    void add(const intake::Summary& one) {
        sum.sealed += one.sealed;
        sum.repeated += one.repeated;
        sum.changed += one.changed;
        sum.rejected += one.rejected;
        sum.stopped = one.stopped;
    }
};

class ImportRun {
  public:
    ImportRun(node::Node& node, const ImportCommand& command, Shell& shell)
        : node_(node), command_(command), shell_(shell) {}

    Status run() {
        if (!command_.report.empty()) {
            if (auto opened = report_.open(shell_.path(command_.report)); !opened) return opened;
        }
        for (const auto& file : command_.files) {
            if (auto done = one(file); !done) return done;
            if (total_.sum.stopped) break;
        }
        return report_.close();
    }
    const intake::Summary& sum() const { return total_.sum; }

  private:
    Status one(const std::string& file) {
        formats::OpenOptions how;
        if (command_.format != "auto") {
            how.format = node_.formats().named(command_.format);
            if (how.format == nullptr)
                return fail(Code::bad_input, "import: there is no format of this name in policy/formats");
        }
        if (command_.encoding != "auto") how.encoding = text::encoding_named(command_.encoding);
        auto source = tabular::Source::open(file == "-" ? "/proc/self/fd/" + std::to_string(shell_.in())
                                                        : shell_.path(file).string());
        if (!source) return pass(source);
        auto orders = formats::OrderFile::open(std::move(*source), node_.formats(), how);
        if (!orders) return pass(orders);
        Bar bar(shell_);
        intake::Options options;
        options.enterprise = command_.enterprise.empty() ? node_.identity().enterprise : command_.enterprise;
        options.outlet = command_.outlet;
        options.stop_on_error = command_.on_error == "stop";
        options.actor = operator_here(node_, "integrator");
        options.result = [&](const intake::LineResult& line) -> Status {
            if (!line.sealed && !command_.json) tell(file, line);
            return report_.add(file, line);
        };
        options.progress = [&](const intake::Summary& summary, const tabular::Progress& progress) {
            bar.draw(summary, progress);
        };
        auto summary = intake::import(*orders, node_.vault(), node_.ledger(), options);
        if (!summary) return pass(summary, file);
        total_.add(*summary);
        if (summary->broken_off)
            return fail(summary->broken_off->code, file + ": " + summary->broken_off->message);
        return {};
    }

    void tell(const std::string& file, const intake::LineResult& line) {
        constexpr int kTold = 20;
        if (++told_ > kTold) return;
        for (const auto& finding : line.findings) {
            auto lines = std::to_string(line.line);
            if (line.lines > 1) lines += "-" + std::to_string(line.line + line.lines - 1);
            shell_.complain(file + ":" + lines + ": " + std::string(finding.field) +
                            (finding.field.empty() ? "" : ": ") + std::string(finding.rule) + "\n");
        }
        if (told_ == kTold) shell_.complain("… further rejected lines stand in --report / 其余见报告文件\n");
    }

    node::Node& node_;
    const ImportCommand& command_;
    Shell& shell_;
    Report report_;
    Total total_;
    int told_ = 0;
};

}  // namespace

int run_import(node::Node& node, const ImportCommand& command, Shell& shell) {
    auto start = Steady::now();
    ImportRun run(node, command, shell);
    auto done = run.run();
    double seconds = seconds_since(start);
    const auto& sum = run.sum();
    if (command.json) {
        nlohmann::json json{{"sealed", sum.sealed},     {"repeated", sum.repeated}, {"changed", sum.changed},
                            {"rejected", sum.rejected}, {"stopped", sum.stopped},   {"seconds", seconds}};
        if (!done) json["error"] = {{"code", name(done.error().code)}, {"message", done.error().message}};
        shell.print(json.dump() + "\n");
    } else {
        std::array<char, 200> line{};
        std::snprintf(line.data(), line.size(),
                      "sealed 封存 %llu, repeated 重复 %llu, changed 变更 %llu, rejected 拒收 %llu; %.2f s\n",
                      static_cast<unsigned long long>(sum.sealed),
                      static_cast<unsigned long long>(sum.repeated),
                      static_cast<unsigned long long>(sum.changed),
                      static_cast<unsigned long long>(sum.rejected), seconds);
        shell.print(line.data());
    }
    if (!done) return report(shell, done.error());
    return sum.rejected == 0 ? kDone : kRejected;
}

}  // namespace huoqi::cli

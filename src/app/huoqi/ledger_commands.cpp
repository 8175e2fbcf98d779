// SPDX-License-Identifier: Apache-2.0
// ledger show, verify, prove, checkpoint, key, export.
#include <chrono>
#include <nlohmann/json.hpp>

#include "app/huoqi/commands.h"
#include "edge/store/store.h"
#include "lib/text/text.h"

namespace huoqi::cli {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kPage = 500;

Result<ledger::Filter> filter_of(node::Node& node, const LedgerCommand& command) {
    ledger::Filter filter;
    filter.person = command.person;
    filter.action = command.action;
    if (!command.waybill.empty()) {
        filter.waybill = node.vault().place(command.waybill);
        if (!filter.waybill) return fail(Code::bad_input, "ledger: --waybill is a token that find gives");
    }
    for (auto [text, into] : {std::pair(&command.from, &filter.from), {&command.until, &filter.until}}) {
        if (text->empty()) continue;
        *into = parse_rfc3339(*text);
        if (!*into) return fail(Code::bad_input, "ledger: a time is written as 2026-11-23T08:00:00+08:00");
    }
    return filter;
}

std::string shown(EntryIndex index, const std::string& entry, bool json) {
    auto parsed = Json::parse(entry, nullptr, false);
    if (json) {
        parsed["index"] = index.value;
        return parsed.dump() + "\n";
    }
    std::string line = std::to_string(index.value) + "  " + parsed.value("time", "") + "  " +
                       parsed.value("action", "") + "  " + parsed.value("outcome", "");
    if (parsed.contains("actor")) line += "  " + parsed["actor"].value("person", "");
    for (const char* key : {"purpose", "ticket", "rule"}) {
        if (parsed.contains(key)) line += "  " + std::string(key) + "=" + parsed.value(key, "");
    }
    for (const char* key : {"fields", "objects", "range", "counts"}) {
        if (parsed.contains(key)) line += "  " + parsed[key].dump();
    }
    return text::printable(line) + "\n";
}

// Viewing the ledger is itself recorded.
Status record_view(node::Node& node, const LedgerCommand& command) {
    ledger::Entry entry;
    entry.actor = operator_here(node, "auditor");
    entry.action = "ledger.read";
    if (!command.action.empty()) entry.detail["action"] = command.action.substr(0, 40);
    auto recorded = node.ledger().append(std::move(entry));
    if (!recorded) return pass(recorded);
    return {};
}

Status export_tiles(const ledger::Ledger& ledger, TreeSize size, bool entries, std::uint8_t level,
                    const std::filesystem::path& folder) {
    auto span = tlog::tiles_at(size, level);
    for (std::uint64_t i = 0; i < span.full + (span.partial > 0 ? 1 : 0); ++i) {
        tlog::TilePath path{entries, level, i, i < span.full ? 256U : span.partial};
        auto tile = ledger.tile(path);
        if (!tile) return pass(tile);
        auto file = folder / tlog::to_string(path);
        std::error_code error;
        std::filesystem::create_directories(file.parent_path(), error);
        if (error) return fail(Code::storage, "ledger: cannot make a folder: " + error.message());
        if (auto written = store::write_file(file, *tile); !written) return written;
    }
    return {};
}

}  // namespace

int run_ledger_show(node::Node& node, const LedgerCommand& command, Shell& shell) {
    auto filter = filter_of(node, command);
    if (!filter) return report(shell, filter.error());
    if (auto recorded = record_view(node, command); !recorded) return report(shell, recorded.error());
    bool all = command.limit == 0 && !filter->waybill && filter->person.empty() && filter->action.empty() &&
               !filter->from && !filter->until;
    if (all) {
        auto size = node.ledger().size();
        for (std::uint64_t i = 0; i < size.value; ++i) {
            auto entry = node.ledger().entry(EntryIndex{i});
            if (!entry) return report(shell, entry.error());
            shell.print(shown(EntryIndex{i}, *entry, command.json));
        }
        return kDone;
    }
    std::size_t left = command.limit == 0 ? ~std::size_t{0} : command.limit;
    for (EntryIndex before{~0ULL}; left > 0;) {
        auto found = node.ledger().find(*filter, before, std::min(left, kPage));
        if (!found) return report(shell, found.error());
        if (found->empty()) break;
        for (const auto& one : *found) shell.print(shown(one.index, one.json, command.json));
        left -= found->size();
        before = found->back().index;
    }
    return kDone;
}

int run_ledger_accept(node::Node& node, Shell& shell) {
    if (!node.head_was_lost()) {
        shell.print("the ledger is what its last checkpoint signed; nothing to accept / 台账与检查点一致\n");
        return kDone;
    }
    ledger::Entry entry;
    entry.actor = operator_here(node, "");
    entry.action = "ledger.accept";
    entry.counts["entries"] = node.ledger().size().value;
    if (auto recorded = node.ledger().append(std::move(entry)); !recorded)
        return report(shell, recorded.error());
    if (auto kept = node.keep_checkpoint(); !kept) return report(shell, kept.error());
    shell.print("accepted as it is, and recorded / 已按现状认可并记入台账\n");
    return kDone;
}

int run_ledger_verify(node::Node& node, const LedgerCommand& command, Shell& shell) {
    auto start = std::chrono::steady_clock::now();
    bool bar = shell.err_is_terminal();
    auto total = node.ledger().size().value;
    auto found = node.ledger().verify([&](std::uint64_t done) {
        if (bar)
            shell.complain("\r\x1b[K" + std::to_string(done * 100 / std::max<std::uint64_t>(total, 1)) + "%");
    });
    if (bar) shell.complain("\r\x1b[K");
    if (!found) return report(shell, found.error());
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    bool valid = found->problem.empty();
    if (command.json) {
        Json json{{"valid", valid},
                  {"entries", found->entries},
                  {"root", base64(found->root)},
                  {"seconds", seconds}};
        if (!valid) json["problem"] = found->problem;
        shell.print(json.dump() + "\n");
    } else {
        shell.print((valid ? "valid 有效: " : "tampered 被篡改: ") + std::to_string(found->entries) +
                    " entries / 条, root " + base64(found->root) + (valid ? "" : "; " + found->problem) +
                    "\n");
    }
    return valid ? kDone : kRejected;
}

int run_ledger_prove(node::Node& node, const LedgerCommand& command, Shell& shell) {
    auto proof = node.ledger().prove(EntryIndex{command.index});
    if (!proof) return report(shell, proof.error());
    // It shows the entry.
    if (auto recorded = record_view(node, command); !recorded) return report(shell, recorded.error());
    shell.print(*proof);
    return kDone;
}

int run_ledger_checkpoint(node::Node& node, Shell& shell) {
    shell.print(node.ledger().checkpoint());
    return kDone;
}

int run_ledger_key(node::Node& node, const LedgerCommand& command, Shell& shell) {
    // The Ed25519 key, which every tool knows; the SM2 line's key stands behind it only when asked for.
    auto keys = node.ledger().keys();
    for (std::size_t i = 0; i < (command.all ? keys.size() : 1); ++i)
        shell.print(tlog::to_string(keys[i]) + "\n");
    return kDone;
}

int run_ledger_export(node::Node& node, const LedgerCommand& command, Shell& shell) {
    auto folder = shell.path(command.out);
    if (auto recorded = record_view(node, command); !recorded) return report(shell, recorded.error());
    std::string note = node.ledger().checkpoint();
    auto parsed = tlog::parse_note(note);
    auto head = parsed ? tlog::parse_checkpoint_text(parsed->text) : Result<tlog::Checkpoint>(pass(parsed));
    if (!head) return report(shell, head.error());
    constexpr std::uint8_t kLevels = 8;  // 256^8 leaves are out of reach
    auto done = export_tiles(node.ledger(), head->size, true, 0, folder);
    for (std::uint8_t level = 0; done && level < kLevels; ++level) {
        done = export_tiles(node.ledger(), head->size, false, level, folder);
    }
    if (done) done = store::write_file(folder / "checkpoint", bytes_of(note));
    if (!done) return report(shell, done.error());
    shell.print("ledger of " + std::to_string(head->size.value) +
                " entries written / 台账已导出: " + folder.string() + "\n");
    return kDone;
}

}  // namespace huoqi::cli

// SPDX-License-Identifier: Apache-2.0
#include "core/ledger/ledger.h"

#include <nlohmann/json.hpp>

#include "core/ledger/internal/state.h"

namespace huoqi::ledger {

Ledger::Ledger(archive::Archive& archive, Signer signer, TokenOf token_of, const Clock& clock,
               PolicyVersion policy_version)
    : archive_(archive),
      signer_(std::move(signer)),
      token_of_(std::move(token_of)),
      clock_(clock),
      policy_version_(std::move(policy_version)),
      state_(std::make_unique<State>()) {}

Ledger::~Ledger() { stop(); }

Result<std::unique_ptr<Ledger>> Ledger::open(archive::Archive& archive, Signer signer, TokenOf token_of,
                                             const Clock& clock, PolicyVersion policy_version,
                                             std::string_view last_checkpoint) {
    std::unique_ptr<Ledger> ledger(
        new Ledger(archive, std::move(signer), std::move(token_of), clock, std::move(policy_version)));
    if (auto restored = ledger->restore(last_checkpoint); !restored) return pass(restored);
    ledger->state_->committer = std::thread([raw = ledger.get()] { raw->run(); });
    return ledger;
}

Status Ledger::restore(std::string_view last_checkpoint) {
    auto size = archive_.ledger_size();
    if (!size) return pass(size);
    std::vector<tlog::Hash> leaves;
    std::string newest;
    std::uint64_t first = size->value - size->value % tlog::kTileWidth;
    if (size->value > 0 && first == size->value) newest = entry(EntryIndex{first - 1}).value_or("");
    auto read = archive_.entries(EntryIndex{first}, [&](EntryIndex, ByteView entry) {
        leaves.push_back(tlog::leaf_hash(entry));
        newest = text_of(entry);
        return true;
    });
    if (!read) return read;
    auto edge = tlog::Edge::restore(
        *size, [&](std::uint8_t level, std::uint64_t index) { return archive_.tile(level, index); },
        std::move(leaves));
    if (!edge) return pass(edge, "ledger: the stored tree does not fit its entries");
    if (!newest.empty()) {
        auto json = nlohmann::json::parse(newest, nullptr, false);
        if (json.is_object()) state_->last_time = parse_rfc3339(json.value("time", "")).value_or(Time{});
    }
    state_->edge.with([&](tlog::Edge& current) { current = std::move(*edge); });
    if (last_checkpoint.empty()) return {};
    auto note = tlog::parse_note(last_checkpoint);
    if (!note) return pass(note, "ledger: the checkpoint file");
    if (auto right = tlog::verify_note(*note, signer_.keys()); !right)
        return pass(right, "ledger: the checkpoint file");
    auto checkpoint = tlog::parse_checkpoint_text(note->text);
    if (!checkpoint) return pass(checkpoint, "ledger: the checkpoint file");
    if (checkpoint->size > *size) {
        return fail(Code::corrupt,
                    "ledger: it is shorter than its last checkpoint says; entries are missing");
    }
    auto root = tlog::root_of(checkpoint->size, [this](const tlog::TilePath& path) { return tile(path); });
    if (!root) return pass(root);
    if (*root != checkpoint->root)
        return fail(Code::corrupt, "ledger: it is not the one its last checkpoint signed");
    return {};
}

TreeSize Ledger::size() const {
    return state_->edge.with([](const tlog::Edge& edge) { return edge.size(); });
}

std::string Ledger::checkpoint() const {
    auto [size, root] =
        state_->edge.with([](const tlog::Edge& edge) { return std::pair(edge.size(), edge.root()); });
    return state_->checkpoint.with([&](State::Signed& last) {
        if (last.size != size) last = {size, signer_.sign(size, root)};
        return last.note;
    });
}

Result<Bytes> Ledger::tile(const tlog::TilePath& path) const {
    auto edge_size = size();
    auto span = tlog::tiles_at(edge_size, path.level);
    bool full = path.index < span.full;
    if (!full && (path.index > span.full || path.width > span.partial)) {
        return fail(Code::not_found, "ledger: the tree has no such tile yet");
    }
    if (path.entries) {
        Bytes bundle;
        EntryIndex first{path.index * tlog::kTileWidth};
        auto read = archive_.entries(first, [&](EntryIndex index, ByteView entry) {
            if (index.value >= first.value + path.width) return false;
            return tlog::append_to_bundle(bundle, entry).has_value();
        });
        if (!read) return pass(read);
        return bundle;
    }
    Bytes hashes;
    if (!full) {
        state_->edge.with([&](const tlog::Edge& edge) {
            // The tile may have been finished since its span was read; then it is in the archive.
            if (tlog::tiles_at(edge.size(), path.level).full != path.index) return;
            for (const auto& hash : edge.partial(path.level)) huoqi::append(hashes, ByteView(hash));
        });
    }
    if (hashes.empty()) {
        auto stored = archive_.tile(path.level, path.index);
        if (!stored) return stored;
        hashes = std::move(*stored);
    }
    hashes.resize(path.width * sizeof(tlog::Hash));
    return hashes;
}

Result<std::string> Ledger::entry(EntryIndex index) const {
    auto bytes = archive_.entry(index);
    if (!bytes) return pass(bytes);
    return std::string(text_of(*bytes));
}

Result<std::string> Ledger::prove(EntryIndex index) const {
    std::string note = checkpoint();
    auto parsed = tlog::parse_note(note);
    if (!parsed) return pass(parsed);
    auto head = tlog::parse_checkpoint_text(parsed->text);
    if (!head) return pass(head);
    if (index.value >= head->size.value) return fail(Code::not_found, "ledger: there is no such entry");
    auto entry = archive_.entry(index);
    if (!entry) return pass(entry);
    auto hashes =
        tlog::prove_inclusion(index, head->size, [this](const tlog::TilePath& path) { return tile(path); });
    if (!hashes) return pass(hashes);
    return tlog::format_proof({std::move(*entry), index, std::move(*hashes), note});
}

Result<Verification> Ledger::verify(const std::function<void(std::uint64_t)>& progress) const {
    constexpr std::uint64_t kProgressEvery = 65536;
    auto [size, root] =
        state_->edge.with([](const tlog::Edge& edge) { return std::pair(edge.size(), edge.root()); });
    Verification found{size, root, 0, {}};
    tlog::Edge again;
    auto compare = [&](tlog::Edge::FullTile tile) {
        auto stored = archive_.tile(tile.level, tile.index);
        if (!stored || *stored != tile.hashes) {
            found.problem = "tile " + std::to_string(tile.level) + "/" + std::to_string(tile.index) +
                            " does not follow from the entries";
        }
    };
    auto read = archive_.entries(EntryIndex{0}, [&](EntryIndex index, ByteView entry) {
        if (index.value >= size.value) return false;
        if (index.value != found.entries) {
            found.problem = "entry " + std::to_string(found.entries) + " is missing";
            return false;
        }
        again.add(tlog::leaf_hash(entry), compare);
        if (++found.entries % kProgressEvery == 0 && progress) progress(found.entries);
        return found.problem.empty();
    });
    if (!read) return pass(read);
    if (found.problem.empty() && found.entries != size.value)
        found.problem = "entries are missing at the end";
    if (found.problem.empty() && again.root() != root)
        found.problem = "the root does not follow from the entries";
    return found;
}

}  // namespace huoqi::ledger

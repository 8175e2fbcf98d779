// SPDX-License-Identifier: Apache-2.0
// Life of a look: decide, fetch the rows, record, wait until the record is durable, and only then open what
// was asked for.
#include <algorithm>

#include "core/access/access.h"
#include "core/vault/internal/state.h"

namespace huoqi::vault {
namespace {

constexpr std::string_view kReasonContext = "huoqi/reason/v1";
// Waybills that one entry names; more than any purpose opens in a call.
constexpr std::size_t kMaxNamed = 64;

// nonce, ciphertext; base64.
std::string seal_reason(crypto::Suite suite, const crypto::Key& key, const Personal& reason) {
    if (reason.empty()) return {};
    crypto::Nonce nonce;
    crypto::random_fill(nonce);
    Bytes out;
    append(out, ByteView(nonce));
    crypto::make_aead(suite, key)->seal(nonce, bytes_of(kReasonContext), bytes_of(reason.reading()), out);
    return base64(out);
}

}  // namespace

Result<std::optional<Vault::Known>> Vault::known(std::string_view token, std::string_view enterprise) const {
    const auto meant = place(token);
    if (!meant) return std::nullopt;
    auto volume = volume_at(*meant, enterprise);
    if (!volume) return pass(volume);
    if (!*volume) return std::nullopt;
    auto row = parts_.archive.fetch(*meant);
    if (!row && row.error().code == Code::not_found) return std::nullopt;
    if (!row) return pass(row);
    auto header = read_header(row->sealed);
    if (!header) return pass(header);
    return Known{*meant, std::string(header->label.outlet), time_of_hour(header->label.hour)};
}

// One call of Vault::reveal(); lives until it is answered.
class Look : public std::enable_shared_from_this<Look> {
  public:
    Look(Vault& vault, RevealRequest request, ledger::Actor actor, Post post,
         std::function<void(Result<Revealed>)> done)
        : vault_(vault),
          request_(std::move(request)),
          actor_(std::move(actor)),
          post_(std::move(post)),
          done_(std::move(done)),
          policy_(vault.parts_.policy.now()) {}

    void start() {
        resolve();
        access::Decision decision;
        if (request_.reason.reading().size() > kMaxReasonBytes) {
            decision = {false, "reason.too_long"};
            request_.reason = Personal();
        } else if (request_.tokens.size() > items_.size()) {
            decision = {false, "tokens.too_many"};
        } else if (request_.judge) {
            fetch();
            decision = judge();
        } else {
            decision = access::may_reveal(*policy_, {actor_.role, request_.purpose, request_.ticket,
                                                     request_.fields, request_.tokens.size()});
            if (decision.allowed) fetch();
        }
        record(decision);
    }

  private:
    struct Item {
        std::optional<RecordPlace> place;
        std::optional<Volume> volume;
        Result<archive::Row> row = fail(Code::not_found, "reveal: there is no such waybill");
    };

    // Which waybills are meant; a refusal names them too. Far more than any purpose allows are not looked up.
    void resolve() {
        items_.resize(std::min(request_.tokens.size(), kMaxNamed));
        for (std::size_t i = 0; i < items_.size(); ++i) {
            auto& item = items_[i];
            item.place = vault_.place(request_.tokens[i]);
            if (!item.place) continue;
            auto volume = vault_.volume_at(*item.place, request_.enterprise);
            if (volume) item.volume = std::move(*volume);
            if (!volume) item.row = pass(volume);
        }
    }

    void fetch() {
        for (auto& item : items_) {
            if (item.volume) item.row = vault_.parts_.archive.fetch(*item.place);
        }
    }

    // Of what nobody has there is nothing to judge; it comes back as not found, one by one.
    access::Decision judge() {
        std::vector<Candidate> known;
        for (const auto& item : items_) {
            if (!item.row) continue;
            auto header = read_header(item.row->sealed);
            if (!header) continue;  // opening will say what is wrong with it
            known.push_back({*item.place, header->label.outlet, time_of_hour(header->label.hour)});
        }
        auto judged = request_.judge(*policy_, known);
        if (!judged.role.empty()) actor_.role = std::move(judged.role);
        undo_ = std::move(judged.undo);
        return judged.decision;
    }

    void record(access::Decision decision) {
        ledger::Work work;
        auto& entry = work.entry;
        entry.actor = actor_;
        entry.action = "reveal";
        // What the caller sent stands in the entry only as far as it is a word of the policy or has the shape
        // of a ticket.
        if (policy_->purpose(request_.purpose) != nullptr) entry.purpose = request_.purpose;
        if (access::valid_ticket(request_.ticket)) entry.ticket = request_.ticket;
        entry.reason =
            seal_reason(vault_.parts_.keys.suite(), vault_.parts_.keys.node().reasons, request_.reason);
        for (auto field : request_.fields) entry.fields.emplace_back(waybill::name(field));
        entry.counts["asked"] = request_.tokens.size();
        std::uint64_t shown = 0;
        for (const auto& item : items_) {
            if (item.volume) entry.objects.push_back(*item.place);
            if (item.row && decision.allowed) ++shown;
        }
        entry.counts["shown"] = shown;
        if (!decision.allowed) {
            entry.outcome = "refused";
            entry.rule = decision.rule;
        } else if (shown == 0) {
            entry.outcome = "not_found";
        }
        work.done = [self = shared_from_this(), decision](Result<EntryIndex> recorded) {
            self->post_([self, decision, recorded = std::move(recorded)]() mutable {
                self->answer(decision, std::move(recorded));
            });
        };
        vault_.ledger_->submit(std::move(work));
    }

    void answer(access::Decision decision, Result<EntryIndex> recorded) {
        if (!recorded) {
            if (undo_) undo_();
            return done_(pass(recorded));
        }
        if (!decision.allowed) return done_(fail(Code::refused, std::string(decision.rule)));
        Revealed out{*recorded, {}};
        for (std::size_t i = 0; i < items_.size(); ++i) {
            RevealedWaybill one{request_.tokens[i], {}, {}};
            if (auto opened = open(items_[i], one); !opened) one.error = opened.error();
            out.waybills.push_back(std::move(one));
        }
        done_(std::move(out));
    }

    Status open(const Item& item, RevealedWaybill& out) {
        if (!item.row) return std::unexpected(item.row.error());
        std::vector<waybill::Group> groups;
        for (auto field : request_.fields) groups.push_back(waybill::group_of(field));
        auto cipher = vault_.state_->pool.borrow(*item.volume);
        if (!cipher) return pass(cipher);
        waybill::Waybill waybill;
        const auto& row = *item.row;
        auto opened =
            (*cipher)->open(row.sealed, {item.volume->enterprise, row.place, row.version}, groups, waybill);
        if (!opened) return opened;
        for (auto field : request_.fields) {
            auto text = waybill::clear(waybill, field);
            if (!text.empty()) out.fields.push_back({field, std::move(text)});
        }
        return {};
    }

    Vault& vault_;
    RevealRequest request_;
    ledger::Actor actor_;
    Post post_;
    std::function<void(Result<Revealed>)> done_;
    std::shared_ptr<const policy::Policy> policy_;
    std::vector<Item> items_;
    std::function<void()> undo_;
};

void Vault::reveal(RevealRequest request, ledger::Actor actor, Post post,
                   std::function<void(Result<Revealed>)> done) {
    std::make_shared<Look>(*this, std::move(request), std::move(actor), std::move(post), std::move(done))
        ->start();
}

Result<Personal> Vault::open_reason(std::string_view sealed) const {
    auto bytes = unbase64(sealed);
    if (!bytes || bytes->size() < crypto::kNonceBytes)
        return fail(Code::bad_input, "reason: it is not a sealed text");
    crypto::Nonce nonce;
    std::copy_n(bytes->begin(), nonce.size(), nonce.begin());
    Bytes text;
    auto opened = crypto::make_aead(parts_.keys.suite(), parts_.keys.node().reasons)
                      ->open(nonce, bytes_of(kReasonContext), ByteView(*bytes).subspan(nonce.size()), text);
    if (!opened) return pass(opened);
    Personal reason{text_of(text)};
    wipe(text.data(), text.size());
    return reason;
}

}  // namespace huoqi::vault

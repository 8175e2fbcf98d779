// SPDX-License-Identifier: Apache-2.0
#include "app/node/node.h"

#include <map>
#include <nlohmann/json.hpp>

#include "app/node/identity.h"
#include "app/node/signer.h"
#include "app/node/tls_files.h"
#include "base/log.h"
#include "edge/store/store.h"

namespace huoqi::node {
namespace {

constexpr const char* kCheckpointFile = "ledger.checkpoint";
constexpr const char* kDrainedSetting = "outbox_drained";
constexpr const char* kWritersAction = "ledger.list";

// Name and content of each file, each with its length (4) before it.
Bytes packed(const std::vector<policy::File>& files) {
    Bytes out;
    for (const auto& file : files) {
        for (std::string_view part : {std::string_view(file.name), std::string_view(file.content)}) {
            put_be(out, static_cast<std::uint32_t>(part.size()));
            append(out, part);
        }
    }
    return out;
}
// What is cut short is left out; the policy's own check then names the file that is missing.
std::vector<policy::File> unpacked(ByteView bytes) {
    std::vector<policy::File> out;
    auto take = [&]() -> std::optional<std::string> {
        if (bytes.size() < 4) return std::nullopt;
        std::size_t size = get_be<std::uint32_t>(bytes.data());
        if (bytes.size() - 4 < size) return std::nullopt;
        std::string part(text_of(bytes.subspan(4, size)));
        bytes = bytes.subspan(4 + size);
        return part;
    };
    while (auto name = take()) {
        auto content = take();
        if (content) out.push_back({std::move(*name), std::move(*content)});
    }
    return out;
}

}  // namespace

Result<std::unique_ptr<Node>> Node::open(const std::filesystem::path& home,
                                         const std::filesystem::path& policy, SecretBytes passphrase,
                                         Trust trust) {
    auto text = store::read_file(home / kIdentityFile, kMaxIdentityBytes);
    if (!text) return pass(text, "there is no node in this folder (huoqi init makes one)");
    auto identity = parse_identity(text_of(*text));
    if (!identity) return pass(identity);
    std::unique_ptr<Node> node(new Node(home, std::move(*identity)));
    if (auto opened = node->open_parts(policy, std::move(passphrase), trust); !opened) return pass(opened);
    return node;
}

Status Node::open_parts(const std::filesystem::path& policy_folder, SecretBytes passphrase, Trust trust) {
    auto place = read_place(home_);
    if (!place) return pass(place);
    place_ = std::move(*place);
    auto policy = policy::load(policy_folder);
    if (!policy) return pass(policy);
    policy_ = std::make_unique<policy::InForce>(std::move(*policy));
    auto formats = formats::FormatSet::load(policy_folder / "formats");
    if (!formats) return pass(formats);
    formats_ = std::make_unique<formats::FormatSet>(std::move(*formats));
    auto text = store::read_file(home_ / kIdentityFile, kMaxIdentityBytes);
    if (!text) return pass(text);
    key_files_ = store::open_key_files(place_.keys);
    auto root = keys::passphrase_root(*key_files_, std::move(passphrase), identity_.suite);
    auto keys = keys::KeyRing::open(identity_.suite, *key_files_, *root, *text);
    if (!keys) return pass(keys);
    keys_ = std::move(*keys);
    if (auto opened = open_stores(); !opened) return opened;
    auto vault = vault::Vault::open({*archive_, *keys_, *policy_, clock_});
    if (!vault) return pass(vault);
    vault_ = std::move(*vault);
    if (auto opened = open_ledger(trust); !opened) return opened;
    if (!place_.database.empty()) {
        auto published = office_->policy_number();
        if (!published) return pass(published);
        if (*published == 0) {
            if (auto first = publish_policy(policy_folder, "operator"); !first) return pass(first);
        } else if (auto taken = take_policy(); !taken) {
            return taken;
        }
    }
    if (auto recorded = record_writers(); !recorded) return recorded;
    if (auto drained = drain_outbox(); !drained) return drained;
    return open_staff();
}

Status Node::open_staff() {
    accounts::Options options;
    options.needs_second_factor = [this](std::string_view person) {
        return !staff_ || staff_->needs_second_factor(person);
    };
    accounts_ = std::make_unique<accounts::Accounts>(*account_rows_, *policy_, identity_.suite,
                                                     keys_->node().office, std::move(options));
    constexpr std::string_view kEnterprises = "enterprise/";
    auto names = key_files_->list(kEnterprises);
    if (!names) return pass(names);
    std::vector<std::string> enterprises;
    for (const auto& name : *names) enterprises.push_back(name.substr(kEnterprises.size()));
    staff_ = std::make_unique<staff::Staff>(
        staff::Staff::Parts{*people_rows_, *work_rows_, *accounts_, *office_, *ledger_, *policy_, clock_,
                            [this] { return drain_outbox(); }},
        std::move(enterprises));
    return staff_->load();
}

Status Node::open_stores() {
    if (auto opened = open_archive(); !opened) return opened;
    // Each store has a connection of its own to the office's database, whichever that is.
    auto open = [&](auto& into, auto opener) -> Status {
        auto connection = office_connection();
        if (!connection) return pass(connection);
        auto opened = opener(std::move(*connection));
        if (!opened) return pass(opened);
        into = std::move(*opened);
        return {};
    };
    const auto suite = identity_.suite;
    const auto& key = keys_->node().office;
    const auto writer = place_.writer;
    auto office = [&](auto at) { return store::open_office(std::move(at), suite, key, writer); };
    auto accounts = [&](auto at) { return store::open_accounts(std::move(at), suite, key, writer); };
    auto people = [&](auto at) { return store::open_people(std::move(at), suite, key, writer); };
    auto work = [&](auto at) { return store::open_work(std::move(at), suite, key, writer); };
    if (auto opened = open(office_, office); !opened) return opened;
    if (auto opened = open(account_rows_, accounts); !opened) return opened;
    if (auto opened = open(people_rows_, people); !opened) return opened;
    return open(work_rows_, work);
}

Status Node::open_archive() {
    if (place_.database.empty()) {
        store::ArchiveOptions options;
        options.folder = home_ / "archive";
        auto archive = store::open_archive(options);
        if (!archive) return pass(archive);
        archive_ = std::move(*archive);
        return {};
    }
    auto connection = sql::reconnecting_postgres(place_.database, {});
    if (auto migrated = store::migrate_archive(*connection); !migrated) return migrated;
    auto archive = store::open_postgres_archive({place_.database, place_.writer, {}});
    if (!archive) return pass(archive);
    archive_ = std::move(*archive);
    return {};
}

Result<std::unique_ptr<sql::Connection>> Node::office_connection() const {
    if (!place_.database.empty()) return sql::reconnecting_postgres(place_.database, {});
    return sql::open_sqlite(home_ / "office.db");
}

Result<std::string> Node::last_head(const ledger::Signer& signer, Trust trust) {
    auto size = archive_->ledger_size();
    if (!size) return pass(size);
    auto kept = store::read_file(home_ / kCheckpointFile, tlog::kMaxNoteBytes);
    if (!kept && kept.error().code != Code::not_found) return pass(kept);
    if (kept) {
        std::string text(text_of(*kept));
        auto note = tlog::parse_note(text);
        if (note && tlog::verify_note(*note, signer.keys()) && tlog::parse_checkpoint_text(note->text))
            return text;
    } else if (size->value == 0) {
        return std::string();  // a new node
    }
    if (trust == Trust::whatever_is_there) {
        head_was_lost_ = true;
        return std::string();
    }
    return fail(Code::corrupt,
                std::string(kept ? "ledger.checkpoint cannot be read or was not signed by this ledger"
                                 : "ledger.checkpoint is missing") +
                    ", so nobody can tell whether the ledger was shortened. Put the file back, or restore a "
                    "backup; `huoqi ledger accept` takes the ledger as it is and records that");
}

Status Node::open_ledger(Trust trust) {
    auto signer = make_signer(identity_, place_.origin.empty() ? identity_.origin : place_.origin, *keys_);
    auto head = last_head(signer, trust);
    if (!head) return pass(head);
    auto token_of = [this](RecordPlace place) { return vault_->token(place); };
    auto ledger = ledger::Ledger::open(
        *archive_, std::move(signer), token_of, clock_, [this] { return policy_->now()->version; }, *head);
    if (!ledger) return pass(ledger);
    ledger_ = std::move(*ledger);
    vault_->attach(*ledger_);
    // From the first entry on there is a head to compare with, also when the process is killed.
    if (head->empty() && !head_was_lost_) return keep_checkpoint();
    return {};
}

Node::~Node() {
    if (!ledger_) return;
    ledger_->stop();
    if (auto kept = keep_checkpoint(); !kept) {
        log::error("checkpoint.not_kept", {{"code", name(kept.error().code)}});
    }
}

bool Node::accepts(SecretBytes passphrase) const {
    auto text = store::read_file(home_ / kIdentityFile, kMaxIdentityBytes);
    if (!text) return false;
    auto root = keys::passphrase_root(*key_files_, std::move(passphrase), identity_.suite);
    return root->unlock(*text).has_value();
}

Result<http::TlsIdentity> Node::tls() const { return read_tls_files(home_, *keys_); }

Status Node::drain_outbox() {
    // One at a time: two that read the same entry would both write it.
    std::lock_guard lock(draining_);
    auto waiting = office_->outbox();
    if (!waiting) return pass(waiting);
    for (const auto& one : *waiting) {
        // The number is written with the entry, so an entry whose removal from the outbox was lost is not
        // repeated.
        auto stored = archive_->setting(kDrainedSetting);
        if (!stored) return pass(stored);
        std::int64_t drained =
            *stored && (*stored)->size() == 8 ? get_be<std::int64_t>((*stored)->data()) : 0;
        if (one.number > drained) {
            ledger::Work work;
            work.entry.actor.person = one.person;
            // Accounts name their person together with the enterprise.
            if (auto who = staff::named(one.person)) {
                work.entry.actor.person = std::move(who->person);
                work.entry.actor.organisation = std::move(who->enterprise);
            }
            work.entry.action = one.action;
            work.entry.detail = one.detail;
            work.entry.detail.insert({"subject", one.subject});
            // What was refused carries the rule that said no.
            if (auto rule = work.entry.detail.extract("rule"); !rule.empty()) {
                work.entry.outcome = "refused";
                work.entry.rule = std::move(rule.mapped());
            }
            if (!one.role.empty()) work.entry.detail.insert({"role", one.role});
            work.fill = [&](ledger::Group& group, ledger::Entry&) -> Status {
                Bytes number;
                put_be(number, one.number);
                group.set.settings.push_back({kDrainedSetting, std::move(number)});
                return {};
            };
            if (auto written = ledger_->commit(std::move(work)); !written) return pass(written);
        }
        if (auto removed = office_->drained(one.number); !removed) return removed;
    }
    return {};
}

Result<std::string> Node::publish_policy(const std::filesystem::path& folder, const std::string& by) {
    if (place_.database.empty())
        return fail(Code::unsupported,
                    "policy: an embedded node reads its folder; change that and start it again");
    auto files = policy::files_of(folder);
    if (!files) return pass(files);
    auto checked = policy::load(folder);
    if (!checked) return pass(checked);
    auto done = office_->publish_policy((*checked)->version, packed(*files), by);
    if (!done) return pass(done);
    if (auto recorded = drain_outbox(); !recorded) return pass(recorded);
    if (auto taken = take_policy(); !taken) return pass(taken);
    return policy_->now()->version;
}

Status Node::take_policy() {
    auto published = office_->policy();
    if (!published) return pass(published);
    if (!*published) return {};
    auto checked = policy::read(unpacked((*published)->files));
    if (!checked.policy)
        return fail(Code::unsupported,
                    "policy: the published one does not suit this program: " +
                        (checked.problems.empty() ? "" : policy::text(checked.problems.front())));
    policy_->replace(std::move(checked.policy));
    policy_number_ = (*published)->number;
    return {};
}

Status Node::follow() {
    if (auto followed = staff_->follow(); !followed) return followed;
    if (place_.database.empty()) return {};
    auto number = office_->policy_number();
    if (!number) return pass(number);
    if (*number != policy_number_) {
        if (auto taken = take_policy(); !taken) return taken;
        log::info("policy.taken", {{"version", policy_->now()->version}});
    }
    return record_writers();
}

Result<std::unique_ptr<sql::Connection>> Node::database() const {
    if (place_.database.empty()) return nullptr;
    auto opened = sql::open_postgres(place_.database, {});
    if (!opened) return pass(opened);
    return std::unique_ptr<sql::Connection>(std::move(*opened));
}

Status Node::record_writers() {
    if (place_.database.empty()) return {};
    auto connection = database();
    if (!connection) return pass(connection);
    auto listed = store::writers(**connection);
    if (!listed) return pass(listed);
    std::map<std::string, std::string> now;
    for (const auto& writer : *listed) now[std::to_string(writer.number)] = writer.origin;
    auto mine = now.find(std::to_string(place_.writer));
    if (mine == now.end() || mine->second != place_.origin)
        return fail(Code::corrupt,
                    "the database's list of ledgers does not have this process under its origin");
    ledger::Filter filter;
    filter.action = kWritersAction;
    auto told = ledger_->find(filter, EntryIndex{ledger_->size().value}, 1);
    if (!told) return pass(told);
    if (!told->empty()) {
        auto before = nlohmann::json::parse(told->front().json, nullptr, false)["detail"];
        if (before == nlohmann::json(now)) return {};
        for (const auto& [number, origin] : before.items()) {
            auto at = now.find(number);
            if (at == now.end() || at->second != origin.get<std::string>())
                return fail(Code::corrupt, "the ledger of process " + number + " (" +
                                               origin.get<std::string>() +
                                               ") is missing from the database's list");
        }
    }
    ledger::Entry entry;
    entry.action = kWritersAction;
    entry.detail = std::move(now);
    if (auto recorded = ledger_->append(std::move(entry)); !recorded) return pass(recorded);
    return {};
}

Status Node::keep_checkpoint() {
    return store::write_file(home_ / kCheckpointFile, bytes_of(ledger_->checkpoint()));
}

Result<Node::Report> Node::check() {
    Report report;
    if (auto stored = archive_->check(); !stored) return pass(stored);
    if (auto rows = office_->check(); !rows) return pass(rows);
    if (auto rows = account_rows_->check(); !rows) return pass(rows);
    for (const auto& enterprise : staff_->enterprises()) {
        if (auto rows = people_rows_->check(enterprise); !rows) return pass(rows);
    }
    if (auto rows = work_rows_->check(); !rows) return pass(rows);
    if (auto files = check_tls_files(home_, *keys_); !files) return pass(files);
    auto volumes = vault_->volumes();
    if (!volumes) return pass(volumes);
    for (const auto& volume : *volumes) {
        auto opened = vault_->check_volume(volume);
        if (!opened) return pass(opened);
        report.records += *opened;
    }
    auto ledger = ledger_->verify({});
    if (!ledger) return pass(ledger);
    if (!ledger->problem.empty()) return fail(Code::corrupt, "ledger: " + ledger->problem);
    report.entries = ledger->entries;
    return report;
}

}  // namespace huoqi::node

// SPDX-License-Identifier: Apache-2.0
// A whole small node behind real listeners on free loopback ports: real vault, ledger, archive, office and
// policy in a folder of its own; only the clock stands still until it is told. For tests of the doors.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/keys/keys.h"
#include "edge/api/api.h"
#include "edge/store/store.h"
#include "lib/http/client.h"
#include "lib/http/server.h"

namespace huoqi::api {

class SetClock final : public Clock {
  public:
    Time now() const override { return {now_.load()}; }
    void advance(std::int64_t nanoseconds) { now_ += nanoseconds; }

  private:
    std::atomic<std::int64_t> now_{parse_rfc3339("2026-11-23T04:05:06Z")->nanoseconds};
};

inline std::string read_text(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

class TestNode : public ::testing::Test {
  protected:
    enum Door { business, open_to_public, operations };
    static constexpr unsigned kWorkers = 4;
    static constexpr std::size_t kMaxWaiting = 64;

    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "huoqi-api-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        open_core();
        open_doors();
        for (const auto* role : {"integrator", "operator", "auditor", "operations"}) add_key(role);
    }

    void TearDown() override {
        if (server_) server_->shutdown(std::chrono::milliseconds{2000});
        server_.reset();
        if (pool_) pool_->stop();
        services_.reset();
        staff_.reset();
        accounts_.reset();
        ledger_.reset();
        vault_.reset();
        work_rows_.reset();
        people_rows_.reset();
        account_rows_.reset();
        office_.reset();
        archive_.reset();
        std::filesystem::remove_all(folder_);
    }

    // The secret of a role's key is "secret-of-<role>"; a second one of the same role needs another suffix.
    void add_key(const std::string& role, const std::string& suffix = "", const std::string& outlet = "") {
        std::string secret = "secret-of-" + role + suffix;
        office::AccessKey key{
            "ak_" + role + suffix, "person-" + role, role, "main", outlet, clock_.now(), {}};
        ASSERT_TRUE(office_->add_key(key, SecretBytes(Bytes(secret.begin(), secret.end())), "test"));
    }

    struct Answer {
        int status = 0;
        std::string body;
        http::Headers headers;
        nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
        std::string code() const { return json().value("code", ""); }
        std::string rule() const { return json().value("rule", ""); }
        std::string pointer() const { return json().value("pointer", ""); }
    };

    // `who` is the part of the secret behind "secret-of-"; empty: without a key.
    Answer send(Door door, const std::string& method, const std::string& target, const std::string& who,
                const std::string& body = {}, const std::string& type = "application/json") {
        http::ClientOptions options;
        options.address = server_->addresses()[door];
        auto client = http::Client::connect(options);
        EXPECT_TRUE(client);
        if (!client) return {};
        std::string authorization = "Bearer secret-of-" + who;
        http::ClientHeaders headers;
        if (!who.empty()) headers.emplace_back("authorization", authorization);
        if (method == "POST") headers.emplace_back("content-type", type);
        auto response = client->send(method, target, body, headers);
        EXPECT_TRUE(response) << target;
        if (!response) return {};
        return {response->status, std::move(response->body), std::move(response->headers)};
    }
    Answer get(const std::string& target, const std::string& who) {
        return send(business, "GET", target, who);
    }
    Answer post(const std::string& target, const std::string& who, const std::string& body) {
        return send(business, "POST", target, who, body);
    }

    static std::string waybill_json(const std::string& number, const std::string& mobile = "13912345678") {
        return R"({"number":")" + number + R"(","items":"样例图书","sender":{"organisation":"样例商行"},)" +
               R"("recipient":{"name":"张样例","mobile":")" + mobile +
               R"(","province":"广东省","city":"广州市","district":"天河区","detail":"样例路1号3栋502室"}})";
    }
    // Seals one waybill and gives its token.
    std::string seal(const std::string& number, const std::string& mobile = "13912345678") {
        auto answer = post("/v1/waybills", "integrator", waybill_json(number, mobile));
        EXPECT_EQ(answer.status, 201) << answer.body;
        return answer.json().value("id", "");
    }
    nlohmann::json last_entry() {
        auto size = ledger_->size().value;
        return size == 0 ? nlohmann::json() : nlohmann::json::parse(*ledger_->entry(EntryIndex{size - 1}));
    }
    std::uint64_t entries() { return ledger_->size().value; }

    std::filesystem::path folder_;
    SetClock clock_;
    std::unique_ptr<keys::KeyStore> key_files_;
    std::unique_ptr<keys::KeyRing> keys_;
    std::unique_ptr<policy::InForce> policy_;
    std::unique_ptr<formats::FormatSet> formats_;
    std::unique_ptr<archive::Archive> archive_;
    std::unique_ptr<office::Office> office_;
    std::unique_ptr<accounts::Store> account_rows_;
    std::unique_ptr<people::Store> people_rows_;
    std::unique_ptr<people::WorkStore> work_rows_;
    std::unique_ptr<vault::Vault> vault_;
    std::unique_ptr<ledger::Ledger> ledger_;
    std::unique_ptr<accounts::Accounts> accounts_;
    std::unique_ptr<staff::Staff> staff_;
    std::unique_ptr<Pool> pool_;
    std::function<void()> while_hashing_;  // called on the thread that hashes a password
    metrics::Activity activity_;
    std::atomic<bool> ready_{true};
    std::unique_ptr<Services> services_;
    std::unique_ptr<http::Server> server_;

  private:
    template <class T>
    static T must(Result<T> result) {
        if (!result) throw std::runtime_error(result.error().message);
        return std::move(*result);
    }

    void open_core() {
        constexpr auto kSuite = crypto::Suite::intl;
        const std::filesystem::path policy = std::filesystem::path(HUOQI_SOURCE_DIR) / "policy";
        key_files_ = store::open_key_files(folder_ / "keys");
        auto root = keys::passphrase_root(*key_files_, SecretBytes(Bytes(12, 'p')), kSuite, {64, 1, 1});
        keys_ = must(keys::KeyRing::create(kSuite, *key_files_, *root, bytes_of("test")));
        ASSERT_TRUE(keys_->add_enterprise("main"));
        ASSERT_TRUE(keys_->add_enterprise("other"));
        policy_ = std::make_unique<policy::InForce>(must(policy::load(policy)));
        formats_ = std::make_unique<formats::FormatSet>(
            must(formats::FormatSet::load((policy / "formats").string())));
        store::ArchiveOptions options;
        options.folder = folder_ / "archive";
        options.tail_entries = 10'000;
        archive_ = must(store::open_archive(options));
        office_ = must(store::open_office(folder_ / "office.db", kSuite, keys_->node().office));
        vault_ = must(vault::Vault::open({*archive_, *keys_, *policy_, clock_}));
        ledger::Signer signer("test.example/node", keys_->node().ledger_ed25519.clone(), nullptr);
        ledger_ = must(ledger::Ledger::open(
            *archive_, std::move(signer), [this](RecordPlace place) { return vault_->token(place); }, clock_,
            [this] { return policy_->now()->version; }, ""));
        vault_->attach(*ledger_);
        open_staff();
    }

    // What the office did, told to the ledger; as app/node does it, without its care about crashes.
    Status drain() {
        auto waiting = office_->outbox();
        if (!waiting) return pass(waiting);
        for (const auto& one : *waiting) {
            ledger::Entry entry;
            entry.actor.person = one.person;
            if (auto who = staff::named(one.person)) {
                entry.actor.person = who->person;
                entry.actor.organisation = who->enterprise;
            }
            entry.action = one.action;
            entry.detail = one.detail;
            entry.detail.insert({"subject", one.subject});
            if (auto rule = entry.detail.extract("rule"); !rule.empty()) {
                entry.outcome = "refused";
                entry.rule = std::move(rule.mapped());
            }
            if (!one.role.empty()) entry.detail.insert({"role", one.role});
            if (auto told = ledger_->append(std::move(entry)); !told) return pass(told);
            if (auto removed = office_->drained(one.number); !removed) return removed;
        }
        return {};
    }

    void open_staff() {
        const auto& key = keys_->node().office;
        account_rows_ = must(store::open_accounts(folder_ / "office.db", keys_->suite(), key));
        people_rows_ = must(store::open_people(folder_ / "office.db", keys_->suite(), key));
        work_rows_ = must(store::open_work(folder_ / "office.db", keys_->suite(), key));
        accounts::Options options;
        options.cost = {64, 1, 1};
        options.argon2 = [this](const SecretBytes& password, ByteView salt,
                                const crypto::PassphraseCost& cost) {
            if (while_hashing_) while_hashing_();
            return crypto::key_from_passphrase(password, salt, cost);
        };
        options.needs_second_factor = [this](std::string_view person) {
            return staff_->needs_second_factor(person);
        };
        accounts_ =
            std::make_unique<accounts::Accounts>(*account_rows_, *policy_, keys_->suite(), key, options);
        staff_ = std::make_unique<staff::Staff>(
            staff::Staff::Parts{*people_rows_, *work_rows_, *accounts_, *office_, *ledger_, *policy_, clock_,
                                [this] { return drain(); }},
            std::vector<std::string>{"main", "other"});
        ASSERT_TRUE(staff_->load());
    }

    void open_doors() {
        pool_ = std::make_unique<Pool>(kWorkers, kMaxWaiting);
        services_ = std::make_unique<Services>(
            Services{*vault_, *ledger_, *archive_, *office_, *accounts_, *account_rows_, *staff_,
                     [this] { return drain(); }, *policy_, *formats_, clock_, *pool_, activity_,
                     [this] { return ready_.load(); },
                     [this] { return std::vector<metrics::ListenerCounters>{{"all", server_->counters()}}; },
                     read_text(std::filesystem::path(HUOQI_SOURCE_DIR) / "api/openapi.yaml"), folder_});
        services_->slips_folder = folder_ / "slips";
        std::vector<http::Listener> listeners;
        for (auto make : {business_router, public_router, operations_router}) {
            http::Listener listener;
            listener.address = "127.0.0.1:0";
            listener.router = std::make_shared<const http::Router>(make(*services_));
            listener.allow_plain_loopback = true;
            listeners.push_back(std::move(listener));
        }
        server_ = must(http::Server::start(std::move(listeners), 1));
    }
};

}  // namespace huoqi::api

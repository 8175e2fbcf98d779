// SPDX-License-Identifier: Apache-2.0
// serve: the three listeners (art. 29) and the door for commands of this machine, until a signal; then
// everything that was begun is answered and the ledger's head is kept.
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <thread>

#include "app/huoqi/control.h"
#include "app/huoqi/invocation.h"
#include "base/log.h"
#include "edge/api/api.h"
#include "lib/sql/postgres.h"

namespace huoqi::cli {
namespace {

constexpr std::size_t kMaxWaitingTasks = 8192;
constexpr unsigned kIoThreads = 2;
constexpr unsigned kWorkerThreads = 4;
constexpr std::chrono::seconds kGrace{20};
constexpr std::chrono::seconds kCommandGrace{10};
constexpr long kCheckpointSeconds = 5;

// api/openapi.yaml stands beside policy/.
std::string openapi_text(const std::filesystem::path& policy) {
    std::ifstream in(std::filesystem::absolute(policy / "..") / "api" / "openapi.yaml");
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

sigset_t stop_signals() {
    sigset_t set{};
    sigemptyset(&set);
    for (int signal : {SIGINT, SIGTERM}) sigaddset(&set, signal);
    return set;
}

// Signals are taken by waiting for them, so no handler runs in the middle of anything. True when one came;
// false after `seconds`.
bool stop_signal_within(long seconds) {
    const auto set = stop_signals();
    timespec limit{seconds, 0};
    return sigtimedwait(&set, nullptr, &limit) > 0;
}

// Whether there is room to write to a folder; a full disk makes a node unready, not dead.
bool has_room(const std::filesystem::path& folder) {
    constexpr std::uintmax_t kLeast = 16U << 20;
    std::error_code error;
    auto space = std::filesystem::space(folder, error);
    return error || space.available >= kLeast;
}

class Service {
  public:
    Service(node::Node& node, const std::filesystem::path& policy, const ServeCommand& command)
        : node_(node), policy_(policy), command_(command), pool_(kWorkerThreads, kMaxWaitingTasks) {}

    Status start() {
        openapi_ = openapi_text(policy_);
        if (openapi_.empty())
            return fail(Code::not_found, "serve: api/openapi.yaml is not beside the policy folder");
        look_around();
        auto spool = node_.home() / "spool";
        std::error_code error;
        std::filesystem::create_directories(spool, error);
        if (error) return fail(Code::storage, "serve: cannot make the spool folder: " + error.message());
        services_.emplace(services(spool));
        std::vector<http::Listener> listeners;
        std::vector<http::Router> routers;
        routers.push_back(api::business_router(*services_));
        routers.push_back(api::public_router(*services_));
        routers.push_back(api::operations_router(*services_));
        const std::string* addresses[] = {&command_.business, &command_.open, &command_.operations};
        for (std::size_t i = 0; i < routers.size(); ++i) {
            auto tls = node_.tls();
            if (!tls) return pass(tls);
            http::Listener listener;
            listener.address = *addresses[i];
            listener.router = std::make_shared<const http::Router>(std::move(routers[i]));
            listener.tls = std::move(*tls);
            listeners.push_back(std::move(listener));
        }
        auto server = http::Server::start(std::move(listeners), kIoThreads);
        if (!server) return pass(server);
        server_ = std::move(*server);
        ready_ = true;
        return {};
    }

    void stop() {
        ready_ = false;
        server_->shutdown(kGrace);
        pool_.stop();
    }

    void tell_news() { ++*news_; }
    // What /healthz and huoqi_ready tell beside "it runs": asked now and then, because it may block.
    void look_around() { room_ = has_room(node_.home()); }
    void database_answers(bool yes) { reachable_ = yes; }

    const std::vector<std::string>& addresses() const { return server_->addresses(); }

  private:
    api::Services services(const std::filesystem::path& spool) {
        return api::Services{node_.vault(),
                             node_.ledger(),
                             node_.archive(),
                             node_.office(),
                             node_.accounts(),
                             node_.account_rows(),
                             node_.staff(),
                             [this] { return node_.drain_outbox(); },
                             node_.policy(),
                             node_.formats(),
                             node_.clock(),
                             pool_,
                             activity_,
                             [this] { return ready_ && room_ && reachable_; },
                             [this] { return counters(); },
                             openapi_,
                             spool,
                             news_,
                             node_.home() / "slips",
                             {{"check", [this] { return checked(); }}}};
    }

    // The maintenance tasks of the operations door. Names and numbers only, no personal information.
    Result<std::string> checked() {
        auto report = node_.check();
        if (!report) return pass(report);
        return std::to_string(report->records) + " records, " + std::to_string(report->entries) +
               " ledger entries, all good";
    }

    std::vector<metrics::ListenerCounters> counters() const {
        if (!server_) return {};
        return {{"all", server_->counters()}};
    }

    node::Node& node_;
    std::filesystem::path policy_;
    ServeCommand command_;
    metrics::Activity activity_;
    api::Pool pool_;
    std::optional<api::Services> services_;
    std::string openapi_;
    std::atomic<bool> ready_ = false;
    std::atomic<bool> room_ = true;
    std::atomic<bool> reachable_ = true;
    std::shared_ptr<std::atomic<std::uint64_t>> news_ = std::make_shared<std::atomic<std::uint64_t>>(0);
    std::unique_ptr<http::Server> server_;
};

// Follows what other processes on the same database do, told by the database and asking every second all the
// same; and what the time brings, such as the day on which somebody leaves.
class Follower {
  public:
    Follower(node::Node& node, Service& service) {
        thread_ = std::jthread([&node, &service](std::stop_token stop) {
            std::unique_ptr<sql::PostgresConnection> connection;
            while (!stop.stop_requested()) {
                const bool embedded = node.where().database.empty();
                if (!connection && !embedded) connection = listening(node.where().database);
                bool told = false;
                if (connection) {
                    auto note = connection->notified(kAsk);
                    told = note && *note;
                    if (!note) connection.reset();
                } else {
                    std::this_thread::sleep_for(kAsk);
                }
                if (told) service.tell_news();
                auto followed = node.follow();
                service.database_answers(followed || followed.error().code != Code::unavailable);
                if (!followed) log::error("node.cannot_follow", {{"code", name(followed.error().code)}});
            }
        });
    }

  private:
    static constexpr std::chrono::milliseconds kAsk{1000};

    static std::unique_ptr<sql::PostgresConnection> listening(const std::string& url) {
        auto opened = sql::open_postgres(url, {});
        if (!opened || !(*opened)->run("LISTEN huoqi")) return nullptr;
        return std::move(*opened);
    }

    std::jthread thread_;
};

int run_forwarded(node::Node& node, const std::filesystem::path& policy, Forwarded command, Shell& shell) {
    if (!node.accepts(std::move(command.passphrase))) {
        return report(shell, Error{Code::wrong_key, "the passphrase does not open this node"});
    }
    auto invocation = parse(std::move(command.words), shell.directory());
    if (invocation.policy.empty()) invocation.policy = policy;
    if (!invocation.with_node)
        return report(shell, Error{Code::bad_input, "this command cannot run in a serving node"});
    return invocation.with_node(node, shell);
}

}  // namespace

void hold_stop_signals() {
    const auto set = stop_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int run_serve(std::unique_ptr<node::Node> node, const std::filesystem::path& policy,
              const ServeCommand& command, Shell& shell) {
    std::optional<Service> service(std::in_place, *node, policy, command);
    if (auto started = service->start(); !started) return report(shell, started.error());
    auto control = ControlDoor::open(node->home(), [&](Forwarded forwarded, Shell& caller) {
        return run_forwarded(*node, policy, std::move(forwarded), caller);
    });
    if (!control) return report(shell, control.error());
    std::optional<Follower> follower(std::in_place, *node, *service);
    const auto at = service->addresses();
    nlohmann::json json{{"business", at[0]},
                        {"public", at[1]},
                        {"operations", at[2]},
                        {"ca", (node->home() / "tls/ca.pem").string()}};
    shell.print("serving / 已启动 " + json.dump() + "\nhttps://" + at[0] + "\n");
    log::info("serve.started", {{"business", at[0]}, {"public", at[1]}, {"operations", at[2]}});
    TreeSize kept{0};
    while (!stop_signal_within(kCheckpointSeconds)) {
        service->look_around();
        // The head is kept outside the archive now and then, so that a shortened archive is noticed.
        if (node->ledger().size() == kept) continue;
        kept = node->ledger().size();
        if (auto done = node->keep_checkpoint(); !done)
            log::error("checkpoint.not_kept", {{"code", name(done.error().code)}});
    }
    log::info("serve.stopping");
    follower.reset();
    service->stop();
    if (!(*control)->close(kCommandGrace)) {
        // A forwarded command still waits for its input. Nothing it may do now is acknowledged: the ledger
        // takes no more, and the archive is whole without being closed.
        node->ledger().stop();
        if (auto done = node->keep_checkpoint(); !done)
            log::error("checkpoint.not_kept", {{"code", name(done.error().code)}});
        log::warning("serve.command_left");
        std::_Exit(kDone);
    }
    control->reset();
    service.reset();  // writes what its doors have counted, so the ledger must still be there
    node.reset();
    log::info("serve.stopped");
    return kDone;
}

}  // namespace huoqi::cli

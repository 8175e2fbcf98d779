// SPDX-License-Identifier: Apache-2.0
#include "program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>

namespace huoqi::promises {
namespace {

void write_text(const fs::path& file, std::string_view content) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << content;
    out.close();
    if (!out) throw std::runtime_error("cannot write " + file.string());
}

fs::path new_folder() {
    std::string name = (fs::temp_directory_path() / "huoqi-promises-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a scratch folder");
    return name;
}

}  // namespace

std::string read_text(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

std::vector<Json> Finished::lines() const {
    std::vector<Json> found;
    std::istringstream text(out);
    for (std::string line; std::getline(text, line);) found.push_back(Json::parse(line, nullptr, false));
    return found;
}

Json Finished::json() const {
    auto all = lines();
    return all.empty() || !all.back().is_object() ? Json::object() : all.back();
}

Running::Running(Running&& other) noexcept : pid_(other.pid_), handle_(other.handle_), in_(other.in_) {
    other.pid_ = other.handle_ = other.in_ = -1;
}

Running::~Running() {
    end_input();
    if (pid_ > 0) {
        signal(SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    if (handle_ >= 0) ::close(handle_);
}

bool Running::ended_within(std::chrono::microseconds time) const {
    pollfd end{handle_, POLLIN, 0};
    timespec limit{static_cast<time_t>(time.count() / 1'000'000),
                   static_cast<long>(time.count() % 1'000'000 * 1000)};
    return ::ppoll(&end, 1, &limit, nullptr) > 0;
}

void Running::signal(int number) const { ::kill(pid_, number); }

int Running::wait(std::chrono::milliseconds patience) {
    bool ended = ended_within(patience);
    if (!ended) signal(SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    if (!ended) return -1;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

bool Running::feed(std::string_view bytes) const {
    while (!bytes.empty()) {
        auto written = ::write(in_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

void Running::end_input() {
    if (in_ >= 0) ::close(in_);
    in_ = -1;
}

Place::Place() : Place(new_folder()) { owned_ = true; }

Place::Place(fs::path root) : root_(std::move(root)), owned_(false) {
    std::signal(SIGPIPE, SIG_IGN);
    for (const auto* name : {"tmp", "logs", "told", "orders", "secret"}) fs::create_directories(root_ / name);
    write_text(root_ / "secret/passphrase", kPassphrase);
    environment = {{"HUOQI_HOME", home().string()},
                   {"HUOQI_POLICY", HUOQI_SOURCE_DIR "/policy"},
                   {"HUOQI_PASSPHRASE_FILE", (root_ / "secret/passphrase").string()},
                   {"TMPDIR", (root_ / "tmp").string()},
                   {"PATH", "/usr/bin:/bin"},
                   {"LANG", "C.UTF-8"}};
}

Place::~Place() {
    std::error_code ignored;
    if (owned_) fs::remove_all(root_, ignored);
}

Place::Output Place::next_output(bool told) {
    auto base = root_ / (told ? "told" : "logs") / std::to_string(runs_++);
    return {base.string() + ".out", base.string() + ".err"};
}

Running Place::spawn(const Words& words, const Output& output) const {
    int in[2];
    if (::pipe2(in, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND;
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.out.c_str(), kFlags, 0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, output.err.c_str(), kFlags, 0600);
    std::vector<std::string> all{HUOQI_PROGRAM};
    all.insert(all.end(), words.begin(), words.end());
    std::vector<std::string> settings;
    for (const auto& [name, value] : environment) settings.push_back(name + "=" + value);
    auto pointers = [](std::vector<std::string>& texts) {
        std::vector<char*> out;
        for (auto& text : texts) out.push_back(text.data());
        out.push_back(nullptr);
        return out;
    };
    pid_t pid = -1;
    int failed = ::posix_spawn(&pid, HUOQI_PROGRAM, &actions, nullptr, pointers(all).data(),
                               pointers(settings).data());
    posix_spawn_file_actions_destroy(&actions);
    ::close(in[0]);
    if (failed != 0) throw std::runtime_error("cannot start " HUOQI_PROGRAM);
    return {pid, static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)), in[1]};
}

Finished Place::run(const Words& words, std::string_view input, bool told) {
    auto output = next_output(told);
    auto running = spawn(words, output);
    running.feed(input);
    running.end_input();
    Finished finished;
    finished.code = running.wait();
    finished.out = read_text(output.out);
    finished.err = read_text(output.err);
    return finished;
}

Running Place::start(const Words& words) {
    last_ = next_output(false);
    return spawn(words, last_);
}

Finished Place::last_output() const { return {-1, read_text(last_.out), read_text(last_.err)}; }

Finished Place::init(const std::string& suite) {
    Words words{"init", "--suite", suite, "--origin", "promises.example/node"};
    if (!database.empty()) words.insert(words.end(), {"--db", database});
    return run(words);
}

std::string Place::key(const std::string& role, const std::string& outlet) {
    Words words{"key", "add", "--role", role, "--person", "person-" + role, "--json"};
    if (!outlet.empty()) words.insert(words.end(), {"--outlet", outlet});
    auto made = run(words, {}, true);
    EXPECT_EQ(made.code, 0) << made.err;
    return made.json().value("key", "");
}

fs::path Place::order_file(const std::string& name, std::string_view content) const {
    auto file = root_ / "orders" / name;
    write_text(file, content);
    return file;
}

Server::Server(Place& place)
    : place_(place),
      running_(place.start(
          {"serve", "--business", "127.0.0.1:0", "--public", "127.0.0.1:0", "--operations", "127.0.0.1:0"})),
      log_(place.last_log()) {
    // "serving … {json}\n" is printed once every door is open.
    constexpr std::chrono::milliseconds kLook{10};
    for (auto until = std::chrono::steady_clock::now() + kPatience;
         std::chrono::steady_clock::now() < until;) {
        auto text = place.last_output().out;
        auto from = text.find('{');
        auto to = text.find('}', from == text.npos ? 0 : from);
        if (to != text.npos) {
            business_ = Json::parse(text.substr(from, to + 1 - from)).value("business", "");
            return;
        }
        if (running_.ended_within(kLook)) return;
    }
}

http::ClientOptions Server::business() const {
    http::ClientOptions options;
    options.address = business_;
    options.authority_pem = read_text(place_.home() / "tls/ca.pem");
    options.timeout = std::chrono::milliseconds{30'000};
    return options;
}

std::string Server::log() const { return read_text(log_); }

void Server::kill() {
    running_.signal(SIGKILL);
    running_.wait();
}

int Server::stop() {
    running_.signal(SIGTERM);
    return running_.wait();
}

Door::Door(const http::ClientOptions& options, std::string key) : authorization_("Bearer " + key) {
    if (auto client = http::Client::connect(options)) client_ = std::move(*client);
}

Door::Answer Door::answer(Result<http::ClientResponse> response) {
    if (!response) return {};
    return {response->status, std::move(response->body)};
}

Door::Answer Door::get(const std::string& target) {
    if (!client_) return {};
    return answer(client_->get(target, {{"authorization", authorization_}}));
}

Door::Answer Door::post(const std::string& target, std::string_view body, std::string_view type) {
    if (!client_) return {};
    return answer(client_->post(target, body, {{"authorization", authorization_}, {"content-type", type}}));
}

}  // namespace huoqi::promises

// SPDX-License-Identifier: Apache-2.0
// The program under test as an operator meets it: started with words, an environment and standard input, in a
// folder of the test's own. Nothing here knows its inside. A program that does not end in time is killed and
// counts as code -1.
//
// Threads: one at a time; a Door belongs to one thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/http/client.h"

namespace huoqi::promises {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

inline constexpr std::string_view kPassphrase = "Quartz-flamingo-0391-undertow";
inline constexpr std::chrono::milliseconds kPatience{120'000};

struct Finished {
    int code = -1;  // exit code; -signal when one ended it
    std::string out;
    std::string err;
    Json json() const;                // the last line of standard output; empty when it is no object
    std::vector<Json> lines() const;  // every line of it
};

// A started program. Killed when let go.
class Running {
  public:
    Running(pid_t pid, int handle, int in) : pid_(pid), handle_(handle), in_(in) {}
    Running(Running&& other) noexcept;
    Running& operator=(Running&&) = delete;
    ~Running();

    // Waits for its end; false when it still runs after that time.
    bool ended_within(std::chrono::microseconds time) const;
    void signal(int number) const;
    // Its end, as Finished::code.
    int wait(std::chrono::milliseconds patience = kPatience);
    // Feeds standard input; false when nobody reads any more.
    bool feed(std::string_view bytes) const;
    void end_input();

  private:
    pid_t pid_;
    int handle_;
    int in_;
};

// A scratch folder with home/, tmp/, logs/ (all that was written to standard output and error), told/ (the
// same of commands that rightly print values) and orders/. Removed when let go.
class Place {
  public:
    Place();
    explicit Place(fs::path root);
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place();

    const fs::path& root() const { return root_; }
    fs::path home() const { return root_ / "home"; }

    // Makes the node.
    Finished init(const std::string& suite = "intl");
    // Runs a command to its end. `told`: its output may hold values.
    Finished run(const Words& words, std::string_view input = {}, bool told = false);
    // Starts a command and leaves standard input open for feed().
    Running start(const Words& words);
    Finished last_output() const;                           // of the last start()ed, without code
    const fs::path& last_log() const { return last_.err; }  // its standard error

    // A bearer key.
    std::string key(const std::string& role, const std::string& outlet = {});
    // Writes a file under orders/.
    fs::path order_file(const std::string& name, std::string_view content) const;

    std::map<std::string, std::string> environment;
    std::string database;  // URL that init() gives with --db; empty: embedded

  private:
    struct Output {
        fs::path out, err;
    };
    Running spawn(const Words& words, const Output& output) const;
    Output next_output(bool told);

    fs::path root_;
    bool owned_ = true;
    int runs_ = 0;
    Output last_;
};

// A serving node on free loopback ports.
class Server {
  public:
    explicit Server(Place& place);
    bool serves() const { return !business_.empty(); }
    http::ClientOptions business() const;
    void kill();
    void signal(int number) const { running_.signal(number); }
    // What it has written to standard error so far.
    std::string log() const;
    // Asks it to stop and waits; its exit code.
    int stop();

  private:
    Place& place_;
    Running running_;
    fs::path log_;
    std::string business_;
};

// One kept-alive HTTPS connection with a key.
class Door {
  public:
    Door(const http::ClientOptions& options, std::string key);
    struct Answer {
        int status = 0;  // 0: the connection broke
        std::string body;
        Json json() const { return Json::parse(body, nullptr, false); }
    };
    Answer get(const std::string& target);
    Answer post(const std::string& target, std::string_view body, std::string_view type = "application/json");

  private:
    Answer answer(Result<http::ClientResponse> response);
    std::optional<http::Client> client_;
    std::string authorization_;
};

std::string read_text(const fs::path& file);

}  // namespace huoqi::promises

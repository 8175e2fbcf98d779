// SPDX-License-Identifier: Apache-2.0
// Commands while a node serves: the archive belongs to the serving process, so a second `huoqi` hands its
// words, its descriptors and the passphrase over a Unix socket in the node's folder, and the serving process
// runs the command. The socket is open to the node's own user alone; the passphrase is asked for as if no
// server ran.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "app/huoqi/shell.h"
#include "base/result.h"
#include "base/secret.h"

namespace huoqi::cli {

struct Forwarded {
    std::vector<std::string> words;
    std::filesystem::path directory;
    SecretBytes passphrase;
};

// True when a node serves in this folder.
bool is_serving(const std::filesystem::path& home);
// Runs the command in the serving process; gives its exit code.
Result<int> forward(const std::filesystem::path& home, const Forwarded& command);

// Serves forwarded commands until destroyed; each runs on a thread of its own.
class ControlDoor {
  public:
    using Run = std::function<int(Forwarded, Shell&)>;
    static Result<std::unique_ptr<ControlDoor>> open(const std::filesystem::path& home, Run run);
    // Takes no further commands and waits for those that run; false when one still does after `limit` (it
    // waits for its input, mostly). Its thread then still uses what `run` works on.
    bool close(std::chrono::milliseconds limit);
    ~ControlDoor();

  private:
    ControlDoor(int listening, std::filesystem::path home, Run run);
    void serve();
    void answer(int connection);

    int listening_;
    std::filesystem::path home_;
    Run run_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
    std::mutex mutex_;
    std::condition_variable idle_;
    int active_ = 0;
};

// Commands that may run at once.
inline constexpr int kMaxForwarded = 16;

}  // namespace huoqi::cli

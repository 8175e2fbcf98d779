// SPDX-License-Identifier: Apache-2.0
// A real PostgreSQL 15 for tests: a data directory of its own in a temporary folder, a private Unix socket,
// an unprivileged user. It ends and its folder goes with the test, also when the test is killed. Where
// Debian's server is missing the test fails and says what to install; nothing is skipped. Threads: one.
#pragma once

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

namespace huoqi::sql {

class PostgresServer {
  public:
    // `settings` go to the end of postgresql.conf, a line each.
    explicit PostgresServer(const std::string& settings = "") {
        if (!std::filesystem::exists(kPrograms + "initdb"))
            throw std::runtime_error(
                "there is no PostgreSQL 15; scripts/setup.sh installs it (postgresql-15)");
        std::string name = (std::filesystem::temp_directory_path() / "huoqi-pg-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("cannot make a folder for PostgreSQL");
        folder_ = name;
        watch();
        if (::geteuid() == 0) shell("chown postgres " + name);
        as_user(kPrograms + "initdb -D " + data() + " -A peer -E UTF8 --locale=C.UTF-8 -k --no-sync");
        {
            std::ofstream conf(name + "/more.conf");
            conf << "listen_addresses = ''\nunix_socket_directories = '" << name
                 << "'\nfsync = on\nmax_connections = 60\nshared_buffers = 64MB\n"
                 << settings << "\n";
        }
        as_user("cat " + name + "/more.conf >>" + data() + "/postgresql.conf");
        start();
    }
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;
    ~PostgresServer() {
        try {
            if (running_) stop();
        } catch (const std::exception&) {
            running_ = false;
        }
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
        ::pclose(watcher_);
    }

    // Of a database that the role in it owns.
    std::string url(const std::string& name = "huoqi") const {
        return "postgresql:///" + name + "?host=" + folder_ + "&user=huoqi";
    }
    std::string new_database(const std::string& name) {
        sql("CREATE DATABASE " + name + " OWNER huoqi");
        return url(name);
    }
    // One statement as the superuser.
    void sql(const std::string& statement) {
        as_user("psql -X -q -v ON_ERROR_STOP=1 -h " + folder_ + " -d postgres -c \"" + statement + "\"");
    }
    std::filesystem::path data_directory() const { return data(); }

    void start() {
        as_user(kPrograms + "pg_ctl -D " + data() + " -l " + folder_ + "/server.log -w -t 60 start");
        running_ = true;
        if (made_user_) return;
        // Peer authentication would want the name of the test's own user.
        as_user("sh -c 'echo local all all trust >" + data() + "/pg_hba.conf'");
        as_user(kPrograms + "pg_ctl -D " + data() + " reload");
        sql("CREATE ROLE huoqi LOGIN CREATEDB");
        sql("CREATE DATABASE huoqi OWNER huoqi");
        made_user_ = true;
    }
    void stop(const std::string& mode = "immediate") {
        as_user(kPrograms + "pg_ctl -D " + data() + " -m " + mode + " -w stop");
        running_ = false;
    }
    // The postmaster and all its children at once, as a power cut would.
    void kill9() {
        std::ifstream file(data() + "/postmaster.pid");
        pid_t pid = 0;
        file >> pid;
        if (pid <= 0) throw std::runtime_error("PostgreSQL does not run");
        ::kill(pid, SIGSTOP);  // so that it starts no child meanwhile
        std::string children = "pkill -KILL -P " + std::to_string(pid) + " || true";
        if (std::system(children.c_str()) != 0) throw std::runtime_error("pkill failed");
        ::kill(pid, SIGKILL);
        while (::kill(pid, 0) == 0) std::this_thread::yield();
        std::error_code ignored;
        std::filesystem::remove(data() + "/postmaster.pid", ignored);
        running_ = false;
    }

  private:
    static inline const std::string kPrograms = "/usr/lib/postgresql/15/bin/";

    std::string data() const { return folder_ + "/data"; }
    // pg_ctl leaves the server to the system, and a signal at the parent's death would follow the thread that
    // started it. So a process of its own session reads from us and cleans up when there is nobody to read
    // from.
    void watch() {
        std::string command =
            "exec setsid sh -c 'cat >/dev/null; pid=$(head -n 1 " + data() +
            "/postmaster.pid 2>/dev/null); if [ -n \"$pid\" ]; then kill -QUIT $pid; n=0; while kill -0 $pid "
            "&& "
            "[ $n -lt 100 ]; do sleep 0.1; n=$((n + 1)); done; kill -KILL $pid; fi 2>/dev/null; rm -rf " +
            folder_ + "'";
        watcher_ = ::popen(command.c_str(), "we");
        if (watcher_ == nullptr) throw std::runtime_error("cannot watch over PostgreSQL");
    }
    void shell(const std::string& command) const {
        std::string quiet = "cd / && (" + command + ") >>" + folder_ + "/commands.log 2>&1";
        if (std::system(quiet.c_str()) == 0) return;
        std::ifstream log(folder_ + "/commands.log");
        std::string said((std::istreambuf_iterator<char>(log)), std::istreambuf_iterator<char>());
        throw std::runtime_error(command + " failed: " + said);
    }
    void as_user(const std::string& command) const {
        shell(::geteuid() == 0 ? "runuser -u postgres -- " + command : command);
    }

    std::string folder_;
    std::FILE* watcher_ = nullptr;
    bool running_ = false;
    bool made_user_ = false;
};

}  // namespace huoqi::sql

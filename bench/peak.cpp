// SPDX-License-Identifier: Apache-2.0
// peak FILE COMMAND...: runs a command and writes to FILE, as one JSON line, the wall and processor time it
// took (seconds) and the most memory it held resident (KiB), as the kernel counted them. Ends with the
// command's exit code.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

namespace {

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

constexpr int kNotStarted = 127;
constexpr int kSignalBase = 128;

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fputs("usage: peak FILE COMMAND...\n", stderr);
        return 2;
    }
    auto began = std::chrono::steady_clock::now();
    pid_t child = ::fork();
    if (child < 0) {
        std::perror("peak: fork");
        return kNotStarted;
    }
    if (child == 0) {
        ::execvp(argv[2], argv + 2);
        std::perror("peak: exec");
        ::_exit(kNotStarted);
    }
    int status = 0;
    rusage used{};
    if (::wait4(child, &status, 0, &used) != child) {
        std::perror("peak: wait4");
        return kNotStarted;
    }
    double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : kSignalBase + WTERMSIG(status);
    std::FILE* out = std::fopen(argv[1], "w");
    if (out == nullptr) {
        std::perror("peak: file");
        return kNotStarted;
    }
    std::fprintf(out, "{\"wall\":%.3f,\"user\":%.3f,\"system\":%.3f,\"peak_kib\":%ld,\"exit\":%d}\n", wall,
                 seconds(used.ru_utime), seconds(used.ru_stime), used.ru_maxrss, code);
    return std::fclose(out) == 0 ? code : kNotStarted;
}

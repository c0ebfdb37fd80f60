// SPDX-License-Identifier: Apache-2.0
// Runs a command with its output dropped and prints one line of JSON: status, seconds of wall time and of
// CPU, and the peak of resident memory in MiB. A process's peak starts with that of who started it, which
// must therefore be small.
//   usage COMMAND…
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

namespace {

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

[[noreturn]] void become(char** command) {
    const int nothing = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nothing >= 0) ::dup2(nothing, STDOUT_FILENO);
    ::execvp(command[0], command);
    fmt::print(stderr, "{}: {}\n", command[0], std::strerror(errno));
    ::_exit(127);
}

}    // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        fmt::print(stderr, "usage COMMAND…\n");
        return 2;
    }
    const auto began = std::chrono::steady_clock::now();
    const pid_t child = ::fork();
    if (child == 0) become(argv + 1);
    int status = 0;
    rusage used{};
    if (child < 0 || ::wait4(child, &status, 0, &used) != child) {
        fmt::print(stderr, "{}\n", std::strerror(errno));
        return 2;
    }
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
    fmt::print("{{\"status\": {}, \"wall\": {:.6f}, \"cpu\": {:.6f}, \"peak\": {:.2f}}}\n", status,
               wall.count(), seconds(used.ru_utime) + seconds(used.ru_stime),
               static_cast<double>(used.ru_maxrss) / 1024);
    return 0;
}

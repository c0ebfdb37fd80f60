// SPDX-License-Identifier: Apache-2.0
#include "controller/base/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace trueup::base {
namespace {

Error system_error(std::string_view doing, int number) {
    return Error(Errc::unavailable,
                 fmt::format("{}: {}", doing, std::generic_category().message(number)));
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

int spawn(pid_t& id, Program& program) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, program.input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, program.output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, program.log, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    const int code = ::posix_spawnp(&id, program.command.front().c_str(), &actions, &attributes,
                                    pointers_to(program.command).data(),
                                    pointers_to(program.environment).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

}    // namespace

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("open a pipe", errno);
    return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

Process::~Process() {
    if (reaped_) return;
    kill();
    ::waitpid(id_, nullptr, 0);
}

// Not reaped yet, so the id is still its own.
void Process::kill() const {
    if (!reaped_) ::kill(id_, SIGKILL);
}

int Process::reap() {
    int status = 0;
    reaped_ = true;
    if (::waitpid(id_, &status, 0) != id_) return 0;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

Result<std::shared_ptr<Process>> start(Program program) {
    pid_t id = 0;
    const std::string name = program.command.front();
    const int code = spawn(id, program);
    if (code != 0) return system_error(fmt::format("start {}", name), code);
    Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, id, 0)));
    const int failed = errno;
    const bool watched = handle.get() >= 0;
    auto process = std::make_shared<Process>(id, std::move(handle));
    if (!watched) return system_error("watch a child process (this needs Linux 5.3)", failed);
    return process;
}

}    // namespace trueup::base

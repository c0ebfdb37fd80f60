// SPDX-License-Identifier: Apache-2.0
// ssh has three pipes: in and out carry git's protocol, and its log is drained whenever one of the
// two is waited for, so that it never blocks on it. ssh dies with the thread that started it, which
// is the git child's main thread. A passphrase lies in a memory file of this process, and ssh asks
// for it by running this program again: it is in no argument, no environment and no file on a disk.
#include "controller/source/git_ssh_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace trueup::source {
namespace {

constexpr const char* ssh_program = "/usr/bin/ssh";
constexpr const char* passphrase_variable = "TRUEUP_PASSPHRASE_FILE";
constexpr int farewell = 500;    // milliseconds
constexpr std::size_t longest_log = std::size_t{256} << 10U;

std::atomic<SshStage> stage{SshStage::connecting};

// Quotes for a shell, as git writes them.
std::string in_shell_quotes(std::string_view text) {
    std::string quoted = "'";
    for (const char byte : text) {
        if (byte == '\'' || byte == '!') {
            quoted += fmt::format("'\\{}'", byte);
        } else {
            quoted += byte;
        }
    }
    return quoted + "'";
}

Result<void> check_readable(const std::string& path, std::string_view what) {
    if (::access(path.c_str(), R_OK) == 0) return Result<void>();
    return Error(Errc::denied, fmt::format("the {} {} cannot be read: {}", what, path,
                                           std::generic_category().message(errno)));
}

// Where ssh's helper finds the passphrase while this process lives; "" on failure.
std::string hold_passphrase(const std::string& passphrase) {
    const int file = ::memfd_create("passphrase", MFD_CLOEXEC);
    if (file < 0) return {};
    const auto size = static_cast<ssize_t>(passphrase.size());
    if (::write(file, passphrase.data(), passphrase.size()) != size) return {};
    return fmt::format("/proc/{}/fd/{}", ::getpid(), file);
}

Result<std::vector<std::string>> ssh_environment(const GitCredential& credential) {
    std::vector<std::string> environment{"LC_ALL=C", "PATH=/usr/bin:/bin"};
    if (const char* libraries = std::getenv("LD_LIBRARY_PATH"))
        environment.push_back(fmt::format("LD_LIBRARY_PATH={}", libraries));
    if (credential.secret.empty()) {
        environment.emplace_back("SSH_ASKPASS_REQUIRE=never");
        return environment;
    }
    const std::string passphrase = hold_passphrase(credential.secret);
    if (passphrase.empty())
        return Error(Errc::unavailable, "no memory file for the passphrase can be made");
    environment.emplace_back("SSH_ASKPASS_REQUIRE=force");
    environment.push_back(fmt::format("SSH_ASKPASS=/proc/{}/exe", ::getpid()));
    environment.push_back(fmt::format("{}={}", passphrase_variable, passphrase));
    return environment;
}

struct Pipes {
    std::array<int, 2> input{-1, -1};
    std::array<int, 2> output{-1, -1};
    std::array<int, 2> log{-1, -1};

    bool open() {
        return ::pipe2(input.data(), O_CLOEXEC) == 0 && ::pipe2(output.data(), O_CLOEXEC) == 0 &&
               ::pipe2(log.data(), O_CLOEXEC) == 0 && ::fcntl(input[1], F_SETFL, O_NONBLOCK) == 0 &&
               ::fcntl(log[0], F_SETFL, O_NONBLOCK) == 0;
    }
    void close_all() {
        for (std::array<int, 2>* pipe : {&input, &output, &log}) {
            for (const int end : *pipe) {
                if (end >= 0) ::close(end);
            }
        }
    }
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

// Between fork and exec: system calls only, since the watchdog's thread may hold any lock.
[[noreturn]] void become_ssh(const Pipes& pipes, pid_t parent, char* const* arguments,
                             char* const* environment) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    ::setsid();    // no terminal to ask on
    ::signal(SIGPIPE, SIG_DFL);
    const bool ready = ::dup2(pipes.input[0], STDIN_FILENO) >= 0 &&
                       ::dup2(pipes.output[1], STDOUT_FILENO) >= 0 &&
                       ::dup2(pipes.log[1], STDERR_FILENO) >= 0;
    if (ready) ::execve(ssh_program, arguments, environment);
    ::_exit(127);
}

}    // namespace

std::vector<std::string> ssh_command(const v1alpha1::GitUrl& url, const std::string& user,
                                     const GitCredential& credential) {
    std::vector<std::string> command{"ssh", "-F", "none", "-T", "-x", "-a"};
    const auto option = [&](std::string text) {
        command.emplace_back("-o");
        command.push_back(std::move(text));
    };
    option("LogLevel=DEBUG2");
    option("StrictHostKeyChecking=yes");
    if (!credential.known_hosts.empty()) {
        option(base::ssh_path_option("UserKnownHostsFile", credential.known_hosts));
        option("GlobalKnownHostsFile=/dev/null");
    } else {
        option("UserKnownHostsFile=/dev/null");
    }
    option("UpdateHostKeys=no");
    option("IdentityAgent=none");
    option("IdentitiesOnly=yes");
    // As an option and not with -i: a file that is not there must not bring in ~/.ssh/id_rsa.
    option(credential.private_key.empty()
               ? "IdentityFile=none"
               : base::ssh_path_option("IdentityFile", credential.private_key));
    option("PreferredAuthentications=publickey");
    option("NumberOfPasswordPrompts=1");
    if (url.port != 0) {
        command.emplace_back("-p");
        command.push_back(std::to_string(url.port));
    }
    command.insert(command.end(), {"-l", user, "--", std::string(url.host_name()),
                                   "git-upload-pack " + in_shell_quotes(url.path)});
    return command;
}

Result<std::string> ssh_user(const v1alpha1::GitUrl& url, const GitCredential& credential) {
    const std::string& user = url.user.empty() ? credential.username : url.user;
    if (!user.empty() && !user.starts_with('-')) return user;
    return Error(Errc::invalid, fmt::format("the url of {} names no user (write ssh://git@{}…, or "
                                            "give the git credential a user name)",
                                            url.path, url.host));
}

SshStage current_ssh_stage() { return stage; }

bool is_passphrase_run() { return std::getenv(passphrase_variable) != nullptr; }

int run_passphrase() {
    const std::string_view path = std::getenv(passphrase_variable);
    if (!path.starts_with("/proc/")) return 1;
    const int file = ::open(path.data(), O_RDONLY | O_CLOEXEC);
    std::array<char, 16'384> bytes{};
    const ssize_t count = file < 0 ? -1 : ::read(file, bytes.data(), bytes.size() - 1);
    if (count <= 0) return 1;
    bytes.at(static_cast<std::size_t>(count)) = '\n';
    return ::write(STDOUT_FILENO, bytes.data(), static_cast<std::size_t>(count) + 1) == count + 1
               ? 0
               : 1;
}

Result<std::unique_ptr<SshProcess>> SshProcess::start(const v1alpha1::GitUrl& url,
                                                      const GitCredential& credential) {
    const auto user = ssh_user(url, credential);
    if (!user) return user.error();
    if (!credential.private_key.empty()) {
        const auto key = check_readable(credential.private_key, "private key");
        if (!key) return key.error();
    }
    if (!credential.known_hosts.empty()) {
        const auto hosts = check_readable(credential.known_hosts, "known_hosts file");
        if (!hosts) return hosts.error();
    }
    if (::access(ssh_program, X_OK) != 0) {
        return Error(Errc::unavailable,
                     fmt::format("git over ssh needs {} (install openssh-client)", ssh_program));
    }
    auto environment = ssh_environment(credential);
    if (!environment) return environment.error();
    std::vector<std::string> command = ssh_command(url, *user, credential);
    const std::vector<char*> arguments = pointers_to(command);
    const std::vector<char*> variables = pointers_to(*environment);
    Pipes pipes;
    const pid_t parent = ::getpid();
    const pid_t id = pipes.open() ? ::fork() : -1;
    if (id == 0) become_ssh(pipes, parent, arguments.data(), variables.data());
    if (id < 0) {
        const int failed = errno;
        pipes.close_all();
        return Error(Errc::unavailable,
                     fmt::format("start ssh: {}", std::generic_category().message(failed)));
    }
    for (const int end : {pipes.input[0], pipes.output[1], pipes.log[1]}) ::close(end);
    stage = SshStage::connecting;
    return std::unique_ptr<SshProcess>(
        new SshProcess(id, pipes.input[1], pipes.output[0], pipes.log[0]));
}

SshProcess::SshProcess(int id, int input, int output, int log)
    : id_(id), input_(input), output_(output), log_end_(log) {}

// ssh is given a moment to say good-bye, so that the server's log has no broken connection.
SshProcess::~SshProcess() {
    ::close(input_);
    pollfd log{log_end_, POLLIN, 0};
    while (!ended_ && ::poll(&log, 1, farewell) > 0 && (log.revents & POLLHUP) == 0) take_log();
    if (!ended_) {
        ::kill(id_, SIGKILL);
        ::waitpid(id_, nullptr, 0);
    }
    ::close(output_);
    ::close(log_end_);
}

void SshProcess::take_log() {
    std::array<char, 4096> bytes{};
    for (;;) {
        const ssize_t count = ::read(log_end_, bytes.data(), bytes.size());
        if (count <= 0) break;
        // What comes late in a long log is the server's chatter.
        if (log_.size() < longest_log) log_.append(bytes.data(), static_cast<std::size_t>(count));
    }
    stage = ssh_stage(log_);
}

bool SshProcess::wait(short wanted_input, short wanted_output) {
    for (;;) {
        std::array<pollfd, 3> ready{{{wanted_input != 0 ? input_ : -1, wanted_input, 0},
                                     {wanted_output != 0 ? output_ : -1, wanted_output, 0},
                                     {log_end_, POLLIN, 0}}};
        if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) return false;
        if ((ready[2].revents & POLLIN) != 0) take_log();
        if (ready[0].revents != 0 || ready[1].revents != 0) return true;
        // ssh has closed its log, so it has ended or is about to.
        if ((ready[2].revents & POLLHUP) != 0) return false;
    }
}

// The rest of the log is in the pipe once ssh is gone.
void SshProcess::finish() {
    if (ended_) return;
    int status = 0;
    ::fcntl(log_end_, F_SETFL, 0);
    take_log();
    ended_ = true;
    if (::waitpid(id_, &status, 0) != id_) return;
    status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::size_t SshProcess::read(char* bytes, std::size_t size) {
    wait(0, POLLIN);
    const ssize_t count = ::read(output_, bytes, size);
    if (count > 0) return static_cast<std::size_t>(count);
    finish();
    return 0;
}

bool SshProcess::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const bool ready = wait(POLLOUT, 0);
        const ssize_t count = ready ? ::write(input_, bytes.data(), bytes.size()) : -1;
        if (ready && count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (count <= 0) {
            finish();
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

}    // namespace trueup::source

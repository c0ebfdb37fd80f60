// SPDX-License-Identifier: Apache-2.0
// posix_spawn, so that the copy of a process with threads never runs code of ours. The input goes
// into the pipe before the start: it fits, and nobody can break the pipe under us. The end of the
// child is a readable pidfd: no signal handler, no reaping of other people's children.
#include "controller/source/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <cerrno>
#include <memory>
#include <system_error>

namespace trueup::source {
namespace {

namespace asio = boost::asio;

constexpr std::size_t most_input = 32U << 10U;
constexpr std::size_t most_output = 1U << 20U;

class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int get() const { return number_; }
    int release() { return std::exchange(number_, -1); }

private:
    int number_;
};

struct Pipe {
    Descriptor read;
    Descriptor write;
};

Error system_error(std::string_view doing, int number) {
    return Error(Errc::unavailable,
                 fmt::format("{}: {}", doing, std::generic_category().message(number)));
}

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("open a pipe", errno);
    return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

// The process, killed and reaped by its owner at the latest.
class Child {
public:
    Child(pid_t id, Descriptor handle) : id_(id), handle_(std::move(handle)) {}
    ~Child() {
        if (reaped_) return;
        kill();
        ::waitpid(id_, nullptr, 0);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    int handle() const { return handle_.get(); }
    // Not reaped yet, so the id is still its own.
    void kill() const {
        if (!reaped_) ::kill(id_, SIGKILL);
    }
    int reap() {
        int status = 0;
        reaped_ = true;
        if (::waitpid(id_, &status, 0) != id_) return 0;
        return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }

private:
    pid_t id_;
    Descriptor handle_;
    bool reaped_ = false;
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

int spawn(pid_t& id, const std::string& program, std::vector<std::string> arguments,
          std::vector<std::string>& environment, int input, int output) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
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
    const int code = ::posix_spawn(&id, program.c_str(), &actions, &attributes,
                                   pointers_to(arguments).data(), pointers_to(environment).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

struct Started {
    std::shared_ptr<Child> child;
    Descriptor output;
};

Result<Started> start(const std::string& program, const std::string& argument,
                      std::vector<std::string> environment, const std::string& input) {
    if (input.size() > most_input)
        return Error(Errc::internal, "the input of a child process is too long");
    auto in = make_pipe();
    if (!in) return in.error();
    auto out = make_pipe();
    if (!out) return out.error();
    if (::write(in->write.get(), input.data(), input.size()) !=
        static_cast<ssize_t>(input.size())) {
        return system_error("write to a pipe", errno);
    }
    pid_t id = 0;
    const int code =
        spawn(id, program, {program, argument}, environment, in->read.get(), out->write.get());
    if (code != 0) return system_error(fmt::format("start {}", program), code);
    Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, id, 0)));
    const int failed = errno;
    const bool watched = handle.get() >= 0;
    Started started{std::make_shared<Child>(id, std::move(handle)), std::move(out->read)};
    if (!watched) return system_error("watch a child process (this needs Linux 5.3)", failed);
    return started;
}

// Everything until the end of the output; the error code of what ended it early.
asio::awaitable<boost::system::error_code> read_output(asio::posix::stream_descriptor& stream,
                                                       std::string& text) {
    std::array<char, 4096> bytes{};
    const auto buffer = asio::buffer(bytes);
    while (text.size() <= most_output) {
        const auto read = co_await stream.async_read_some(buffer, base::use_task);
        const boost::system::error_code code = std::get<0>(read);
        text.append(bytes.data(), std::get<1>(read));
        if (code == asio::error::eof) co_return boost::system::error_code();
        if (code) co_return code;
    }
    co_return asio::error::message_size;
}

}    // namespace

Task<ChildOutput> run_child(std::string program, std::string argument,
                            std::vector<std::string> environment, std::string input,
                            base::Milliseconds deadline) {
    if (co_await base::is_cancelled())
        co_return Error(Errc::cancelled, "cancelled before a child process was started");
    const auto executor = co_await asio::this_coro::executor;
    auto started = start(program, argument, std::move(environment), input);
    if (!started) co_return started.error();
    const std::shared_ptr<Child> child = started->child;
    asio::posix::stream_descriptor output(executor, started->output.release());
    asio::posix::stream_descriptor ended(executor, ::dup(child->handle()));

    const auto killed = std::make_shared<bool>(false);
    asio::steady_timer timer(executor, deadline);
    timer.async_wait([child, killed](const boost::system::error_code& code) {
        if (code) return;
        *killed = true;
        child->kill();
    });
    ChildOutput result;
    const boost::system::error_code code = co_await read_output(output, result.text);
    timer.cancel();
    // Whoever closes its output has nothing to tell any more.
    child->kill();
    const auto waited =
        co_await ended.async_wait(asio::posix::stream_descriptor::wait_read, base::use_task);
    static_cast<void>(waited);
    result.status = child->reap();
    result.killed = *killed;
    if (code) co_return base::to_error(code, "read from a child process");
    co_return result;
}

}    // namespace trueup::source

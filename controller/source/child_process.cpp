// SPDX-License-Identifier: Apache-2.0
// The input goes into the pipe before the start: it fits, and nobody can break the pipe under us.
#include "controller/source/child_process.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <cerrno>
#include <memory>
#include <system_error>

#include "controller/base/process.hpp"

namespace trueup::source {
namespace {

namespace asio = boost::asio;

constexpr std::size_t most_input = 32U << 10U;
constexpr std::size_t most_output = 1U << 20U;

struct Started {
    std::shared_ptr<base::Process> child;
    base::Descriptor output;
};

Result<Started> start(const std::string& program, const std::string& argument,
                      std::vector<std::string> environment, const std::string& input) {
    if (input.size() > most_input)
        return Error(Errc::internal, "the input of a child process is too long");
    auto in = base::make_pipe();
    if (!in) return in.error();
    auto out = base::make_pipe();
    if (!out) return out.error();
    if (::write(in->write.get(), input.data(), input.size()) !=
        static_cast<ssize_t>(input.size())) {
        return Error(Errc::unavailable,
                     fmt::format("write to a pipe: {}", std::generic_category().message(errno)));
    }
    base::Program chosen;
    chosen.command = {program, argument};
    chosen.environment = std::move(environment);
    chosen.input = in->read.get();
    chosen.output = out->write.get();
    auto child = base::start(std::move(chosen));
    if (!child) return child.error();
    return Started{std::move(*child), std::move(out->read)};
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
    const std::shared_ptr<base::Process> child = started->child;
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

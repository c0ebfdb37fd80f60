// SPDX-License-Identifier: Apache-2.0
#include "controller/engine/pipe.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace trueup::engine {

Result<std::unique_ptr<Pipe>> Pipe::make(Executor executor) {
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return Error(Errc::internal, std::string("socketpair: ") + std::strerror(errno));
    }
    std::unique_ptr<Pipe> pipe(new Pipe(executor));
    boost::system::error_code code;
    pipe->socket_.assign(boost::asio::local::stream_protocol(), ends[0], code);
    pipe->worker_end_ = ends[1];
    if (code) {
        ::close(ends[0]);
        return base::to_error(code, "socketpair");
    }
    return pipe;
}

Pipe::~Pipe() { close_worker_end(); }

void Pipe::close_worker_end() {
    if (worker_end_ >= 0) ::close(worker_end_);
    worker_end_ = -1;
}

Task<std::string> Pipe::read() {
    std::string chunk(64U << 10U, '\0');
    const auto buffer = boost::asio::buffer(chunk);
    const auto received = co_await socket_.async_read_some(buffer, base::use_task);
    const boost::system::error_code code = std::get<0>(received);
    if (code == boost::asio::error::eof) co_return std::string();
    if (code) co_return base::to_error(code, "reading from a worker");
    chunk.resize(std::get<1>(received));
    co_return std::move(chunk);
}

Task<void> Pipe::write(std::string chunk) {
    const auto buffer = boost::asio::buffer(chunk);
    const auto written = co_await boost::asio::async_write(socket_, buffer, base::use_task);
    const boost::system::error_code code = std::get<0>(written);
    const bool worker_gone =
        code == boost::asio::error::broken_pipe || code == boost::asio::error::connection_reset;
    if (code && !worker_gone) co_return base::to_error(code, "writing to a worker");
    co_return Result<void>();
}

void Pipe::close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

}    // namespace trueup::engine

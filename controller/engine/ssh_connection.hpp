// SPDX-License-Identifier: Apache-2.0
// The ssh program as a way to an engine: its input and output are one end of a socket pair, so what
// the socket's other end carries is the engine's HTTP. The program of the user, with the user's own
// configuration, agent and known hosts where nothing else is chosen; it never asks anything.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.hpp"
#include "controller/base/process.hpp"
#include "controller/base/task.hpp"
#include "controller/engine/address.hpp"
#include "controller/engine/engine.hpp"

namespace trueup::engine {

// ssh's whole command line; `connect_seconds` of it to reach the host.
std::vector<std::string> ssh_command(const Address& address, const SshOptions& options,
                                     int connect_seconds);

// Why a connection over ssh ended before the engine answered, by ssh's log. Pure; `doing` is what was
// tried. denied: an unknown or changed host key, a refused key, no right to use the engine. invalid:
// no docker on the host. Else unavailable.
Error ssh_engine_error(const Address& address, const SshOptions& options, std::string_view log,
                       std::string_view doing);

class SshConnection {
public:
    // Starts ssh. Errors: denied (key or known hosts cannot be read), unavailable (ssh is not there).
    static Result<std::unique_ptr<SshConnection>> start(Executor executor, Address address,
                                                        SshOptions options, base::SteadyTime until);
    // Our end; its owner is the caller.
    int take_socket() { return socket_.release(); }
    // The error in words of ssh's log, once the socket has ended.
    boost::asio::awaitable<Error> explain(Error error);

private:
    SshConnection(Executor executor, Address address, SshOptions options)
        : address_(std::move(address)), options_(std::move(options)), log_(std::move(executor)) {}

    Address address_;
    SshOptions options_;
    base::Descriptor socket_;
    boost::asio::posix::stream_descriptor log_;
    std::shared_ptr<base::Process> process_;    // ends with this
};

}    // namespace trueup::engine

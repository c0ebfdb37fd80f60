// SPDX-License-Identifier: Apache-2.0
// A connected socket to where an engine is: a unix socket, TCP, or one end of a socket pair whose
// other end is `ssh … docker system dial-stdio`. Free of Beast and of TLS, which lies above it.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <memory>

#include "controller/base/clock.hpp"
#include "controller/base/task.hpp"
#include "controller/engine/address.hpp"
#include "controller/engine/engine.hpp"
#include "controller/engine/ssh_connection.hpp"

namespace trueup::engine {

struct Dialled {
    boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, Executor> socket;
    std::unique_ptr<SshConnection> ssh;    // of ssh only; the socket's other end
};

// Errors: timeout; denied (a unix socket that this user may not use; a key or a list of known hosts that
// cannot be read); unavailable. ssh is only started: that it fails is told by the first use of the
// socket, and why by SshConnection::explain().
Task<Dialled> dial(Executor executor, Address address, SshOptions ssh, base::SteadyTime until);

}    // namespace trueup::engine

// SPDX-License-Identifier: Apache-2.0
// What this process's own TCP connections have seen so far.
#pragma once

#include <cstdint>

namespace trueup::source {

struct SocketState {
    bool connecting = false;       // some connection waits for the peer to accept
    bool connected = false;        // some connection was accepted
    std::uint64_t received = 0;    // bytes, over all of them
};

SocketState look_at_sockets();

}    // namespace trueup::source

// SPDX-License-Identifier: Apache-2.0
// <linux/tcp.h> because glibc's tcp_info ends before tcpi_bytes_received; the two headers cannot be
// included together, so this file goes without the precompiled one.
#include "controller/source/socket_state.hpp"

#include <dirent.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>

namespace trueup::source {
namespace {

void look_at(int descriptor, SocketState& state) {
    int domain = 0;
    socklen_t length = sizeof(domain);
    if (::getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length) != 0) return;
    if (domain != AF_INET && domain != AF_INET6) return;
    tcp_info info{};
    length = sizeof(info);
    if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return;
    constexpr unsigned syn_sent = 2;
    (info.tcpi_state == syn_sent ? state.connecting : state.connected) = true;
    state.received += info.tcpi_bytes_received;
}

}    // namespace

SocketState look_at_sockets() {
    SocketState state;
    DIR* folder = ::opendir("/proc/self/fd");
    if (folder == nullptr) return state;
    while (const dirent* entry = ::readdir(folder)) {
        const int descriptor = std::atoi(entry->d_name);
        if (descriptor > 2) look_at(descriptor, state);
    }
    ::closedir(folder);
    return state;
}

}    // namespace trueup::source

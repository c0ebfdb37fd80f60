// SPDX-License-Identifier: Apache-2.0
// The ssh program: how a path is written into its options, and what its log (OpenSSH 9.2, in English;
// LogLevel=DEBUG1 or more for the keys' fingerprints) tells of a connection. The server's own messages
// stand between ssh's lines, so the log is outside text: what is quoted of it is cut short and
// cleaned. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "controller/base/error.hpp"

namespace trueup::base {

// NAME="PATH" for -o; '%' begins a token there. The path holds no quote.
std::string ssh_path_option(std::string_view name, std::string_view path);

enum class SshStage : std::uint8_t { connecting, connected, greeted, authenticated };

SshStage ssh_stage(std::string_view log);

inline constexpr std::string_view default_known_hosts = "/etc/ssh/ssh_known_hosts";

// A connection as messages name it.
struct SshPeer {
    std::string host;           // "git.example.com", "git.example.com:2222"
    std::string host_name;      // without the port
    int port = 0;               // 0 = ssh's own
    std::string known_hosts;    // the file that is asked
    std::string private_key;    // its path; "" = none is named
    std::string key_owner;      // "of the git credential 'shop'"
};

// Why it is not the server that is meant, or none that answers; nothing when ssh got further. An
// unknown host key and a changed one are two errors; both are `denied`.
std::optional<Error> ssh_connection_error(const SshPeer& peer, std::string_view log);

// Why the private key was not even offered; `denied`.
std::optional<Error> ssh_key_error(const SshPeer& peer, std::string_view log);

// The server's own words: the lines that ssh did not write itself, as one; "" = none.
std::string ssh_remote_words(std::string_view log);

}    // namespace trueup::base

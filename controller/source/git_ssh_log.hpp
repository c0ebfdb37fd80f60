// SPDX-License-Identifier: Apache-2.0
// What ssh's log (LogLevel=DEBUG2, OpenSSH 9.2, in English) tells of a connection. The server's own
// messages stand between ssh's lines, so the log is outside text: what is quoted of it is cut short
// and cleaned.
#pragma once

#include <cstdint>
#include <string_view>

#include "api/v1alpha1/git_url.hpp"
#include "controller/base/error.hpp"
#include "controller/source/git_credential.hpp"

namespace trueup::source {

enum class SshStage : std::uint8_t { connecting, connected, greeted, authenticated };

SshStage ssh_stage(std::string_view log);

// Why a connection failed and what to do. An unknown host key and a changed one are two errors; both
// are `denied`, as is a refused key.
Error ssh_error(const v1alpha1::GitUrl& url, const std::string& user,
                const GitCredential& credential, std::string_view log);

inline constexpr std::string_view default_known_hosts = "/etc/ssh/ssh_known_hosts";

}    // namespace trueup::source

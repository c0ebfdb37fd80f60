// SPDX-License-Identifier: Apache-2.0
// The order counts: what ssh itself has met comes before what the server says, and a key that cannot
// be used is told before the refusal that follows from it.
#include "controller/source/git_ssh_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace trueup::source {
namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

class Reading {
public:
    Reading(const v1alpha1::GitUrl& url, const std::string& user, const GitCredential& credential,
            std::string_view log)
        : url_(url), user_(user), credential_(credential), log_(log) {
        peer_.host = url.host;
        peer_.host_name = std::string(url.host_name());
        peer_.port = url.port;
        peer_.known_hosts = credential.known_hosts.empty() ? std::string(base::default_known_hosts)
                                                           : credential.known_hosts;
        peer_.private_key = credential.private_key;
        peer_.key_owner = fmt::format("of the git credential '{}'", credential.name);
    }

    Error error() const {
        if (auto found = base::ssh_connection_error(peer_, log_)) return std::move(*found);
        if (auto found = key_error()) return std::move(*found);
        if (auto found = repository_error()) return std::move(*found);
        const std::string words = base::ssh_remote_words(log_);
        return Error(Errc::unavailable,
                     fmt::format("fetch over ssh from {}: {}", url_.host,
                                 words.empty() ? "ssh ended without a reason" : words));
    }

private:
    std::optional<Error> key_error() const;
    std::optional<Error> repository_error() const;

    const v1alpha1::GitUrl& url_;
    const std::string& user_;
    const GitCredential& credential_;
    std::string_view log_;
    base::SshPeer peer_;
};

std::optional<Error> Reading::key_error() const {
    if (base::ssh_stage(log_) == base::SshStage::authenticated) return std::nullopt;
    if (contains(log_, "Too many authentication failures")) {
        return Error(Errc::denied,
                     fmt::format("{} ended the connection after too many refused keys", url_.host));
    }
    if (!contains(log_, "Permission denied")) return std::nullopt;
    if (credential_.private_key.empty()) {
        return Error(
            Errc::denied,
            fmt::format("{} wants to know who user {} is; name a git credential with an ssh "
                        "key for {}",
                        url_.host, user_, url_.path));
    }
    if (auto found = base::ssh_key_error(peer_, log_)) return found;
    return Error(
        Errc::denied,
        fmt::format("{} refuses the git credential '{}' for user {}; add the public key of "
                    "{} to the server (as a deploy key of {}), or name the right user",
                    url_.host, credential_.name, user_, credential_.private_key, url_.path));
}

std::optional<Error> Reading::repository_error() const {
    if (base::ssh_stage(log_) != base::SshStage::authenticated) return std::nullopt;
    const std::string words = base::ssh_remote_words(log_);
    std::string lower = words;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char byte) {
        return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : byte;
    });
    for (const std::string_view mark :
         {"does not appear to be a git repository", "not found", "could not be found",
          "no such file or directory", "does not exist", "not a git repository"}) {
        if (!contains(lower, mark)) continue;
        return Error(Errc::not_found,
                     fmt::format("{} has no repository at {} that '{}' may read; check the url and "
                                 "what the key may read ({})",
                                 url_.host, url_.path, credential_.name, words));
    }
    for (const std::string_view mark : {"denied", "not allowed", "unauthorized", "forbidden",
                                        "permission", "dubious ownership"}) {
        if (!contains(lower, mark)) continue;
        return Error(Errc::denied,
                     fmt::format("{} lets the git credential '{}' in, but not read {}: {}",
                                 url_.host, credential_.name, url_.path, words));
    }
    return std::nullopt;
}

}    // namespace

Error ssh_error(const v1alpha1::GitUrl& url, const std::string& user,
                const GitCredential& credential, std::string_view log) {
    return Reading(url, user, credential, log).error();
}

}    // namespace trueup::source

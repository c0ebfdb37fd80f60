// SPDX-License-Identifier: Apache-2.0
// The texts are those of OpenSSH 9.2 and covered by tests against a real server. The order counts:
// a host key that is not accepted ends a connection before anything else can go wrong, and a key
// that cannot be used is told before the refusal that follows from it.
#include "controller/source/git_ssh_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "controller/base/text.hpp"

namespace trueup::source {
namespace {

constexpr std::size_t longest_quote = 300;

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// What stands behind `mark` on the first line that has it; nothing without such a line.
std::optional<std::string_view> after(std::string_view log, std::string_view mark) {
    const std::size_t start = log.find(mark);
    if (start == log.npos) return std::nullopt;
    std::string_view rest = log.substr(start + mark.size());
    return rest.substr(0, rest.find_first_of("\r\n"));
}

std::string clean(std::string_view text) {
    std::string cleaned(base::trim(text.substr(0, longest_quote)));
    for (char& byte : cleaned) {
        if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F) byte = ' ';
    }
    while (const auto bad = base::find_invalid_utf8(cleaned)) cleaned[*bad] = '?';
    return cleaned;
}

// The server's own words: the lines that ssh did not write itself.
std::string remote_words(std::string_view log) {
    std::string words;
    for (const std::string_view line : base::split(log, '\n')) {
        constexpr std::array<std::string_view, 6> of_ssh{"debug1: ",      "debug2: ",
                                                         "debug3: ",      "Authenticated to ",
                                                         "Transferred: ", "Bytes per second: "};
        const bool ours = std::any_of(of_ssh.begin(), of_ssh.end(), [&](std::string_view start) {
            return line.starts_with(start);
        });
        const std::string text = clean(line);
        if (ours || text.empty() || words.size() > longest_quote) continue;
        words += words.empty() ? text : "; " + text;
    }
    return words;
}

// "ED25519 SHA256:…" of the key that the server showed.
std::string shown_key(std::string_view log) {
    const auto key = after(log, "debug1: Server host key: ");
    return key ? clean(*key) : "of an unknown kind";
}

// The server as known_hosts and ssh-keyscan name it.
struct HostNames {
    std::string known;
    std::string scan;
};
HostNames host_names(const v1alpha1::GitUrl& url) {
    const std::string name(url.host_name());
    if (url.port == 0 || url.port == 22) return {name, name};
    return {fmt::format("[{}]:{}", name, url.port), fmt::format("-p {} {}", url.port, name)};
}

class Reading {
public:
    Reading(const v1alpha1::GitUrl& url, const std::string& user, const GitCredential& credential,
            std::string_view log)
        : url_(url),
          user_(user),
          credential_(credential),
          log_(log),
          known_hosts_(credential.known_hosts.empty() ? std::string(default_known_hosts)
                                                      : credential.known_hosts) {}

    Error error() const {
        if (auto found = host_key_error()) return std::move(*found);
        if (auto found = connection_error()) return std::move(*found);
        if (auto found = key_error()) return std::move(*found);
        if (auto found = repository_error()) return std::move(*found);
        return Error(Errc::unavailable, fmt::format("fetch over ssh from {}: {}", url_.host,
                                                    words_or("ssh ended without a reason")));
    }

private:
    std::string words_or(std::string_view otherwise) const {
        std::string words = remote_words(log_);
        return words.empty() ? std::string(otherwise) : words;
    }

    std::optional<Error> host_key_error() const;
    std::optional<Error> connection_error() const;
    std::optional<Error> key_error() const;
    std::optional<Error> unusable_key() const;
    std::optional<Error> repository_error() const;

    const v1alpha1::GitUrl& url_;
    const std::string& user_;
    const GitCredential& credential_;
    std::string_view log_;
    std::string known_hosts_;
};

std::optional<Error> Reading::host_key_error() const {
    const HostNames names = host_names(url_);
    const auto denied = [](std::string message) { return Error(Errc::denied, std::move(message)); };
    if (contains(log_, "REVOKED HOST KEY DETECTED") || contains(log_, " is marked as revoked")) {
        return denied(
            fmt::format("the host key of {} ({}) is marked as revoked in {}: a server that shows "
                        "it must not be "
                        "trusted; ask its owner for the new key",
                        url_.host, shown_key(log_), known_hosts_));
    }
    if (contains(log_, "REMOTE HOST IDENTIFICATION HAS CHANGED")) {
        const auto line = after(log_, known_hosts_ + ":");
        return denied(fmt::format(
            "the host key of {} has changed: it shows {}, and {}{} has another one. Somebody may "
            "be "
            "in between. If the server's owner confirms the new key, replace it: ssh-keygen -f {} "
            "-R '{}', then ssh-keyscan {} >> {}, and compare the fingerprint",
            url_.host, shown_key(log_), known_hosts_, line ? " in line " + clean(*line) : "",
            known_hosts_, names.known, names.scan, known_hosts_));
    }
    if (contains(log_, "host key is known for ")) {
        return denied(fmt::format(
            "the host key of {} is not known: it shows {}, and {} has no key of that kind for it. "
            "Add it with ssh-keyscan {} >> {}, and compare the fingerprint with the one that the "
            "server's owner publishes",
            url_.host, shown_key(log_), known_hosts_, names.scan, known_hosts_));
    }
    if (!contains(log_, "Host key verification failed")) return std::nullopt;
    return denied(fmt::format("the host key of {} is not accepted: {}", url_.host,
                              words_or("ssh does not say why")));
}

std::optional<Error> Reading::connection_error() const {
    if (const auto reason = after(log_, "ssh: Could not resolve hostname ")) {
        return Error(Errc::unavailable,
                     fmt::format("the host {} is not known ({})", url_.host, clean(*reason)));
    }
    if (const auto place = after(log_, "ssh: connect to host ")) {
        const std::size_t reason = place->find(": ");
        return Error(Errc::unavailable,
                     fmt::format("could not connect to {}: {}", url_.host,
                                 clean(place->substr(reason == place->npos ? 0 : reason + 2))));
    }
    if (const auto offer = after(log_, "Unable to negotiate with ")) {
        const std::size_t reason = offer->find(": ");
        return Error(
            Errc::unavailable,
            fmt::format("{} and ssh have no algorithm in common ({}); the server is too old, or "
                        "restricts what it accepts",
                        url_.host, clean(offer->substr(reason == offer->npos ? 0 : reason + 2))));
    }
    if (const auto account = after(log_, "No user exists for uid ")) {
        return Error(Errc::invalid,
                     fmt::format("ssh cannot run as user id {}, which has no entry in /etc/passwd; "
                                 "add one, or run the controller as a user that has one",
                                 clean(*account)));
    }
    if (ssh_stage(log_) == SshStage::authenticated || contains(log_, "Permission denied"))
        return std::nullopt;
    for (const std::string_view mark :
         {"kex_exchange_identification: ", "Connection closed by ", "Connection reset by ",
          "banner line contains invalid characters", "ssh_dispatch_run_fatal: "}) {
        if (!contains(log_, mark)) continue;
        return Error(Errc::unavailable,
                     fmt::format("{} ended the connection, or is no ssh server ({})", url_.host,
                                 words_or(mark)));
    }
    return std::nullopt;
}

// The key on this side; the server's refusal only follows from it.
std::optional<Error> Reading::unusable_key() const {
    const auto unusable = [&](std::string_view what) {
        return Error(Errc::denied, fmt::format("the private key {} of the git credential '{}' {}",
                                               credential_.private_key, credential_.name, what));
    };
    if (contains(log_, "UNPROTECTED PRIVATE KEY FILE"))
        return unusable("may be read by others, so ssh does not use it (run chmod 600 on it)");
    if (contains(log_, "debug2: bad passphrase given"))
        return unusable("is not opened by the passphrase of the credential");
    if (contains(log_, "debug2: no passphrase given"))
        return unusable("has a passphrase, and the credential names none");
    if (const auto load = after(log_, "Load key \"")) {
        const std::size_t reason = load->find("\": ");
        return unusable(fmt::format(
            "cannot be read by ssh: {} (is it the private key, whole, with its last line break?)",
            clean(reason == load->npos ? *load : load->substr(reason + 3))));
    }
    return std::nullopt;
}

std::optional<Error> Reading::key_error() const {
    if (ssh_stage(log_) == SshStage::authenticated) return std::nullopt;
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
    if (auto found = unusable_key()) return found;
    return Error(
        Errc::denied,
        fmt::format("{} refuses the git credential '{}' for user {}; add the public key of "
                    "{} to the server (as a deploy key of {}), or name the right user",
                    url_.host, credential_.name, user_, credential_.private_key, url_.path));
}

std::optional<Error> Reading::repository_error() const {
    if (ssh_stage(log_) != SshStage::authenticated) return std::nullopt;
    const std::string words = remote_words(log_);
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

SshStage ssh_stage(std::string_view log) {
    if (contains(log, "\nAuthenticated to ")) return SshStage::authenticated;
    if (contains(log, "debug1: Remote protocol version ")) return SshStage::greeted;
    if (contains(log, "debug1: Connection established.")) return SshStage::connected;
    return SshStage::connecting;
}

Error ssh_error(const v1alpha1::GitUrl& url, const std::string& user,
                const GitCredential& credential, std::string_view log) {
    return Reading(url, user, credential, log).error();
}

}    // namespace trueup::source

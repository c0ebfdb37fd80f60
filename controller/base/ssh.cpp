// SPDX-License-Identifier: Apache-2.0
// The texts are those of OpenSSH 9.2 and covered by tests against a real server. The order counts:
// a host key that is not accepted ends a connection before anything else can go wrong.
#include "controller/base/ssh.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "controller/base/text.hpp"

namespace trueup::base {
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
    std::string cleaned(trim(text.substr(0, longest_quote)));
    for (char& byte : cleaned) {
        if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F) byte = ' ';
    }
    while (const auto bad = find_invalid_utf8(cleaned)) cleaned[*bad] = '?';
    return cleaned;
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
HostNames host_names(const SshPeer& peer) {
    const std::string& name = peer.host_name;
    if (peer.port == 0 || peer.port == 22) return {name, name};
    return {fmt::format("[{}]:{}", name, peer.port), fmt::format("-p {} {}", peer.port, name)};
}

std::string words_or(std::string_view log, std::string_view otherwise) {
    std::string words = ssh_remote_words(log);
    return words.empty() ? std::string(otherwise) : words;
}

Error denied(std::string message) { return Error(Errc::denied, std::move(message)); }

std::optional<Error> host_key_error(const SshPeer& peer, std::string_view log) {
    const HostNames names = host_names(peer);
    if (contains(log, "REVOKED HOST KEY DETECTED") || contains(log, " is marked as revoked")) {
        return denied(
            fmt::format("the host key of {} ({}) is marked as revoked in {}: a server that shows "
                        "it must not be "
                        "trusted; ask its owner for the new key",
                        peer.host, shown_key(log), peer.known_hosts));
    }
    if (contains(log, "REMOTE HOST IDENTIFICATION HAS CHANGED")) {
        const auto line = after(log, peer.known_hosts + ":");
        return denied(fmt::format(
            "the host key of {} has changed: it shows {}, and {}{} has another one. Somebody may "
            "be "
            "in between. If the server's owner confirms the new key, replace it: ssh-keygen -f {} "
            "-R '{}', then ssh-keyscan {} >> {}, and compare the fingerprint",
            peer.host, shown_key(log), peer.known_hosts, line ? " in line " + clean(*line) : "",
            peer.known_hosts, names.known, names.scan, peer.known_hosts));
    }
    if (contains(log, "host key is known for ")) {
        return denied(fmt::format(
            "the host key of {} is not known: it shows {}, and {} has no key of that kind for it. "
            "Add it with ssh-keyscan {} >> {}, and compare the fingerprint with the one that the "
            "server's owner publishes",
            peer.host, shown_key(log), peer.known_hosts, names.scan, peer.known_hosts));
    }
    if (!contains(log, "Host key verification failed")) return std::nullopt;
    return denied(fmt::format("the host key of {} is not accepted: {}", peer.host,
                              words_or(log, "ssh does not say why")));
}

std::optional<Error> connection_error(const SshPeer& peer, std::string_view log) {
    if (const auto reason = after(log, "ssh: Could not resolve hostname ")) {
        return Error(Errc::unavailable,
                     fmt::format("the host {} is not known ({})", peer.host, clean(*reason)));
    }
    if (const auto place = after(log, "ssh: connect to host ")) {
        const std::size_t reason = place->find(": ");
        return Error(Errc::unavailable,
                     fmt::format("could not connect to {}: {}", peer.host,
                                 clean(place->substr(reason == place->npos ? 0 : reason + 2))));
    }
    if (const auto offer = after(log, "Unable to negotiate with ")) {
        const std::size_t reason = offer->find(": ");
        return Error(
            Errc::unavailable,
            fmt::format("{} and ssh have no algorithm in common ({}); the server is too old, or "
                        "restricts what it accepts",
                        peer.host, clean(offer->substr(reason == offer->npos ? 0 : reason + 2))));
    }
    if (const auto account = after(log, "No user exists for uid ")) {
        return Error(Errc::invalid,
                     fmt::format("ssh cannot run as user id {}, which has no entry in /etc/passwd; "
                                 "add one, or run the controller as a user that has one",
                                 clean(*account)));
    }
    if (ssh_stage(log) == SshStage::authenticated || contains(log, "Permission denied"))
        return std::nullopt;
    for (const std::string_view mark :
         {"kex_exchange_identification: ", "Connection closed by ", "Connection reset by ",
          "banner line contains invalid characters", "ssh_dispatch_run_fatal: "}) {
        if (!contains(log, mark)) continue;
        return Error(Errc::unavailable,
                     fmt::format("{} ended the connection, or is no ssh server ({})", peer.host,
                                 words_or(log, mark)));
    }
    return std::nullopt;
}

}    // namespace

std::string ssh_path_option(std::string_view name, std::string_view path) {
    std::string option = fmt::format("{}=\"", name);
    for (const char byte : path) option.append(byte == '%' ? 2 : 1, byte);
    return option + '"';
}

SshStage ssh_stage(std::string_view log) {
    if (contains(log, "\nAuthenticated to ")) return SshStage::authenticated;
    if (contains(log, "debug1: Remote protocol version ")) return SshStage::greeted;
    if (contains(log, "debug1: Connection established.")) return SshStage::connected;
    return SshStage::connecting;
}

std::optional<Error> ssh_connection_error(const SshPeer& peer, std::string_view log) {
    if (auto found = host_key_error(peer, log)) return found;
    return connection_error(peer, log);
}

std::optional<Error> ssh_key_error(const SshPeer& peer, std::string_view log) {
    const auto unusable = [&](std::string_view what) {
        return Error(Errc::denied, fmt::format("the private key {} {} {}", peer.private_key,
                                               peer.key_owner, what));
    };
    if (contains(log, "UNPROTECTED PRIVATE KEY FILE"))
        return unusable("may be read by others, so ssh does not use it (run chmod 600 on it)");
    if (contains(log, "debug2: bad passphrase given"))
        return unusable("is not opened by the passphrase of the credential");
    if (contains(log, "debug2: no passphrase given"))
        return unusable("has a passphrase, and the credential names none");
    if (const auto load = after(log, "Load key \"")) {
        const std::size_t reason = load->find("\": ");
        return unusable(fmt::format(
            "cannot be read by ssh: {} (is it the private key, whole, with its last line break?)",
            clean(reason == load->npos ? *load : load->substr(reason + 3))));
    }
    return std::nullopt;
}

std::string ssh_remote_words(std::string_view log) {
    std::string words;
    for (const std::string_view line : split(log, '\n')) {
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

}    // namespace trueup::base

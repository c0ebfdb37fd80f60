// SPDX-License-Identifier: Apache-2.0
// A Stack's author chooses url and credential's name, and the controller's owner chose the hosts:
// without their list, whoever may write a Stack could have any secret sent to a server of theirs.
#include "controller/source/git_credential.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace trueup::source {
namespace {

using v1alpha1::GitScheme;
using v1alpha1::GitUrl;
using Kind = GitCredential::Kind;

constexpr std::size_t longest_value = 8U << 10U;    // all of a request fit into one pipe

Error wrong(const GitCredential& credential, std::string_view what) {
    return Error(Errc::invalid, fmt::format("the git credential '{}' {}", credential.name, what));
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](unsigned char byte) { return byte < 0x20 || byte == 0x7F; });
}

Result<void> check_secret(const GitCredential& credential, std::string_view what) {
    const std::string& secret = credential.secret;
    if (secret.size() > longest_value) {
        return wrong(credential,
                     fmt::format("has a {} of more than {} bytes (is it the right file?)", what,
                                 longest_value));
    }
    if (!has_control(secret)) return Result<void>();
    return wrong(credential, fmt::format("has a {} with a line break or control characters in it "
                                         "(write it into its file as one line)",
                                         what));
}

// ssh reads paths as words of its configuration, in which these mean something.
Result<void> check_path(const GitCredential& credential, const std::string& path,
                        std::string_view what) {
    if (path.empty()) return Result<void>();
    if (path.starts_with('/') && path.size() < 4096 && !has_control(path) &&
        path.find_first_of("\"'$\\") == path.npos) {
        return Result<void>();
    }
    return wrong(credential,
                 fmt::format("has no usable path of its {} (write an absolute path without quotes, "
                             "'$' and backslashes)",
                             what));
}

std::uint16_t port_of(const GitUrl& url, GitScheme scheme) {
    if (url.port != 0) return url.port;
    constexpr std::uint16_t http = 80;
    constexpr std::uint16_t https = 443;
    constexpr std::uint16_t ssh = 22;
    return scheme == GitScheme::http ? http : scheme == GitScheme::https ? https : ssh;
}

bool equal_names(std::string_view left, std::string_view right) {
    return std::equal(
        left.begin(), left.end(), right.begin(), right.end(),
        [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

struct HostEntry {
    GitUrl place;
    bool any_scheme = true;    // that encrypts
};

Result<HostEntry> parse_entry(const GitCredential& credential, const std::string& text) {
    HostEntry entry;
    entry.any_scheme = text.find("://") == text.npos;
    auto parsed = v1alpha1::parse_git_url(
        fmt::format("{}{}/repository", entry.any_scheme ? "https://" : "", text));
    if (!parsed || !parsed->remote() || !parsed->user.empty() || parsed->path != "/repository") {
        return wrong(credential,
                     fmt::format("lists '{}', which is no host (write git.example.com, "
                                 "git.example.com:8443 or, unencrypted, http://git.example.com)",
                                 v1alpha1::redact_git_url(text)));
    }
    entry.place = std::move(*parsed);
    return entry;
}

bool covers(const HostEntry& entry, const GitUrl& url) {
    const bool scheme =
        entry.any_scheme ? url.scheme != GitScheme::http : entry.place.scheme == url.scheme;
    return scheme && equal_names(entry.place.host_name(), url.host_name()) &&
           port_of(entry.place, url.scheme) == port_of(url, url.scheme);
}

std::string_view scheme_name(GitScheme scheme) {
    return scheme == GitScheme::http ? "http" : scheme == GitScheme::https ? "https" : "ssh";
}

Result<void> check_kind(const GitCredential& credential) {
    switch (credential.kind) {
        case Kind::none: return Result<void>();
        case Kind::basic:
            if (credential.username.empty() || credential.secret.empty())
                return wrong(credential, "needs a user name and a password or token");
            if (credential.username.size() > longest_value || has_control(credential.username) ||
                credential.username.find(':') != std::string::npos)
                return wrong(credential, "has a user name with ':' or control characters in it");
            return check_secret(credential, "password");
        case Kind::bearer:
            if (credential.secret.empty()) return wrong(credential, "needs a token");
            if (credential.secret.find(' ') != std::string::npos)
                return wrong(credential, "has a token with a space in it");
            return check_secret(credential, "token");
        case Kind::ssh_key:
            if (credential.private_key.empty())
                return wrong(credential, "needs the path of a private key");
            return check_secret(credential, "passphrase");
    }
    return wrong(credential, "is of no known kind");
}

}    // namespace

std::string authorization_header(const GitCredential& credential) {
    if (credential.kind == Kind::bearer) return "Authorization: Bearer " + credential.secret;
    if (credential.kind != Kind::basic) return {};
    const std::string text = credential.username + ":" + credential.secret;
    std::vector<unsigned char> encoded(4 * ((text.size() + 2) / 3) + 1);
    const int size =
        EVP_EncodeBlock(encoded.data(), reinterpret_cast<const unsigned char*>(text.data()),
                        static_cast<int>(text.size()));
    return "Authorization: Basic " + std::string(encoded.begin(), encoded.begin() + size);
}

std::uint16_t effective_port(const GitUrl& url) { return port_of(url, url.scheme); }

Result<void> check_credential(const GitCredential& credential) {
    if (const auto kind = check_kind(credential); !kind) return kind.error();
    if (credential.kind != Kind::none && credential.hosts.empty()) {
        return wrong(
            credential,
            "names no host that it may be offered to (list the hosts of its repositories)");
    }
    for (const std::string& host : credential.hosts) {
        if (const auto entry = parse_entry(credential, host); !entry) return entry.error();
    }
    for (const auto& [path, what] :
         {std::pair(&credential.private_key, "private key"),
          std::pair(&credential.known_hosts, "known_hosts file"),
          std::pair(&credential.authorities, "certificate authorities")}) {
        if (const auto checked = check_path(credential, *path, what); !checked)
            return checked.error();
    }
    return Result<void>();
}

Result<void> check_credential_for(const GitCredential& credential, const GitUrl& url) {
    if (const auto complete = check_credential(credential); !complete) return complete.error();
    if (!url.remote()) {
        if (credential.kind == Kind::none) return Result<void>();
        return wrong(credential,
                     fmt::format("is of no use for {}, which is on this machine", url.path));
    }
    const bool key = credential.kind == Kind::ssh_key;
    if (credential.kind != Kind::none && key != (url.scheme == GitScheme::ssh)) {
        return wrong(credential,
                     fmt::format("holds {}, and {} is reached over {} (name another credential, or "
                                 "another form of the url)",
                                 key ? "an ssh key" : "a password or token", url.host,
                                 scheme_name(url.scheme)));
    }
    if (credential.hosts.empty()) return Result<void>();
    for (const std::string& host : credential.hosts) {
        const auto entry = parse_entry(credential, host);
        if (entry && covers(*entry, url)) return Result<void>();
    }
    return Error(
        Errc::denied,
        fmt::format("the git credential '{}' is not meant for {} over {}; it is for {} (add "
                    "the host to its list in the controller's configuration, if it is "
                    "trusted)",
                    credential.name, url.host, scheme_name(url.scheme),
                    fmt::join(credential.hosts, ", ")));
}

}    // namespace trueup::source

// SPDX-License-Identifier: Apache-2.0
#include "controller/source/git_credentials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/file.hpp"

namespace trueup::source {
namespace {

using v1alpha1::GitCredentialConfiguration;
using Kind = GitCredentialConfiguration::Kind;

GitCredential::Kind kind_of(Kind kind) {
    switch (kind) {
        case Kind::none: return GitCredential::Kind::none;
        case Kind::basic: return GitCredential::Kind::basic;
        case Kind::bearer: return GitCredential::Kind::bearer;
        case Kind::ssh_key: return GitCredential::Kind::ssh_key;
    }
    return GitCredential::Kind::none;
}

Result<void> check_url(const GitCredentialConfiguration& configured, const std::string& url) {
    const auto prefix = v1alpha1::parse_git_prefix(configured.url);
    if (!prefix) return prefix.error();
    const auto parsed = v1alpha1::parse_git_url(url);
    if (!parsed) return parsed.error();
    if (v1alpha1::covers(*prefix, *parsed)) return Result<void>();
    return Error(
        Errc::denied,
        fmt::format("the git credential '{}' is for {}, and {} does not lie below it (name "
                    "another credential, or change its url in the configuration)",
                    configured.name, configured.url, v1alpha1::redact_git_url(url)));
}

Result<std::string> read_secret(const GitCredentialConfiguration& configured) {
    if (!configured.secret_file.given()) return std::string();
    auto secret = base::read_secret(configured.secret_file.path);
    if (secret || secret.error().code() == Errc::invalid)
        return secret ? secret : secret.error().in("git credential " + configured.name);
    // It may be put there at any time: worth another try.
    return Error(Errc::unavailable,
                 fmt::format("git credential {}: {}", configured.name, secret.error().message()));
}

}    // namespace

GitCredentials::GitCredentials(std::vector<GitCredentialConfiguration> configured)
    : configured_(std::move(configured)) {}

Result<GitCredential> GitCredentials::read(const std::string& name, const std::string& url) const {
    if (name.empty()) return GitCredential();
    const auto found =
        std::find_if(configured_.begin(), configured_.end(),
                     [&](const GitCredentialConfiguration& each) { return each.name == name; });
    if (found == configured_.end()) {
        std::vector<std::string> names;
        for (const GitCredentialConfiguration& each : configured_) names.push_back(each.name);
        return Error(
            Errc::invalid,
            fmt::format("there is no git credential '{}' in the controller's "
                        "configuration, which has {}",
                        name, names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
    }
    const auto meant = check_url(*found, url);
    if (!meant) return meant.error();
    auto secret = read_secret(*found);
    if (!secret) return secret.error();
    const auto prefix = v1alpha1::parse_git_prefix(found->url);
    GitCredential credential;
    credential.kind = kind_of(found->kind);
    credential.name = name;
    const bool in_the_clear = prefix->scheme == v1alpha1::GitScheme::http;
    credential.hosts.push_back((in_the_clear ? "http://" : "") + prefix->host);
    credential.username = found->username;
    credential.secret = std::move(*secret);
    credential.private_key = found->private_key_file.path;
    credential.known_hosts = found->known_hosts_file.path;
    credential.authorities = found->ca_file.path;
    return credential;
}

}    // namespace trueup::source

// SPDX-License-Identifier: Apache-2.0
// gitCredentials and registryCredentials: who is shown what. Secrets are named as files.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "api/v1alpha1/document.hpp"
#include "api/v1alpha1/parse_configuration.hpp"

namespace trueup::v1alpha1 {
namespace {

using Kind = GitCredentialConfiguration::Kind;

constexpr std::string_view docker_hub = "docker.io";

// What the credential proves itself with; at most one way.
void read_kind(Reader& reader, GitCredentialConfiguration& credential, const std::string& folder) {
    const FilePath password = read_file_path(reader, "passwordFile", folder);
    const FilePath token = read_file_path(reader, "bearerTokenFile", folder);
    const FilePath passphrase = read_file_path(reader, "passphraseFile", folder);
    credential.private_key_file = read_file_path(reader, "privateKeyFile", folder);
    const int ways =
        int{password.given()} + int{token.given()} + int{credential.private_key_file.given()};
    if (ways > 1) {
        reader.add(reader.position(),
                   fmt::format("{}: more than one way to sign in", reader.path_of("")),
                   "keep one of passwordFile, bearerTokenFile and privateKeyFile");
    }
    if (passphrase.given() && !credential.private_key_file.given()) {
        reader.add(passphrase.position,
                   fmt::format("{}: there is no privateKeyFile", reader.path_of("passphraseFile")),
                   "remove it");
    }
    if (password.given()) {
        credential.kind = Kind::basic;
        credential.secret_file = password;
        reader.require("username", "servers that take tokens accept any, for example git");
    } else if (token.given()) {
        credential.kind = Kind::bearer;
        credential.secret_file = token;
    } else if (credential.private_key_file.given()) {
        credential.kind = Kind::ssh_key;
        credential.secret_file = passphrase;
    }
}

// Fields that belong to another scheme than the url's would never be looked at.
void check_scheme(Reader& reader, const GitCredentialConfiguration& credential, GitScheme scheme,
                  Problems& warnings) {
    const bool http = scheme == GitScheme::http || scheme == GitScheme::https;
    const auto refuse = [&](std::string_view field) {
        const yaml::Node* node = reader.find(field);
        if (node == nullptr) return;
        reader.add(node->position(),
                   fmt::format("{}: has no meaning for a {} url", reader.path_of(field),
                               http ? "http(s)" : "ssh"),
                   http ? "use passwordFile or bearerTokenFile" : "use privateKeyFile");
    };
    if (http) {
        for (const std::string_view field : {"privateKeyFile", "passphraseFile", "knownHostsFile"})
            refuse(field);
    } else {
        for (const std::string_view field : {"passwordFile", "bearerTokenFile", "caFile"})
            refuse(field);
    }
    if (scheme == GitScheme::http && credential.kind != Kind::none) {
        warnings.push_back(
            Problem{credential.url_position,
                    fmt::format("{}: a secret is sent to this server without encryption",
                                reader.path_of("url")),
                    "use https://"});
    }
}

void read_git_url(Reader& reader, GitCredentialConfiguration& credential, Problems& warnings) {
    reader.require("url",
                   "which repositories it is for, for example https://git.example.com/team/");
    const auto url = reader.text("url");
    if (!url) return;
    credential.url = url->value;
    credential.url_position = url->position;
    const auto parsed = parse_git_prefix(url->value);
    if (!parsed) {
        reader.problems().push_back(
            to_problem(url->position, reader.path_of("url"), parsed.error().message()));
        return;
    }
    if (!parsed->remote()) {
        reader.add(url->position,
                   fmt::format("{}: repositories on this machine need no credential",
                               reader.path_of("url")),
                   "remove the credential");
        return;
    }
    check_scheme(reader, credential, parsed->scheme, warnings);
}

bool equal_names(std::string_view left, std::string_view right) {
    return std::equal(
        left.begin(), left.end(), right.begin(), right.end(),
        [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

std::string_view without_slash(std::string_view path) {
    return path.starts_with('/') ? path.substr(1) : path;
}

bool is_registry(std::string_view text) {
    return !text.empty() && text.size() <= 255 &&
           std::all_of(text.begin(), text.end(), [](unsigned char byte) {
               return std::isalnum(byte) != 0 || byte == '.' || byte == '-' || byte == ':' ||
                      byte == '[' || byte == ']';
           });
}

void read_registry(Reader& reader, RegistryCredentialConfiguration& credential,
                   const std::string& folder) {
    refuse_secret(reader, "password", "passwordFile: /path");
    credential.docker_config = read_file_path(reader, "dockerConfig", folder);
    credential.password_file = read_file_path(reader, "passwordFile", folder);
    if (auto username = reader.text("username")) credential.username = std::move(username->value);
    if (reader.has("dockerConfig")) {
        for (const std::string_view field : {"registry", "username", "passwordFile"}) {
            if (!reader.has(field)) continue;
            reader.add(reader.find(field)->position(),
                       fmt::format("{}: dockerConfig says this already", reader.path_of(field)),
                       "make two credentials of it");
        }
        return;
    }
    reader.require("registry",
                   "for example registry.example.com, or dockerConfig: /path/config.json");
    reader.require("username", "who signs in");
    if (!reader.has("password"))
        reader.require("passwordFile", "the file that holds the password or token");
    const auto registry = reader.text("registry");
    if (!registry) return;
    credential.registry = registry_name(registry->value);
    const bool has_path = registry->value.find('/') != std::string::npos;
    if (!is_registry(credential.registry) || (has_path && credential.registry != docker_hub)) {
        reader.add(registry->position,
                   fmt::format("{}: {} is no registry", reader.path_of("registry"),
                               in_quotes(registry->value)),
                   "write its host, with the port if it has one: registry.example.com:5000");
    }
}

}    // namespace

std::vector<GitCredentialConfiguration> read_git_credentials(Reader& document,
                                                             const std::string& folder,
                                                             Problems& warnings) {
    std::vector<GitCredentialConfiguration> credentials;
    std::vector<std::string> names;
    const auto list = document.list("gitCredentials");
    for (std::size_t index = 0; index < list.size(); ++index) {
        Reader reader(*list[index], fmt::format("gitCredentials[{}]", index),
                      {"name", "url", "username", "passwordFile", "bearerTokenFile",
                       "privateKeyFile", "passphraseFile", "knownHostsFile", "caFile", "password",
                       "token", "bearerToken", "privateKey", "passphrase"},
                      document.problems());
        for (const std::string_view field : {"password", "token"})
            refuse_secret(reader, field, "passwordFile: /path");
        refuse_secret(reader, "bearerToken", "bearerTokenFile: /path");
        refuse_secret(reader, "privateKey", "privateKeyFile: /path");
        refuse_secret(reader, "passphrase", "passphraseFile: /path");
        GitCredentialConfiguration credential;
        credential.name = read_unique_name(reader, names);
        if (auto username = reader.text("username"))
            credential.username = std::move(username->value);
        credential.known_hosts_file = read_file_path(reader, "knownHostsFile", folder);
        credential.ca_file = read_file_path(reader, "caFile", folder);
        read_kind(reader, credential, folder);
        read_git_url(reader, credential, warnings);
        credentials.push_back(std::move(credential));
    }
    return credentials;
}

std::vector<RegistryCredentialConfiguration> read_registry_credentials(Reader& document,
                                                                       const std::string& folder) {
    std::vector<RegistryCredentialConfiguration> credentials;
    const auto list = document.list("registryCredentials");
    for (std::size_t index = 0; index < list.size(); ++index) {
        Reader reader(*list[index], fmt::format("registryCredentials[{}]", index),
                      {"registry", "username", "passwordFile", "dockerConfig", "password"},
                      document.problems());
        RegistryCredentialConfiguration credential;
        read_registry(reader, credential, folder);
        const bool twice = !credential.registry.empty() &&
                           std::any_of(credentials.begin(), credentials.end(),
                                       [&](const RegistryCredentialConfiguration& each) {
                                           return each.registry == credential.registry;
                                       });
        if (twice) {
            reader.add(reader.find("registry")->position(),
                       fmt::format("{}: there is a credential for {} already",
                                   reader.path_of("registry"), credential.registry),
                       "keep one of them");
        }
        credentials.push_back(std::move(credential));
    }
    return credentials;
}

std::string registry_name(std::string_view written) {
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (written.starts_with(scheme)) written.remove_prefix(scheme.size());
    }
    std::string name(written.substr(0, written.find('/')));
    for (char& letter : name) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    constexpr std::array<std::string_view, 3> hub{"index.docker.io", "registry-1.docker.io",
                                                  "registry.hub.docker.com"};
    return std::find(hub.begin(), hub.end(), name) == hub.end() ? name : std::string(docker_hub);
}

Result<GitUrl> parse_git_prefix(std::string_view url) {
    // A prefix may stop at the host, which a repository's url may not: one more part makes both whole.
    constexpr std::string_view part = "/x";
    std::string whole(url);
    while (whole.ends_with('/')) whole.pop_back();
    auto parsed = parse_git_url(whole + std::string(part));
    if (!parsed) return parsed.error();
    parsed->path.resize(parsed->path.size() - part.size());
    return parsed;
}

bool covers(const GitUrl& prefix, const GitUrl& url) {
    if (prefix.scheme != url.scheme || prefix.port != url.port) return false;
    if (!equal_names(prefix.host_name(), url.host_name())) return false;
    if (!prefix.user.empty() && prefix.user != url.user) return false;
    // git@host:team/shop and ssh://git@host/team/shop are one repository to most servers.
    const std::string_view base = without_slash(prefix.path);
    std::string_view rest = without_slash(url.path);
    if (base.empty()) return true;
    if (!rest.starts_with(base)) return false;
    rest.remove_prefix(base.size());
    // ".." may lead out of what the path begins with, also where only the server decodes it.
    if (rest.find("..") != rest.npos || rest.find('%') != rest.npos) return false;
    return rest.empty() || rest.starts_with('/') || rest == ".git";
}

}    // namespace trueup::v1alpha1

// SPDX-License-Identifier: Apache-2.0
// What a git server wants to see before it hands out a private repository, and what proves that it
// is the right server. The caller has read the values from files; nothing here is ever written to a
// disk, put into an argument or an environment, or repeated in a message.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/v1alpha1/git_url.hpp"

namespace trueup::source {

struct GitCredential {
    enum class Kind : std::uint8_t {
        none,       // a public repository; known_hosts and authorities still count
        basic,      // http(s): username and secret, a password or a token
        bearer,     // http(s): secret as the token of "Authorization: Bearer"
        ssh_key,    // ssh: private_key, and secret as its passphrase ("" = it has none)
    };
    Kind kind = Kind::none;
    std::string name;    // in the controller's configuration; messages name it
    // Where it may be offered; required unless kind is none. "git.example.com", or with a port that
    // is not the scheme's own "git.example.com:8443". They mean https and ssh; only an entry that
    // says "http://git.example.com:3000" sends a secret without encryption.
    std::vector<std::string> hosts;
    std::string username;       // basic; of ssh: for urls that name no user
    std::string secret;         // password, token or passphrase, without the file's last newline
    std::string private_key;    // path of the key file
    std::string known_hosts;    // ssh: path; "" = /etc/ssh/ssh_known_hosts
    std::string authorities;    // https: path of PEM certificates trusted beside the machine's

    bool operator==(const GitCredential&) const = default;
};

// Whether the credential is complete in itself: what a configuration can be checked for.
// Errc::invalid with what is missing or wrong; never repeats a value that is secret.
Result<void> check_credential(const GitCredential& credential);

// Whether it may be used for this url: of the right kind (invalid), and meant for its host (denied).
Result<void> check_credential_for(const GitCredential& credential, const v1alpha1::GitUrl& url);

// "Authorization: …" for http(s), "" for the other kinds.
std::string authorization_header(const GitCredential& credential);

// The port that a connection goes to: the url's, or the scheme's own.
std::uint16_t effective_port(const v1alpha1::GitUrl& url);

}    // namespace trueup::source

// SPDX-License-Identifier: Apache-2.0
// The address of a git repository: what a Stack may name and what source/ may fetch.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "controller/base/result.hpp"

namespace trueup::v1alpha1 {

enum class GitScheme : std::uint8_t { http, https, ssh, file, path };

struct GitUrl {
    GitScheme scheme = GitScheme::path;
    std::string user;          // of ssh, "" when the url names none; never of the others
    std::string host;          // with the port as written; "" for file and path
    std::uint16_t port = 0;    // 0 = the scheme's own
    // Of file and path: on this machine. Of http(s): from the first "/" on. Of ssh: what the server
    // is asked for, "/srv/shop.git", "~/shop.git", or "team/shop.git" below the user's home.
    std::string path;

    bool remote() const { return scheme != GitScheme::file && scheme != GitScheme::path; }
    // The host without brackets and port.
    std::string_view host_name() const;
    bool operator==(const GitUrl&) const = default;
};

// https://host/path, http://host/path, ssh://user@host/path, user@host:path, file:///path, or a
// path. Errc::invalid otherwise: other schemes, userinfo in http(s) and a password anywhere, a query
// or a fragment (they carry tokens, and urls end up in logs), white space and control characters,
// hosts, users and paths that a program could take for an option. Its message never repeats
// userinfo or a query; it has the form "what is wrong" or "what is wrong (what to do)".
Result<GitUrl> parse_git_url(std::string_view url);

// `url` without userinfo and query, for messages about any text that was meant as one.
std::string redact_git_url(std::string_view url);

}    // namespace trueup::v1alpha1

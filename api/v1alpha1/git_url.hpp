// SPDX-License-Identifier: Apache-2.0
// The address of a git repository: what a Stack may name and what source/ may fetch.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "controller/base/result.hpp"

namespace trueup::v1alpha1 {

enum class GitScheme : std::uint8_t { http, https, file, path };

struct GitUrl {
    GitScheme scheme = GitScheme::path;
    std::string host;    // with the port as written; "" for file and path
    std::string path;    // of file and path: on this machine; of http(s): from the first "/" on

    bool remote() const { return scheme == GitScheme::http || scheme == GitScheme::https; }
    bool operator==(const GitUrl&) const = default;
};

// https://host/path, http://host/path, file:///path, or a path. Errc::invalid otherwise: other
// schemes and ssh ("not supported yet"), userinfo, a query or a fragment (they carry tokens, and
// urls end up in logs), white space and control characters. Its message never repeats userinfo or a
// query; it has the form "what is wrong" or "what is wrong (what to do)".
Result<GitUrl> parse_git_url(std::string_view url);

// `url` without userinfo and query, for messages about any text that was meant as one.
std::string redact_git_url(std::string_view url);

}    // namespace trueup::v1alpha1

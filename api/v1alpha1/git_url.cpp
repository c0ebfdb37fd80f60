// SPDX-License-Identifier: Apache-2.0
// scheme "://" rest; without a scheme it is a path, unless it has the form host:path of scp, which
// git takes as ssh. http(s) rest = authority [path]; userinfo is what stands before an "@" in it.
#include "api/v1alpha1/git_url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "controller/base/text.hpp"

namespace trueup::v1alpha1 {
namespace {

constexpr std::size_t longest_url = 2048;
constexpr std::array<std::string_view, 3> schemes{"https", "http", "file"};

Error bad(std::string message) { return Error(Errc::invalid, std::move(message)); }

bool has_blank(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](unsigned char byte) { return byte <= 0x20 || byte == 0x7F; });
}

// "git@host:path" and "host:path": a colon before the first slash.
bool is_scp_form(std::string_view text) {
    const std::size_t colon = text.find(':');
    return colon != std::string_view::npos && colon < text.find('/');
}

bool is_port(std::string_view text) {
    return !text.empty() && text.size() <= 5 &&
           std::all_of(text.begin(), text.end(),
                       [](unsigned char byte) { return std::isdigit(byte) != 0; });
}

bool is_host(std::string_view authority) {
    std::string_view name = authority;
    if (name.starts_with('[')) {
        const std::size_t end = name.find(']');
        if (end == std::string_view::npos) return false;
        const std::string_view rest = name.substr(end + 1);
        return end > 2 && (rest.empty() || (rest.starts_with(':') && is_port(rest.substr(1))));
    }
    if (const std::size_t colon = name.find(':'); colon != std::string_view::npos) {
        if (!is_port(name.substr(colon + 1))) return false;
        name = name.substr(0, colon);
    }
    constexpr std::string_view extra = "-._~%";
    return !name.empty() && std::all_of(name.begin(), name.end(), [&](unsigned char byte) {
        return std::isalnum(byte) != 0 || byte >= 0x80 ||
               extra.find(static_cast<char>(byte)) != extra.npos;
    });
}

Result<GitUrl> parse_remote(GitScheme scheme, std::string_view rest) {
    const std::size_t slash = rest.find('/');
    const std::string_view authority = rest.substr(0, slash);
    if (authority.find('@') != std::string_view::npos) {
        return bad(
            "the url carries a user name or a password (remove everything before the '@'; secrets "
            "do "
            "not belong into desired-state files)");
    }
    if (rest.find_first_of("?#") != std::string_view::npos) {
        return bad(
            "the url has a query or a fragment, which git urls do not have (remove what follows "
            "'?' or '#')");
    }
    if (!is_host(authority))
        return bad("the url names no valid host (write https://host/path/to/repository.git)");
    const std::string_view path =
        slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
    if (base::trim(path).size() < 2)
        return bad("the url names a host but no repository (add its path)");
    GitUrl url;
    url.scheme = scheme;
    url.host = std::string(authority);
    url.path = std::string(path);
    return url;
}

Result<GitUrl> parse_file(std::string_view rest) {
    if (rest.starts_with("localhost/")) rest.remove_prefix(std::string_view("localhost").size());
    if (!rest.starts_with('/'))
        return bad("a file url needs an absolute path (write file:///path/to/repository)");
    GitUrl url;
    url.scheme = GitScheme::file;
    url.path = std::string(rest);
    return url;
}

}    // namespace

Result<GitUrl> parse_git_url(std::string_view url) {
    if (url.empty()) return bad("the url is empty");
    if (url.size() > longest_url)
        return bad(fmt::format("the url is longer than {} bytes", longest_url));
    if (has_blank(url)) return bad("the url has white space or control characters in it");
    const std::size_t mark = url.find("://");
    if (mark == std::string_view::npos) {
        if (is_scp_form(url)) {
            return bad(
                "git over ssh is not supported yet by this version (use https://, http://, file:// "
                "or a path)");
        }
        GitUrl parsed;
        parsed.path = std::string(url);
        return parsed;
    }
    const std::string_view scheme = url.substr(0, mark);
    const std::string_view rest = url.substr(mark + 3);
    if (scheme == "https") return parse_remote(GitScheme::https, rest);
    if (scheme == "http") return parse_remote(GitScheme::http, rest);
    if (scheme == "file") return parse_file(rest);
    if (scheme == "ssh" || scheme == "git+ssh" || scheme == "git") {
        return bad(fmt::format(
            "git over {} is not supported yet by this version (use https://, http://, file:// or "
            "a path)",
            scheme));
    }
    const std::string hint = base::suggest(scheme, schemes);
    return bad(fmt::format("unknown url scheme '{}' ({})", redact_git_url(scheme),
                           hint.empty() ? "use https://, http://, file:// or a path" : hint));
}

std::string redact_git_url(std::string_view url) {
    std::string text(url.substr(0, url.find_first_of("?#")));
    // user:password@https://host is a mistake that people make.
    if (const std::size_t mark = text.find("://"); mark != std::string::npos) {
        const std::size_t at = text.rfind('@', mark);
        if (at != std::string::npos) text.erase(0, at + 1);
    }
    const std::size_t mark = text.find("://");
    const std::size_t start = mark == std::string::npos ? 0 : mark + 3;
    const std::size_t end = std::min(text.find('/', start), text.size());
    const std::size_t at = text.rfind('@', end);
    if (at != std::string::npos && at >= start && at < end) text.erase(start, at + 1 - start);
    return text;
}

}    // namespace trueup::v1alpha1

// SPDX-License-Identifier: Apache-2.0
// scheme "://" rest; without a scheme it is a path, unless it has the form user@host:path of scp,
// which git takes as ssh. http(s) rest = authority [path]; ssh rest = [user "@"] authority path.
// Userinfo is what stands before an "@" in an authority. ssh and git's server get user, host and
// path as words of command lines, so none of them may look like an option.
#include "api/v1alpha1/git_url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "controller/base/text.hpp"

namespace trueup::v1alpha1 {
namespace {

constexpr std::size_t longest_url = 2048;
constexpr std::array<std::string_view, 4> schemes{"https", "http", "ssh", "file"};
constexpr std::string_view forms =
    "use https://, http://, ssh://, user@host:path, file:// or a path";

Error bad(std::string message) { return Error(Errc::invalid, std::move(message)); }

bool is_blank(unsigned char byte) { return byte <= 0x20 || byte == 0x7F; }

bool has_blank(std::string_view text) { return std::any_of(text.begin(), text.end(), is_blank); }

// The colon of "git@host:path", which stands before the first slash and behind "[…]".
std::size_t scp_colon(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::size_t bracket = text.substr(0, slash).find(']');
    const std::size_t colon = text.find(':', bracket == text.npos ? 0 : bracket);
    return colon < slash ? colon : text.npos;
}

struct Authority {
    std::string_view name;     // without brackets
    std::uint16_t port = 0;    // 0 = none
    bool bracketed = false;
};

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, port);
    if (parsed.ec != std::errc() || parsed.ptr != end || port == 0) return std::nullopt;
    return port;
}

std::optional<Authority> split_authority(std::string_view text) {
    Authority parts;
    std::string_view rest;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == text.npos) return std::nullopt;
        parts.bracketed = true;
        parts.name = text.substr(1, end - 1);
        rest = text.substr(end + 1);
    } else {
        parts.name = text.substr(0, text.find(':'));
        rest = text.substr(parts.name.size());
    }
    if (parts.name.empty()) return std::nullopt;
    if (rest.empty()) return parts;
    const auto port = rest.starts_with(':') ? parse_port(rest.substr(1)) : std::nullopt;
    if (!port) return std::nullopt;
    parts.port = *port;
    return parts;
}

bool consists_of(std::string_view text, std::string_view extra, bool other_alphabets) {
    return std::all_of(text.begin(), text.end(), [&](unsigned char byte) {
        return std::isalnum(byte) != 0 || (other_alphabets && byte >= 0x80) ||
               extra.find(static_cast<char>(byte)) != extra.npos;
    });
}

// An address between brackets, or a name.
bool is_host(const Authority& parts, bool of_ssh) {
    if (parts.bracketed) {
        return parts.name.size() > 1 && parts.name.find(':') != parts.name.npos &&
               consists_of(parts.name, ":.%", false);
    }
    return consists_of(parts.name, of_ssh ? "-._" : "-._~%", !of_ssh) &&
           !(of_ssh && parts.name.starts_with('-'));
}

Result<void> check_host(std::string_view authority, bool of_ssh, GitUrl& url) {
    const auto parts = split_authority(authority);
    if (!parts || !is_host(*parts, of_ssh)) {
        return bad(fmt::format("the url names no valid host (write {}host/path/to/repository.git)",
                               of_ssh ? "ssh://user@" : "https://"));
    }
    url.host = std::string(authority);
    url.port = parts->port;
    return Result<void>();
}

Result<void> refuse_query(std::string_view text) {
    if (text.find_first_of("?#") == text.npos) return Result<void>();
    return bad(
        "the url has a query or a fragment, which git urls do not have (remove what follows '?' or "
        "'#')");
}

Result<GitUrl> parse_http(GitScheme scheme, std::string_view rest) {
    const std::size_t slash = rest.find('/');
    const std::string_view authority = rest.substr(0, slash);
    if (authority.find('@') != std::string_view::npos) {
        return bad(
            "the url carries a user name or a password (remove everything before the '@'; secrets "
            "do not belong into desired-state files)");
    }
    if (const auto checked = refuse_query(rest); !checked) return checked.error();
    GitUrl url;
    url.scheme = scheme;
    if (const auto checked = check_host(authority, false, url); !checked) return checked.error();
    const std::string_view path =
        slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
    if (base::trim(path).size() < 2)
        return bad("the url names a host but no repository (add its path)");
    url.path = std::string(path);
    return url;
}

int digit(char byte) {
    if (byte >= '0' && byte <= '9') return byte - '0';
    const int lower = byte | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// git decodes the paths of ssh urls; nothing for a broken escape.
std::optional<std::string> decode(std::string_view text) {
    std::string decoded;
    for (std::size_t index = 0; index < text.size(); ++index) {
        if (text[index] != '%') {
            decoded += text[index];
            continue;
        }
        if (index + 2 >= text.size()) return std::nullopt;
        const int high = digit(text[index + 1]);
        const int low = digit(text[index + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        decoded += static_cast<char>(high * 16 + low);
        index += 2;
    }
    return decoded;
}

// `path`: "/srv/x", "/~/x" or "/~user/x" of a url, "x", "/x" or "~/x" of scp's form.
Result<GitUrl> parse_ssh(std::string_view user, std::string_view authority, std::string path) {
    if (user.find(':') != user.npos) {
        return bad(
            "the url carries a password (remove it; git over ssh is given a key, and secrets do "
            "not "
            "belong into desired-state files)");
    }
    if (user.starts_with('-') || !consists_of(user, "-._+", false))
        return bad("the url names no valid user (write ssh://user@host/path/to/repository.git)");
    GitUrl url;
    url.scheme = GitScheme::ssh;
    url.user = std::string(user);
    if (const auto checked = check_host(authority, true, url); !checked) return checked.error();
    if (path.starts_with("/~")) path.erase(0, 1);
    if (path.empty() || path == "/")
        return bad("the url names a host but no repository (add its path)");
    const bool control = std::any_of(
        path.begin(), path.end(), [](unsigned char byte) { return byte != ' ' && is_blank(byte); });
    if (path.starts_with('-') || control)
        return bad("the path in the url begins with '-' or has control characters in it");
    url.path = std::move(path);
    return url;
}

Result<GitUrl> parse_ssh_url(std::string_view rest) {
    if (const auto checked = refuse_query(rest); !checked) return checked.error();
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    std::string_view authority = rest.substr(0, slash);
    std::string_view user;
    if (const std::size_t at = authority.rfind('@'); at != authority.npos) {
        user = authority.substr(0, at);
        authority.remove_prefix(at + 1);
        if (user.empty()) return bad("the url names an empty user (write ssh://user@host/path)");
    }
    auto path = decode(rest.substr(slash));
    if (!path) return bad("the path in the url has a '%' without two hexadecimal digits");
    return parse_ssh(user, authority, std::move(*path));
}

Result<GitUrl> parse_scp(std::string_view text, std::size_t colon) {
    const std::string_view place = text.substr(0, colon);
    const std::size_t at = place.rfind('@');
    if (at == place.npos || at == 0) {
        return bad(
            "the url has a ':' and is neither a path nor user@host:path (write user@host:path for "
            "git over ssh, or ./ before a path)");
    }
    return parse_ssh(place.substr(0, at), place.substr(at + 1),
                     std::string(text.substr(colon + 1)));
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

std::string_view GitUrl::host_name() const {
    const auto parts = split_authority(host);
    return parts ? parts->name : std::string_view();
}

Result<GitUrl> parse_git_url(std::string_view url) {
    if (url.empty()) return bad("the url is empty");
    if (url.size() > longest_url)
        return bad(fmt::format("the url is longer than {} bytes", longest_url));
    if (has_blank(url)) return bad("the url has white space or control characters in it");
    const std::size_t mark = url.find("://");
    if (mark == std::string_view::npos) {
        if (const std::size_t colon = scp_colon(url); colon != url.npos)
            return parse_scp(url, colon);
        GitUrl parsed;
        parsed.path = std::string(url);
        return parsed;
    }
    const std::string_view scheme = url.substr(0, mark);
    const std::string_view rest = url.substr(mark + 3);
    if (scheme == "https") return parse_http(GitScheme::https, rest);
    if (scheme == "http") return parse_http(GitScheme::http, rest);
    if (scheme == "file") return parse_file(rest);
    if (scheme == "ssh") return parse_ssh_url(rest);
    if (scheme == "git" || scheme == "git+ssh") {
        return bad(fmt::format(
            "git over {}:// is not supported ({})", scheme,
            scheme == "git" ? "it checks nothing; use https:// or ssh://" : "write ssh://"));
    }
    const std::string hint = base::suggest(scheme, schemes);
    return bad(fmt::format("unknown url scheme '{}' ({})", redact_git_url(scheme),
                           hint.empty() ? std::string(forms) : hint));
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

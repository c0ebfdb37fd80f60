// SPDX-License-Identifier: Apache-2.0
// libgit2 has few return codes, so the class and the text of its error decide. The texts are those
// of libgit2 1.5 and covered by tests against real servers; an unknown text is passed on as it is.
#include "controller/source/fetch_error.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "controller/base/text.hpp"
#include "controller/source/git_ssh_process.hpp"
#include "controller/source/libgit.hpp"
#include "controller/source/socket_state.hpp"

namespace trueup::source {
namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// "unexpected http status code: 404" -> 404
int http_status(std::string_view message) {
    constexpr std::string_view mark = "http status code: ";
    const std::size_t start = message.find(mark);
    int status = 0;
    if (start == message.npos) return status;
    std::from_chars(message.data() + start + mark.size(), message.data() + message.size(), status);
    return status;
}

// Many servers say 404 about a private repository to whoever may not read it.
Error status_error(const v1alpha1::GitUrl& url, const GitCredential& credential, int status) {
    const bool anonymous = credential.kind == GitCredential::Kind::none;
    if (status == 404 || status == 410) {
        return Error(Errc::not_found,
                     fmt::format("{} has no repository at {} (HTTP {}); check the url, and {}",
                                 url.host, url.path, status,
                                 anonymous ? "if it is private, name a git credential for it"
                                           : fmt::format("what the git credential '{}' may read",
                                                         credential.name)));
    }
    if ((status == 401 || status == 403) && anonymous) {
        return Error(Errc::denied,
                     fmt::format("{} denies access to {} (HTTP {}); name a git credential that may "
                                 "read it",
                                 url.host, url.path, status));
    }
    if (status == 401 || status == 403) {
        return Error(
            Errc::denied,
            fmt::format("{} refuses the git credential '{}' for {} (HTTP {}); check that its user "
                        "name and its password or token are right, that it has not expired, and "
                        "that it may read the repository",
                        url.host, credential.name, url.path, status));
    }
    return Error(Errc::unavailable,
                 fmt::format("{} answered HTTP {} for {}", url.host, status, url.path));
}

Error remote_error(const v1alpha1::GitUrl& url, const GitCredential& credential, int code,
                   const std::string& message) {
    if (const int status = http_status(message); status != 0)
        return status_error(url, credential, status);
    if (contains(message, "too many redirects")) {
        return Error(Errc::unavailable,
                     fmt::format("{} redirects {} in a circle", url.host, url.path));
    }
    if (code == GIT_EAUTH || contains(message, "authentication"))
        return status_error(url, credential, 401);
    if (contains(message, "cannot redirect")) {
        return Error(
            Errc::denied,
            fmt::format("{} redirects {} to another host, which is not followed; write the url "
                        "that it redirects to ({})",
                        url.host, url.path, message));
    }
    if (contains(message, "invalid content-type") || contains(message, "Content-Type")) {
        return Error(Errc::not_found, fmt::format("{} answers at {}, but not as a git server ({})",
                                                  url.host, url.path, message));
    }
    if (contains(message, "failed to connect to")) {
        const std::size_t reason = message.find(": ");
        return Error(Errc::unavailable,
                     fmt::format("could not connect to {}{}", url.host,
                                 reason == message.npos ? "" : message.substr(reason)));
    }
    if (contains(message, "failed to resolve address")) {
        return Error(Errc::unavailable,
                     fmt::format("the host {} is not known ({})", url.host, message));
    }
    if (code == GIT_ECERTIFICATE || contains(message, "certificate")) {
        return Error(Errc::unavailable,
                     fmt::format("the certificate of {} is not trusted ({}); if it is the right "
                                 "server, name the authority that signed it in the git credential, "
                                 "or add it to the machine's",
                                 url.host, message));
    }
    return Error(Errc::unavailable,
                 fmt::format("fetch from {}{}: {}", url.host, url.path, message));
}

// The sockets are those of the ssh program, which tells by its log how far it came.
Error ssh_timeout(const v1alpha1::GitUrl& url, const std::string& time) {
    const auto message = [&]() -> std::string {
        switch (current_ssh_stage()) {
            case SshStage::connecting:
                return fmt::format("could not connect to {} within {}", url.host, time);
            case SshStage::connected:
                return fmt::format("{} accepted the connection and said nothing for {}", url.host,
                                   time);
            case SshStage::greeted:
                return fmt::format("{} answered, but logging in did not end within {}", url.host,
                                   time);
            case SshStage::authenticated:
                return fmt::format("{} did not finish within {}", url.host, time);
        }
        return fmt::format("ssh to {} did not end within {}", url.host, time);
    };
    return Error(Errc::timeout, message());
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Error local_error(const v1alpha1::GitUrl& url, const std::string& message) {
    if (!exists(url.path)) {
        const bool denied = errno == EACCES;
        return Error(denied ? Errc::denied : Errc::not_found,
                     fmt::format("{} {}", url.path,
                                 denied ? "cannot be read: permission denied" : "does not exist"));
    }
    if (exists(url.path + "/.git/shallow") || exists(url.path + "/shallow")) {
        return Error(
            Errc::invalid,
            fmt::format("{} is a shallow clone, which lacks objects; run `git fetch --unshallow` "
                        "in it",
                        url.path));
    }
    if (contains(message, "could not find repository") ||
        contains(message, "failed to resolve path") || contains(message, "not a git repository")) {
        return Error(Errc::not_found, fmt::format("{} is not a git repository", url.path));
    }
    return Error(Errc::unavailable, fmt::format("fetch from {}: {}", url.path, message));
}

}    // namespace

Error fetch_error(const v1alpha1::GitUrl& url, const GitCredential& credential, int code) {
    const std::string message = libgit::last_message();
    return url.remote() ? remote_error(url, credential, code, message) : local_error(url, message);
}

Error no_such_branch(const std::string& branch, std::vector<std::string> branches, bool is_tag) {
    constexpr std::size_t most = 5;
    std::sort(branches.begin(), branches.end());
    std::vector<std::string_view> rest(branches.begin(), branches.end());
    std::vector<std::string_view> shown;
    while (shown.size() < most && !rest.empty()) {
        const std::string_view next = base::closest(branch, rest).value_or(rest.front());
        rest.erase(std::find(rest.begin(), rest.end(), next));
        shown.push_back(next);
    }
    return Error(
        Errc::not_found,
        fmt::format(
            "no branch '{}'{}; there {} {}{}", branch,
            is_tag ? " (there is a tag of that name; tags are not supported yet by this version)"
                   : "",
            branches.size() == 1 ? "is only" : "are", fmt::join(shown, ", "),
            rest.empty() ? "" : fmt::format(" and {} more", rest.size())));
}

Error fetch_timeout(const v1alpha1::GitUrl& url, base::Milliseconds deadline) {
    const std::string time = base::format_duration(deadline);
    if (!url.remote()) {
        return Error(Errc::timeout,
                     fmt::format("reading {} did not end within {}", url.path, time));
    }
    if (url.scheme == v1alpha1::GitScheme::ssh) return ssh_timeout(url, time);
    const SocketState connection = look_at_sockets();
    if (!connection.connected) {
        return Error(Errc::timeout,
                     fmt::format("could not {} {} within {}",
                                 connection.connecting ? "connect to" : "reach", url.host, time));
    }
    if (connection.received == 0) {
        return Error(
            Errc::timeout,
            fmt::format("{} accepted the connection and said nothing for {}", url.host, time));
    }
    return Error(Errc::timeout,
                 fmt::format("{} did not finish within {}; it had sent {} bytes by then", url.host,
                             time, connection.received));
}

}    // namespace trueup::source

// SPDX-License-Identifier: Apache-2.0
// Real git over http: lighttpd (Debian's package) in front of git's own http-backend, on a free
// loopback port.
#pragma once

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/support/tcp_server.hpp"
#include "tests/support/temp_directory.hpp"

namespace trueup::support {

class HttpGitServer {
public:
    static constexpr const char* user = "anna";
    static constexpr const char* password = "hunter2-p:a ss\"word";
    static constexpr const char* token = "hunter2-token";

    // Serves every repository below `root`: url("shop") is root/shop. Below locked/ it wants the
    // user and the password, or the token as password of any-user; below token/ the bearer token.
    explicit HttpGitServer(const std::string& root) : port_(unused_port()) {
        write_file(files_ / "lighttpd.conf", configuration(root));
        write_file(files_ / "users", fmt::format("{}:{}\nany-user:{}\n", user, password, token));
        const std::string config = files_ / "lighttpd.conf";
        const std::string log = files_ / "log";
        process_ = ::fork();
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGTERM);
            if (std::freopen(log.c_str(), "w", stderr) == nullptr) ::_exit(126);
            ::execl(program, program, "-D", "-f", config.c_str(), nullptr);
            ::_exit(127);
        }
        wait_until_it_listens(log);
    }
    ~HttpGitServer() {
        ::kill(process_, SIGTERM);
        ::waitpid(process_, nullptr, 0);
    }
    HttpGitServer(const HttpGitServer&) = delete;
    HttpGitServer& operator=(const HttpGitServer&) = delete;

    std::string host() const { return fmt::format("127.0.0.1:{}", port_); }
    std::string url(std::string_view repository) const {
        return fmt::format("http://{}/{}", host(), repository);
    }
    int port() const { return port_; }

private:
    static constexpr const char* program = "/usr/sbin/lighttpd";

    std::string configuration(const std::string& root) const {
        return fmt::format(R"(
server.modules = ("mod_access", "mod_alias", "mod_setenv", "mod_auth", "mod_authn_file",
                  "mod_cgi")
server.document-root = "{0}"
server.bind = "127.0.0.1"
server.port = {1}
server.upload-dirs = ("{2}")
$HTTP["url"] =~ "^/private" {{ url.access-deny = ("") }}
auth.backend = "plain"
auth.backend.plain.userfile = "{2}/users"
auth.require = ("/locked" => ("method" => "basic", "realm" => "git", "require" => "valid-user"))
$HTTP["url"] =~ "^/token" {{
  $REQUEST_HEADER["Authorization"] != "Bearer {4}" {{ url.access-deny = ("") }}
}}
alias.url = ("/" => "{3}/")
cgi.assign = ("" => "")
setenv.add-environment = ("GIT_PROJECT_ROOT" => "{0}", "GIT_HTTP_EXPORT_ALL" => "", "HOME" => "{2}",
                          "GIT_CONFIG_COUNT" => "1", "GIT_CONFIG_KEY_0" => "safe.directory",
                          "GIT_CONFIG_VALUE_0" => "*")
)",
                           root, port_, files_.path(), "/usr/lib/git-core/git-http-backend", token);
    }
    void wait_until_it_listens(const std::string& log) {
        for (int attempt = 0; attempt < 500; ++attempt) {
            if (const int socket = connect_loopback(port_); socket >= 0) {
                ::close(socket);
                return;
            }
            if (::waitpid(process_, nullptr, WNOHANG) == process_) break;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        throw std::runtime_error("lighttpd did not start: " + read_file(log));
    }

    TempDirectory files_;
    int port_;
    pid_t process_ = -1;
};

}    // namespace trueup::support

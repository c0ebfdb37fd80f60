// SPDX-License-Identifier: Apache-2.0
// A real ssh server: OpenSSH's sshd (Debian's package) on a free loopback port, with host keys and
// authorized keys of its own. Whoever is authorized may run git-shell, or one chosen command. Needs root.
#pragma once

#include <fmt/format.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/git_repository.hpp"
#include "tests/support/tcp_server.hpp"
#include "tests/support/temp_directory.hpp"

namespace trueup::support {

// A key pair: `path` and `path`.pub.
inline std::string make_ssh_key(const std::string& path, std::string_view type = "ed25519",
                                std::string_view passphrase = "", std::string_view more = "") {
    run_shell(fmt::format("ssh-keygen -q -t {} -N '{}' -C test {} -f '{}'", type, passphrase, more,
                          path));
    return path;
}

class SshServer {
public:
    using Types = std::vector<std::string>;

    // `configuration`: further lines for sshd.
    explicit SshServer(const Types& host_keys = {"ed25519"}, const std::string& configuration = "")
        : types_(host_keys), configuration_(configuration), port_(unused_port()) {
        for (const std::string& type : types_) make_ssh_key(host_key(type), type);
        write_file(files_ / "authorized", "");
        start();
    }
    ~SshServer() { stop(); }
    SshServer(const SshServer&) = delete;
    SshServer& operator=(const SshServer&) = delete;

    // The key may read every repository of this machine, or run `command` whatever it asks for.
    void authorize(const std::string& key,
                   const std::string& command = R"(git-shell -c \"$SSH_ORIGINAL_COMMAND\")") const {
        std::ofstream file(files_ / "authorized", std::ios::app);
        file << fmt::format("restrict,command=\"{}\" {}", command, read_file(key + ".pub"));
    }
    // Comes back under the same port with another host key.
    void change_host_key(const std::string& type) {
        stop();
        std::filesystem::remove(host_key(type));
        std::filesystem::remove(host_key(type) + ".pub");
        make_ssh_key(host_key(type), type);
        start();
    }

    int port() const { return port_; }
    std::string host() const { return fmt::format("127.0.0.1:{}", port_); }
    std::string known_name() const { return fmt::format("[127.0.0.1]:{}", port_); }
    static std::string user() { return ::getpwuid(::geteuid())->pw_name; }
    std::string url(const std::string& path) const {
        return fmt::format("ssh://{}@{}{}", user(), host(), path);
    }
    // "ssh-ed25519 AAAA…"
    std::string public_host_key(const std::string& type) const {
        const std::string text = read_file(host_key(type) + ".pub");
        return text.substr(0, text.rfind(' '));
    }
    std::string known_hosts_line(const std::string& type) const {
        return fmt::format("{} {}\n", known_name(), public_host_key(type));
    }
    std::string log() const { return read_file(files_ / "log"); }

private:
    std::string host_key(const std::string& type) const { return files_ / ("host_" + type); }

    void start() {
        std::string text = fmt::format(
            "Port {}\nListenAddress 127.0.0.1\nAuthorizedKeysFile {}/authorized\nStrictModes no\n"
            "UsePAM no\nPidFile none\nPermitRootLogin yes\nPasswordAuthentication no\n{}\n",
            port_, files_.path(), configuration_);
        for (const std::string& type : types_) text += "HostKey " + host_key(type) + "\n";
        const std::string config = files_ / "sshd.conf";
        const std::string log = files_ / "log";
        write_file(config, text);
        std::filesystem::create_directories("/run/sshd");
        process_ = ::fork();
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGTERM);
            if (std::freopen(log.c_str(), "a", stderr) == nullptr) ::_exit(126);
            ::dup2(STDERR_FILENO, STDOUT_FILENO);
            ::execl(program, program, "-D", "-e", "-f", config.c_str(), nullptr);
            ::_exit(127);
        }
        wait_until_it_listens();
    }
    void stop() {
        ::kill(process_, SIGTERM);
        ::waitpid(process_, nullptr, 0);
    }
    void wait_until_it_listens() {
        for (int attempt = 0; attempt < 500; ++attempt) {
            if (const int socket = connect_loopback(port_); socket >= 0) {
                ::close(socket);
                return;
            }
            if (::waitpid(process_, nullptr, WNOHANG) == process_) break;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        throw std::runtime_error("sshd did not start: " + log());
    }

    static constexpr const char* program = "/usr/sbin/sshd";

    TempDirectory files_;
    Types types_;
    std::string configuration_;
    int port_;
    pid_t process_ = -1;
};

}    // namespace trueup::support

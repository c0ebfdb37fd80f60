// SPDX-License-Identifier: Apache-2.0
// ssh's log goes into a pipe that is read only when something failed. The pipe's end is non-blocking:
// when it is full ssh drops lines rather than wait, and the first lines are those that count.
#include "controller/engine/ssh_connection.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "controller/base/ssh.hpp"

namespace trueup::engine {
namespace {

namespace asio = boost::asio;

constexpr std::size_t most_log = 256U << 10U;
constexpr std::chrono::milliseconds farewell{1'000};    // for ssh's last words

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

Result<void> check_readable(const std::string& path, std::string_view what) {
    if (path.empty() || ::access(path.c_str(), R_OK) == 0) return Result<void>();
    return Error(Errc::denied,
                 fmt::format("the {} {} cannot be read: {}", what, path, std::strerror(errno)));
}

std::vector<std::string> own_environment() {
    std::vector<std::string> environment;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        if (!std::string_view(*variable).starts_with("LC_ALL="))
            environment.emplace_back(*variable);
    }
    environment.emplace_back("LC_ALL=C");    // its log is read
    return environment;
}

base::SshPeer peer_of(const Address& address, const SshOptions& options) {
    base::SshPeer peer;
    peer.host = to_string(address);
    peer.host_name = address.host;
    std::from_chars(address.port.data(), address.port.data() + address.port.size(), peer.port);
    peer.known_hosts =
        options.known_hosts_file.empty() ? "~/.ssh/known_hosts" : options.known_hosts_file;
    peer.private_key = options.identity_file;
    peer.key_owner = "(ssh.identityFile)";
    return peer;
}

std::string user_at(const Address& address) {
    return address.user.empty() ? to_string(address)
                                : fmt::format("{}@{}", address.user, to_string(address));
}

Error refused(const Address& address, const SshOptions& options) {
    const std::string shown = options.identity_file.empty()
                                  ? "the keys that ssh has by itself; name one with "
                                    "ssh.identityFile, or add"
                                  : fmt::format("the key {}; add", options.identity_file);
    return Error(
        Errc::denied,
        fmt::format("{} refuses {} its public key to the authorized keys of that user (a key with "
                    "a passphrase is only used when an ssh agent holds it)",
                    user_at(address), shown));
}

// ssh is in; what comes now is the shell's and docker's.
std::optional<Error> host_error(const Address& address, std::string_view log) {
    const std::string words = base::ssh_remote_words(log);
    const std::string where = user_at(address);
    if (contains(words, "docker: command not found") || contains(words, "docker: not found") ||
        contains(words, "docker: No such file")) {
        return Error(Errc::invalid,
                     fmt::format("there is no docker command at {}: install Docker's command line "
                                 "there, or put it on that user's PATH",
                                 where));
    }
    if (contains(words, "is not a docker command") || contains(words, "unknown command")) {
        return Error(Errc::invalid, fmt::format("the docker command at {} is too old for "
                                                "'docker system dial-stdio' (18.09 or newer)",
                                                where));
    }
    if (contains(words, "permission denied") || contains(words, "Permission denied")) {
        return Error(Errc::denied,
                     fmt::format("{} may not use the engine there: add that user to the group "
                                 "docker ({})",
                                 where, words));
    }
    if (words.empty()) return std::nullopt;
    return Error(Errc::unavailable,
                 fmt::format("docker system dial-stdio at {}: {}", where, words));
}

}    // namespace

std::vector<std::string> ssh_command(const Address& address, const SshOptions& options,
                                     int connect_seconds) {
    std::vector<std::string> command{options.program, "-T"};
    const auto option = [&](std::string text) {
        command.emplace_back("-o");
        command.push_back(std::move(text));
    };
    option("BatchMode=yes");
    option("StrictHostKeyChecking=yes");
    option("UpdateHostKeys=no");
    option("ClearAllForwardings=yes");
    option("ForwardAgent=no");
    option("ForwardX11=no");
    option("PermitLocalCommand=no");
    option("LogLevel=DEBUG1");
    option(fmt::format("ConnectTimeout={}", connect_seconds));
    // A host that is gone ends the connection within a minute.
    option("ServerAliveInterval=15");
    option("ServerAliveCountMax=3");
    if (!options.known_hosts_file.empty()) {
        option(base::ssh_path_option("UserKnownHostsFile", options.known_hosts_file));
        option("GlobalKnownHostsFile=/dev/null");
    }
    if (!options.identity_file.empty()) {
        option(base::ssh_path_option("IdentityFile", options.identity_file));
        option("IdentitiesOnly=yes");
    }
    if (!address.port.empty()) command.insert(command.end(), {"-p", address.port});
    if (!address.user.empty()) command.insert(command.end(), {"-l", address.user});
    command.insert(command.end(), {"--", address.host, "docker system dial-stdio"});
    return command;
}

Error ssh_engine_error(const Address& address, const SshOptions& options, std::string_view log,
                       std::string_view doing) {
    const base::SshPeer peer = peer_of(address, options);
    const bool authenticated = base::ssh_stage(log) == base::SshStage::authenticated;
    std::optional<Error> found;
    if (!authenticated) found = base::ssh_connection_error(peer, log);
    if (!found && !authenticated && !options.identity_file.empty())
        found = base::ssh_key_error(peer, log);
    if (!found && !authenticated && contains(log, "Permission denied"))
        found = refused(address, options);
    if (!found && authenticated) found = host_error(address, log);
    if (found) return *found;
    const std::string words = base::ssh_remote_words(log);
    return Error(Errc::unavailable,
                 fmt::format("{}: the connection over ssh to {} was closed{}", doing,
                             user_at(address), words.empty() ? "" : " (" + words + ")"));
}

Result<std::unique_ptr<SshConnection>> SshConnection::start(Executor executor, Address address,
                                                            SshOptions options,
                                                            base::SteadyTime until) {
    const auto key = check_readable(options.identity_file, "private key");
    if (!key) return key.error();
    const auto hosts = check_readable(options.known_hosts_file, "list of known hosts");
    if (!hosts) return hosts.error();
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return Error(Errc::unavailable, fmt::format("socketpair: {}", std::strerror(errno)));
    std::unique_ptr<SshConnection> connection(
        new SshConnection(std::move(executor), std::move(address), std::move(options)));
    connection->socket_ = base::Descriptor(ends[0]);
    const base::Descriptor theirs(ends[1]);
    auto log = base::make_pipe();
    if (!log) return log.error();
    ::fcntl(log->write.get(), F_SETFL, O_NONBLOCK);
    const auto left =
        std::chrono::ceil<std::chrono::seconds>(until - std::chrono::steady_clock::now());
    base::Program program;
    program.command = ssh_command(connection->address_, connection->options_,
                                  std::max<int>(1, static_cast<int>(left.count())));
    program.environment = own_environment();
    program.input = program.output = theirs.get();
    program.log = log->write.get();
    auto process = base::start(std::move(program));
    if (!process) {
        return Error(Errc::unavailable, fmt::format("engines over ssh need the ssh program "
                                                    "(openssh-client): {}",
                                                    process.error().message()));
    }
    connection->process_ = std::move(*process);
    connection->log_.assign(log->read.release());
    return connection;
}

asio::awaitable<Error> SshConnection::explain(Error error) {
    std::string log;
    const auto executor = log_.get_executor();
    asio::steady_timer timer(executor, farewell);
    timer.async_wait([process = process_](const boost::system::error_code& code) {
        if (!code) process->kill();    // which ends its log
    });
    std::array<char, 4096> bytes{};
    const auto buffer = asio::buffer(bytes);
    bool more = true;
    while (more && log.size() < most_log) {
        const auto read = co_await log_.async_read_some(buffer, base::use_task);
        log.append(bytes.data(), std::get<1>(read));
        more = !std::get<0>(read);
    }
    timer.cancel();
    if (co_await base::is_cancelled()) co_return Error(Errc::cancelled, "cancelled");
    co_return ssh_engine_error(address_, options_, log, error.message());
}

}    // namespace trueup::engine

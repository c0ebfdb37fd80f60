// SPDX-License-Identifier: Apache-2.0
// The engine of $DOCKER_HOST, behind a gate of ours that can be shut. TRUEUP_TEST_TRANSPORT chooses
// what goes through it: unix (as without it), tls or ssh.
#include <fmt/format.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <list>
#include <stdexcept>
#include <thread>
#include <type_traits>

#include "tests/engine/contract/contract.hpp"
#include "tests/support/git_repository.hpp"
#include "tests/support/ssh_server.hpp"
#include "tests/support/temp_directory.hpp"

namespace trueup::engine::contract {
namespace {

using Local = boost::asio::local::stream_protocol;
using Tcp = boost::asio::ip::tcp;

std::string required(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0')
        throw std::runtime_error(
            fmt::format("{} is not set: run this inside tests/support/with-engine", name));
    return value;
}

Tcp::endpoint loopback(int port) {
    return Tcp::endpoint(boost::asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port));
}

class Gate {
public:
    virtual ~Gate() = default;
    virtual void open() = 0;
    virtual void shut() = 0;
};

// Copies bytes between clients and the engine; shut() ends every connection and refuses new ones.
template <class Protocol>
class GateOf final : public Gate {
public:
    using Endpoint = typename Protocol::endpoint;
    using Socket = typename Protocol::socket;

    GateOf(Endpoint place, Endpoint target) : place_(place), target_(target) { open(); }
    ~GateOf() override { shut(); }
    GateOf(const GateOf&) = delete;
    GateOf& operator=(const GateOf&) = delete;

    void open() override {
        if (thread_.joinable()) return;
        acceptor_ = std::make_unique<typename Protocol::acceptor>(io_, place_);
        thread_ = std::thread([this] {
            accept();
            io_.restart();
            io_.run();
        });
    }
    void shut() override {
        if (!thread_.joinable()) return;
        io_.stop();
        thread_.join();
        acceptor_.reset();
        boost::system::error_code ignored;
        for (const auto& connection : connections_) {
            connection->client.close(ignored);
            connection->server.close(ignored);
        }
        connections_.clear();
        if constexpr (std::is_same_v<Protocol, Local>) std::filesystem::remove(place_.path());
    }

private:
    struct Connection {
        explicit Connection(boost::asio::io_context& io) : client(io), server(io) {}
        Socket client;
        Socket server;
        std::array<char, 65'536> up{};
        std::array<char, 65'536> down{};
    };

    void accept() {
        auto connection = std::make_shared<Connection>(io_);
        acceptor_->async_accept(connection->client, [this, connection](auto failed) {
            if (failed) return;
            boost::system::error_code code;
            connection->server.connect(target_, code);
            connections_.push_back(connection);
            copy(connection, connection->client, connection->server, connection->up);
            copy(connection, connection->server, connection->client, connection->down);
            accept();
        });
    }
    void copy(std::shared_ptr<Connection> connection, Socket& from, Socket& to,
              std::array<char, 65'536>& buffer) {
        from.async_read_some(boost::asio::buffer(buffer), [this, connection, &from, &to, &buffer](
                                                              auto failed, std::size_t size) {
            boost::system::error_code code;
            if (failed) {
                to.shutdown(Socket::shutdown_send, code);
                return;
            }
            boost::asio::write(to, boost::asio::buffer(buffer.data(), size), code);
            if (!code) copy(connection, from, to, buffer);
        });
    }

    Endpoint place_;
    Endpoint target_;
    boost::asio::io_context io_;
    std::unique_ptr<typename Protocol::acceptor> acceptor_;
    std::list<std::shared_ptr<Connection>> connections_;
    std::thread thread_;
};

// A gate, what is behind it, and how the engine is reached through it.
struct Line {
    std::unique_ptr<support::SshServer> sshd;
    std::unique_ptr<Gate> gate;
    EngineOptions options;
};

Line unix_line(const support::TempDirectory& files) {
    Line line;
    const std::string path = files / "gate.sock";
    line.gate = std::make_unique<GateOf<Local>>(path, required("DOCKER_HOST").substr(7));
    line.options.url = "unix://" + path;
    return line;
}

Line tls_line(const support::TempDirectory&) {
    Line line;
    const int port = support::unused_port();
    const std::string engine = required("TRUEUP_TEST_ENGINE_TLS");
    const std::string certificates = required("TRUEUP_TEST_CERTIFICATES");
    line.gate = std::make_unique<GateOf<Tcp>>(
        loopback(port), loopback(std::stoi(engine.substr(engine.rfind(':') + 1))));
    line.options.url = fmt::format("tcp://127.0.0.1:{}", port);
    line.options.tls.emplace();
    line.options.tls->authority_file = certificates + "/ca.pem";
    line.options.tls->certificate_file = certificates + "/cert.pem";
    line.options.tls->key_file = certificates + "/key.pem";
    return line;
}

Line ssh_line(const support::TempDirectory& files) {
    Line line;
    const int port = support::unused_port();
    line.sshd = std::make_unique<support::SshServer>();
    const std::string key = support::make_ssh_key(files / "key");
    // The command that was asked for, with the engine that is meant.
    line.sshd->authorize(key, fmt::format("DOCKER_HOST={} sh -c \\\"$SSH_ORIGINAL_COMMAND\\\"",
                                          required("DOCKER_HOST")));
    line.gate = std::make_unique<GateOf<Tcp>>(loopback(port), loopback(line.sshd->port()));
    support::write_file(files / "known_hosts", fmt::format("[127.0.0.1]:{} {}\n", port,
                                                           line.sshd->public_host_key("ed25519")));
    line.options.url = fmt::format("ssh://{}@127.0.0.1:{}", support::SshServer::user(), port);
    line.options.ssh.identity_file = key;
    line.options.ssh.known_hosts_file = files / "known_hosts";
    return line;
}

Line make_line(const support::TempDirectory& files) {
    const char* chosen = std::getenv("TRUEUP_TEST_TRANSPORT");
    const std::string_view transport = chosen == nullptr ? "unix" : chosen;
    if (transport == "tls") return tls_line(files);
    return transport == "ssh" ? ssh_line(files) : unix_line(files);
}

class DockerWorld final : public World {
public:
    DockerWorld()
        : base_(required("TRUEUP_TEST_BASE_BUSYBOX")),
          line_(make_line(directory_)),
          gated_(make(line_.options)),
          direct_(make_direct()) {}

    Engine& engine() override { return *gated_; }
    Engine& direct() override { return *direct_; }
    void cut() override { line_.gate->shut(); }
    void mend() override { line_.gate->open(); }
    boost::json::object runs() override { return command("sleep 1000000"); }
    boost::json::object exits_with_3() override { return command("exit 3"); }
    boost::json::object prints(const std::string& line) override {
        return command("echo " + line + "; sleep 1000000");
    }
    boost::json::object cannot_start() override {
        boost::json::object body = command("");
        body["Cmd"] = {"/none"};
        return body;
    }
    boost::json::object exhausts_memory() override {
        boost::json::object body = command("x=a; while :; do x=$x$x; done");
        body["HostConfig"] = {{"Memory", 8'000'000}};
        return body;
    }
    std::string base_image() override { return base_; }
    void edit_file(const std::string& container, const std::string& path,
                   const std::string& content) override {
        support::run_shell(fmt::format("printf '%s' '{}' | docker exec -i {} sh -c 'cat > {}'",
                                       content, container, path));
    }
    void person(const std::string& verb, const std::string& container) override {
        support::run_shell(fmt::format("docker {} {} 2>&1", verb, container));
    }
    void crash(const std::string& container) override {
        support::run_shell(
            fmt::format("kill -9 $(docker inspect -f '{{{{.State.Pid}}}}' {}) 2>&1", container));
    }
    void pass(Milliseconds time) override { std::this_thread::sleep_for(time); }
    void restart_engine() override {
        support::run_shell(required("TRUEUP_TEST_ENGINE_RESTART") + " 2>&1");
    }

private:
    boost::json::object command(const std::string& script) const {
        boost::json::object body;
        body["Image"] = base_;
        body["Cmd"] = {"sh", "-c", script};
        body["StopTimeout"] = 0;
        return body;
    }
    std::unique_ptr<Engine> make(EngineOptions options) {
        return std::move(*make_docker_engine(io.get_executor(), std::move(options)));
    }
    std::unique_ptr<Engine> make_direct() {
        EngineOptions options;
        options.url = required("DOCKER_HOST");
        return make(std::move(options));
    }

    std::string base_;
    support::TempDirectory directory_;
    Line line_;
    std::unique_ptr<Engine> gated_;
    std::unique_ptr<Engine> direct_;
};

}    // namespace

std::unique_ptr<World> make_world() { return std::make_unique<DockerWorld>(); }

}    // namespace trueup::engine::contract

// SPDX-License-Identifier: Apache-2.0
// The engine of $DOCKER_HOST, behind a unix socket of ours that can be shut.
#include <fmt/format.h>

#include <atomic>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <list>
#include <stdexcept>
#include <thread>

#include "tests/engine/contract/contract.hpp"
#include "tests/support/git_repository.hpp"
#include "tests/support/temp_directory.hpp"

namespace trueup::engine::contract {
namespace {

using Local = boost::asio::local::stream_protocol;

std::string required(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0')
        throw std::runtime_error(
            fmt::format("{} is not set: run this inside tests/support/with-engine", name));
    return value;
}

// Copies bytes between clients and the engine; shut() ends every connection and refuses new ones.
class Gate {
public:
    Gate(std::string path, std::string target)
        : path_(std::move(path)), target_(std::move(target)) {
        open();
    }
    ~Gate() { shut(); }
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    void open() {
        if (thread_.joinable()) return;
        acceptor_ = std::make_unique<Local::acceptor>(io_, Local::endpoint(path_));
        thread_ = std::thread([this] {
            accept();
            io_.restart();
            io_.run();
        });
    }
    void shut() {
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
        std::filesystem::remove(path_);
    }

private:
    struct Connection {
        explicit Connection(boost::asio::io_context& io) : client(io), server(io) {}
        Local::socket client;
        Local::socket server;
        std::array<char, 65'536> up{};
        std::array<char, 65'536> down{};
    };

    void accept() {
        auto connection = std::make_shared<Connection>(io_);
        acceptor_->async_accept(connection->client, [this, connection](auto failed) {
            if (failed) return;
            boost::system::error_code code;
            connection->server.connect(Local::endpoint(target_), code);
            connections_.push_back(connection);
            copy(connection, connection->client, connection->server, connection->up);
            copy(connection, connection->server, connection->client, connection->down);
            accept();
        });
    }
    void copy(std::shared_ptr<Connection> connection, Local::socket& from, Local::socket& to,
              std::array<char, 65'536>& buffer) {
        from.async_read_some(boost::asio::buffer(buffer), [this, connection, &from, &to, &buffer](
                                                              auto failed, std::size_t size) {
            boost::system::error_code code;
            if (failed) {
                to.shutdown(Local::socket::shutdown_send, code);
                return;
            }
            boost::asio::write(to, boost::asio::buffer(buffer.data(), size), code);
            if (!code) copy(connection, from, to, buffer);
        });
    }

    std::string path_;
    std::string target_;
    boost::asio::io_context io_;
    std::unique_ptr<Local::acceptor> acceptor_;
    std::list<std::shared_ptr<Connection>> connections_;
    std::thread thread_;
};

class DockerWorld final : public World {
public:
    DockerWorld()
        : base_(required("TRUEUP_TEST_BASE_BUSYBOX")),
          gate_(directory_ / "gate.sock", required("DOCKER_HOST").substr(7)),
          gated_(make("unix://" + (directory_ / "gate.sock"))),
          direct_(make(required("DOCKER_HOST"))) {}

    Engine& engine() override { return *gated_; }
    Engine& direct() override { return *direct_; }
    void cut() override { gate_.shut(); }
    void mend() override { gate_.open(); }
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
    std::unique_ptr<Engine> make(const std::string& url) {
        EngineOptions options;
        options.url = url;
        return std::move(*make_docker_engine(io.get_executor(), std::move(options)));
    }

    std::string base_;
    support::TempDirectory directory_;
    Gate gate_;
    std::unique_ptr<Engine> gated_;
    std::unique_ptr<Engine> direct_;
};

}    // namespace

std::unique_ptr<World> make_world() { return std::make_unique<DockerWorld>(); }

}    // namespace trueup::engine::contract

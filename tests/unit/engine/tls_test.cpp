// SPDX-License-Identifier: Apache-2.0
// TLS against OpenSSL's own server, with what engines are set up wrong with.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cstdio>
#include <thread>

#include "controller/engine/engine.hpp"
#include "controller/engine/transport.hpp"
#include "tests/support/git_repository.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/tcp_server.hpp"
#include "tests/support/temp_directory.hpp"

namespace trueup::engine {
namespace {

using namespace std::chrono_literals;

// The certificates that tests/support/make-certificates makes.
class TlsTest : public testing::Test {
protected:
    static void SetUpTestSuite() {
        files = std::make_unique<support::TempDirectory>();
        support::run_shell(std::string(TRUEUP_SOURCE_DIRECTORY) +
                           "/tests/support/make-certificates " + files->path());
    }
    static void TearDownTestSuite() { files.reset(); }

    static TlsOptions whole() {
        TlsOptions options;
        options.authority_file = *files / "ca.pem";
        options.certificate_file = *files / "cert.pem";
        options.key_file = *files / "key.pem";
        return options;
    }
    static Result<HttpResponse> get(int port, TlsOptions options,
                                    const std::string& host = "127.0.0.1") {
        boost::asio::io_context io;
        Address address;
        address.kind = Address::Kind::tcp;
        address.host = host;
        address.port = std::to_string(port);
        TransportOptions chosen;
        chosen.connect_timeout = 5s;
        chosen.tls = std::move(options);
        const auto transport =
            make_transport(io.get_executor(), std::move(address), std::move(chosen));
        HttpRequest request;
        request.target = "/";
        return test::run(io, transport->request(std::move(request), 10s, 1U << 20U));
    }
    static Error error_of(int port, TlsOptions options, const std::string& host = "127.0.0.1") {
        const auto response = get(port, std::move(options), host);
        return response ? Error() : response.error();
    }

    static inline std::unique_ptr<support::TempDirectory> files;
};

// `openssl s_server`, which answers every request with a page about the connection.
class OpensslServer {
public:
    explicit OpensslServer(const support::TempDirectory& files, bool asks = false,
                           const std::string& certificate = "server-cert.pem")
        : port_(support::unused_port()) {
        const std::string port = std::to_string(port_);
        const std::string cert = files / certificate;
        const std::string key = files / "server-key.pem";
        const std::string authority = files / "ca.pem";
        process_ = ::fork();
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGTERM);
            if (std::freopen("/dev/null", "r", stdin) == nullptr ||
                std::freopen("/dev/null", "w", stdout) == nullptr ||
                std::freopen("/dev/null", "w", stderr) == nullptr)
                ::_exit(126);
            const char* verify = asks ? "-Verify" : "-verify";
            ::execlp("openssl", "openssl", "s_server", "-accept", port.c_str(), "-cert",
                     cert.c_str(), "-key", key.c_str(), "-www", "-CAfile", authority.c_str(),
                     verify, "1", "-verify_return_error", nullptr);
            ::_exit(127);
        }
        for (int attempt = 0; attempt < 500; ++attempt) {
            const int socket = support::connect_loopback(port_);
            if (socket >= 0) {
                ::close(socket);
                return;
            }
            std::this_thread::sleep_for(10ms);
        }
        throw std::runtime_error("openssl s_server did not start");
    }
    ~OpensslServer() {
        ::kill(process_, SIGTERM);
        ::waitpid(process_, nullptr, 0);
    }
    OpensslServer(const OpensslServer&) = delete;
    OpensslServer& operator=(const OpensslServer&) = delete;

    int port() const { return port_; }

private:
    int port_;
    pid_t process_ = -1;
};

TEST_F(TlsTest, BothSidesShowTheirCertificates) {
    const OpensslServer server(*files, true);
    for (const std::string host : {"127.0.0.1", "localhost"}) {
        const auto response = get(server.port(), whole(), host);
        ASSERT_TRUE(response) << response.error().message();
        EXPECT_EQ(response->status, 200U);
        EXPECT_NE(response->body.find("Client certificate"), std::string::npos);
    }
}

TEST_F(TlsTest, AServerWithAnotherNameIsRefusedUnlessThatNameIsMeant) {
    const OpensslServer server(*files);
    TlsOptions options = whole();
    options.server_name = "edge.example.com";
    EXPECT_EQ(error_of(server.port(), options),
              Error(Errc::denied,
                    "the certificate is not for edge.example.com, but for DNS:localhost, "
                    "IP Address:127.0.0.1: write the engine's url with a name of its "
                    "certificate, or make one for edge.example.com"));
    options.server_name = "127.0.0.2";
    EXPECT_EQ(error_of(server.port(), options).code(), Errc::denied);
    options.server_name = "localhost";
    EXPECT_TRUE(get(server.port(), options));
}

TEST_F(TlsTest, AnAuthorityThatIsNotTrustedIsRefused) {
    const OpensslServer server(*files);
    TlsOptions options = whole();
    options.authority_file.clear();
    EXPECT_EQ(error_of(server.port(), options),
              Error(Errc::denied,
                    "the certificate of 127.0.0.1 is signed by nobody who is trusted here: name "
                    "its authority with tls.caFile"));
    options.authority_file = *files / "cert.pem";
    EXPECT_EQ(error_of(server.port(), options).code(), Errc::denied);
}

TEST_F(TlsTest, ACertificateThatHasExpiredIsRefused) {
    const OpensslServer server(*files, false, "expired-cert.pem");
    EXPECT_EQ(error_of(server.port(), whole()),
              Error(Errc::denied,
                    "the certificate of 127.0.0.1 has expired on Jan  2 00:00:00 2020 GMT: renew "
                    "it, or set the clock right"));
}

TEST_F(TlsTest, AServerThatWantsACertificateSaysSo) {
    const OpensslServer server(*files, true);
    TlsOptions options = whole();
    options.certificate_file.clear();
    options.key_file.clear();
    EXPECT_EQ(error_of(server.port(), options),
              Error(Errc::denied,
                    "127.0.0.1 wants to be shown a certificate: name one with tls.certificateFile "
                    "and tls.keyFile"));
}

TEST_F(TlsTest, ACertificateThatTheServerRefusesIsOurs) {
    const OpensslServer server(*files, true);
    support::TempDirectory others;
    support::run_shell(std::string(TRUEUP_SOURCE_DIRECTORY) + "/tests/support/make-certificates " +
                       others.path());
    TlsOptions options = whole();
    options.certificate_file = others / "cert.pem";
    options.key_file = others / "key.pem";
    const Error error = error_of(server.port(), options);
    EXPECT_EQ(error.code(), Errc::denied);
    EXPECT_NE(error.message().find("127.0.0.1 refuses our certificate"), std::string::npos)
        << error.message();
}

TEST_F(TlsTest, FilesThatCannotServeSayWhichAndWhy) {
    const auto message = [](TlsOptions options) { return error_of(1, std::move(options)); };
    // Nothing listens there: so the port comes first.
    EXPECT_EQ(message(whole()).code(), Errc::unavailable);
    support::TcpServer silent([](support::TcpServer::Connection& peer) { peer.hang(); });
    TlsOptions options = whole();
    options.key_file = *files / "ca-key.pem";
    EXPECT_EQ(error_of(silent.port(), options),
              Error(Errc::invalid, "the key " + options.key_file +
                                       " is not that of the certificate " + (*files / "cert.pem")));
    options = whole();
    options.authority_file = *files / "nowhere.pem";
    EXPECT_EQ(error_of(silent.port(), options),
              Error(Errc::unavailable, "the certificate authority " + options.authority_file +
                                           " cannot be read: No such file or directory"));
    options = whole();
    options.certificate_file = *files / "log";
    const Error garbage = error_of(silent.port(), options);
    EXPECT_EQ(garbage.code(), Errc::invalid);
    EXPECT_NE(garbage.message().find("is not one in PEM form"), std::string::npos);
}

TEST_F(TlsTest, APortThatDoesNotSpeakItIsTold) {
    support::TcpServer plain([](support::TcpServer::Connection& peer) {
        peer.read();
        peer.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    });
    EXPECT_EQ(error_of(plain.port(), whole()),
              Error(Errc::unavailable,
                    "127.0.0.1 does not speak TLS at this port: leave tls out, or name the port "
                    "that does (usually 2376)"));
}

TEST_F(TlsTest, AServerThatSaysNothingIsNotWaitedForLong) {
    support::TcpServer silent([](support::TcpServer::Connection& peer) { peer.hang(); });
    boost::asio::io_context io;
    Address address;
    address.kind = Address::Kind::tcp;
    address.host = "127.0.0.1";
    address.port = std::to_string(silent.port());
    TransportOptions chosen;
    chosen.connect_timeout = 200ms;
    chosen.tls = whole();
    const auto transport = make_transport(io.get_executor(), std::move(address), chosen);
    const auto response = test::run(io, transport->request(HttpRequest(), 20s, 1U << 20U));
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error(),
              Error(Errc::timeout,
                    "TLS with 127.0.0.1:" + std::to_string(silent.port()) + ": no answer in time"));
}

TEST(DefaultEngine, TlsIsWhatDockersVariablesSay) {
    support::TempDirectory folder;
    support::write_file(folder / "ca.pem", "");
    ::setenv("DOCKER_HOST", "tcp://edge.example.com:2376", 1);
    ::setenv("DOCKER_CERT_PATH", folder.path().c_str(), 1);
    ::unsetenv("DOCKER_TLS_VERIFY");
    EXPECT_FALSE(default_engine_options().tls);
    ::setenv("DOCKER_TLS_VERIFY", "1", 1);
    const EngineOptions options = default_engine_options();
    EXPECT_EQ(options.url, "tcp://edge.example.com:2376");
    ASSERT_TRUE(options.tls);
    EXPECT_EQ(options.tls->authority_file, folder / "ca.pem");
    EXPECT_EQ(options.tls->certificate_file, "");
    EXPECT_FALSE(default_engine_options("unix:///var/run/docker.sock").tls);
    for (const char* name : {"DOCKER_HOST", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY"})
        ::unsetenv(name);
}

}    // namespace
}    // namespace trueup::engine

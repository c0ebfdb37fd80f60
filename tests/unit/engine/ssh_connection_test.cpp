// SPDX-License-Identifier: Apache-2.0
// Engines over ssh, with programs in ssh's place: what it is told, and what is made of what it tells.
#include "controller/engine/ssh_connection.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>

#include "controller/engine/transport.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_directory.hpp"

namespace trueup::engine {
namespace {

using namespace std::chrono_literals;

Address far() { return *parse_address("ssh://deploy@far.example.com:2222"); }

TEST(SshCommand, NeverAsksAndNeverTrustsANewHost) {
    SshOptions options;
    options.identity_file = "/key 100%";
    options.known_hosts_file = "/known";
    const auto command = ssh_command(far(), options, 5);
    const auto has = [&](const std::string& word) {
        return std::find(command.begin(), command.end(), word) != command.end();
    };
    for (const char* word :
         {"BatchMode=yes", "StrictHostKeyChecking=yes", "ForwardAgent=no", "ConnectTimeout=5",
          "UserKnownHostsFile=\"/known\"", "GlobalKnownHostsFile=/dev/null",
          "IdentityFile=\"/key 100%%\"", "IdentitiesOnly=yes", "ServerAliveInterval=15"})
        EXPECT_TRUE(has(word)) << word;
    const std::vector<std::string> end{
        "-p", "2222", "-l", "deploy", "--", "far.example.com", "docker system dial-stdio"};
    EXPECT_TRUE(std::equal(end.rbegin(), end.rend(), command.rbegin()));
    EXPECT_EQ(command.front(), "ssh");
}

TEST(SshCommand, LeavesToSshWhatIsNotChosen) {
    const auto command = ssh_command(*parse_address("ssh://far"), SshOptions(), 5);
    for (const std::string& word : command) {
        EXPECT_FALSE(word == "-p" || word == "-l" || word.starts_with("Identi") ||
                     word.starts_with("UserKnown") || word.starts_with("GlobalKnown"))
            << word;
    }
}

Error error_for(std::string_view log, bool with_key = true) {
    SshOptions options;
    if (with_key) options.identity_file = "/key";
    return ssh_engine_error(far(), options, log, "GET /_ping: the connection was closed");
}

constexpr std::string_view authenticated =
    "debug1: Connection established.\ndebug1: Remote protocol version 2.0\n"
    "\nAuthenticated to far.example.com ([192.0.2.1]:2222) using \"publickey\".\n";

TEST(SshEngineError, AHostThatIsNotKnownIsToldWithWhatToDo) {
    const Error error = error_for(
        "debug1: Server host key: ssh-ed25519 SHA256:abc\n"
        "No ED25519 host key is known for [far.example.com]:2222 and you have requested strict "
        "checking.\nHost key verification failed.\n");
    EXPECT_EQ(error.code(), Errc::denied);
    EXPECT_NE(error.message().find("the host key of far.example.com:2222 is not known: it shows "
                                   "ssh-ed25519 SHA256:abc, and ~/.ssh/known_hosts has no key of "
                                   "that kind for it. Add it with ssh-keyscan -p 2222 "
                                   "far.example.com >> ~/.ssh/known_hosts"),
              std::string::npos)
        << error.message();
}

TEST(SshEngineError, ARefusedKeyNamesUserAndKey) {
    const std::string_view log = "deploy@far.example.com: Permission denied (publickey).\n";
    EXPECT_EQ(error_for(log),
              Error(Errc::denied,
                    "deploy@far.example.com:2222 refuses the key /key; add its public key to the "
                    "authorized keys of that user (a key with a passphrase is only used when an "
                    "ssh agent holds it)"));
    EXPECT_NE(error_for(log, false).message().find("the keys that ssh has by itself"),
              std::string::npos);
    EXPECT_NE(error_for("WARNING: UNPROTECTED PRIVATE KEY FILE!\n" + std::string(log))
                  .message()
                  .find("the private key /key (ssh.identityFile) may be read by others"),
              std::string::npos);
}

TEST(SshEngineError, AHostWithoutDockerSaysSo) {
    for (const std::string words :
         {"bash: line 1: docker: command not found\n", "sh: 1: docker: not found\n"}) {
        EXPECT_EQ(error_for(std::string(authenticated) + words),
                  Error(Errc::invalid,
                        "there is no docker command at deploy@far.example.com:2222: install "
                        "Docker's command line there, or put it on that user's PATH"));
    }
    EXPECT_EQ(
        error_for(std::string(authenticated) + "docker: 'dial-stdio' is not a docker command.\n")
            .code(),
        Errc::invalid);
}

TEST(SshEngineError, AUserWhoMayNotUseTheEngineIsDenied) {
    const Error error =
        error_for(std::string(authenticated) +
                  "Got permission denied while trying to connect to the Docker daemon socket\n");
    EXPECT_EQ(error.code(), Errc::denied);
    EXPECT_NE(error.message().find("add that user to the group docker"), std::string::npos);
}

TEST(SshEngineError, AnythingElseKeepsItsWords) {
    EXPECT_EQ(error_for(std::string(authenticated) + "Cannot connect to the Docker daemon\n"),
              Error(Errc::unavailable,
                    "docker system dial-stdio at deploy@far.example.com:2222: Cannot connect to "
                    "the Docker daemon"));
    EXPECT_EQ(
        error_for("ssh: connect to host far.example.com port 2222: Connection refused\n"),
        Error(Errc::unavailable, "could not connect to far.example.com:2222: Connection refused"));
    EXPECT_EQ(error_for(""), Error(Errc::unavailable,
                                   "GET /_ping: the connection was closed: the connection over "
                                   "ssh to deploy@far.example.com:2222 was closed"));
}

// A script in ssh's place.
class SshScript : public testing::Test {
protected:
    Result<HttpResponse> get(const std::string& script, Milliseconds deadline = 10s) {
        const std::string program = directory_ / "ssh";
        support::write_file(program, "#!/bin/sh\n" + script);
        ::chmod(program.c_str(), 0700);
        TransportOptions options;
        options.ssh.program = program;
        transport = make_transport(io.get_executor(), far(), options);
        return again(deadline);
    }
    Result<HttpResponse> again(Milliseconds deadline = 10s) {
        HttpRequest request;
        request.target = "/_ping";
        request.may_repeat = true;
        return test::run(io, transport->request(std::move(request), deadline, 1U << 20U));
    }

    support::TempDirectory directory_;
    boost::asio::io_context io;
    std::unique_ptr<Transport> transport;
};

constexpr std::string_view answers =
    "while read line; do case \"$line\" in GET*) ;; ?) "
    "printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nOK';; esac; done\n";

TEST_F(SshScript, CarriesRequestsOverOneProcess) {
    const auto first = get(fmt::format("echo run >> {}\n{}", directory_ / "runs", answers));
    ASSERT_TRUE(first) << first.error().message();
    EXPECT_EQ(first->body, "OK");
    ASSERT_TRUE(again());
    EXPECT_EQ(support::read_file(directory_ / "runs"), "run\n");
}

TEST_F(SshScript, ThatFailsTellsItsLastWords) {
    const auto failed =
        get("echo 'ssh: connect to host far port 2222: No route to host' >&2\n"
            "exit 255\n");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error(), Error(Errc::unavailable,
                                    "could not connect to far.example.com:2222: No route to host"));
}

TEST_F(SshScript, ThatSaysTooMuchIsNotWaitedFor) {
    const auto talkative = get(fmt::format("yes debug1: words | head -c 1000000 >&2\n{}", answers));
    ASSERT_TRUE(talkative) << talkative.error().message();
}

TEST_F(SshScript, ThatHangsEndsAtTheDeadlineAndWithTheConnection) {
    const auto hung = get(fmt::format("echo $$ > {}\nexec sleep 1000\n", directory_ / "id"), 500ms);
    ASSERT_FALSE(hung);
    EXPECT_EQ(hung.error().code(), Errc::timeout);
    const int id = std::stoi(support::read_file(directory_ / "id"));
    EXPECT_EQ(::kill(id, 0), -1);
}

TEST_F(SshScript, ThatIsNotThereIsTold) {
    TransportOptions options;
    options.ssh.program = directory_ / "nowhere";
    transport = make_transport(io.get_executor(), far(), options);
    const auto missing = again();
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().message().find("engines over ssh need the ssh program"),
              std::string::npos)
        << missing.error().message();
    options.ssh.identity_file = directory_ / "no-key";
    transport = make_transport(io.get_executor(), far(), options);
    EXPECT_EQ(again().error(),
              Error(Errc::denied, "the private key " + (directory_ / "no-key") +
                                      " cannot be read: No such file or directory"));
}

}    // namespace
}    // namespace trueup::engine

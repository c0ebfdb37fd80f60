// SPDX-License-Identifier: Apache-2.0
#include "controller/engine/registry_logins.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "controller/engine/wire.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_directory.hpp"
#include "tests/unit/engine/unix_server.hpp"

namespace trueup::engine {
namespace {

// "me:hunter2"
constexpr std::string_view auth = "bWU6aHVudGVyMg==";

class RegistryLoginsTest : public testing::Test {
protected:
    void write(const std::string& name, const std::string& content) {
        std::ofstream(directory_ / name) << content;
    }
    RegistryLogins logins(const std::string& list) {
        const auto read = v1alpha1::parse_configuration(
            "apiVersion: trueup.dev/v1alpha1\n"
            "kind: ControllerConfiguration\n"
            "registryCredentials:\n" +
                list,
            directory_ / "config.yaml");
        EXPECT_TRUE(read) << read.error().message();
        return RegistryLogins(read->registry_credentials);
    }
    support::TempDirectory directory_;
};

TEST(RegistryOf, IsTheHostOfTheNameOrDockerHub) {
    EXPECT_EQ(registry_of("nginx"), "docker.io");
    EXPECT_EQ(registry_of("nginx:1.25"), "docker.io");
    EXPECT_EQ(registry_of("library/nginx"), "docker.io");
    EXPECT_EQ(registry_of("docker.io/library/nginx@sha256:ab"), "docker.io");
    EXPECT_EQ(registry_of("index.docker.io/team/app"), "docker.io");
    EXPECT_EQ(registry_of("localhost/app"), "localhost");
    EXPECT_EQ(registry_of("127.0.0.1:5000/app:1"), "127.0.0.1:5000");
    EXPECT_EQ(registry_of("Registry.example.com/team/app"), "registry.example.com");
    EXPECT_EQ(registry_of("registry:5000/app"), "registry:5000");
}

TEST_F(RegistryLoginsTest, AreFoundByTheRegistryOfTheImage) {
    write("hub", "hunter2\n");
    write("own", "correct-horse");
    const auto found = logins(
        "  - {registry: index.docker.io, username: me, passwordFile: hub}\n"
        "  - {registry: 'registry.example.com:5000', username: you, passwordFile: own}\n");
    const auto hub = found.read("nginx:1");
    ASSERT_TRUE(hub && *hub);
    EXPECT_EQ((*hub)->username, "me");
    EXPECT_EQ((*hub)->password, "hunter2");
    EXPECT_EQ((*hub)->server, "docker.io");
    EXPECT_EQ((*hub)->origin, (directory_ / "config.yaml") + ":4:61");
    const auto own = found.read("registry.example.com:5000/shop/web:2");
    ASSERT_TRUE(own && *own);
    EXPECT_EQ((*own)->username, "you");
    EXPECT_EQ((*own)->password, "correct-horse");
    for (const char* other : {"registry.example.com/shop", "registry.example.com:5001/shop",
                              "example.com:5000/registry", "ghcr.io/shop"}) {
        const auto none = found.read(other);
        ASSERT_TRUE(none);
        EXPECT_FALSE(*none) << other;
    }
}

TEST_F(RegistryLoginsTest, ANewPasswordCountsAtOnceAndOneThatIsMissingIsTriedAgain) {
    const auto found = logins("  - {registry: r.example.com, username: me, passwordFile: later}\n");
    const auto missing = found.read("r.example.com/app");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error(),
              Error(Errc::unavailable, "registryCredentials: cannot read " +
                                           (directory_ / "later") + ": No such file or directory"));
    write("later", "hunter2");
    EXPECT_EQ((*found.read("r.example.com/app"))->password, "hunter2");
}

TEST_F(RegistryLoginsTest, AnEntryOfItsOwnWinsOverDockersFiles) {
    write("own", "correct-horse");
    write("first.json", R"({"auths": {"a.example.com": {"auth": ")" + std::string(auth) + "\"}}}");
    write("second.json",
          R"({"auths": {"a.example.com": {"username": "x", "password": "y"},
                        "https://b.example.com/v1/": {"username": "x", "password": "y"}}})");
    const std::string files = "  - {dockerConfig: first.json}\n  - {dockerConfig: second.json}\n";
    const auto of_files = logins(files);
    const auto first = of_files.read("a.example.com/app");
    ASSERT_TRUE(first && *first);
    EXPECT_EQ((*first)->username, "me");
    EXPECT_EQ((*first)->password, "hunter2");
    EXPECT_EQ((*first)->origin, (directory_ / "config.yaml") + ":4:20");
    EXPECT_EQ((*of_files.read("b.example.com/app"))->username, "x");
    EXPECT_FALSE(*of_files.read("c.example.com/app"));
    const auto own =
        logins(files + "  - {registry: a.example.com, username: you, passwordFile: own}\n")
            .read("a.example.com/app");
    EXPECT_EQ((*own)->password, "correct-horse");
}

TEST_F(RegistryLoginsTest, AFileThatIsNoneNamesItselfAndRepeatsNothing) {
    for (const std::string text : {"", "hunter2", "[\"hunter2\"]", "{\"auths\": hunter2}"}) {
        write("config.json", text);
        const auto read = logins("  - {dockerConfig: config.json}\n").read("nginx");
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error(),
                  Error(Errc::invalid, "registryCredentials: " + (directory_ / "config.json") +
                                           ": this is not the JSON that docker login "
                                           "writes"));
    }
}

std::string login_error(std::string_view text) {
    const auto login = login_of_docker_config(text, "a.example.com");
    return login ? "none" : login.error().message();
}

TEST(LoginOfDockerConfig, NamesOfDockerHubAreOne) {
    const auto login = login_of_docker_config(
        R"({"auths": {"https://index.docker.io/v1/": {"auth": "bWU6aHVudGVyMg=="}}})", "docker.io");
    ASSERT_TRUE(login && *login);
    EXPECT_EQ((*login)->password, "hunter2");
}

TEST(LoginOfDockerConfig, ATokenIsEnough) {
    const auto login = login_of_docker_config(
        R"({"auths": {"a.example.com": {"auth": "bWU6", "identitytoken": "token"}}})",
        "a.example.com");
    ASSERT_TRUE(login && *login);
    EXPECT_EQ((*login)->identity_token, "token");
}

TEST(LoginOfDockerConfig, AHelperIsNotRunAndSaysWhatToDo) {
    const std::string advice =
        "the credential helper 'pass' keeps what a.example.com is shown, and helpers are not run: "
        "give registryCredentials an entry of its own for a.example.com, with username and "
        "passwordFile";
    EXPECT_EQ(login_error(R"({"auths": {"a.example.com": {}}, "credsStore": "pass"})"), advice);
    EXPECT_EQ(login_error(R"({"credHelpers": {"a.example.com": "pass"}})"), advice);
    // Of another registry it is nobody's matter here; nor is an entry that says nothing.
    EXPECT_EQ(login_error(R"({"auths": {}, "credsStore": "pass"})"), "none");
    EXPECT_EQ(login_error(R"({"credHelpers": {"b.example.com": "pass"}})"), "none");
    EXPECT_EQ(login_error(R"({"auths": {"a.example.com": {}}})"), "none");
}

TEST(LoginOfDockerConfig, AnEntryThatIsDamagedIsNotRepeated) {
    const std::string damaged = "its entry for a.example.com is not the base64 of user:password";
    for (const std::string_view entry : {R"("auth": "hunter2!")", R"("auth": "aHVudGVyMg==")",
                                         R"("auth": "OmF==")", R"("auth": "bWU6a")"}) {
        EXPECT_EQ(login_error("{\"auths\": {\"a.example.com\": {" + std::string(entry) + "}}}"),
                  damaged);
    }
    EXPECT_EQ(login_error(R"({"auths": {"a.example.com": {"username": "me"}}})"),
              "its entry for a.example.com has neither a user with a password nor a token");
}

// An engine whose registry says no, with what it was shown.
struct Registry {
    Registry()
        : server([this](UnixServer::Connection& peer, int) {
              for (std::string head = peer.read_head(); !head.empty(); head = peer.read_head()) {
                  if (head.starts_with("GET /_ping")) {
                      peer.write(
                          "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK");
                      continue;
                  }
                  seen = head;
                  peer.write(answer(R"({"message": "unauthorized: authentication required"})",
                                    "500 Internal Server Error"));
              }
          }) {}

    static Task<std::optional<RegistryCredentials>> login(std::string reference) {
        RegistryCredentials credentials;
        credentials.username = "me";
        credentials.password = "hunter2";
        credentials.server = registry_of(reference);
        credentials.origin = "config.yaml:4:58";
        std::optional<RegistryCredentials> found;
        if (credentials.server != "public.example.com") found = credentials;
        co_return found;
    }
    Error pull(const std::string& reference) {
        EngineOptions options;
        options.url = "unix://" + server.path();
        options.login = login;
        const auto engine = *make_docker_engine(io.get_executor(), std::move(options));
        const auto pulled = test::run(io, engine->pull_image(reference, nullptr, std::nullopt));
        return pulled ? Error() : pulled.error();
    }

    std::string seen;
    UnixServer server;
    boost::asio::io_context io;
};

TEST(PullImage, ShowsTheRegistryItsLoginAndSaysWhereARefusedOneStands) {
    Registry registry;
    const Error error = registry.pull("a.example.com:5000/app:1");
    EXPECT_NE(registry.seen.find("X-Registry-Auth: " +
                                 wire::base64_url(R"({"serveraddress":"a.example.com:5000",)"
                                                  R"("username":"me","password":"hunter2"})")),
              std::string::npos)
        << registry.seen;
    EXPECT_EQ(error,
              Error(Errc::denied,
                    "pulling a.example.com:5000/app:1: unauthorized: authentication "
                    "required (a.example.com:5000 refuses the credentials that it was shown: "
                    "correct the registryCredentials at config.yaml:4:58, or what that file "
                    "holds)"));
}

TEST(PullImage, WithoutALoginSaysHowToNameOne) {
    Registry registry;
    const Error error = registry.pull("public.example.com/app:1");
    EXPECT_EQ(registry.seen.find("X-Registry-Auth"), std::string::npos);
    EXPECT_EQ(error, Error(Errc::denied,
                           "pulling public.example.com/app:1: unauthorized: "
                           "authentication required (public.example.com was shown no credentials: "
                           "name some for it in registryCredentials of the controller's "
                           "configuration)"));
}

}    // namespace
}    // namespace trueup::engine

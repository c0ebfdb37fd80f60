// SPDX-License-Identifier: Apache-2.0
#include "controller/engine/wire.hpp"

#include <gtest/gtest.h>

namespace trueup::engine::wire {
namespace {

using Wanted = std::vector<std::pair<std::string, std::vector<std::string>>>;

std::string frame(char stream, const std::string& text) {
    std::string bytes(1, stream);
    bytes.append(3, '\0');
    for (const unsigned shift : {24U, 16U, 8U, 0U})
        bytes.push_back(static_cast<char>((text.size() >> shift) & 0xFFU));
    return bytes + text;
}

TEST(EngineWire, TheMinorVersionOfTheApiIsRead) {
    EXPECT_EQ(minor_of("1.41"), 41);
    EXPECT_EQ(minor_of("1.5"), 5);
    EXPECT_EQ(minor_of("1.100"), 100);
}

TEST(EngineWire, WhatIsNoVersionHasNoMinor) {
    for (const char* version : {"", "1", "1.", "2.0", "1.x", "1.-1", "1.4 ", "1.4.1", "01.41",
                                "1.99999999999", "v1.41"}) {
        EXPECT_EQ(minor_of(version), std::nullopt) << version;
    }
}

TEST(EngineWire, FiltersAreAnEscapedObjectOfLists) {
    const Wanted wanted = {{"label", {"a", "b=c"}}, {"type", {"container"}}};
    EXPECT_EQ(filters(wanted),
              "%7B%22label%22%3A%5B%22a%22%2C%22b%3Dc%22%5D%2C%22type%22%3A%5B%22container%22%5D"
              "%7D");
}

TEST(EngineWire, AFilterWithoutValuesIsLeftOut) {
    const Wanted wanted = {{"label", {}}};
    EXPECT_EQ(filters(wanted), "%7B%7D");
    EXPECT_EQ(filters({}), "%7B%7D");
}

TEST(EngineWire, QuotesAndAmpersandsInAMapCannotEndTheQuery) {
    const model::StringMap map = {{"A", "x\"y&z=1#"}};
    EXPECT_EQ(json_map(map), "%7B%22A%22%3A%22x%5C%22y%26z%3D1%23%22%7D");
    EXPECT_EQ(json_map({}), "%7B%7D");
}

TEST(EngineWire, FramesOfBothStreamsBecomeOneText) {
    EXPECT_EQ(without_frames(frame('\1', "out\n") + frame('\2', "error\n") + frame('\1', "more")),
              "out\nerror\nmore");
}

TEST(EngineWire, AFrameLongerThan255BytesIsReadWhole) {
    const std::string line(70'000, 'x');
    EXPECT_EQ(without_frames(frame('\1', line) + frame('\2', "end")), line + "end");
}

TEST(EngineWire, ALogThatWasCutOffKeepsWhatCame) {
    const std::string whole = frame('\1', "first\n") + frame('\1', "second\n");
    EXPECT_EQ(without_frames(whole.substr(0, whole.size() - 3)), "first\nseco");
    EXPECT_EQ(without_frames(whole.substr(0, frame('\1', "first\n").size() + 5)), "first\n");
}

TEST(EngineWire, AFrameThatClaimsMoreThanThereIsEndsWithTheText) {
    EXPECT_EQ(without_frames(std::string("\1\0\0\0\xff\xff\xff\xff", 8) + "rest"), "rest");
}

TEST(EngineWire, ALogOfATerminalHasNoFramesAndStaysAsItIs) {
    EXPECT_EQ(without_frames("plain text of a terminal\r\n"), "plain text of a terminal\r\n");
    EXPECT_EQ(without_frames("ok\r\n"), "ok\r\n");
    EXPECT_EQ(without_frames(""), "");
}

TEST(EngineWire, AReferenceIsTakenApartAtItsTag) {
    using Parts = std::pair<std::string, std::string>;
    EXPECT_EQ(split_reference("nginx:1.25"), Parts("nginx", "1.25"));
    EXPECT_EQ(split_reference("registry:5000/shop/web:2"), Parts("registry:5000/shop/web", "2"));
}

TEST(EngineWire, AReferenceWithoutATagMeansLatestNotEveryTag) {
    using Parts = std::pair<std::string, std::string>;
    EXPECT_EQ(split_reference("nginx"), Parts("nginx", "latest"));
    EXPECT_EQ(split_reference("registry:5000/shop/web"), Parts("registry:5000/shop/web", "latest"));
}

TEST(EngineWire, ADigestGoesBeforeATag) {
    using Parts = std::pair<std::string, std::string>;
    EXPECT_EQ(split_reference("nginx@sha256:ab"), Parts("nginx", "sha256:ab"));
    EXPECT_EQ(split_reference("registry:5000/web:2@sha256:ab"),
              Parts("registry:5000/web:2", "sha256:ab"));
}

TEST(EngineWire, Base64UrlIsPaddedAndSafeInAHeader) {
    EXPECT_EQ(base64_url(""), "");
    EXPECT_EQ(base64_url("f"), "Zg==");
    EXPECT_EQ(base64_url("fo"), "Zm8=");
    EXPECT_EQ(base64_url("foo"), "Zm9v");
    EXPECT_EQ(base64_url("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64_url("\xfb\xff\xfe"), "-__-");
}

TEST(EngineWire, CredentialsAreAPasswordOrATokenForOneServer) {
    RegistryCredentials credentials;
    credentials.username = "me";
    credentials.password = "pass";
    credentials.server = "registry.example:5000";
    EXPECT_EQ(registry_auth(credentials),
              base64_url(R"({"serveraddress":"registry.example:5000","username":"me",)"
                         R"("password":"pass"})"));
    credentials.identity_token = "token";
    credentials.server = "docker.io";
    EXPECT_EQ(registry_auth(credentials),
              base64_url(R"({"serveraddress":"https://index.docker.io/v1/",)"
                         R"("identitytoken":"token"})"));
}

TEST(Wire, ABuildAsksForWhatItsRequestSays) {
    BuildRequest plain;
    plain.reference = "shop-api";
    EXPECT_EQ(build_target(plain),
              "/build?version=2&t=shop-api&dockerfile=Dockerfile&target=&buildargs=%7B%7D&"
              "labels=%7B%7D&nocache=0");
    BuildRequest all = plain;
    all.no_cache = true;
    all.platform = "linux/arm64";
    all.further_references = {"shop/api:1", "api"};
    all.cache_from = {"old:1"};
    all.extra_hosts = {"db=10.0.0.1", "v6=::1"};
    all.network = "none";
    all.shm_size = 1024;
    all.ulimits = {{"nofile", {10, 20}}};
    const std::string target = build_target(all);
    for (const char* part :
         {"&nocache=1", "&platform=linux%2Farm64", "&t=shop%2Fapi%3A1&t=api",
          "&cachefrom=%5B%22old%3A1%22%5D", "&extrahosts=db%3A10.0.0.1&extrahosts=v6%3A%3A%3A1",
          "&networkmode=none", "&shmsize=1024",
          "&ulimits=%5B%7B%22Name%22%3A%22nofile%22%2C%22Soft%22%3A10%2C%22Hard%22%3A20%7D%5D"})
        EXPECT_NE(target.find(part), std::string::npos) << part << " in " << target;
}

}    // namespace
}    // namespace trueup::engine::wire

// SPDX-License-Identifier: Apache-2.0
// What an engine should not answer, and what its refusals mean.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "controller/engine/codec.hpp"

namespace trueup::engine::codec {
namespace {

using model::Health;

TEST(EngineCodec, WhatIsNotJsonIsAnErrorOfTheEngine) {
    for (const std::string_view junk : {"", " ", "<html>502</html>", "{", "[{\"Id\":", "[] []"}) {
        const auto list = containers(junk);
        ASSERT_FALSE(list) << junk;
        EXPECT_EQ(list.error().code(), Errc::unavailable) << junk;
        EXPECT_FALSE(container(junk)) << junk;
        EXPECT_FALSE(volumes(junk)) << junk;
        EXPECT_FALSE(info(junk)) << junk;
        EXPECT_FALSE(event(junk)) << junk;
        EXPECT_FALSE(created_id(junk)) << junk;
    }
}

TEST(EngineCodec, AnotherKindAtTheTopIsNotTakenForAnEmptyAnswer) {
    for (const std::string_view wrong : {"{}", "7", "\"text\"", "true"}) {
        EXPECT_FALSE(containers(wrong)) << wrong;
        EXPECT_FALSE(networks(wrong)) << wrong;
        EXPECT_FALSE(images(wrong)) << wrong;
        EXPECT_FALSE(changes(wrong)) << wrong;
    }
    for (const std::string_view wrong : {"[]", "7", "\"text\"", "true", "null"}) {
        EXPECT_FALSE(volumes(wrong)) << wrong;
        EXPECT_FALSE(container(wrong)) << wrong;
        EXPECT_FALSE(image(wrong)) << wrong;
        EXPECT_FALSE(info(wrong)) << wrong;
        EXPECT_FALSE(event(wrong)) << wrong;
        EXPECT_FALSE(created_id(wrong)) << wrong;
    }
    EXPECT_FALSE(volumes(R"({"Volumes":{}})"));
}

TEST(EngineCodec, MembersOfTheWrongKindStayEmpty) {
    const auto list = containers(R"([7,null,[],{"Id":5,"Names":"/a","Labels":[],"State":{},
      "Status":null,"NetworkSettings":{"Networks":[1]}},{"Id":"1","Names":[7,null],
      "Labels":{"com.docker.compose.container-number":"many","dev.trueup.owner":null},
      "NetworkSettings":{"Networks":{"a":null}}}])");
    ASSERT_TRUE(list) << list.error().message();
    ASSERT_EQ(list->size(), 5U);
    EXPECT_EQ(list->at(3).id, "");
    EXPECT_EQ(list->at(3).name, "");
    EXPECT_FALSE(list->at(3).owned);
    EXPECT_EQ(list->at(4).id, "1");
    EXPECT_EQ(list->at(4).number, 0);
    EXPECT_EQ(list->at(4).networks, (model::StringMap{{"a", ""}}));
}

TEST(EngineCodec, AnInspectWithoutAnIdIsNoContainerAndNoImage) {
    EXPECT_FALSE(container(R"({"Name":"/a","State":{"Status":"running"}})"));
    EXPECT_FALSE(image(R"({"RepoTags":["a:1"]})"));
    EXPECT_FALSE(created_id(R"({"Id":""})"));
    EXPECT_FALSE(created_id(R"({"Warnings":[]})"));
}

TEST(EngineCodec, NumbersBeyondTheirTypeAreClampedNotWrapped) {
    const auto read = container(R"({"Id":"1","RestartCount":99999999999,
      "State":{"Status":"exited","ExitCode":-99999999999,"Pid":18446744073709551615}})");
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->restart_count, INT32_MAX);
    EXPECT_EQ(read->exit_code, INT32_MIN);
    EXPECT_EQ(read->pid, INT64_MAX);
}

TEST(EngineCodec, AFractionOrATextIsNoNumber) {
    const auto read = container(R"({"Id":"1","RestartCount":1.5,
      "State":{"Status":"exited","ExitCode":"137","Pid":1e300}})");
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->restart_count, 0);
    EXPECT_EQ(read->exit_code, 0);
    EXPECT_EQ(read->pid, 0);
}

TEST(EngineCodec, NestingIsLimited) {
    EXPECT_TRUE(parse(std::string(60, '[') + std::string(60, ']')));
    EXPECT_FALSE(parse(std::string(65, '[') + std::string(65, ']')));
    EXPECT_FALSE(parse(std::string(1'000'000, '[')));
}

TEST(EngineCodec, AnEventWithoutAnActorNamesNothing) {
    const auto bare = event(R"({"Type":"image","Action":"pull","timeNano":"soon"})");
    ASSERT_TRUE(bare) << bare.error().message();
    EXPECT_EQ(bare->type, "image");
    EXPECT_EQ(bare->id, "");
    EXPECT_TRUE(bare->attributes.empty());
    EXPECT_EQ(bare->time_nano, 0);
}

TEST(EngineCodec, TheStatusTellsWhatKindOfErrorItIs) {
    const auto category = [](unsigned status) {
        return error_of(status, R"({"message":"m"})", "doing").code();
    };
    EXPECT_EQ(category(400), Errc::invalid);
    EXPECT_EQ(category(401), Errc::denied);
    EXPECT_EQ(category(403), Errc::denied);
    EXPECT_EQ(category(404), Errc::not_found);
    EXPECT_EQ(category(406), Errc::invalid);
    EXPECT_EQ(category(409), Errc::conflict);
    EXPECT_EQ(category(429), Errc::unavailable);
    EXPECT_EQ(category(500), Errc::unavailable);
    EXPECT_EQ(category(503), Errc::unavailable);
    EXPECT_EQ(category(301), Errc::unavailable);
}

TEST(EngineCodec, TheMessageOfAnErrorIsTheEnginesOwn) {
    EXPECT_EQ(error_of(404, R"({"message":"No such container: x"})", "inspect").message(),
              "inspect: No such container: x");
    EXPECT_EQ(error_of(404, "404 page not found\n", "info").message(), "info: 404 page not found");
    EXPECT_EQ(error_of(502, "", "info").message(), "info: status 502");
    EXPECT_EQ(error_of(500, R"({"error":"odd"})", "info").message(), R"(info: {"error":"odd"})");
    EXPECT_EQ(error_of(500, R"({"message":7})", "info").message(), R"(info: {"message":7})");
}

TEST(EngineCodec, ABodyThatIsNoMessageIsCutShort) {
    const std::string page(100'000, 'x');
    EXPECT_EQ(error_of(500, page, "info").message(), "info: " + std::string(1000, 'x'));
}

TEST(EngineCodec, TheStatusTextTellsHealth) {
    EXPECT_EQ(status_text("Up 5 minutes (healthy)").health, Health::healthy);
    EXPECT_EQ(status_text("Up 5 minutes (unhealthy)").health, Health::unhealthy);
    EXPECT_EQ(status_text("Up 2 seconds (health: starting)").health, Health::starting);
    EXPECT_EQ(status_text("Up 5 minutes").health, Health::none);
    EXPECT_EQ(status_text("Up 5 minutes (Paused)").health, Health::none);
    EXPECT_EQ(status_text("").health, Health::none);
}

TEST(EngineCodec, TheStatusTextTellsTheExitCode) {
    EXPECT_EQ(status_text("Exited (137) 2 seconds ago").exit_code, 137);
    EXPECT_EQ(status_text("Exited (0) 3 days ago").exit_code, 0);
    EXPECT_EQ(status_text("Exited (-1) 3 days ago").exit_code, -1);
    EXPECT_EQ(status_text("Exited (").exit_code, 0);
    EXPECT_EQ(status_text("Exited (99999999999)").exit_code, 0);
    EXPECT_EQ(status_text("Created").exit_code, 0);
}

}    // namespace
}    // namespace trueup::engine::codec

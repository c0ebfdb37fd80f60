// SPDX-License-Identifier: Apache-2.0
// Answers as engine 20.10 and 26.1 write them, cut down to what tells them apart.
#include "controller/engine/codec.hpp"

#include <gtest/gtest.h>

namespace trueup::engine::codec {
namespace {

using model::ContainerState;
using model::Health;

constexpr std::string_view list_20_10 = R"json([
  {"Id":"8dfafdbc3a40","Names":["/gateway/database","/shop-db-1"],"Image":"postgres:15",
   "ImageID":"sha256:aa11","Command":"docker-entrypoint.sh postgres","Created":1700000000,
   "Ports":[{"PrivatePort":5432,"Type":"tcp"}],
   "Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"db",
     "com.docker.compose.container-number":"1","com.docker.compose.oneoff":"False",
     "dev.trueup.owner":"main","dev.trueup.stack":"shop-prod","dev.trueup.config-hash":"c0ffee",
     "dev.trueup.revision":"0123abcd"},
   "State":"running","Status":"Up 5 minutes (healthy)","HostConfig":{"NetworkMode":"shop_default"},
   "NetworkSettings":{"Networks":{"shop_default":{"IPAMConfig":null,"NetworkID":"n1",
     "IPAddress":"172.18.0.2","IPPrefixLen":16}}},"Mounts":[]},
  {"Id":"77ab","Names":["/shop-migrate-run-9f"],"Image":"sha256:bb22","ImageID":"sha256:bb22",
   "Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"migrate",
     "com.docker.compose.oneoff":"True"},
   "State":"exited","Status":"Exited (137) 2 seconds ago",
   "NetworkSettings":{"Networks":{}},"Mounts":[]}])json";

TEST(EngineCodec, AListOfContainersTellsOwnershipStateHealthAndNetworks) {
    const auto list = containers(list_20_10);
    ASSERT_TRUE(list) << list.error().message();
    ASSERT_EQ(list->size(), 2U);
    const model::ObservedContainer& db = list->front();
    EXPECT_EQ(db.id, "8dfafdbc3a40");
    EXPECT_EQ(db.image_id, "sha256:aa11");
    EXPECT_EQ(db.project, "shop");
    EXPECT_EQ(db.service, "db");
    EXPECT_EQ(db.number, 1);
    EXPECT_TRUE(db.owned);
    EXPECT_EQ(db.owner, "main");
    EXPECT_FALSE(db.one_off);
    EXPECT_EQ(db.stack, "shop-prod");
    EXPECT_EQ(db.config_hash, "c0ffee");
    EXPECT_EQ(db.revision, "0123abcd");
    EXPECT_EQ(db.state, ContainerState::running);
    EXPECT_EQ(db.health, Health::healthy);
    EXPECT_EQ(db.exit_code, 0);
    EXPECT_EQ(db.networks, (model::StringMap{{"shop_default", "n1"}}));
}

TEST(EngineCodec, AForeignOneOffContainerIsToldFromOurs) {
    const auto list = containers(list_20_10);
    ASSERT_TRUE(list) << list.error().message();
    const model::ObservedContainer& migrate = list->back();
    EXPECT_FALSE(migrate.owned);
    EXPECT_TRUE(migrate.one_off);
    EXPECT_EQ(migrate.number, 0);
    EXPECT_EQ(migrate.state, ContainerState::exited);
    EXPECT_EQ(migrate.exit_code, 137);
    EXPECT_EQ(migrate.networks, model::StringMap());
}

TEST(EngineCodec, ALinkedContainerKeepsItsOwnNameAmongAliases) {
    const auto list = containers(list_20_10);
    ASSERT_TRUE(list) << list.error().message();
    EXPECT_EQ(list->front().name, "shop-db-1");
}

constexpr std::string_view inspect_26_1 = R"({"Id":"8dfafdbc3a40","Created":"2024-05-01T10:00:00Z",
  "Path":"nginx","Args":["-g","daemon off;"],
  "State":{"Status":"running","Running":true,"Paused":false,"Restarting":false,"OOMKilled":false,
    "Dead":false,"Pid":4242,"ExitCode":0,"Error":"","StartedAt":"2024-05-01T10:00:01.5Z",
    "FinishedAt":"0001-01-01T00:00:00Z",
    "Health":{"Status":"starting","FailingStreak":0,"Log":[]}},
  "Image":"sha256:cc33","Name":"/shop-web-2","RestartCount":3,"Driver":"overlayfs",
  "HostConfig":{"Binds":null,"RestartPolicy":{"Name":"unless-stopped","MaximumRetryCount":0}},
  "Config":{"Hostname":"web","Image":"shop/web:1","Labels":{"com.docker.compose.project":"shop",
    "com.docker.compose.service":"web","com.docker.compose.container-number":"2",
    "dev.trueup.owner":""}},
  "NetworkSettings":{"Networks":{"back":{"MacAddress":"02:42:ac:12:00:02","NetworkID":"n2",
    "DNSNames":["shop-web-2","web"]},"front":{"NetworkID":"n3","DNSNames":null}}}})";

TEST(EngineCodec, AnInspectedContainerHasWhatTheListLacks) {
    const auto web = container(inspect_26_1);
    ASSERT_TRUE(web) << web.error().message();
    EXPECT_EQ(web->name, "shop-web-2");
    EXPECT_EQ(web->image_id, "sha256:cc33");
    EXPECT_EQ(web->number, 2);
    EXPECT_EQ(web->state, ContainerState::running);
    EXPECT_EQ(web->health, Health::starting);
    EXPECT_EQ(web->pid, 4242);
    EXPECT_EQ(web->restart_count, 3);
    EXPECT_EQ(web->started_at, "2024-05-01T10:00:01.5Z");
    EXPECT_EQ(web->restart_policy, "unless-stopped");
    EXPECT_EQ(web->networks, (model::StringMap{{"back", "n2"}, {"front", "n3"}}));
}

TEST(EngineCodec, AnEmptyOwnerLabelStillMarksAContainerAsOwned) {
    const auto web = container(inspect_26_1);
    ASSERT_TRUE(web) << web.error().message();
    EXPECT_TRUE(web->owned);
    EXPECT_EQ(web->owner, "");
}

TEST(EngineCodec, AContainerThatNeverRanHasNoStartTime) {
    const auto created = container(R"({"Id":"1","Name":"/a","Image":"sha256:1",
      "State":{"Status":"created","Pid":0,"ExitCode":0,"StartedAt":"0001-01-01T00:00:00Z"}})");
    ASSERT_TRUE(created) << created.error().message();
    EXPECT_EQ(created->state, ContainerState::created);
    EXPECT_EQ(created->started_at, "");
    EXPECT_EQ(created->health, Health::none);
}

TEST(EngineCodec, EveryStateOfAContainerIsKnownAndAnUnknownOneIsNotTakenForRunning) {
    const auto state_of = [](std::string_view word) {
        const auto read =
            container(R"({"Id":"1","State":{"Status":")" + std::string(word) + "\"}}");
        return read ? read->state : ContainerState::removing;
    };
    EXPECT_EQ(state_of("created"), ContainerState::created);
    EXPECT_EQ(state_of("running"), ContainerState::running);
    EXPECT_EQ(state_of("paused"), ContainerState::paused);
    EXPECT_EQ(state_of("restarting"), ContainerState::restarting);
    EXPECT_EQ(state_of("removing"), ContainerState::removing);
    EXPECT_EQ(state_of("exited"), ContainerState::exited);
    EXPECT_EQ(state_of("dead"), ContainerState::dead);
    EXPECT_EQ(state_of("levitating"), ContainerState::dead);
}

TEST(EngineCodec, NetworksCarryTheirComposeKeyAndOwner) {
    const auto list = networks(R"([
      {"Name":"shop_default","Id":"n1","Created":"2024-05-01T10:00:00Z","Scope":"local",
       "Driver":"bridge","EnableIPv6":false,"IPAM":{"Driver":"default","Options":null,"Config":[]},
       "Containers":{},"Options":{},"Labels":{"com.docker.compose.network":"default",
       "com.docker.compose.project":"shop","dev.trueup.owner":"main","dev.trueup.stack":"shop-prod",
       "dev.trueup.config-hash":"beef"}},
      {"Name":"bridge","Id":"n0","Driver":"bridge","Labels":null}])");
    ASSERT_TRUE(list) << list.error().message();
    ASSERT_EQ(list->size(), 2U);
    model::ObservedNetwork expected;
    expected.id = "n1";
    expected.name = "shop_default";
    expected.key = "default";
    expected.owned = true;
    expected.stack = "shop-prod";
    expected.config_hash = "beef";
    expected.project = "shop";
    EXPECT_EQ(list->front(), expected);
    EXPECT_FALSE(list->back().owned);
}

TEST(EngineCodec, VolumesCarryTheirComposeKeyAndOwner) {
    const auto list = volumes(R"({"Volumes":[{"CreatedAt":"2024-05-01T10:00:00Z","Driver":"local",
      "Labels":{"com.docker.compose.project":"shop","com.docker.compose.volume":"data",
      "dev.trueup.owner":"main","dev.trueup.stack":"s","dev.trueup.config-hash":"h"},
      "Mountpoint":"/var/lib/docker/volumes/shop_data/_data","Name":"shop_data","Options":null,
      "Scope":"local"}],"Warnings":null})");
    ASSERT_TRUE(list) << list.error().message();
    ASSERT_EQ(list->size(), 1U);
    model::ObservedVolume expected;
    expected.name = "shop_data";
    expected.key = "data";
    expected.owned = true;
    expected.stack = "s";
    expected.config_hash = "h";
    expected.project = "shop";
    EXPECT_EQ(list->front(), expected);
}

TEST(EngineCodec, NoVolumesIsAnEmptyListHoweverItIsWritten) {
    for (const std::string_view none :
         {R"({"Volumes":null,"Warnings":null})", R"({"Volumes":[],"Warnings":[]})"}) {
        const auto list = volumes(none);
        ASSERT_TRUE(list) << none;
        EXPECT_TRUE(list->empty()) << none;
    }
}

TEST(EngineCodec, AnImageWithoutNamesHasNoReferences) {
    const auto list = images(R"([
      {"Id":"sha256:1","ParentId":"","RepoTags":["<none>:<none>"],"RepoDigests":["<none>@<none>"],
       "Created":1,"Size":5,"SharedSize":-1,"VirtualSize":5,"Labels":null,"Containers":-1},
      {"Id":"sha256:2","RepoTags":null,"RepoDigests":null,"Labels":{}},
      {"Id":"sha256:3","RepoTags":[],"RepoDigests":[]}])");
    ASSERT_TRUE(list) << list.error().message();
    ASSERT_EQ(list->size(), 3U);
    for (const model::ObservedImage& image : *list) EXPECT_EQ(image.references, model::Strings());
    EXPECT_EQ(list->back().id, "sha256:3");
}

TEST(EngineCodec, ABuiltImageTellsItsRecipeInAListAndWhenInspected) {
    const auto list = images(R"([{"Id":"sha256:4","RepoTags":["shop/web:1","shop/web:latest"],
      "RepoDigests":["shop/web@sha256:dd"],"Labels":{"dev.trueup.recipe":"r1",
      "org.opencontainers.image.revision":"0123abcd"}}])");
    const auto inspected = image(R"({"Id":"sha256:4","RepoTags":["shop/web:1","shop/web:latest"],
      "RepoDigests":["shop/web@sha256:dd"],"Parent":"","Config":{"Labels":{"dev.trueup.recipe":"r1",
      "org.opencontainers.image.revision":"0123abcd"}},"Os":"linux","Size":5})");
    ASSERT_TRUE(list) << list.error().message();
    ASSERT_TRUE(inspected) << inspected.error().message();
    ASSERT_EQ(list->size(), 1U);
    EXPECT_EQ(list->front(), *inspected);
    EXPECT_EQ(inspected->references,
              (model::Strings{"shop/web:1", "shop/web:latest", "shop/web@sha256:dd"}));
    EXPECT_EQ(inspected->recipe_id, "r1");
    EXPECT_EQ(inspected->revision, "0123abcd");
}

TEST(EngineCodec, ChangesTellModifiedAddedAndRemovedPaths) {
    const auto list = changes(
        R"([{"Path":"/app","Kind":0},{"Path":"/app/new","Kind":1},{"Path":"/app/old","Kind":2}])");
    ASSERT_TRUE(list) << list.error().message();
    ASSERT_EQ(list->size(), 3U);
    EXPECT_EQ(list->at(0).path, "/app");
    EXPECT_EQ(list->at(0).change, PathChange::modified);
    EXPECT_EQ(list->at(1).change, PathChange::added);
    EXPECT_EQ(list->at(2).change, PathChange::removed);
}

TEST(EngineCodec, AContainerWithoutChangesAnswersNull) {
    const auto list = changes("null\n");
    ASSERT_TRUE(list) << list.error().message();
    EXPECT_TRUE(list->empty());
}

TEST(EngineCodec, APathThatIsNotUtf8SurvivesAsBytes) {
    const auto list = changes("[{\"Path\":\"/app/caf\xe9\",\"Kind\":1}]");
    ASSERT_TRUE(list) << list.error().message();
    ASSERT_EQ(list->size(), 1U);
    EXPECT_EQ(list->front().path, "/app/caf\xe9");
}

TEST(EngineCodec, InfoNamesTheEngine) {
    const auto engine = info(R"({"ID":"7TRN:IPZB","Containers":14,"Driver":"overlay2",
      "OperatingSystem":"Debian","OSType":"linux","Architecture":"x86_64",
      "ServerVersion":"20.10.24","Warnings":null})");
    ASSERT_TRUE(engine) << engine.error().message();
    EXPECT_EQ(engine->id, "7TRN:IPZB");
    EXPECT_EQ(engine->version, "20.10.24");
    EXPECT_EQ(engine->os, "linux");
    EXPECT_EQ(engine->architecture, "x86_64");
}

TEST(EngineCodec, TheDefaultNetworkTellsWhenTheEngineBegan) {
    EXPECT_EQ(engine_start(R"({"Name":"bridge","Created":"2026-11-24T10:15:00.5Z"})"),
              base::parse_rfc3339("2026-11-24T10:15:00.5Z"));
    for (const char* text : {"", "[]", "{}", R"({"Created":7})", R"({"Created":"today"})"})
        EXPECT_FALSE(engine_start(text)) << text;
}

TEST(EngineCodec, AnEventNamesItsActorAndItsNanosecond) {
    const auto died = event(R"({"status":"die","id":"77ab","from":"shop/web:1","Type":"container",
      "Action":"die","Actor":{"ID":"77ab","Attributes":{"exitCode":"137",
      "com.docker.compose.project":"shop"}},"scope":"local","time":1714550400,
      "timeNano":1714550400123456789})");
    ASSERT_TRUE(died) << died.error().message();
    EXPECT_EQ(died->type, "container");
    EXPECT_EQ(died->action, "die");
    EXPECT_EQ(died->id, "77ab");
    EXPECT_EQ(died->attributes,
              (model::StringMap{{"com.docker.compose.project", "shop"}, {"exitCode", "137"}}));
    EXPECT_EQ(died->time_nano, 1714550400123456789);
}

TEST(EngineCodec, WhatWasCreatedIsNamedByItsId) {
    const auto id = created_id(R"({"Id":"e90e34656806","Warnings":[]})");
    ASSERT_TRUE(id) << id.error().message();
    EXPECT_EQ(*id, "e90e34656806");
}

}    // namespace
}    // namespace trueup::engine::codec

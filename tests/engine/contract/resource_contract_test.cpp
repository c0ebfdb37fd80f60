// SPDX-License-Identifier: Apache-2.0
// Networks, volumes, images, builds.
#include <fmt/format.h>

#include <algorithm>

#include "tests/engine/contract/contract.hpp"

namespace trueup::engine::contract {
namespace {

TEST_F(Contract, TheEngineSaysWhoItIs) {
    const auto info = run(engine.info());
    ASSERT_TRUE(info) << info.error().message();
    EXPECT_NE(info->id, "");
    EXPECT_NE(info->version, "");
    EXPECT_TRUE(info->api_version.starts_with("1.")) << info->api_version;
    ASSERT_TRUE(info->started && info->time);
    EXPECT_LE(*info->started, *info->time);
    EXPECT_EQ(info->os, "linux");
}

TEST_F(Contract, ANetworkIsCreatedListedConnectedAndRemoved) {
    boost::json::object body{{"Name", prefix + "_default"},
                             {"CheckDuplicate", true},
                             {"Labels",
                              {{"com.docker.compose.project", prefix},
                               {"com.docker.compose.network", "default"},
                               {"dev.trueup.owner", "me"},
                               {"dev.trueup.seal", "wax"}}}};
    const auto id = run(engine.create_network(body));
    ASSERT_TRUE(id) << id.error().message();
    const auto again = run(engine.create_network(body));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code(), Errc::conflict);

    const auto listed = run(engine.list_networks());
    const auto found = std::find_if(listed->begin(), listed->end(),
                                    [&](const auto& network) { return network.id == *id; });
    ASSERT_NE(found, listed->end());
    EXPECT_EQ(found->name, prefix + "_default");
    EXPECT_EQ(found->key, "default");
    EXPECT_EQ(found->project, prefix);
    EXPECT_TRUE(found->owned);
    EXPECT_EQ(found->seal, "wax");

    const std::string container = create("a", world->runs());
    boost::json::object connect{{"Container", container}};
    ASSERT_TRUE(run(engine.connect_network(prefix + "_default", connect)));
    ASSERT_TRUE(run(engine.start_container(container)));
    EXPECT_TRUE(look(container).networks.contains(prefix + "_default"));
    EXPECT_FALSE(run(engine.remove_network(*id))) << "a container is in it";
    ASSERT_TRUE(run(engine.remove_container(container, true, true)));
    EXPECT_TRUE(run(engine.remove_network(*id)));
    EXPECT_EQ(error_of(run(engine.remove_network(*id))), Errc::not_found);
}

TEST_F(Contract, AContainerStartsInTheNetworkItWasCreatedFor) {
    const std::string network = prefix + "_default";
    ASSERT_TRUE(run(engine.create_network({{"Name", network}})));
    boost::json::object body = world->runs();
    body["HostConfig"] = {{"NetworkMode", network}};
    const std::string id = started("a", std::move(body));
    ASSERT_TRUE(look(id).networks.contains(network));
    EXPECT_NE(look(id).networks.at(network), "");
}

TEST_F(Contract, AVolumeIsCreatedOnceAndKept) {
    boost::json::object body{{"Name", prefix + "_data"},
                             {"Labels",
                              {{"com.docker.compose.project", prefix},
                               {"com.docker.compose.volume", "data"},
                               {"dev.trueup.owner", "me"},
                               {"dev.trueup.seal", "wax"}}}};
    ASSERT_TRUE(run(engine.create_volume(body)));
    EXPECT_TRUE(run(engine.create_volume(body))) << "an equal one is what was wanted";
    const auto listed = run(engine.list_volumes());
    const auto found = std::find_if(listed->begin(), listed->end(), [&](const auto& volume) {
        return volume.name == prefix + "_data";
    });
    ASSERT_NE(found, listed->end());
    EXPECT_EQ(found->key, "data");
    EXPECT_EQ(found->project, prefix);
    EXPECT_TRUE(found->owned);
    EXPECT_EQ(found->seal, "wax");
}

TEST_F(Contract, ImagesAreTaggedInspectedAndRemoved) {
    const auto base = run(engine.inspect_image(world->base_image()));
    ASSERT_TRUE(base) << base.error().message();
    ASSERT_TRUE(run(engine.tag_image(base->id, prefix + ":tag")));
    EXPECT_EQ(run(engine.inspect_image(prefix + ":tag"))->id, base->id);
    const auto listed = run(engine.list_images());
    EXPECT_TRUE(std::any_of(listed->begin(), listed->end(), [&](const auto& image) {
        return image.id == base->id &&
               std::count(image.references.begin(), image.references.end(), prefix + ":tag") == 1;
    }));
    const auto missing = run(engine.inspect_image(prefix + ":none"));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code(), Errc::not_found);
    EXPECT_EQ(error_of(run(engine.remove_image(prefix + ":none"))), Errc::not_found);
}

TEST_F(Contract, AnImageThatCannotBePulledIsAnError) {
    const auto pulled = run(engine.pull_image("127.0.0.1:9/none:1", nullptr));
    ASSERT_FALSE(pulled);
    EXPECT_NE(pulled.error().message(), "");
}

TEST_F(Contract, AnImageIsBuiltFromAContextAndCarriesItsLabels) {
    BuildRequest request;
    request.reference = prefix + ":built";
    request.labels = {{"dev.trueup.recipe", "recipe-1"},
                      {"org.opencontainers.image.revision", "commit-1"}};
    const std::string large(3'000'000, 'x');
    const auto built = build(
        {{"Dockerfile", "FROM " + world->base_image() + "\nCOPY app /app\n"}, {"app/large", large}},
        request);
    ASSERT_TRUE(built) << built.error().message();
    const auto image = run(engine.inspect_image(prefix + ":built"));
    ASSERT_TRUE(image);
    EXPECT_EQ(image->id, *built);
    EXPECT_EQ(image->recipe_id, "recipe-1");
    EXPECT_EQ(image->revision, "commit-1");
    boost::json::object body = world->runs();
    body["Image"] = *built;
    EXPECT_EQ(file(create("a", std::move(body)), "/app/large"), large);
}

TEST_F(Contract, AFailedStepOfABuildIsInvalidInputAndNamed) {
    const auto built =
        build({{"Dockerfile", "FROM " + world->base_image() + "\nRUN false\n"}, {"a", "b"}});
    ASSERT_FALSE(built);
    EXPECT_EQ(built.error().code(), Errc::invalid) << built.error().message();
    EXPECT_NE(built.error().message().find("false"), std::string::npos) << built.error().message();
}

TEST_F(Contract, ABuildThatIsRefusedEarlyEndsWithTheReason) {
    BuildRequest request;
    request.dockerfile = "none/Dockerfile";
    const auto built = build({{"large", std::string(8'000'000, 'x')}}, request);
    ASSERT_FALSE(built);
    EXPECT_NE(built.error().message().find("ockerfile"), std::string::npos)
        << built.error().message();
}

}    // namespace
}    // namespace trueup::engine::contract

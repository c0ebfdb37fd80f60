// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/compose/load_support.hpp"

namespace trueup::compose::test {
namespace {

const std::string text =
    "services:\n"
    "  web: {image: x}\n"
    "  debug: {image: x, profiles: [debug, dev], volumes: ['vol:/d'], networks: [n]}\n"
    "  tool: {image: x, profiles: [tools], depends_on: [debug]}\n"
    "volumes: {vol: }\nnetworks: {n: }\n";

LoadOptions with_profiles(model::Strings profiles) {
    LoadOptions options = shop_options();
    options.profiles = std::move(profiles);
    return options;
}

model::Strings names(const model::Project& project) {
    model::Strings result;
    for (const auto& [name, service] : project.services) result.push_back(name);
    return result;
}

TEST(ComposeProfiles, ServicesWithoutAnActiveOneAreOffAndSoIsWhatOnlyTheyUse) {
    const model::Project project = project_of(text);
    EXPECT_EQ(names(project), model::Strings{"web"});
    EXPECT_EQ(project.disabled_services, (model::Strings{"debug", "tool"}));
    EXPECT_TRUE(project.volumes.empty());
    EXPECT_FALSE(project.networks.contains("n"));
}

TEST(ComposeProfiles, OneActiveProfileIsEnough) {
    EXPECT_EQ(names(project_of(text, with_profiles({"dev"}))), (model::Strings{"debug", "web"}));
    EXPECT_EQ(names(project_of(text, with_profiles({"*"}))),
              (model::Strings{"debug", "tool", "web"}));
    EXPECT_EQ(names(project_of("services: {a: {image: x, profiles: []}}\n")), model::Strings{"a"});
}

TEST(ComposeProfiles, ADependencyThatIsOffIsRefused) {
    EXPECT_EQ(problems_of(text, with_profiles({"tools"})),
              "compose.yaml:4:52: services.tool.depends_on: it depends on 'debug', which is "
              "disabled by its profile (enable the profile, or set 'required: false')");
}

TEST(ComposeProfiles, AnOptionalDependencyThatIsOffIsDropped) {
    const model::Project project = project_of(
        "services:\n  a: {image: x, profiles: [p]}\n"
        "  b: {image: x, depends_on: {a: {condition: service_started, required: false}}}\n");
    EXPECT_TRUE(project.services.at("b").depends_on.empty());
}

TEST(ComposeProfiles, FilesOfADisabledServiceNeedNotBeThere) {
    EXPECT_EQ(names(project_of("services:\n  web: {image: x}\n"
                               "  dev: {image: x, profiles: [dev], env_file: gone.env, "
                               "volumes: ['./gone:/a']}\n")),
              model::Strings{"web"});
}

TEST(ComposeProfiles, AreAListOfStrings) {
    EXPECT_EQ(problems_of_web("profiles: dev\n"),
              "compose.yaml:4:15: services.web.profiles: expected a list, got a string");
}

}    // namespace
}    // namespace trueup::compose::test
